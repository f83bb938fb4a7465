/** Rules about the session: log level, captures, other addresses, connections that end without an answer; and what is asked of sockets. */
import test from 'ava';
import {Client, waitFor} from '../helpers/engine.ts';
import {serve, serveEcho, simple, startProxy} from '../helpers/proxy.ts';

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
/** It takes CAP_NET_ADMIN. */
const testSilentDrop = process.getuid?.() === 0 && process.env.HAPAIR_NODE_SOCKETS !== '1' ? test : test.skip;

test('capture: slots that are declared, and one that the rule makes', async t => {
	const proxy = await startProxy(
		t,
		simple(await serve(t), {
			frontend: `capture request header host len 5
    declare capture request len 4
    declare capture response len 3
    http-request capture path id 1 if { path_beg /a }
    http-request capture hdr(x-id) len 20
    http-response capture str(answer) id 0`,
			backend: 'http-request capture str(nowhere) id 9\n    http-request capture method id 1 if { path /b }',
		}),
	);
	const client = proxy.connect();
	client.send(get('/abcdef', 'X-Id: 7\r\n') + get('/b') + get('/c'));
	await waitFor(() => proxy.lines.length === 3);
	t.deepEqual(
		proxy.lines.map(({text}) => / (\{.*\}) "/.exec(text)?.[1]),
		['{x|/abc|7} {ans}', '{x|GET|} {ans}', '{x||} {ans}'],
	);
});

test('set-log-level: another severity, or no line', async t => {
	const frontend = `http-request set-log-level silent if { path /silent }
    http-request set-log-level alert if { path /alert }
    http-response set-log-level debug if { path /alert } { status 500 }`;
	const proxy = await startProxy(t, simple(await serve(t), {frontend}));
	const client = proxy.connect();
	client.send(get('/silent') + get('/alert') + get('/'));
	await waitFor(() => proxy.lines.length === 2);
	t.deepEqual(
		proxy.lines.map(({severity, text}) => [severity, /GET (\S+)/.exec(text)?.[1]]),
		[
			[1, '/alert'],
			[6, '/'],
		],
	);
});

test('set-src: log, headers and rules behind it follow, for one request', async t => {
	const frontend = `option forwardfor
    http-request set-src hdr(x-src) if { hdr(x-src) -m found }
    http-request set-src-port int(7) if { path /port }
    http-request set-header X-Seen "%[src]:%[src_port]"`;
	const proxy = await startProxy(t, simple(await serveEcho(t), {frontend}));
	const client = proxy.connect();
	client.send(get('/port', 'X-Src: 192.0.2.9\r\n') + get('/'));
	await client.until(({text}) => text.split('X-Seen').length === 3 && text.endsWith('\r\n\r\n'));
	await waitFor(() => proxy.lines.length === 2);
	t.regex(client.text, /X-Seen: 192\.0\.2\.9:7\r\nX-Forwarded-For: 192\.0\.2\.9\r\n/);
	t.regex(client.text, /X-Seen: 127\.0\.0\.1:\d+\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/);
	t.regex(proxy.lines[0]!.text, /^192\.0\.2\.9:7 /);
	t.regex(proxy.lines[1]!.text, /^127\.0\.0\.1:/);
});

test('tcp-request connection: what it sets holds for the whole connection', async t => {
	const frontend = `tcp-request connection set-src str(192.0.2.9) if { src 127.0.0.1 }
    tcp-request connection set-var(sess.kind) str(first)
    tcp-request session unset-var(sess.none)
    tcp-request content set-var(txn.path) path
    http-request set-header X-Seen "%[src] %[var(sess.kind)] %[var(txn.path)]"`;
	const proxy = await startProxy(t, simple(await serveEcho(t), {frontend}));
	const client = proxy.connect();
	client.send(get('/a') + get('/b'));
	await client.until(({text}) => text.split('X-Seen').length === 3 && text.endsWith('\r\n\r\n'));
	await waitFor(() => proxy.lines.length === 2);
	t.deepEqual(client.text.match(/X-Seen: .*/g), ['X-Seen: 192.0.2.9 first /a', 'X-Seen: 192.0.2.9 first /b']);
	for (const {text} of proxy.lines) t.regex(text, /^192\.0\.2\.9:/);
});

test('set-dst and set-dst-port: a server without an address is there', async t => {
	const port = await serveEcho(t);
	const proxy = await startProxy(
		t,
		`
listen in
    bind 127.0.0.1:1
    http-request set-dst hdr(x-to)
    http-request set-dst-port int(${port})
    server s 0.0.0.0
`,
	);
	const client = proxy.connect();
	client.send(get('/there', 'X-To: 127.0.0.1\r\n'));
	await client.untilText('GET /there');
	t.pass();
});

test('reject: closed unanswered, and the line shows the request', async t => {
	const proxy = await startProxy(t, simple(await serve(t), {frontend: 'http-request reject if { path /no }'}));
	const client = proxy.connect();
	client.send(get('/no'));
	await client.untilEnd();
	t.is(client.text, '');
	t.regex(await proxy.line(), / in in\/<NOSRV> -1\/-1\/-1\/-1\/T -1 0 - - PR-- .* "GET \/no HTTP\/1\.1"$/);
});

for (const [name, text] of [
	['http-request', simple(9, {frontend: 'http-request silent-drop'})],
	['tcp-request content', '\nlisten in\n    mode tcp\n    bind 127.0.0.1:1\n    tcp-request content silent-drop\n'],
	['tcp-request connection', '\nlisten in\n    bind 127.0.0.1:1\n    tcp-request connection silent-drop\n'],
] as const) {
	testSilentDrop(`${name} silent-drop: the client hears nothing, and nothing is left`, async t => {
		const proxy = await startProxy(t, text);
		const client = proxy.connect();
		client.send(get('/'));
		if (name === 'tcp-request connection')
			await waitFor(() => proxy.table.connections === 0 && client.socket.readyState === 'open');
		else await proxy.line();
		// Whoever comes later is served: the frontend goes on, and the first has still heard nothing.
		const other = proxy.connect();
		await other.until(({socket}) => socket.readyState === 'open');
		other.socket.destroy();
		await waitFor(() => proxy.table.connections === 0);
		t.false(client.closed || client.ended);
	});
}

test('so_id, so_name and dst_conn tell the sockets of a frontend apart', async t => {
	const text = `
frontend in
    bind 127.0.0.1:1 name first
    bind 127.0.0.2:1 id 7
    http-request return status 200 content-type text/plain lf-string "<%[so_id] %[so_name] %[dst_conn] %[fe_conn]>"
`;
	const proxy = await startProxy(t, text);
	const [one, two] = proxy.core.ports.map(({port}) => port) as [number, number];
	const clients = [new Client(one), new Client(one), new Client(two, '127.0.0.2')];
	for (const client of clients) t.teardown(() => client.socket.destroy());
	await waitFor(() => proxy.table.connections === 3);
	for (const client of clients) client.send(get('/'));
	for (const client of clients) await client.untilText('>');
	const answers = clients.map(client => /<.*>/.exec(client.text)?.[0]);
	t.deepEqual(answers, ['<1 first 2 3>', '<1 first 2 3>', '<7  1 3>']);
});
