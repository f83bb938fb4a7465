/** Large bodies past slow readers: all of it arrives, and no more of it is in memory than the buffers on the way hold. */
import type net from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {waitFor} from '../helpers/engine.ts';
import {serve, simple, startProxy} from '../helpers/proxy.ts';

const SIZE = 64 * 1024 * 1024;
const PIECE = Buffer.alloc(256 * 1024, 'abcdefgh');
/** What sockets, kernel buffers included, may hold between a sender and a reader that stands still. */
const IN_FLIGHT = 24 * 1024 * 1024;

/** A sender that has not got rid of anything for this long is stuck. */
const STUCK_MS = 300;

/** Sends `SIZE` bytes as fast as they are taken; `sent` says how many were. */
function pour(socket: net.Socket, wrap = (piece: Buffer): Buffer => piece) {
	const at = {sent: 0};
	const piece = wrap(PIECE);
	const more = () => {
		while (at.sent < SIZE) {
			at.sent += PIECE.length;
			if (!socket.write(piece)) return;
		}
		socket.off('drain', more);
		socket.emit('poured');
	};
	socket.on('drain', more);
	more();
	return at;
}

/** Reads nothing until the sender is stuck, then everything; counts what `socket` reads. */
async function readSlowly(t: ExecutionContext, socket: net.Socket, sent: () => number): Promise<() => number> {
	let seen = -1;
	let sinceMs = performance.now();
	await waitFor(() => {
		const now = sent();
		if (now !== seen) sinceMs = performance.now();
		seen = now;
		return now > 0 && performance.now() - sinceMs > STUCK_MS;
	}, 20_000);
	t.true(sent() < IN_FLIGHT, `${sent()} bytes left the sender while nobody read`);
	let got = 0;
	socket.on('data', data => (got += data.length));
	socket.resume();
	return () => got;
}

const chunk = (piece: Buffer) =>
	Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);

for (const kind of ['length', 'chunks'] as const) {
	test.serial(`a response with ${kind} past a client that does not read`, async t => {
		let at = {sent: 0};
		const head = kind === 'length' ? `Content-Length: ${SIZE}` : 'Transfer-Encoding: chunked';
		const port = await serve(
			t,
			socket =>
				void socket.once('data', () => {
					socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
					socket.on('poured', () => kind === 'chunks' && socket.write('0\r\n\r\n'));
					at = pour(socket, kind === 'chunks' ? chunk : undefined);
				}),
		);
		const proxy = await startProxy(t, simple(port, {frontend: 'timeout client 30s', backend: 'timeout server 30s'}));
		const {socket} = proxy.connect();
		socket.removeAllListeners('data');
		socket.pause();
		socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
		const got = await readSlowly(t, socket, () => at.sent);
		await waitFor(() => proxy.lines.length === 1 && got() >= SIZE, 30_000);
		t.regex(await proxy.line(), / 200 \d+ - - ---- /);
	});

	test.serial(`a request with ${kind} past a server that does not read`, async t => {
		let server: net.Socket | undefined;
		const port = await serve(t, socket => {
			socket.pause();
			server = socket;
		});
		const proxy = await startProxy(t, simple(port, {frontend: 'timeout client 30s', backend: 'timeout server 30s'}));
		const client = proxy.connect();
		const head = kind === 'length' ? `Content-Length: ${SIZE}` : 'Transfer-Encoding: chunked';
		client.send(`POST / HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
		client.socket.on('poured', () => kind === 'chunks' && client.send('0\r\n\r\n'));
		await waitFor(() => server !== undefined);
		const at = pour(client.socket, kind === 'chunks' ? chunk : undefined);
		const got = await readSlowly(t, server!, () => at.sent);
		await waitFor(() => got() >= SIZE, 30_000);
		server!.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
		t.regex(await proxy.line(), / 200 38 - - ---- /);
	});
}

test.serial('a tcp session, both ways at once', async t => {
	let server: net.Socket | undefined;
	let at = {sent: 0};
	const port = await serve(t, socket => {
		socket.pause();
		server = socket;
		at = pour(socket);
	});
	const proxy = await startProxy(
		t,
		`listen in\n mode tcp\n timeout client 30s\n timeout server 30s\n bind 127.0.0.1:1\n server s1 127.0.0.1:${port}\n`,
	);
	const {socket} = proxy.connect();
	socket.removeAllListeners('data');
	socket.pause();
	const up = pour(socket);
	await waitFor(() => server !== undefined);
	const down = await readSlowly(t, socket, () => at.sent);
	const heard = await readSlowly(t, server!, () => up.sent);
	await waitFor(() => down() >= SIZE && heard() >= SIZE, 60_000);
	t.deepEqual([down(), heard()], [SIZE, SIZE]);
});

test.serial('a tcp client that waits in a queue', async t => {
	let heard = 0;
	const port = await serve(
		t,
		socket => void socket.on('data', data => (heard += data.length)).on('end', () => socket.end()),
	);
	const proxy = await startProxy(
		t,
		`listen in\n mode tcp\n timeout client 30s\n timeout server 30s\n timeout queue 30s\n bind 127.0.0.1:1\n server s1 127.0.0.1:${port} maxconn 1\n`,
	);
	const first = proxy.connect();
	await waitFor(() => proxy.table.serverSlots(0) === 1);
	const {socket} = proxy.connect();
	const at = pour(socket);
	await waitFor(() => proxy.table.backendQueued(0) === 1);
	await readSlowly(t, socket, () => at.sent);
	first.socket.end();
	await waitFor(() => heard >= SIZE, 30_000);
	t.is(heard, SIZE);
});

for (const mode of ['http', 'tcp'] as const) {
	test.serial(`mode ${mode}: while the client does not read, the server's timeout does not run`, async t => {
		const port = await serve(
			t,
			socket =>
				void socket.once('data', () => {
					socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`);
					pour(socket);
				}),
		);
		const proxy = await startProxy(
			t,
			`listen in\n mode ${mode}\n timeout client 30s\n timeout server 150ms\n bind 127.0.0.1:1\n server s1 127.0.0.1:${port}\n`,
		);
		const {socket} = proxy.connect();
		socket.removeAllListeners('data');
		socket.pause();
		socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
		await new Promise(resolve => setTimeout(resolve, 3 * 150));
		let got = 0;
		socket.on('data', data => (got += data.length));
		socket.resume();
		await waitFor(() => got >= SIZE, 30_000);
		t.true(got > SIZE);
	});
}
