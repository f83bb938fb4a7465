import {connect, createServer} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {UserError} from '../../src/exit-codes.ts';
import {type AcceptSetup, acceptOffer} from '../../src/joining/accept-offer.ts';
import {makeCode, readCode} from '../../src/joining/code.ts';
import type {Keys, Offered} from '../../src/joining/exchange.ts';
import {type Offer, type OfferSetup, offerConfiguration} from '../../src/joining/offer.ts';
import {waitFor} from '../helpers/wait-for.ts';

const code = readCode(makeCode()) ?? '';
const otherCode = readCode(makeCode()) ?? '';
const keys: Keys['keys'] = [{path: '/etc/hapair/pair.key', content: Buffer.from('a secret\n').toString('base64')}];

interface Offering extends Offer {
	readonly refusals: string[];
	interrupt(): void;
}

async function offer(t: ExecutionContext, changes: Partial<OfferSetup> = {}): Promise<Offering> {
	const refusals: string[] = [];
	const interruption = new AbortController();
	t.teardown(() => interruption.abort());
	const made = await offerConfiguration({
		address: '127.0.0.1',
		port: 0,
		code,
		version: '1.2.3',
		node: 'lb1',
		text: 'pair main\n',
		keys,
		onRefusal: sentence => void refusals.push(sentence),
		signal: interruption.signal,
		...changes,
	});
	return {...made, refusals, interrupt: () => interruption.abort()};
}

/** What the joining side got. */
async function accept(port: number, changes: Partial<AcceptSetup> = {}) {
	const got: {offered?: Offered; keys?: Keys['keys']} = {};
	await acceptOffer({
		address: '127.0.0.1',
		port,
		code,
		version: '1.2.3',
		judge: async () => {},
		store: (offered, received) => {
			got.offered = offered;
			got.keys = received;
		},
		...changes,
	});
	return got;
}

async function refusalOf(t: ExecutionContext, work: Promise<unknown>): Promise<UserError> {
	const error = await t.throwsAsync(work, {instanceOf: UserError});
	t.truthy(error.hint, 'it says what to do');
	return error;
}

test('who knows the code gets configuration and keys, once', async t => {
	const offering = await offer(t);
	const got = await accept(offering.port);
	t.deepEqual(got.offered, {type: 'configuration', hapair: '1.2.3', node: 'lb1', text: 'pair main\n'});
	t.deepEqual(got.keys, keys);
	t.deepEqual(await offering.end, {kind: 'joined', version: '1.2.3'});
	const again = await refusalOf(t, accept(offering.port));
	t.regex(again.message, /127\.0\.0\.1:\d+ waits for no node/);
	t.regex(again.hint ?? '', /good once, and for 15 minutes/);
});

test('a wrong code gets nothing; after five of them the right one is void', async t => {
	const offering = await offer(t);
	for (let attempt = 1; attempt <= 5; attempt++) {
		const error = await refusalOf(t, accept(offering.port, {code: otherCode}));
		t.regex(error.message, /does not accept this code/);
	}
	t.deepEqual(await offering.end, {kind: 'exhausted'});
	t.is(offering.refusals.length, 5);
	t.regex(offering.refusals[4] ?? '', /last attempt/);
	await refusalOf(t, accept(offering.port));
});

test('whoever only connects has tried nothing', async t => {
	const offering = await offer(t);
	for (let index = 0; index < 8; index++) {
		await new Promise<void>(resolve => {
			const socket = connect(offering.port, '127.0.0.1', () => socket.destroy());
			socket.once('close', () => resolve());
		});
	}
	await accept(offering.port);
	t.is((await offering.end).kind, 'joined');
});

test('the code ends with its lifetime, and with Ctrl-C', async t => {
	t.is((await (await offer(t, {lifetimeMs: 1})).end).kind, 'expired');
	const offering = await offer(t);
	offering.interrupt();
	t.is((await offering.end).kind, 'interrupted');
	await refusalOf(t, accept(offering.port));
});

test('a machine that cannot be the other node leaves the code good, and the reason is told on both sides', async t => {
	const offering = await offer(t);
	let stored = false;
	const judge = async (): Promise<void> => {
		throw new UserError('this machine has no interface eth0', {hint: 'rename it'});
	};
	const store = (): void => {
		stored = true;
	};
	const error = await refusalOf(t, accept(offering.port, {judge, store}));
	t.is(error.message, 'this machine has no interface eth0');
	t.false(stored);
	await waitFor('the reason to arrive', () => offering.refusals.length > 0);
	t.regex(offering.refusals[0] ?? '', /declined, and the code stays good: this machine has no interface eth0/);
	const late = (): void => {
		throw new UserError('/etc/hapair/pair.key exists and holds another key', {hint: 'move it away'});
	};
	await refusalOf(t, accept(offering.port, {store: late}));
	await waitFor('the second reason to arrive', () => offering.refusals.length > 1);
	t.regex(offering.refusals[1] ?? '', /the code stays good: \S+ exists and holds another key/);
	await accept(offering.port);
	t.is((await offering.end).kind, 'joined');
});

test('a package older than the running peer is refused; a newer one is not', async t => {
	const offering = await offer(t);
	const error = await refusalOf(t, accept(offering.port, {version: '1.2.2'}));
	t.is(error.message, 'this is hapair 1.2.2, and lb1 runs 1.2.3');
	await accept(offering.port, {version: '1.10.0'});
	t.is((await offering.end).kind, 'joined');
});

test('neither configuration nor key can be read on the way', async t => {
	const offering = await offer(t);
	const seen: Buffer[] = [];
	const relay = createServer(near => {
		const far = connect(offering.port, '127.0.0.1');
		for (const [from, to] of [
			[near, far],
			[far, near],
		] as const) {
			from.on('data', (chunk: Buffer) => {
				seen.push(chunk);
				to.write(chunk);
			});
			from.on('end', () => to.end());
			from.on('error', () => to.destroy());
		}
	});
	await new Promise<void>(resolve => relay.listen(0, '127.0.0.1', resolve));
	t.teardown(() => relay.close());
	const bound = relay.address();
	const got = await accept(typeof bound === 'object' && bound !== null ? bound.port : 0);
	t.deepEqual(got.keys, keys);
	const wire = Buffer.concat(seen).toString('latin1');
	t.true(wire.includes('hapair-join-1'), 'the relay did see the handshake');
	for (const secret of ['pair main', 'a secret', keys[0]?.content ?? '', code]) t.false(wire.includes(secret));
});

test('a port that is taken, and an address of another machine, are a sentence each', async t => {
	const {port} = await offer(t);
	const taken = await refusalOf(t, offer(t, {port}));
	t.regex(taken.message, /127\.0\.0\.1, TCP port \d+/);
	t.regex(taken.hint ?? '', /another terminal/);
	t.regex((await refusalOf(t, offer(t, {address: '192.0.2.1'}))).hint ?? '', /address of this machine/);
});
