/** How a transaction ended, as the client and the log see it: status, timers, the two flags (HAProxy manual, "Session state at disconnection"). */
import type net from 'node:net';
import test from 'ava';
import {startDeafServer} from '../helpers/deaf-server.ts';
import {type Client, waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, simple, startProxy} from '../helpers/proxy.ts';
import {closedPort} from '../helpers/tcp-server.ts';

interface Story {
	readonly frontend?: string;
	readonly backend?: string;
	readonly server?: (socket: net.Socket) => void;
	readonly client: (client: Client, server: {readonly heard: string}) => Promise<void> | void;
	/** The status line the client gets; '' for none. */
	readonly answer: string;
	readonly line: string;
}

const ends = test.macro<[Story]>({
	async exec(t, {frontend = '', backend = '', server, client, answer, line}) {
		const at = {heard: ''};
		const port = await serve(t, socket => {
			socket.on('data', data => (at.heard += data.toString('latin1')));
			server?.(socket);
		});
		const proxy = await startProxy(t, simple(port, {frontend, backend}));
		const connection = proxy.connect();
		await client(connection, at);
		t.is(await proxy.line(), line);
		if (answer === '') t.is(connection.text, '');
		else await connection.until(({text}) => text.startsWith(answer));
		t.is(proxy.lines.length, 1);
		await waitFor(() => proxy.table.transactions === 0 && proxy.table.backendConnections(0) === 0);
		t.is(proxy.table.serverSlots(0), 0);
	},
	title: (name = '') => name,
});

const answer = (text: string) => (socket: net.Socket) => socket.on('data', () => socket.write(text, 'latin1'));
const send = (text: string) => (client: Client) => client.send(text);
const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc';
const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc';

test('a good answer: --', ends, {
	server: answer(OK),
	client: send(GET),
	answer: 'HTTP/1.1 200 OK',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 40 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('no complete head in time: 408 cR', ends, {
	frontend: 'timeout http-request 60ms',
	client: send('GET / HT'),
	answer: 'HTTP/1.1 408 Request Time-out',
	line: '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 408 0 - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"',
});

test('no byte in time: 408 cR', ends, {
	frontend: 'timeout http-request 60ms',
	client() {},
	answer: 'HTTP/1.1 408 Request Time-out',
	line: '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 408 0 - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"',
});

test('the client ends in its head: 400 CR', ends, {
	client: client => void client.socket.end('GET / HT'),
	answer: 'HTTP/1.1 400 Bad request',
	line: '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 400 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"',
});

test('the client resets in its head: CR', ends, {
	async client(client) {
		await new Promise<void>(resolve => client.socket.write('GET / HT', () => resolve()));
		client.socket.resetAndDestroy();
	},
	answer: '',
	line: '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 400 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"',
});

test('no request at all: 400 PR', ends, {
	client: send('hello\r\n\r\n'),
	answer: 'HTTP/1.1 400 Bad request',
	line: '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
});

test('a head longer than the buffer: 400 PR', ends, {
	client: send(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`),
	answer: 'HTTP/1.1 400 Bad request',
	line: '127.0.0.1:P [T] in in/<NOSRV> -1/-1/-1/-1/T 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
});

test('a silent server: 504 sH', ends, {
	backend: 'timeout server 60ms',
	client: send(GET),
	answer: 'HTTP/1.1 504 Gateway Time-out',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T 504 195 - - sH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('a server that speaks no HTTP: 502 PH', ends, {
	server: answer('hello\r\n\r\n'),
	client: send(GET),
	answer: 'HTTP/1.1 502 Bad Gateway',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T 502 207 - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('a server that closes at once: 502 SH', ends, {
	server: socket => socket.on('data', () => socket.end()),
	client: send(GET),
	answer: 'HTTP/1.1 502 Bad Gateway',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T 502 207 - - SH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('a server that dies in its body: SD', ends, {
	server: socket => socket.on('data', () => socket.end(HALF)),
	client: send(GET),
	answer: 'HTTP/1.1 200 OK',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 43 - - SD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('a server that stalls in its body: sD', ends, {
	backend: 'timeout server 60ms',
	server: answer(HALF),
	client: send(GET),
	answer: 'HTTP/1.1 200 OK',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 43 - - sD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('broken chunks from the server: PD', ends, {
	server: answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n'),
	client: send(GET),
	answer: 'HTTP/1.1 200 OK',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 47 - - PD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('broken chunks from the client: 400 PH', ends, {
	async client(client, server) {
		client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
		await waitFor(() => server.heard.includes('abc'));
		client.send('zz\r\n');
	},
	answer: 'HTTP/1.1 400 Bad request',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T 400 206 - - PH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"',
});

test('the client ends in its body: CD', ends, {
	async client(client, server) {
		client.send(POST);
		await waitFor(() => server.heard.includes('abc'));
		client.socket.end();
	},
	answer: '',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T -1 0 - - CD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"',
});

test('the client stalls in its body: 408 cD', ends, {
	frontend: 'timeout client 80ms',
	client: send(POST),
	answer: 'HTTP/1.1 408 Request Time-out',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T 408 215 - - cD-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"',
});

test('the client resets while it waits: CH', ends, {
	async client(client, server) {
		client.send(GET);
		await waitFor(() => server.heard.includes('\r\n\r\n'));
		client.socket.resetAndDestroy();
	},
	answer: '',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/-1/T -1 0 - - CH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('the client resets while it is answered: CD', ends, {
	server: answer(HALF),
	async client(client) {
		client.send(GET);
		await client.untilText('abc');
		client.socket.resetAndDestroy();
	},
	answer: 'HTTP/1.1 200 OK',
	line: '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 43 - - CD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
});

test('no server: 503 SC', async t => {
	const proxy = await startProxy(t, simple(1).replace(/ +server .*/, ''));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 503 Service Unavailable');
	t.is(
		await proxy.line(),
		'127.0.0.1:P [T] in out/<NOSRV> T/-1/-1/-1/T 503 220 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
	);
});

test('no backend: 503 SC', async t => {
	const proxy = await startProxy(t, 'frontend in\n bind 127.0.0.1:1\n');
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 503 Service Unavailable');
	t.is(
		await proxy.line(),
		'127.0.0.1:P [T] in in/<NOSRV> T/-1/-1/-1/T 503 220 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
	);
});

test('a refused connection: 503 SC after the retries', async t => {
	const proxy = await startProxy(t, simple(await closedPort(), {backend: 'retries 2\n    timeout connect 30ms'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 503 Service Unavailable');
	t.is(await proxy.line(), '127.0.0.1:P [T] in out/s1 T/T/-1/-1/T 503 220 - - SC-- 1/1/0/0/2 0/0 "GET / HTTP/1.1"');
});

test('a connection that never comes to be: 503 sC', async t => {
	const deaf = await startDeafServer();
	t.teardown(() => deaf.close());
	const proxy = await startProxy(t, simple(deaf.port, {backend: 'retries 0\n    timeout connect 40ms'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 503 Service Unavailable');
	t.regex(
		await proxy.line(),
		/^127\.0\.0\.1:P \[T\] in out\/s1 T\/T\/-1\/-1\/T 503 220 - - sC-- 1\/1\/0\/0\/0 0\/0 "GET \/ HTTP\/1\.1"$/,
	);
});
