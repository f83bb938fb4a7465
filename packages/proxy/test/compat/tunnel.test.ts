/** Upgrade and CONNECT: bytes both ways once the server has agreed. */
import type net from 'node:net';
import test from 'ava';
import {waitFor} from '../helpers/engine.ts';
import {GET, OK, serve, simple, startProxy} from '../helpers/proxy.ts';

const UPGRADE = 'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n';
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** Agrees to the first request with `answer`, then echoes. */
const agreeing = (answer: string) => (socket: net.Socket) =>
	void socket
		.once('data', () => {
			socket.write(answer);
			socket.on('data', data => socket.write(data));
		})
		.on('end', () => socket.end());

test('a WebSocket is a tunnel, also for bytes sent with the heads', async t => {
	const proxy = await startProxy(t, simple(await serve(t, agreeing(`${SWITCH}hi`))));
	const client = proxy.connect();
	client.send(`${UPGRADE}early`);
	await client.untilText('early');
	t.is(client.text, `${SWITCH}hiearly`);
	client.send('\0\xff');
	await client.untilText('early\0\xff');
	client.socket.end();
	await client.untilEnd();
	t.is(
		await proxy.line(),
		`127.0.0.1:P [T] in out/s1 T/T/T/T/T 101 ${SWITCH.length + 9} - - ---- 1/1/0/0/0 0/0 "GET /chat HTTP/1.1"`,
	);
});

test('a server that declines leaves an ordinary transaction', async t => {
	const proxy = await startProxy(t, simple(await serve(t, socket => void socket.on('data', () => socket.write(OK)))));
	const client = proxy.connect();
	client.send(UPGRADE);
	await client.untilText(OK);
	client.send(GET);
	await client.untilText(OK + OK);
	await proxy.line(2);
	t.pass();
});

test('101 that nobody asked for: 502 PH', async t => {
	const proxy = await startProxy(t, simple(await serve(t, agreeing(SWITCH))));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText('HTTP/1.1 502 Bad Gateway');
	t.regex(await proxy.line(), / 502 207 - - PH-- /);
});

test('CONNECT', async t => {
	const proxy = await startProxy(t, simple(await serve(t, agreeing('HTTP/1.1 200 Go on\r\n\r\n'))));
	const client = proxy.connect();
	client.send('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n');
	await client.untilText('HTTP/1.1 200 Go on\r\n\r\n');
	client.send('GET / HTTP/0.9');
	await client.untilText('GET / HTTP/0.9');
	client.socket.end();
	t.regex(await proxy.line(), / out\/s1 \S+ 200 36 - - ---- \S+ 0\/0 "CONNECT a\.example:443 HTTP\/1\.1"$/);
});

test('`timeout tunnel` ends an idle one: cD', async t => {
	const proxy = await startProxy(t, simple(await serve(t, agreeing(SWITCH)), {backend: 'timeout tunnel 80ms'}));
	const client = proxy.connect();
	client.send(UPGRADE);
	await client.untilEnd();
	t.is(client.text, SWITCH);
	t.regex(await proxy.line(), / 101 \d+ - - cD-- /);
});

test('a tunnel keeps its slot until it ends', async t => {
	const text = simple(await serve(t, agreeing(SWITCH))).replace(/(server s1 \S+)/, '$1 maxconn 1');
	const proxy = await startProxy(t, text);
	const client = proxy.connect();
	client.send(UPGRADE);
	await client.untilText(SWITCH);
	t.is(proxy.table.serverSlots(0), 1);
	client.socket.destroy();
	await waitFor(() => proxy.table.serverSlots(0) === 0);
	t.is(proxy.table.transactions, 0);
});

test('under http-tunnel only the first request is read', async t => {
	const heads: string[] = [];
	const port = await serve(
		t,
		socket =>
			void socket
				.on('data', data => {
					heads.push(data.toString('latin1'));
					socket.write(OK);
				})
				.on('end', () => socket.end()),
	);
	const proxy = await startProxy(t, simple(port, {frontend: 'option http-tunnel\n    option forwardfor'}));
	const client = proxy.connect();
	client.send(GET);
	await client.untilText(OK);
	client.send('anything at all');
	await client.untilText(OK + OK);
	t.deepEqual(heads, [GET.replace(/\r\n$/, 'X-Forwarded-For: 127.0.0.1\r\n\r\n'), 'anything at all']);
	t.is(proxy.lines.length, 0);
	client.socket.end();
	t.is(await proxy.line(), '127.0.0.1:P [T] in out/s1 T/T/T/T/T 200 80 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"');
});
