/** A side that does not read holds the other one back, and gets everything when it reads again. */
import {createHash} from 'node:crypto';
import net from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {answering, waitFor} from '../helpers/engine.ts';
import {serve, simple, startProxy} from '../helpers/proxy.ts';

/** More than the kernel holds on two connections where `tcp_rmem` allows 32 MiB and `tcp_wmem` 4. */
const TOTAL_BYTES = 80 * 1_048_576;
/** For all of it in small pieces, on a machine that is busy with other work. */
const MOVE_MS = 60_000;

/** A side that stands still for long on a busy machine is not timed out. */
const PATIENT = {frontend: 'timeout client 2m', backend: 'timeout server 2m'};

/** Writes all of `body` in pieces, as fast as `socket` takes them. */
async function pour(socket: net.Socket, body: Buffer, pieceBytes: number): Promise<void> {
	for (let at = 0; at < body.length; at += pieceBytes) {
		if (!socket.write(body.subarray(at, at + pieceBytes))) await new Promise(resolve => socket.once('drain', resolve));
		else await new Promise(resolve => setImmediate(resolve));
	}
}

/** Counts what comes behind the head; does not read until told to. */
function hashBody(socket: net.Socket): {bytes: number; digest(): string} {
	const hash = createHash('sha256');
	let head = '';
	let inBody = false;
	const result = {bytes: 0, digest: () => hash.digest('hex')};
	const take = (chunk: Buffer) => {
		result.bytes += chunk.length;
		hash.update(chunk);
	};
	socket.on('data', (chunk: Buffer) => {
		if (inBody) return take(chunk);
		head += chunk.toString('latin1');
		const end = head.indexOf('\r\n\r\n');
		if (end < 0) return;
		inBody = true;
		take(Buffer.from(head.slice(end + 4), 'latin1'));
	});
	socket.pause();
	return result;
}

function makeBody(): Buffer {
	const body = Buffer.alloc(TOTAL_BYTES);
	for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(at, at);
	return body;
}

const hashOf = (body: Buffer) => createHash('sha256').update(body).digest('hex');

/** The sender has been unable to send for a while: everything between is full. */
async function waitUntilHeldBack(socket: () => net.Socket | undefined): Promise<void> {
	let seen = -1;
	let since = 0;
	await waitFor(() => {
		const sent = (socket()?.bytesWritten ?? 0) - (socket()?.writableLength ?? 0);
		if (sent !== seen || !socket()?.writableLength) since = performance.now();
		seen = sent;
		return performance.now() - since > 200;
	}, MOVE_MS);
}

async function downloads(t: ExecutionContext, pieceBytes: number): Promise<void> {
	const body = makeBody();
	let origin: net.Socket | undefined;
	const port = await serve(t, socket => {
		origin = socket;
		socket.on('error', () => {});
		socket.once('data', () => {
			socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
			void pour(socket, body, pieceBytes);
		});
	});
	const proxy = await startProxy(t, simple(port, PATIENT));
	const client = net.connect(proxy.port('in'), '127.0.0.1');
	t.teardown(() => client.destroy());
	const received = hashBody(client);
	client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	await waitUntilHeldBack(() => origin);
	t.is(received.bytes, 0);
	client.resume();
	await waitFor(() => received.bytes >= TOTAL_BYTES, MOVE_MS);
	t.is(received.digest(), hashOf(body));
}

async function uploads(t: ExecutionContext, pieceBytes: number): Promise<void> {
	const body = makeBody();
	let origin: net.Socket | undefined;
	let received: ReturnType<typeof hashBody> | undefined;
	const port = await serve(t, socket => {
		origin = socket;
		socket.on('error', () => {});
		received = hashBody(socket);
	});
	const proxy = await startProxy(t, simple(port, PATIENT));
	const client = net.connect(proxy.port('in'), '127.0.0.1');
	t.teardown(() => client.destroy());
	client.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
	void pour(client, body, pieceBytes);
	await waitUntilHeldBack(() => client);
	origin?.resume();
	await waitFor(() => (received?.bytes ?? 0) >= TOTAL_BYTES, MOVE_MS);
	t.is(received?.digest(), hashOf(body));
}

for (const pieceBytes of [3000, 300_000]) {
	test(
		`a client that does not read its response holds the server back: pieces of ${pieceBytes}`,
		downloads,
		pieceBytes,
	);
	test(
		`a server that does not read a request body holds the client back: pieces of ${pieceBytes}`,
		uploads,
		pieceBytes,
	);
}

test('what waits for a slow client is not overwritten by what another one gets', async t => {
	const bodyBytes = 60_000;
	let answers = 0;
	const port = await serve(
		t,
		answering(head => {
			answers++;
			return `HTTP/1.1 200 OK\r\nContent-Length: ${bodyBytes}\r\n\r\n${(head.startsWith('GET /a') ? 'a' : 'b').repeat(bodyBytes)}`;
		}),
	);
	const proxy = await startProxy(t, simple(port, PATIENT));
	const slow = net.connect(proxy.port('in'), '127.0.0.1');
	t.teardown(() => slow.destroy());
	let text = '';
	slow.on('data', chunk => {
		text += chunk.toString('latin1');
	});
	slow.pause();
	const count = 300;
	slow.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
	let seen = -1;
	let since = 0;
	await waitFor(() => {
		if (answers !== seen) since = performance.now();
		seen = answers;
		return answers > 0 && performance.now() - since > 200;
	});
	t.true(answers < count, 'the rest waits');
	const quick = proxy.connect();
	for (let i = 0; i < 5; i++) {
		quick.text = '';
		quick.send('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
		await quick.untilText('b'.repeat(bodyBytes));
	}
	slow.resume();
	await waitFor(() => text.length >= count * bodyBytes);
	const bodies = text.split(/HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)*\r\n/).slice(1);
	t.is(bodies.length, count);
	t.true(bodies.every(body => body === 'a'.repeat(bodyBytes)));
});
