/** Options of a proxy that change heads or answers: errorloc, originalto, monitor-net, persistence rules, redir, dispatch and others. */
import test from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

const get = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
const named = (name: string) => answering(() => `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);

for (const [keyword, code] of [
	['errorloc', '302 Found'],
	['errorloc302', '302 Found'],
	['errorloc303', '303 See Other'],
] as const) {
	test(`${keyword} sends elsewhere in place of an error page`, async t => {
		const frontend = `${keyword} 403 http://sorry.example/a\n    http-request deny`;
		const proxy = await startProxy(t, simple(await serve(t), {frontend}));
		const client = proxy.connect();
		client.send(GET);
		await client.untilText('\r\n\r\n');
		t.true(client.text.startsWith(`HTTP/1.1 ${code}\r\n`), client.text);
		t.true(client.text.includes('location: http://sorry.example/a\r\n'));
	});
}

test('option originalto adds the address that the client connected to', async t => {
	const proxy = await startProxy(t, simple(await serveEcho(t), {frontend: 'option originalto'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('Host: x\r\nX-Original-To: 127.0.0.1\r\n\r\n');
	const frontend = 'option originalto except 127.0.0.1 header X-To';
	const other = (await startProxy(t, simple(await serveEcho(t), {frontend}))).connect();
	other.send(GET);
	await other.untilText('\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n');
	const named = (
		await startProxy(t, simple(await serveEcho(t), {frontend: 'option originalto header X-To'}))
	).connect();
	named.send(GET);
	await named.untilText('X-To: 127.0.0.1\r\n\r\n');
	t.pass();
});

test('monitor-net is answered unread in mode http and closed in mode tcp, without a line', async t => {
	const text = (mode: string) =>
		simple(1, {frontend: `monitor-net 127.0.0.0/8\n    mode ${mode}`, backend: `mode ${mode}`});
	const proxy = await startProxy(t, text('http'));
	const client = proxy.connect();
	await client.untilEnd();
	t.is(client.text, 'HTTP/1.0 200 OK\r\n\r\n');
	const tcp = (await startProxy(t, text('tcp'))).connect();
	await tcp.untilEnd();
	t.is(tcp.text, '');
	t.deepEqual(proxy.lines, []);
	t.is(proxy.table.connections, 0);
});

test('clients outside of monitor-net are served', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'monitor-net 10.0.0.0/8'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	t.pass();
});

test('http-send-name-header tells the server its name, and no client can forge it', async t => {
	const proxy = await startProxy(t, simple(await serveEcho(t), {backend: 'http-send-name-header X-Server'}));
	const client = proxy.connect();
	client.send(get('/', 'X-Server: forged\r\n'));
	await client.untilText('GET / HTTP/1.1\r\nHost: x\r\nX-Server: s1\r\n\r\n');
	t.pass();
});

test('option http-pretend-keepalive hides from the server that its connection will be closed', async t => {
	for (const [backend, expected] of [
		['option http-server-close', 'Host: x\r\nConnection: close\r\n\r\n'],
		['option http-server-close\n    option http-pretend-keepalive', 'Host: x\r\n\r\n'],
	] as const) {
		let ended = false;
		const port = await serve(t, socket => {
			socket.on('end', () => {
				ended = true;
			});
			answering(head => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`)(socket);
		});
		const client = (await startProxy(t, simple(port, {backend}))).connect();
		client.send(GET);
		await client.untilText(`GET / HTTP/1.1\r\n${expected}`);
		await waitFor(() => ended);
	}
	t.pass();
});

test('redir answers GET and HEAD with the prefix, other methods are forwarded', async t => {
	const text = simple(await serve(t)).replace(/server s1 \S+/, '$& redir http://static.example');
	const proxy = await startProxy(t, text);
	const client = proxy.connect();
	client.send(get('/a?b'));
	await client.untilText('location: http://static.example/a?b\r\n');
	t.regex(await proxy.line(), / out\/s1 \S+ 302 \d+ - - LC-- /);
	client.text = '';
	client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
	await client.untilText(OK);
	t.is(proxy.table.serverSlots(0), 0);
});

test('dispatch is the one target of a backend without servers', async t => {
	const text = simple(1).replace(/server s1 \S+/, `dispatch 127.0.0.1:${await serve(t)}`);
	const client = (await startProxy(t, text)).connect();
	client.send(GET);
	await client.untilText(OK);
	t.pass();
});

test('force-persist reaches a server that is down, ignore-persist ignores the cookie', async t => {
	const text = `
frontend in
    bind 127.0.0.1:1
    default_backend out
backend out
    cookie S insert indirect
    force-persist if { path_beg /test }
    ignore-persist if { path_beg /img }
    server s1 127.0.0.1:${await serve(t, named('ONE'))} cookie a
    server s2 127.0.0.1:${await serve(t, named('TWO'))} cookie b
`;
	const proxy = await startProxy(t, text);
	proxy.setServer('out', 's1', false);
	const client = proxy.connect();
	const ask = async (path: string, body: string) => {
		client.text = '';
		client.send(get(path, 'Cookie: S=a\r\n'));
		await client.untilText(`\r\n\r\n${body}`);
	};
	await ask('/', 'TWO');
	await ask('/test', 'ONE');
	await ask('/img', 'TWO');
	proxy.setServer('out', 's1', true);
	await ask('/', 'ONE');
	const bodies = new Set<string>();
	for (const path of ['/img/1', '/img/2']) {
		client.text = '';
		client.send(get(path, 'Cookie: S=a\r\n'));
		await client.untilText('\r\n\r\n');
		await waitFor(() => /ONE|TWO/.test(client.text));
		bodies.add(/ONE|TWO/.exec(client.text)![0]);
	}
	t.deepEqual([...bodies].sort(), ['ONE', 'TWO']);
	const states = [];
	for (let n = 1; n <= 5; n++) states.push(/ - - (\S+) /.exec(await proxy.line(n))?.[1]);
	t.deepEqual(states.slice(0, 4), ['--DI', '--DN', '--UN', '--VN']);
});

test('option checkcache refuses a cacheable response that sets a cookie: 502 PH', async t => {
	const head = (lines: string) => `HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n${lines}Content-Length: 2\r\n\r\nok`;
	const port = await serve(
		t,
		answering(request =>
			head(request.startsWith('GET /private') ? 'Cache-Control: private\r\n' : 'Last-Modified: x\r\n'),
		),
	);
	const proxy = await startProxy(t, simple(port, {backend: 'option checkcache'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 502 Bad Gateway\r\n');
	t.regex(await proxy.line(), / out\/s1 \S+ 502 \d+ - - PH-- /);
	client.send(get('/private'));
	await client.untilText('Set-Cookie: a=b\r\n');
	client.text = '';
	client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
	await client.untilText('Set-Cookie: a=b\r\n');
});

test('cookie rewrite, prefix and passive', async t => {
	const port = await serve(
		t,
		answering(
			head =>
				`HTTP/1.1 200 OK\r\nSet-Cookie: S=app\r\nX-Saw: ${/Cookie: (.*)/.exec(head)?.[1] ?? '-'}\r\nContent-Length: 0\r\n\r\n`,
		),
	);
	for (const [mode, sent, seen, set, flags] of [
		['rewrite', 'S=a', 'S=a', 'S=a', 'VR'],
		['prefix', 'S=a~app', 'S=app', 'S=a~app', 'VR'],
		['', 'S=a', 'S=a', 'S=app', '--'],
	] as const) {
		const text = simple(port, {backend: `cookie S ${mode}`}).replace(/server s1 \S+/, '$& cookie a');
		const proxy = await startProxy(t, text);
		const client = proxy.connect();
		client.send(get('/', `Cookie: ${sent}\r\n`));
		await client.untilText('\r\n\r\n');
		t.true(client.text.includes(`X-Saw: ${seen}\r\n`), `${mode}: ${client.text}`);
		t.true(client.text.includes(`Set-Cookie: ${set}\r\n`), `${mode}: ${client.text}`);
		t.regex(await proxy.line(), new RegExp(` - - --${flags} `), mode);
	}
});
