/** `stick`: which server a client is kept on, what is remembered, and what happens when the server is gone. */
import type net from 'node:net';
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {serve, startProxy, type TestProxy} from '../helpers/proxy.ts';
import {keyOf} from '../helpers/stick-table.ts';

const named = (name: string, more = '') =>
	answering(() => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${name.length}\r\n\r\n${name}`);

/** One request on a connection of its own; who answered. */
async function ask(proxy: TestProxy, headers = '', path = '/'): Promise<string> {
	const client = proxy.connect();
	client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
	await client.untilEnd();
	return client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
}

async function start(t: Parameters<typeof startProxy>[0], backend: string, more = ''): Promise<TestProxy> {
	const first = await serve(t, named('one', more));
	const second = await serve(t, named('two', more));
	return startProxy(
		t,
		`
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    balance roundrobin
    option redispatch
    ${backend}
    server one 127.0.0.1:${first}
    server two 127.0.0.1:${second}
`,
	);
}

const entries = (proxy: TestProxy, name: string) =>
	[...proxy.stickTable(name).list(0)]
		.map(({key, values}) => `${Buffer.from(key).toString('latin1')}=${values[0]}`)
		.sort();

test('stick on: a client stays on the server of its first request', async t => {
	const proxy = await start(t, 'stick-table type string len 20 size 10\n    stick on hdr(x-user)');
	const first = await ask(proxy, 'X-User: ann\r\n');
	const second = await ask(proxy, 'X-User: bob\r\n');
	t.not(first, second);
	for (let round = 0; round < 3; round++) {
		t.is(await ask(proxy, 'X-User: ann\r\n'), first);
		t.is(await ask(proxy, 'X-User: bob\r\n'), second);
	}
	t.deepEqual(entries(proxy, 'out'), [`ann=${first === 'one' ? 1 : 2}`, `bob=${second === 'one' ? 1 : 2}`]);
	t.is(await ask(proxy), 'one', 'without a key a request takes its turn');
	t.is(entries(proxy, 'out').length, 2);
});

test('a server that is down is not stuck to; the entry follows the client', async t => {
	const proxy = await start(t, 'stick-table type string size 10\n    stick on hdr(x-user)');
	const first = await ask(proxy, 'X-User: ann\r\n');
	const other = first === 'one' ? 'two' : 'one';
	proxy.setServer('out', first, false);
	t.is(await ask(proxy, 'X-User: ann\r\n'), other);
	proxy.setServer('out', first, true);
	t.is(await ask(proxy, 'X-User: ann\r\n'), other);
});

test('a server that refuses is left on the last attempt, and the one that answered is remembered', async t => {
	const second = await serve(t, named('two'));
	const proxy = await startProxy(
		t,
		`
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    retries 1
    option redispatch
    stick-table type string size 10
    stick on hdr(x-user)
    server one 127.0.0.1:9
    server two 127.0.0.1:${second}
`,
	);
	const table = proxy.stickTable('out');
	table.setByKey(keyOf('ann'), [[table.column('server_id')!, 1]], 0);
	t.is(await ask(proxy, 'X-User: ann\r\n'), 'two');
	t.deepEqual(entries(proxy, 'out'), ['ann=2']);
	t.regex(await proxy.line(), / out\/two T\/T\/T\/T\/T 200 \d+ - - ---- \d\/\d\/\d\/\d\/\+1 /);
});

test('match and store-request may use other tables and conditions; the first match that leads somewhere wins', async t => {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	const proxy = await startProxy(
		t,
		`
frontend in
    bind 127.0.0.1:1
    default_backend out
backend users
    stick-table type string size 10
backend groups
    stick-table type string size 10
backend out
    stick match hdr(x-user) table users
    stick match hdr(x-group) table groups
    stick store-request hdr(x-user) table users if { path /login }
    server one 127.0.0.1:${first}
    server two 127.0.0.1:${second}
`,
	);
	const put = (name: string, key: string, server: number) => {
		const table = proxy.stickTable(name);
		table.setByKey(keyOf(key), [[table.column('server_id')!, server]], 0);
	};
	put('groups', 'all', 2);
	put('users', 'bob', 1);
	for (let round = 0; round < 2; round++) t.is(await ask(proxy, 'X-User: ann\r\nX-Group: all\r\n'), 'two');
	t.deepEqual(entries(proxy, 'users'), ['bob=1'], 'nothing is stored without the condition');
	t.is(await ask(proxy, 'X-User: bob\r\nX-Group: all\r\n'), 'one');
	await ask(proxy, 'X-User: ann\r\nX-Group: all\r\n', '/login');
	t.deepEqual(entries(proxy, 'users'), ['ann=2', 'bob=1']);
	put('users', 'eve', 9);
	t.is(await ask(proxy, 'X-User: eve\r\nX-Group: all\r\n'), 'two', 'a server that does not exist is no match');
});

test('a key of a response is remembered too', async t => {
	const proxy = await start(
		t,
		`stick-table type string len 32 size 10
    stick match req.cook(sid)
    stick store-response res.cook(sid)`,
		'Set-Cookie: sid=abc; path=/\r\n',
	);
	const first = await ask(proxy);
	t.deepEqual(entries(proxy, 'out'), [`abc=${first === 'one' ? 1 : 2}`]);
	for (let round = 0; round < 3; round++) t.is(await ask(proxy, 'Cookie: sid=abc\r\n'), first);
});

test('the cookie goes first, the table second', async t => {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	const proxy = await startProxy(
		t,
		`
listen in
    bind 127.0.0.1:1
    cookie S insert indirect
    stick-table type string size 10
    stick on hdr(x-user)
    server one 127.0.0.1:${first} cookie a
    server two 127.0.0.1:${second} cookie b
`,
	);
	const table = proxy.stickTable('in');
	table.setByKey(keyOf('ann'), [[table.column('server_id')!, 1]], 0);
	t.is(await ask(proxy, 'X-User: ann\r\nCookie: S=b\r\n'), 'two');
	t.is(await ask(proxy, 'X-User: ann\r\nCookie: S=a\r\n'), 'one');
	t.is(await ask(proxy, 'X-User: ann\r\nCookie: S=b\r\n'), 'two');
	t.deepEqual(entries(proxy, 'in'), ['ann=2'], 'what answered is remembered');
	t.is(await ask(proxy, 'X-User: ann\r\n'), 'two');
	t.regex(await proxy.line(4), / in\/two .* --NI /);
});

test('rules of one table: the first that has a key stores, the others do not run', async t => {
	const proxy = await start(
		t,
		`stick-table type string size 10
    stick on hdr(x-user)
    stick on hdr(x-group)`,
	);
	await ask(proxy, 'X-User: ann\r\nX-Group: all\r\n');
	t.deepEqual(
		entries(proxy, 'out').map(entry => entry.split('=')[0]),
		['ann'],
	);
	await ask(proxy, 'X-Group: all\r\n');
	t.deepEqual(
		entries(proxy, 'out').map(entry => entry.split('=')[0]),
		['all', 'ann'],
	);
});

test('mode tcp: a client stays by its address, and by its RDP cookie', async t => {
	const greet = (name: string) => (socket: net.Socket) => {
		socket.write(name);
		socket.on('data', () => {}).on('end', () => socket.end());
	};
	const first = await serve(t, greet('one'));
	const second = await serve(t, greet('two'));
	const proxy = await startProxy(
		t,
		`
listen in
    mode tcp
    bind 127.0.0.1:1
    tcp-request inspect-delay 5s
    tcp-request content accept if RDP_COOKIE
    stick-table type string len 32 size 10
    stick on rdp_cookie(mstshash)
    server one 127.0.0.1:${first}
    server two 127.0.0.1:${second}
`,
	);
	const hello = (user: string) => {
		const cookie = `Cookie: mstshash=${user}\r\n`;
		const length = 11 + cookie.length;
		return `\x03\x00\x00${String.fromCharCode(length)}${String.fromCharCode(length - 5)}\xe0\x00\x00\x00\x00\x00${cookie}`;
	};
	const connect = async (user: string) => {
		const client = proxy.connect();
		const text = hello(user);
		client.send(text.slice(0, 15));
		await waitFor(() => proxy.core.sessions.some(({bytesIn}) => bytesIn === 15));
		t.is(client.text, '', 'half a cookie is no cookie');
		client.send(text.slice(15));
		await client.until(({text: got}) => got.length === 3);
		client.socket.end();
		await client.untilEnd();
		return client.text;
	};
	const ann = await connect('ann');
	t.not(await connect('bob'), ann);
	t.is(await connect('ann'), ann);
});
