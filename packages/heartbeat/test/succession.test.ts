import test, {type ExecutionContext} from 'ava';
import type {Bequest} from '../src/bequest.ts';
import {createReplayGuard, type ElectionState} from '../src/index.ts';
import type {FromHeartbeat} from '../src/messages.ts';
import {Succession} from '../src/succession.ts';
import {makeMaster} from './helpers/node.ts';
import {ownBoot, peerBoot} from './helpers/samples.ts';
import {waitFor} from './helpers/wait-for.ts';

interface Stage {
	readonly succession: Succession;
	/** What was said and done, in order. */
	readonly acts: string[];
	/** The bequest that was sent last. */
	left(): Bequest;
	/** Another process binds the port, or gives it back. */
	holdPort(isTaken: boolean): void;
}

function makeStage(t: ExecutionContext, election: ElectionState, nowMs: number): Stage {
	const acts: string[] = [];
	let isTaken = false;
	let left: Bequest | undefined;
	const succession = new Succession({
		send: (message: FromHeartbeat) => {
			if (message.type === 'aside') return;
			if (message.type === 'bequest') left = message.bequest;
			acts.push('reason' in message ? `${message.type}: ${message.reason}` : message.type);
		},
		now: () => nowMs,
		surroundings: {prepare: () => undefined, hasPort: true, takePort: async () => !isTaken},
		election: () => election,
		hasEnded: () => false,
		pause: () => {
			acts.push('pauses');
			const shell = {counters: [], ring: [], peerBootId: peerBoot, notices: 0, renewedAtMs: 0, newest: undefined};
			return {
				replayGuard: createReplayGuard(ownBoot),
				shell: {...shell, longestStall: {gapMs: 0, atMs: 0}, witnessReachable: undefined},
				surroundings: {
					lease: {kind: 'kernel', egressHook: true},
					guard: {ttl: 0, flood: 0},
					announced: undefined,
					paths: [],
					newestArrival: {bootId: peerBoot, sequence: 1},
				},
			};
		},
		goOn: (_, tell) => {
			tell();
			acts.push('goes on');
		},
		begin: (_, tell) => {
			tell();
			acts.push('begins');
		},
		leave: exitCode => acts.push(`leaves ${exitCode}`),
		stop: () => acts.push('resigns'),
	});
	t.teardown(() => succession.close());
	return {
		succession,
		acts,
		left: () => left!,
		holdPort: taken => {
			isTaken = taken;
		},
	};
}

/** A master that has just advertised has been asked to leave everything, and has done so. */
async function leaveEverything(t: ExecutionContext): Promise<Stage> {
	const {state} = makeMaster();
	const stage = makeStage(t, state, state.advertisedMs);
	stage.succession.bequeath(1);
	t.deepEqual(stage.acts, []);
	stage.succession.noteAdvertisement();
	await waitFor('the bequest', () => stage.acts.includes('bequest'));
	t.deepEqual(stage.acts.splice(0), ['pauses', 'bequest']);
	t.true(stage.succession.isAside);
	return stage;
}

test('what nobody has taken by the next advertisement is taken back', async t => {
	const {acts, succession} = await leaveEverything(t);
	await waitFor('going on', () => acts.includes('goes on'));
	t.deepEqual(acts, ['resumed', 'goes on']);
	t.false(succession.isAside);
});

test('whoever finds the port taken stays silent, and a stop is an end that touches nothing', async t => {
	const {acts, succession, holdPort} = await leaveEverything(t);
	holdPort(true);
	succession.handleAside({type: 'resume'});
	succession.stop();
	await waitFor('the end', () => acts.length > 0);
	t.deepEqual(acts, ['leaves 0']);
	t.true(succession.isAside);
});

test('a stop of a process that nobody has followed resigns', async t => {
	const {acts, succession} = await leaveEverything(t);
	succession.stop();
	await waitFor('resigning', () => acts.includes('resigns'));
	t.deepEqual(acts, ['resumed', 'goes on', 'resigns']);
});

test('the next process begins with the port, in time, and with what it understands', async t => {
	const former = await leaveEverything(t);
	const bequest = former.left();
	const next = makeStage(t, bequest.election, bequest.untilMs - 1);
	next.succession.prepare();
	next.succession.handleAside({type: 'inherit', requestId: 1, bequest: {...bequest, version: 0}});
	next.succession.handleAside({type: 'inherit', requestId: 2, bequest: {...bequest, untilMs: bequest.untilMs - 1}});
	next.holdPort(true);
	next.succession.handleAside({type: 'inherit', requestId: 3, bequest});
	await waitFor('three refusals', () => next.acts.length === 4);
	next.holdPort(false);
	next.succession.handleAside({type: 'inherit', requestId: 4, bequest});
	await waitFor('the beginning', () => next.acts.includes('begins'));
	t.deepEqual(next.acts, [
		'prepared',
		'declined: the two heartbeats do not understand each other',
		'declined: the bequest came too late',
		'declined: the former heartbeat has the port',
		'begun',
		'begins',
	]);
	t.false(next.succession.isAside);
});

test('while the address moves nothing is left', t => {
	const {state} = makeMaster();
	const {succession, acts} = makeStage(t, {...state, address: 'claiming'}, state.advertisedMs);
	succession.bequeath(1);
	t.deepEqual(acts, ['kept: the address is on the move']);
	t.false(succession.isAside);
});
