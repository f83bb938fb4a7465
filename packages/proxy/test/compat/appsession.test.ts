/** `appsession`: who set an application's cookie keeps its holders, wherever they show it, until they are silent for too long. */
import test, {type ExecutionContext} from 'ava';
import {answering} from '../helpers/engine.ts';
import {serve, startProxy, type TestProxy} from '../helpers/proxy.ts';
import {ask as askThreads, bodyOf, startProxy as startThreads} from '../helpers/whole-proxy.ts';

interface Ask {
	readonly path?: string;
	readonly cookie?: string;
	/** The cookie that the server is to set. */
	readonly sets?: string;
}

const named = (name: string) =>
	answering(head => {
		const sets = /^X-Set: (.*)\r$/im.exec(head)?.[1];
		const line = sets === undefined ? '' : `Set-Cookie: ${sets}; path=/\r\n`;
		return `HTTP/1.1 200 OK\r\n${line}Content-Length: ${name.length}\r\n\r\n${name}`;
	});

/** One request on a connection of its own; who answered. */
async function ask(proxy: TestProxy, {path = '/', cookie, sets}: Ask = {}): Promise<string> {
	const client = proxy.connect();
	const lines = `${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}${sets === undefined ? '' : `X-Set: ${sets}\r\n`}`;
	client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines}\r\n`);
	await client.untilEnd();
	return client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
}

async function start(t: ExecutionContext, line: string): Promise<TestProxy> {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	return startProxy(
		t,
		`
listen in
    bind 127.0.0.1:1
    balance roundrobin
    option redispatch
    appsession ${line}
    server one 127.0.0.1:${first}
    server two 127.0.0.1:${second}
`,
	);
}

const entries = (proxy: TestProxy) =>
	[...proxy.stickTable('in/appsession').list(0)]
		.map(({key, values}) => `${Buffer.from(key).toString('latin1')}=${values[0]}`)
		.sort();

/** The server that has set `sets`, and the proof that others take turns meanwhile. */
async function learn(t: ExecutionContext, proxy: TestProxy, sets: string, shows: readonly Ask[]): Promise<void> {
	const owner = await ask(proxy, {sets});
	for (const show of shows) {
		t.is(await ask(proxy, show), owner, JSON.stringify(show));
		t.not(await ask(proxy), await ask(proxy), 'who shows nothing takes turns');
		t.is(await ask(proxy, show), owner, JSON.stringify(show));
	}
}

test('a cookie that the server has set leads back to it, from the Cookie header and from the path', async t => {
	const proxy = await start(t, 'JSESSIONID len 8 timeout 1h');
	await learn(t, proxy, 'JSESSIONID=0123456789', [
		{cookie: 'a=b; JSESSIONID=0123456789; c=d'},
		// Only as many characters as `len` says count.
		{cookie: 'JSESSIONID=01234567zz'},
		{path: '/x;JSESSIONID=0123456789?q=1'},
		{path: '/x;a=b;JSESSIONID=01234567'},
	]);
	t.is(entries(proxy).length, 1);
	t.regex(entries(proxy)[0]!, /^01234567=[12]$/);
});

test('what looks like the session and is not takes turns', async t => {
	const proxy = await start(t, 'SID len 8 timeout 1h');
	await ask(proxy, {sets: 'SID=abc'});
	for (const show of [
		{cookie: 'XSID=abc'},
		{cookie: 'SIDX=abc'},
		{cookie: 'SID=abd'},
		{path: '/?SID=abc'},
		{path: '/;SIDX=abc'},
		{path: '/x?y;SID=abc'},
	]) {
		t.not(await ask(proxy, show), await ask(proxy, show), JSON.stringify(show));
	}
	await ask(proxy, {cookie: 'SID=new'});
	t.is(entries(proxy).length, 1, 'a request teaches nothing');
});

test('mode query-string looks behind the question mark', async t => {
	const proxy = await start(t, 'sid len 8 timeout 1h mode query-string');
	await learn(t, proxy, 'sid=abc', [{path: '/x?q=1&sid=abc'}, {path: '/x?sid=abc&q=1'}]);
	t.not(await ask(proxy, {path: '/x;sid=abc'}), await ask(proxy, {path: '/x;sid=abc'}));
});

test('prefix: the rest of the name belongs to the value', async t => {
	const proxy = await start(t, 'ASPSESSIONID len 64 timeout 3h prefix');
	await learn(t, proxy, 'ASPSESSIONIDXYZ=QQQ', [{cookie: 'ASPSESSIONIDXYZ=QQQ'}, {path: '/;ASPSESSIONIDXYZ=QQQ'}]);
	t.regex(entries(proxy)[0]!, /^XYZ=QQQ=[12]$/);
	t.not(await ask(proxy, {cookie: 'ASPSESSIONIDXYA=QQQ'}), await ask(proxy, {cookie: 'ASPSESSIONIDXYA=QQQ'}));
});

test('request-learn: a session that no server has set stays where it went first', async t => {
	const proxy = await start(t, 'SID len 8 timeout 1h request-learn');
	const owner = await ask(proxy, {cookie: 'SID=abc'});
	await ask(proxy);
	t.is(await ask(proxy, {cookie: 'SID=abc'}), owner);
	await ask(proxy);
	t.is(await ask(proxy, {cookie: 'SID=abc'}), owner);
	t.is(await ask(proxy, {cookie: 'SID=abc', sets: 'SID=other'}), owner);
	t.deepEqual(
		entries(proxy).map(entry => entry.split('=')[0]),
		['abc', 'other'],
	);
});

test('a server that is down is not insisted on', async t => {
	const proxy = await start(t, 'SID len 8 timeout 1h');
	const owner = await ask(proxy, {sets: 'SID=abc'});
	proxy.setServer('in', owner, false);
	const other = owner === 'one' ? 'two' : 'one';
	t.is(await ask(proxy, {cookie: 'SID=abc', sets: 'SID=abc'}), other);
	proxy.setServer('in', owner, true);
	t.is(await ask(proxy, {cookie: 'SID=abc'}), other, 'the session has moved');
});

test('a session that is not used is forgotten', async t => {
	const proxy = await start(t, 'SID len 8 timeout 50');
	await ask(proxy, {sets: 'SID=abc'});
	const table = proxy.stickTable('in/appsession');
	const nowMs = () => performance.timeOrigin + performance.now();
	while ([...table.list(nowMs())].length > 0) await new Promise(resolve => setTimeout(resolve, 10));
	t.not(await ask(proxy, {cookie: 'SID=abc'}), await ask(proxy, {cookie: 'SID=abc'}));
});

test('the cookie of the proxy goes before that of the application', async t => {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	const proxy = await startProxy(
		t,
		`
listen in
    bind 127.0.0.1:1
    cookie S insert indirect
    appsession SID len 8 timeout 1h
    server one 127.0.0.1:${first} cookie a
    server two 127.0.0.1:${second} cookie b
`,
	);
	await ask(proxy, {cookie: 'S=a', sets: 'SID=abc'});
	t.is(await ask(proxy, {cookie: 'SID=abc'}), 'one');
	t.is(await ask(proxy, {cookie: 'SID=abc; S=b'}), 'two');
});

test('all threads know a session that one has seen', async t => {
	const first = await serve(t, named('one'));
	const second = await serve(t, named('two'));
	const proxy = await startThreads(
		`
listen in
    bind 127.0.0.1:0
    appsession SID len 8 timeout 1h
    server one 127.0.0.1:${first}
    server two 127.0.0.1:${second}
`,
		4,
	);
	t.teardown(() => proxy.close());
	const port = proxy.portOf('in');
	const owner = bodyOf(await askThreads(port, '/', 'X-Set: SID=abc\r\n'));
	const answers = await Promise.all(
		Array.from({length: 32}, async () => bodyOf(await askThreads(port, '/', 'Cookie: SID=abc\r\n'))),
	);
	t.deepEqual([...new Set(answers)], [owner]);
});
