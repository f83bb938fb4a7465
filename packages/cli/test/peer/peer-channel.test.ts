import {createHash, randomBytes} from 'node:crypto';
import {createConnection, createServer, type Socket} from 'node:net';
import {duplexPair} from 'node:stream';
import {connect as connectTls, type TLSSocket} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import type {Key} from '../../src/daemon/keys.ts';
import {encodeFrame, FrameReader} from '../../src/peer/frames.ts';
import type {ChannelEnds} from '../../src/peer/listener.ts';
import {PeerChannel} from '../../src/peer/peer-channel.ts';
import {derivePeerKey, formatIdentity} from '../../src/peer/peer-key.ts';
import {PeerRefusal, PeerSession} from '../../src/peer/peer-session.ts';
import {pskOptions} from '../../src/peer/tls-psk.ts';
import {findFreePort} from '../helpers/free-port.ts';
import {recordLog} from '../helpers/record-log.ts';
import {waitFor} from '../helpers/wait-for.ts';

const [address1, address2, stranger] = ['127.0.0.11', '127.0.0.12', '127.0.0.13'];

function makeKey(): Key {
	const secret = randomBytes(32);
	return {id: createHash('sha256').update(secret).digest()[0] ?? 0, secret};
}

function endsOf(node: 'lb1' | 'lb2', port: number, keys: readonly Key[], pair = 'oslo'): ChannelEnds {
	const all = {lb1: address1, lb2: address2};
	const peer = node === 'lb1' ? 'lb2' : 'lb1';
	return {
		own: {pair, node, version: '1', address: all[node]},
		peer: {node: peer, address: all[peer]},
		port,
		keys: () => keys,
	};
}

interface Stage {
	readonly lb1: PeerChannel;
	readonly port: number;
	/** A channel of the other node with these keys; it listens only when told. */
	other(keys: readonly Key[], pair?: string): PeerChannel;
	refused(): Readonly<Record<string, number>>;
}

async function startLb1(t: ExecutionContext, keys: readonly Key[]): Promise<Stage> {
	const port = await findFreePort();
	const open = (ends: ChannelEnds): PeerChannel => {
		const channel = new PeerChannel(ends, recordLog().log);
		t.teardown(() => channel.close());
		return channel;
	};
	const lb1 = open(endsOf('lb1', port, keys));
	lb1.on('double', async ({text}) => ({text: `${String(text)}${String(text)}`}));
	lb1.on('fail', async () => {
		throw new Error('this does not work today');
	});
	lb1.on('never', () => new Promise(() => {}));
	lb1.start();
	await waitFor('the listener', () => lb1.report().listening);
	return {
		lb1,
		port,
		other: (theirs, pair) => open(endsOf('lb2', port, theirs, pair)),
		refused: () => lb1.report().refused,
	};
}

const double = (channel: PeerChannel, text = 'ab'): Promise<unknown> =>
	channel.converse(async session => (await session.request('double', {text}, 5000)).text);

test('requests are answered, errors arrive as sentences, silence has a deadline', async t => {
	const key = makeKey();
	const stage = await startLb1(t, [key]);
	const lb2 = stage.other([key]);
	t.is(await double(lb2), 'abab');
	const large = 'x'.repeat(4_000_000);
	t.is(await double(lb2, large), large + large);
	await lb2.converse(async session => {
		t.is((await session.greeted).node, 'lb1');
		await t.throwsAsync(session.request('fail', {}, 5000), {
			instanceOf: PeerRefusal,
			message: 'this does not work today',
		});
		await t.throwsAsync(session.request('what', {}, 5000), {message: 'lb1 does not know "what"'});
		await t.throwsAsync(session.request('never', {}, 20), {message: 'lb1 did not answer within 20 ms'});
		t.is((await session.request('double', {text: 'c'}, 5000)).text, 'cc');
	});
	t.deepEqual(stage.refused(), {});
});

test('while keys change, whoever has one of the two generations gets in', async t => {
	const [old, young] = [makeKey(), makeKey()];
	const both = await startLb1(t, [old, young]);
	t.is(await double(both.other([old])), 'abab');
	t.is(await double(both.other([young, old])), 'abab');
	const one = await startLb1(t, [old]);
	t.is(await double(one.other([young, old])), 'abab', 'the second key is tried when the first is not known');
	await t.throwsAsync(double(one.other([young])), {message: /lb1 knows none of this node's keys/});
});

test('a wrong secret under a known name is refused, and so is another pair', async t => {
	const key = makeKey();
	const stage = await startLb1(t, [key]);
	await t.throwsAsync(double(stage.other([{...key, secret: randomBytes(32)}])), {message: /none of this node's keys/});
	await t.throwsAsync(double(stage.other([key], 'bergen')), {message: /none of this node's keys/});
	await waitFor('the count', () => stage.refused().key === 2);
});

test('a stranger is closed before a byte is read, whatever it has', async t => {
	const key = makeKey();
	const stage = await startLb1(t, [key]);
	for (const localAddress of [stranger, address1]) {
		const socket = createConnection({host: address1, port: stage.port, localAddress});
		socket.on('error', () => {});
		await new Promise(resolve => socket.once('close', resolve));
	}
	await waitFor('the count', () => stage.refused().stranger === 2);
	t.is(await double(stage.other([key])), 'abab');
});

test('nobody else of this machine takes the port on another address of the node', async t => {
	const stage = await startLb1(t, [makeKey()]);
	const other = createServer();
	await new Promise<void>((resolve, reject) => other.once('error', reject).listen(stage.port, stranger, resolve));
	await new Promise(resolve => other.close(resolve));
	t.pass('the channel listens on one address, not on all');
});

test("a node's own connection, sent back to it, does not open its door", async t => {
	// A machine at the peer's address that has no key passes everything back to the door it comes from.
	const key = makeKey();
	const stage = await startLb1(t, [key]);
	const mirror = createServer(socket => {
		const back = createConnection({host: address1, port: stage.port, localAddress: address2});
		for (const side of [socket, back]) side.on('error', () => socket.destroy()).on('close', () => socket.destroy());
		socket.pipe(back).pipe(socket);
	});
	await new Promise<void>(resolve => mirror.listen(stage.port, address2, resolve));
	t.teardown(() => void mirror.close());
	await t.throwsAsync(double(stage.lb1), {message: /lb2 knows none of this node's keys/});
	t.is(stage.refused().key, 1);
});

/** Through the handshake with the right key, and then what a daemon would not say. */
async function shakeHands(stage: Stage, key: Key): Promise<TLSSocket> {
	const raw: Socket = createConnection({host: address1, port: stage.port, localAddress: address2});
	const stream = connectTls({
		...pskOptions,
		socket: raw,
		checkServerIdentity: () => undefined,
		pskCallback: () => ({
			psk: derivePeerKey(key, {pair: 'oslo', client: 'lb2', server: 'lb1'}),
			identity: formatIdentity(key, 'lb2'),
		}),
	});
	stream.on('error', () => {}).resume();
	await new Promise(resolve => stream.once('secureConnect', resolve));
	return stream;
}

for (const [reason, bytes] of [
	['version', encodeFrame({channel: 2, pair: 'oslo', node: 'lb2', version: '9'})],
	['name', encodeFrame({channel: 1, pair: 'oslo', node: 'lb3', version: '1'})],
	['name', encodeFrame({channel: 1})],
	['frame', Buffer.from([0, 255, 0, 0])],
	['frame', encodeFrame({channel: 1, pair: 'oslo', node: 'x'.repeat(5000), version: '1'})],
] as const) {
	test(`a greeting that is wrong (${reason}, ${bytes.length} bytes) ends the connection and is counted`, async t => {
		const key = makeKey();
		const stage = await startLb1(t, [key]);
		const stream = await shakeHands(stage, key);
		stream.write(bytes);
		await new Promise(resolve => stream.once('close', resolve));
		t.deepEqual(stage.refused(), {[reason]: 1});
	});
}

test('two versions of the channel say so on both nodes, and what helps', async t => {
	const [here, there] = duplexPair();
	const session = new PeerSession(here, endsOf('lb1', 1, []).own, 'lb2', async () => ({}));
	there.write(encodeFrame({channel: 2, pair: 'oslo', node: 'lb2', version: '9.1'}));
	const message =
		'lb2 runs hapair 9.1, which speaks version 2 of the channel between the nodes; lb1 runs hapair 1, which speaks version 1: install the same version on both';
	t.like(await t.throwsAsync(session.greeted, {message}), {refusal: 'version'});
	const said = new FrameReader(4096);
	const frames = [...said.read(Buffer.concat(await there.toArray()))];
	t.deepEqual(frames.at(-1), {refused: message});
});

test('who says nothing is let go, with the key and without', async t => {
	const key = makeKey();
	const stage = await startLb1(t, [key]);
	const mute = createConnection({host: address1, port: stage.port, localAddress: address2});
	mute.on('error', () => {}).resume();
	const ended = new Promise(resolve => mute.once('close', resolve));
	const stream = await shakeHands(stage, key);
	await Promise.all([ended, stream.destroyed || new Promise(resolve => stream.once('close', resolve))]);
	await waitFor('both counts', () => stage.refused().silent === 2);
	t.deepEqual(stage.refused(), {silent: 2});
});

test('connections over the limit are refused while the others are open', async t => {
	const key = makeKey();
	const stage = await startLb1(t, [key]);
	const open = await Promise.all(Array.from({length: 8}, () => shakeHands(stage, key)));
	const more = createConnection({host: address1, port: stage.port, localAddress: address2});
	more.on('error', () => {}).resume();
	await new Promise(resolve => more.once('close', resolve));
	t.is(stage.refused().busy, 1);
	for (const stream of open) stream.destroy();
});

test('an address that is taken is tried again', async t => {
	const port = await findFreePort();
	const other = createServer();
	await new Promise<void>(resolve => other.listen(port, address1, resolve));
	const {log, lines} = recordLog();
	const channel = new PeerChannel(endsOf('lb1', port, [makeKey()]), log);
	t.teardown(() => channel.close());
	channel.start();
	await waitFor('the complaint', () => lines.some(({message}) => message.includes('does not listen')));
	await new Promise(resolve => other.close(resolve));
	await waitFor('the listener', () => channel.report().listening);
	t.is(lines.filter(({message}) => message.includes('does not listen')).length, 1, 'said once');
});
