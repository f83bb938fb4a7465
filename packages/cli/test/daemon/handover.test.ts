import type {HeartbeatStatus} from '@hapair/heartbeat';
import type {ProxySnapshot} from '@hapair/proxy';
import test from 'ava';
import {type FailoverAnswer, findRefusal, formatRefusal, handOver} from '../../src/daemon/handover.ts';
import {samplePeer, sampleSnapshot, sampleStatus} from '../helpers/samples.ts';

/** A node in virtual time: `snapshots` are what the proxy reports, 10 ms apart; the last one stays. */
function simulate(options: {
	status?: HeartbeatStatus;
	snapshots?: readonly Partial<ProxySnapshot>[];
	answer?: FailoverAnswer | undefined;
	force?: boolean;
	keepMs?: number;
	/** From the order to close idle connections to the answer of the last worker. */
	turnMs?: number;
	doubts?: string;
}) {
	const calls: string[] = [];
	const {snapshots = [{connections: 0, activeTransactions: 0}]} = options;
	let clockMs = 0;
	let draining = false;
	let at = 0;
	let turnedAtMs = Number.POSITIVE_INFINITY;
	const outcome = handOver(
		{
			status: () => options.status ?? sampleStatus,
			snapshot: () => {
				const idleClosings = clockMs >= turnedAtMs ? 1 : 0;
				return {...sampleSnapshot, ...snapshots[Math.min(at, snapshots.length - 1)], draining, idleClosings};
			},
			drainProxy: on => {
				draining = on;
				calls.push(`${clockMs} drain ${on ? 'on' : 'off'}`);
			},
			closeDoor: () => calls.push(`${clockMs} door`),
			closeIdle: () => {
				turnedAtMs = clockMs + (options.turnMs ?? 1);
				calls.push(`${clockMs} idle ones closed`);
			},
			endHere: () => calls.push(`${clockMs} the rest ended`),
			requestFailover: async (force, limitMs, keepMs) => {
				calls.push(`${clockMs} failover${force ? ' forced' : ''}${keepMs > 0 ? ` and keep for ${keepMs}` : ''}`);
				if ('answer' in options) {
					if (options.answer === undefined) clockMs += limitMs;
					return options.answer;
				}
				clockMs += 30;
				return {ok: true, message: 'lb2 took the address in 30 ms', durationMs: 30};
			},
			confirm: async () => options.doubts ?? '',
			nextSnapshot: async limitMs => {
				clockMs += Math.min(10, limitMs);
				at++;
			},
			nowMs: () => clockMs,
		},
		{force: options.force ?? false, drainMs: 2000, keepMs: options.keepMs ?? 0, timeoutMs: 15_000, progress: () => {}},
	);
	return {outcome, calls};
}

test('idle connections end first, then the door is shut, then the address moves, then draining ends', async t => {
	const snapshots = [
		{connections: 9, activeTransactions: 2},
		{connections: 5, activeTransactions: 2},
		{connections: 2, activeTransactions: 2},
		{connections: 0, activeTransactions: 0},
	];
	const {outcome, calls} = simulate({snapshots});
	t.deepEqual(await outcome, {code: 0, message: 'lb2 took the address in 30 ms', durationMs: 60});
	t.deepEqual(calls, ['0 drain on', '20 door', '20 idle ones closed', '30 failover', '60 drain off']);
});

test('connections that never end hold the move no longer than the drain time and the last transactions', async t => {
	const {outcome, calls} = simulate({
		snapshots: [
			{connections: 3, activeTransactions: 1},
			{connections: 4, activeTransactions: 1},
		],
	});
	t.is((await outcome).code, 0);
	t.deepEqual(calls, [
		'0 drain on',
		'2000 door',
		'2000 idle ones closed',
		'2410 the rest ended',
		'2460 failover',
		'2490 drain off',
	]);
});

test('behind the shut door an accepted connection gets a moment for its request', async t => {
	const {outcome, calls} = simulate({
		snapshots: [
			{connections: 1, activeTransactions: 1},
			{connections: 1, activeTransactions: 1},
			{connections: 2, activeTransactions: 0},
		],
	});
	t.is((await outcome).code, 0);
	t.deepEqual(calls, [
		'0 drain on',
		'10 door',
		'10 idle ones closed',
		'80 the rest ended',
		'130 failover',
		'160 drain off',
	]);
});

test('a worker that gets no processor time: who waits to be accepted is waited for, as long as the door is shut', async t => {
	const {outcome, calls} = simulate({turnMs: 300});
	t.is((await outcome).code, 0);
	t.deepEqual(calls, ['0 drain on', '10 door', '10 idle ones closed', '310 failover', '340 drain off']);
	const never = simulate({turnMs: 5000});
	t.is((await never.outcome).code, 0);
	t.true(never.calls.includes('910 failover'));
});

test('where connections live on the address moves at once, and how many live is said', async t => {
	const snapshots = [{connections: 412, activeTransactions: 2}];
	const {outcome, calls} = simulate({snapshots, keepMs: 60_000});
	const message =
		'lb2 took the address in 30 ms; 412 connections live on here for up to 1 min 0 s, then they are closed';
	t.deepEqual(await outcome, {code: 0, message, durationMs: 30, keepMs: 60_000});
	t.deepEqual(calls, ['0 failover and keep for 61000']);
});

test('where one node cannot pass connections on they are drained before the move', async t => {
	const {secondChance} = sampleStatus;
	for (const lacks of [{why: 'no nft'}, {peerAble: false}]) {
		const {outcome, calls} = simulate({
			keepMs: 60_000,
			status: {...sampleStatus, secondChance: {...secondChance, ...lacks}},
		});
		t.is((await outcome).keepMs, undefined);
		t.deepEqual(calls.at(0), '0 drain on');
	}
});

test('a move at once that is refused changes nothing', async t => {
	const {outcome, calls} = simulate({keepMs: 60_000, answer: {ok: false, message: 'lb2 declined', durationMs: 5}});
	t.like(await outcome, {code: 4, message: 'lb2 declined; this node goes on as before'});
	t.is(calls.length, 1);
});

test('a failed move rolls back and says so', async t => {
	const {outcome, calls} = simulate({answer: {ok: false, message: 'lb2 declined', durationMs: 5}});
	const {code, message} = await outcome;
	t.is(code, 4);
	t.is(message, 'lb2 declined; draining has ended, this node goes on as before');
	t.true(calls.at(-1)?.endsWith('drain off'));
});

test('a heartbeat that does not answer is a timeout, and draining ends', async t => {
	const {outcome, calls} = simulate({answer: undefined});
	const {code, message} = await outcome;
	t.is(code, 5);
	t.regex(message, /did not end within 15 s/);
	t.true(calls.at(-1)?.endsWith('drain off'));
});

test('a refusal costs nothing: nothing is drained', async t => {
	const {outcome, calls} = simulate({status: {...sampleStatus, peer: {...samplePeer, alive: false}}});
	t.is((await outcome).code, 4);
	t.deepEqual(calls, []);
});

const refusals: readonly (readonly [string, HeartbeatStatus, string, boolean])[] = [
	[
		'a silent peer',
		{...sampleStatus, peer: {...samplePeer, alive: false, lastHeardMs: 4000}},
		'nobody would take or give the address: lb2 was last heard 4 s ago; --force does not override this',
		false,
	],
	[
		'a deaf peer',
		{...sampleStatus, peer: {...samplePeer, hearsUs: false}},
		'lb2 does not hear this node, so the two cannot agree on a handover; --force does not override this',
		false,
	],
	[
		'a node in fault',
		{...sampleStatus, state: 'fault', reason: 'no carrier'},
		'this node is in state fault (no carrier) and cannot take part in a failover; --force does not override this',
		false,
	],
	[
		'a peer that cannot serve',
		{...sampleStatus, peer: {...samplePeer, eligible: false, note: 'the proxy is starting'}},
		'lb2 cannot serve: the proxy is starting; --force moves the address there all the same, and clients will notice',
		true,
	],
	[
		'a peer in maintenance',
		{...sampleStatus, peer: {...samplePeer, maintenance: true}},
		'lb2 is in maintenance; --force moves the address there all the same',
		true,
	],
	[
		'drift',
		{...sampleStatus, configDigest: 'bb'},
		'the two nodes have different configurations (drift), as hapair sync shows; --force moves the address in spite of it',
		true,
	],
	[
		'a backup that asks for the address and cannot serve',
		{...sampleStatus, state: 'backup', eligible: false, note: 'no carrier', peer: {...samplePeer, state: 'master'}},
		'lb1 cannot serve: no carrier; --force moves the address there all the same, and clients will notice',
		true,
	],
];

for (const [what, status, sentence, overridable] of refusals) {
	test(`${what} is refused with the reason and what --force does`, t => {
		const refusal = findRefusal(status, false);
		t.is(refusal && formatRefusal(refusal), sentence);
		t.is(findRefusal(status, true) === undefined, overridable);
	});
}

test('a healthy pair is not refused', t => {
	t.is(findRefusal(sampleStatus, false), undefined);
});

test('what the network says against a move stands in the answer; the move is done all the same', async t => {
	const doubts = 'lb2 is master, but nobody answers for 10.0.0.100 on eth0';
	const {outcome, calls} = simulate({doubts});
	t.like(await outcome, {code: 0, message: `lb2 took the address in 30 ms. But ${doubts}`});
	t.is(calls.at(-1)?.split(' ').slice(1).join(' '), 'drain off');
});
