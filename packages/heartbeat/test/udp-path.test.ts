import {createSocket, type Socket} from 'node:dgram';
import {once} from 'node:events';
import test, {type ExecutionContext} from 'ava';
import {UdpPath, type UdpPathOptions} from '../src/udp-path.ts';
import {waitFor} from './helpers/wait-for.ts';

/** Loopback addresses that nobody else uses, a pair for each test. */
let pairs = 0;
const here = (): {local: string; remote: string} => {
	pairs += 1;
	return {local: `127.83.${pairs}.1`, remote: `127.83.${pairs}.2`};
};
const port = 36_940;

interface Ear {
	readonly path: UdpPath;
	readonly heard: string[];
	readonly refused: string[];
	/** With what they said. */
	readonly strangers: string[];
	readonly troubles: string[];
}

function makePath(t: ExecutionContext, options: Pick<UdpPathOptions, 'local' | 'remote'> & {port?: number}): Ear {
	const heard: string[] = [];
	const refused: string[] = [];
	const strangers: string[] = [];
	const troubles: string[] = [];
	const path = new UdpPath({
		port,
		maxBytes: 20,
		onDatagram: bytes => heard.push(Buffer.from(bytes).toString()),
		onStranger: (bytes, address) => strangers.push(`${address}: ${Buffer.from(bytes)}`),
		count: refusal => refused.push(refusal),
		onTrouble: message => troubles.push(message),
		...options,
	});
	t.teardown(() => path.close());
	return {path, heard, refused, strangers, troubles};
}

async function bindSocket(t: ExecutionContext, address: string, at = 0): Promise<Socket> {
	const socket = createSocket('udp4').bind(at, address);
	t.teardown(() => socket.close());
	await once(socket, 'listening');
	return socket;
}

test('Two ends hear each other', async t => {
	const {local, remote} = here();
	const one = makePath(t, {local, remote});
	const other = makePath(t, {local: remote, remote: local});
	t.is(await one.path.open(), undefined);
	t.is(await other.path.open(), undefined);
	one.path.send(Buffer.from('hello'));
	await waitFor('hello', () => other.heard.length === 1);
	other.path.send(Buffer.from('and you'));
	await waitFor('the answer', () => one.heard.length === 1);
	t.deepEqual([...other.heard, ...one.heard], ['hello', 'and you']);
	t.is(one.path.sendErrors, 0);
});

test('Other addresses, other ports, empty and oversized datagrams are counted and go no further', async t => {
	const {local, remote} = here();
	const {path, heard, refused, strangers} = makePath(t, {local, remote});
	await path.open();
	const peer = await bindSocket(t, remote, port);
	const stranger = await bindSocket(t, remote.replace(/2$/, '3'), port);
	const otherPort = await bindSocket(t, remote);
	const send = async (socket: Socket, text: string): Promise<void> => {
		const before = refused.length;
		socket.send(text, port, local);
		await waitFor(`the refusal of "${text}"`, () => refused.length > before);
	};
	await send(stranger, 'from elsewhere');
	await send(otherPort, 'wrong port');
	await send(peer, 'x'.repeat(21));
	await send(peer, '');
	t.deepEqual(refused, ['refusedForeignSource', 'refusedForeignSource', 'refusedOversized', 'refusedEmpty']);
	t.deepEqual(strangers, [`${remote.replace(/2$/, '3')}: from elsewhere`]);
	peer.send('x'.repeat(20), port, local);
	await waitFor('the good one', () => heard.length === 1);
});

test('A port in use is named at once; the path opens by itself when it becomes free', async t => {
	const {local, remote} = here();
	const squatter = createSocket('udp4').bind(port, local);
	await once(squatter, 'listening');
	const {path, heard, troubles} = makePath(t, {local, remote});
	t.is(await path.open(), 'EADDRINUSE');
	t.deepEqual(troubles, [path.explain('EADDRINUSE')]);
	t.regex(troubles[0] ?? '', /port 36940 is in use: stop the other program or choose another/);
	path.send(Buffer.from('lost'));
	t.is(path.sendErrors, 1);
	squatter.close();
	const peer = await bindSocket(t, remote, port);
	await waitFor('the path is open', () => {
		peer.send('are you there', port, local);
		return heard.length > 0;
	});
	t.is(troubles.length, 1, 'the same trouble is told once');
});

test('An address that this machine does not have is explained', async t => {
	const {path, troubles} = makePath(t, {local: '192.0.2.1', remote: '192.0.2.2'});
	t.is(await path.open(), 'EADDRNOTAVAIL');
	t.regex(troubles[0] ?? '', /192\.0\.2\.1 is not an address of this machine/);
});

test('After close nothing is sent and nothing opens again', async t => {
	const {local, remote} = here();
	const {path} = makePath(t, {local, remote});
	await path.open();
	path.close();
	path.send(Buffer.from('x'));
	t.is(path.sendErrors, 1);
	const free = await bindSocket(t, local, port);
	t.is(free.address().port, port);
});

test('A port that somebody has is not taken, nor tried again; when it is free it is taken, and left again at once', async t => {
	const {local, remote} = here();
	const before = makePath(t, {local, remote});
	const after = makePath(t, {local, remote});
	t.true(await before.path.take());
	t.true(before.path.isBound);
	t.false(await after.path.take());
	t.deepEqual(after.troubles, []);
	before.path.close();
	t.true(await after.path.take(), 'a socket that is closed has no port from the next line on');
	t.false(await before.path.take());
	after.path.close();
	t.true(await before.path.take());
});
