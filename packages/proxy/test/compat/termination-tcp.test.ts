/** Mode tcp: bytes both ways, half-close, timeouts, and the line of `option tcplog`. */
import type net from 'node:net';
import test from 'ava';
import {Counter} from '../../src/shared-table.ts';
import {type Client, waitFor} from '../helpers/engine.ts';
import {GET, serve, serveEcho, startProxy} from '../helpers/proxy.ts';
import {closedPort} from '../helpers/tcp-server.ts';

const listen = (port: number, more = '') => `
listen in
    mode tcp
    option tcplog
    bind 127.0.0.1:1
    ${more}
    server s1 127.0.0.1:${port}
`;

interface Story {
	readonly options?: string;
	readonly server: (socket: net.Socket) => void;
	readonly client: (client: Client) => Promise<void> | void;
	/** All that the client gets. */
	readonly text: string;
	readonly line: string;
}

const ends = test.macro<[Story]>({
	async exec(t, {options = '', server, client, text, line}) {
		const proxy = await startProxy(t, listen(await serve(t, server), options));
		const connection = proxy.connect();
		await client(connection);
		t.is(await proxy.line(), line);
		await connection.untilEnd();
		t.is(connection.text, text);
		connection.socket.destroy();
		await waitFor(() => proxy.table.connections === 0);
		t.deepEqual([proxy.table.transactions, proxy.table.backendConnections(0), proxy.table.serverSlots(0)], [0, 0, 0]);
	},
	title: (name = '') => name,
});

const echo = (socket: net.Socket) => void socket.on('data', data => socket.write(data)).on('end', () => socket.end());
const silent = (socket: net.Socket) => void socket.resume();
async function greet(client: Client): Promise<void> {
	client.send('hello');
	await client.untilText('hello');
}

test('the client ends first', ends, {
	server: echo,
	async client(client) {
		await greet(client);
		client.socket.end();
	},
	text: 'hello',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 5 -- 1/1/0/0/0 0/0',
});

test('the server ends first, and still hears the client', async t => {
	let heard = '';
	const port = await serve(t, socket => {
		socket.on('data', data => (heard += data));
		socket.end('bye');
	});
	const proxy = await startProxy(t, listen(port));
	const client = proxy.connect();
	await client.untilEnd();
	t.is(proxy.lines.length, 0);
	client.socket.end('late');
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/T/T 3 -- 1/1/0/0/0 0/0');
	await waitFor(() => heard === 'late');
	t.is(client.text, 'bye');
});

test('the client resets: CD', ends, {
	server: echo,
	async client(client) {
		await greet(client);
		client.socket.resetAndDestroy();
	},
	text: 'hello',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 5 CD 1/1/0/0/0 0/0',
});

test('the server resets: SD', ends, {
	server: socket => void socket.on('data', () => socket.resetAndDestroy()),
	client: client => client.send('x'),
	text: '',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 0 SD 1/1/0/0/0 0/0',
});

test('both silent for equally long: cD', ends, {
	options: 'timeout client 100ms\n    timeout server 100ms',
	server: echo,
	client: greet,
	text: 'hello',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 5 cD 1/1/0/0/0 0/0',
});

test('the server silent for longer than it may: sD once the client has ended too', ends, {
	options: 'timeout server 80ms',
	server: echo,
	async client(client) {
		await greet(client);
		await client.untilEnd();
		client.socket.end();
	},
	text: 'hello',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 5 sD 1/1/0/0/0 0/0',
});

test('the client silent for longer than it may: cD once the server, which may still speak, has ended too', ends, {
	options: 'timeout client 80ms',
	server: socket => void socket.resume().on('end', () => socket.end('bye')),
	client: client => client.send('hello'),
	text: 'bye',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 3 cD 1/1/0/0/0 0/0',
});

test('what the client says behind the end that a silent server got is still heard', async t => {
	let heard = '';
	const port = await serve(t, socket => void socket.on('data', data => (heard += data)));
	const proxy = await startProxy(t, listen(port, 'timeout server 80ms'));
	const client = proxy.connect();
	await client.untilEnd();
	client.socket.end('late');
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/T/T 0 sD 1/1/0/0/0 0/0');
	await waitFor(() => heard === 'late');
});

test('a server that does not answer the end of a silent client has `timeout server-fin`', ends, {
	options: 'timeout client 80ms\n    timeout server-fin 80ms',
	server: silent,
	client: client => client.send('hello'),
	text: '',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 0 cD 1/1/0/0/0 0/0',
});

test('a client that does not answer the end of a silent server has `timeout client-fin`', ends, {
	options: 'timeout server 80ms\n    timeout client-fin 80ms',
	server: silent,
	client: client => client.send('hello'),
	text: '',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 0 sD 1/1/0/0/0 0/0',
});

test('`timeout tunnel` takes the place of both', async t => {
	const proxy = await startProxy(
		t,
		listen(await serve(t, echo), 'timeout client 40ms\n    timeout server 40ms\n    timeout tunnel 400ms'),
	);
	const client = proxy.connect();
	const sinceMs = performance.now();
	await greet(client);
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/T/T 5 cD 1/1/0/0/0 0/0');
	t.true(performance.now() - sinceMs >= 400);
});

test('`timeout server-fin` once the client has ended', ends, {
	options: 'timeout server-fin 80ms',
	server: silent,
	client: client => void client.socket.end('x'),
	text: '',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 0 sD 1/1/0/0/0 0/0',
});

test('`timeout client-fin` once the server has ended', ends, {
	options: 'timeout client-fin 80ms',
	server: socket => void socket.on('data', () => socket.end('x')),
	client: client => client.send('hello'),
	text: 'x',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 1 cD 1/1/0/0/0 0/0',
});

test('a client that has ended and waits for its answer is not late', ends, {
	options: 'timeout client-fin 40ms\n    timeout client 40ms',
	server: socket => void socket.resume().on('end', () => setTimeout(() => socket.end('answer'), 200)),
	client: client => void client.socket.end('x'),
	text: 'answer',
	line: '127.0.0.1:P [T] in in/s1 T/T/T 6 -- 1/1/0/0/0 0/0',
});

test('nobody listens at the server: SC', async t => {
	const proxy = await startProxy(t, listen(await closedPort(), 'retries 1\n    timeout connect 30ms'));
	const client = proxy.connect();
	client.send('hello');
	await client.untilEnd();
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/-1/T 0 SC 1/1/0/0/1 0/0');
});

test('no server: SC', async t => {
	const proxy = await startProxy(t, listen(1).replace(/ +server .*/, ''));
	await proxy.connect().untilEnd();
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/<NOSRV> -1/-1/T 0 SC 1/1/0/0/0 0/0');
});

test('a full server: the next one waits, in vain for `timeout queue`: sQ', async t => {
	const port = await serve(t, echo);
	const proxy = await startProxy(t, `${listen(port, 'timeout queue 60ms').trimEnd()} maxconn 1\n`);
	const first = proxy.connect();
	await greet(first);
	const second = proxy.connect();
	await second.untilEnd();
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/<NOSRV> T/-1/T 0 sQ 2/2/1/0/0 0/1');
});

test('a full server: the next one waits and is served', async t => {
	const port = await serve(t, echo);
	const proxy = await startProxy(t, `${listen(port).trimEnd()} maxconn 1\n`);
	const first = proxy.connect();
	await greet(first);
	const second = proxy.connect();
	second.send('waiting');
	await waitFor(() => proxy.table.backendQueued(0) === 1);
	first.socket.end();
	await second.untilText('waiting');
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/T/T 5 -- 2/2/1/0/0 0/0');
});

test('a client that leaves the queue: CQ', async t => {
	const port = await serve(t, echo);
	const proxy = await startProxy(t, `${listen(port).trimEnd()} maxconn 1\n`);
	await greet(proxy.connect());
	const second = proxy.connect();
	await waitFor(() => proxy.table.backendQueued(0) === 1);
	second.socket.end();
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/<NOSRV> T/-1/T 0 CQ 2/2/1/0/0 0/1');
	t.is(proxy.table.backendQueued(0), 0);
});

test('a refused server is left for another under redispatch', async t => {
	const proxy = await startProxy(
		t,
		listen(await serve(t, echo), `option redispatch\n    server s0 127.0.0.1:${await closedPort()}`),
	);
	const [first, second] = [proxy.connect(), proxy.connect()];
	await Promise.all([greet(first), greet(second)]);
	first.socket.end();
	second.socket.end();
	await proxy.line(2);
	t.true(
		proxy.lines.some(({text}) => / in\/s1 .* -- \d\/\d\/\d\/\d\/\+1 /.test(text)),
		proxy.lines.map(({text}) => text).join('\n'),
	);
});

test('`option logasap` writes when the server is reached', async t => {
	const proxy = await startProxy(t, listen(await serve(t, echo), 'option logasap'));
	const client = proxy.connect();
	t.is(await proxy.line(), '127.0.0.1:P [T] in in/s1 T/T/+T +0 -- 1/1/1/1/0 0/0');
	await greet(client);
	client.socket.end();
	await client.untilEnd();
	t.is(proxy.lines.length, 1);
});

test('the default format says who came, when it came', async t => {
	const proxy = await startProxy(
		t,
		`defaults\n    log 127.0.0.1:9 local0\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n${listen(await serve(t, echo)).replace('option tcplog', '')}`,
	);
	const client = proxy.connect();
	await greet(client);
	const {localPort} = client.socket;
	t.is(proxy.lines[0]?.text, `Connect from 127.0.0.1:${localPort} to 127.0.0.1:${proxy.port('in')} (in/TCP)`);
	client.socket.end();
	await client.untilEnd();
	t.is(proxy.lines.length, 1);
});

test("`use_backend` by the client's address", async t => {
	const port = await serve(t, socket => socket.end('here'));
	const proxy = await startProxy(
		t,
		`
frontend in
    mode tcp
    bind 127.0.0.1:1
    acl near src 127.0.0.0/8
    use_backend here if near
    default_backend nowhere
backend here
    mode tcp
    server s1 127.0.0.1:${port}
backend nowhere
    mode tcp
`,
	);
	const client = proxy.connect();
	await client.untilText('here');
	t.pass();
});

test('a tcp frontend may lead to a backend that reads HTTP', async t => {
	const proxy = await startProxy(
		t,
		`
frontend in
    mode tcp
    option tcplog
    bind 127.0.0.1:1
    default_backend out
backend out
    mode http
    option forwardfor
    server s1 127.0.0.1:${await serveEcho(t)}
`,
	);
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('X-Forwarded-For: 127.0.0.1\r\n\r\n');
	t.regex(await proxy.line(), /^127\.0\.0\.1:P \[T\] in out\/s1 T\/T\/T \d+ -- 1\/1\/0\/0\/0 0\/0$/);
	client.text = '';
	client.send('nonsense\r\n\r\n');
	await client.untilText('HTTP/1.1 400 Bad request');
});

test('a client that speaks before its server is there is heard in full', async t => {
	const sent = 'x'.repeat(200_000);
	let heard = 0;
	const port = await serve(
		t,
		socket => void socket.on('data', data => (heard += data.length)).on('end', () => socket.end()),
	);
	const proxy = await startProxy(t, listen(port));
	const client = proxy.connect();
	client.socket.end(sent);
	await client.untilEnd();
	t.is(heard, sent.length);
	await proxy.line();
	t.is(proxy.table.readSum(proxy.table.row('frontend', 0), Counter.bytesIn), sent.length);
});

test('bytes are counted while a session goes on', async t => {
	const proxy = await startProxy(t, listen(await serve(t, echo)));
	const client = proxy.connect();
	client.send('x'.repeat(400_000));
	await client.until(({text}) => text.length === 400_000);
	const {table} = proxy;
	for (const row of [table.row('frontend', 0), table.row('backend', 0), table.row('server', 0)]) {
		t.true(table.readSum(row, Counter.bytesIn) > 100_000);
		t.true(table.readSum(row, Counter.bytesOut) > 100_000);
	}
	client.socket.end();
	await proxy.line();
	t.is(table.readSum(table.row('server', 0), Counter.bytesOut), 400_000);
});
