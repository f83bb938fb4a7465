/** Both kinds of wire do the same for an `Endpoint`. */
import {once} from 'node:events';
import net from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {connectRaw} from '../../src/engine/raw-connect.ts';
import {rawLoop} from '../../src/engine/raw-loop.ts';
import {sharedBuffer} from '../../src/engine/read-buffers.ts';
import {SocketWire} from '../../src/engine/socket-wire.ts';
import type {Wire, WireUser} from '../../src/engine/wire.ts';
import {waitFor} from '../helpers/engine.ts';

type Connect = (port: number, user: WireUser, onConnect: () => void) => Wire;

const kinds: Readonly<Record<string, Connect>> = {
	socket: (port, user, onConnect) => SocketWire.connect({host: '127.0.0.1', port}, user, onConnect),
	raw: (port, user, onConnect) => connectRaw(rawLoop()!, '127.0.0.1', port, undefined, false, user, onConnect),
};

class Recorder implements WireUser {
	readonly readBuffer = sharedBuffer;
	isPaused = false;
	text = '';
	readonly heard: string[] = [];

	onRead(bytes: Buffer, length: number): void {
		this.text += bytes.toString('latin1', 0, length);
	}

	onWireEnd(): void {
		this.heard.push('end');
	}

	onWireClose(code: string): void {
		this.heard.push(`close ${code}`);
	}

	onWireDrained(): void {
		this.heard.push('drained');
	}
}

async function open(t: ExecutionContext, connect: Connect): Promise<{wire: Wire; user: Recorder; peer: net.Socket}> {
	const server = net.createServer({allowHalfOpen: true});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const accepted = once(server, 'connection') as Promise<[net.Socket]>;
	const user = new Recorder();
	let isConnected = false;
	const wire = connect((server.address() as net.AddressInfo).port, user, () => {
		isConnected = true;
	});
	const [peer] = await accepted;
	peer.on('error', () => {});
	t.teardown(() => {
		wire.destroy();
		peer.destroy();
	});
	await waitFor(() => isConnected);
	return {wire, user, peer};
}

function testEach(title: string, run: (t: ExecutionContext, connect: Connect) => Promise<void>): void {
	for (const [kind, connect] of Object.entries(kinds)) {
		const testHere = kind === 'raw' && rawLoop() === undefined ? test.skip : test;
		testHere(`${kind}: ${title}`, t => run(t, connect));
	}
}

testEach('bytes go both ways, gathered or not', async (t, connect) => {
	const {wire, user, peer} = await open(t, connect);
	let received = '';
	peer.on('data', data => {
		received += data.toString('latin1');
	});
	wire.writeText('head\xe9');
	wire.writeTogether('a', Buffer.from('xbcx'), 1, 3, false);
	wire.cork();
	wire.writeText('d');
	wire.writeBytes(Buffer.from('e'));
	wire.uncork();
	await waitFor(() => received === 'head\xe9abcde');
	peer.write('answer');
	await waitFor(() => user.text === 'answer');
	t.is(wire.localEnd?.host, '127.0.0.1');
	t.is(received, 'head\xe9abcde');
});

testEach('what the peer does not take waits in order, and has left when drained is heard', async (t, connect) => {
	const {wire, user, peer} = await open(t, connect);
	const piece = Buffer.alloc(1_048_576, 'x');
	let count = 0;
	while (wire.backlog === 0 && count < 64) {
		wire.writeBytes(piece);
		count++;
	}
	t.true(wire.backlog > 0);
	wire.writeText('last');
	wire.awaitDrain();
	t.deepEqual(user.heard, []);
	let length = 0;
	let tail = '';
	peer.on('data', data => {
		length += data.length;
		tail = (tail + data.toString('latin1')).slice(-4);
	});
	await waitFor(() => user.heard.length > 0);
	t.deepEqual(user.heard, ['drained']);
	t.is(wire.backlog, 0);
	await waitFor(() => length === count * piece.length + 4);
	t.is(tail, 'last');
});

testEach('what arrives while it is paused is read after resume', async (t, connect) => {
	const {wire, user, peer} = await open(t, connect);
	user.isPaused = true;
	wire.pause();
	peer.end('late');
	await once(peer, 'finish');
	await new Promise(resolve => setTimeout(resolve, 20));
	t.is(user.text, '');
	user.isPaused = false;
	wire.resume();
	await waitFor(() => user.heard.length > 0);
	t.deepEqual([user.text, user.heard], ['late', ['end']]);
});

testEach('each direction ends by itself, and the connection with the second', async (t, connect) => {
	const {wire, user, peer} = await open(t, connect);
	const ended = once(peer, 'end');
	peer.resume();
	wire.end();
	await ended;
	t.deepEqual(user.heard, []);
	peer.end('bye');
	await waitFor(() => user.heard.length === 2);
	t.deepEqual([user.text, user.heard], ['bye', ['end', 'close ']]);
});

testEach('what was written leaves before closeSoon closes', async (t, connect) => {
	const {wire, user, peer} = await open(t, connect);
	const piece = Buffer.alloc(8 * 1_048_576, 'x');
	wire.writeBytes(piece);
	t.true(wire.backlog > 0);
	wire.closeSoon();
	let length = 0;
	peer.on('data', data => {
		length += data.length;
	});
	await once(peer, 'end');
	t.is(length, piece.length);
	peer.end();
	await waitFor(() => user.heard.includes('close '));
	t.is(user.heard.at(-1), 'close ');
});

testEach('a reset has its name', async (t, connect) => {
	const {user, peer} = await open(t, connect);
	peer.resetAndDestroy();
	await waitFor(() => user.heard.length > 0);
	t.deepEqual(user.heard, ['close ECONNRESET']);
});

testEach('so has a refusal', async (t, connect) => {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as net.AddressInfo;
	server.close();
	await once(server, 'close');
	const user = new Recorder();
	connect(port, user, () => t.fail('connected'));
	t.deepEqual(user.heard, []);
	await waitFor(() => user.heard.length > 0);
	t.deepEqual(user.heard, ['close ECONNREFUSED']);
});

testEach('destroy is heard after the call, once', async (t, connect) => {
	const {wire, user, peer} = await open(t, connect);
	wire.destroy();
	wire.destroy();
	t.deepEqual(user.heard, []);
	peer.resume();
	await once(peer, 'end');
	await waitFor(() => user.heard.length > 0);
	t.deepEqual(user.heard, ['close ']);
});
