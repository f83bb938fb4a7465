import test from 'ava';
import {type Bequest, bequestUntilMs, bequestVersion, inheritElection, whyNotBequeath} from '../src/bequest.ts';
import {admit, createReplayGuard, type ElectionState, step} from '../src/index.ts';
import {makeBackup, makeMaster, Node} from './helpers/node.ts';
import {ownBoot, peerBoot, sampleAdvertisement, sampleSettings} from './helpers/samples.ts';

const surroundings = {
	lease: {kind: 'kernel', egressHook: true},
	guard: {ttl: 0, flood: 0},
	announced: undefined,
	paths: [],
	newestArrival: {bootId: peerBoot, sequence: 7},
} as const;

/** Over a channel between two processes and back into an election. */
function send(state: ElectionState): Bequest {
	const bequest: Bequest = {
		version: bequestVersion,
		untilMs: bequestUntilMs(state),
		election: state,
		replayGuard: createReplayGuard(ownBoot),
		shell: {
			counters: [['sent', 9]],
			ring: [],
			peerBootId: peerBoot,
			notices: 3,
			renewedAtMs: Number.NEGATIVE_INFINITY,
			longestStall: {gapMs: 0, atMs: 0},
			newest: Uint8Array.of(1, 2, 3),
			witnessReachable: undefined,
		},
		surroundings,
	};
	return structuredClone(bequest);
}

test('The next process goes on in the same life: the next sequence, the same boot, still master, the lease renewed at once', t => {
	const master = makeMaster();
	const before = master.state;
	const bequest = send(before);
	const nowMs = master.nowMs + 120;
	const inherited = inheritElection({...sampleSettings, version: '9.9.9', bootId: ownBoot}, bequest, nowMs);
	const {state, effects} = step(inherited, {type: 'tick'}, nowMs);
	t.like(state, {node: 'master', address: 'held', term: before.term, sequence: before.sequence + 1});
	t.is(effects.length, 1);
	t.like(effects[0], {
		type: 'sendAdvertisement',
		renewsLease: true,
		advertisement: {bootId: ownBoot, sequence: before.sequence + 1, state: 'master', version: '9.9.9'},
	});
});

test('Nothing but the settings and the moment of the next advertisement differs from what was left', t => {
	const {state} = makeMaster();
	const inherited = inheritElection(state.settings, send(state), 1_000_000);
	t.deepEqual({...inherited}, state);
});

test('What this program knows of a state and the former did not, has the value of a node that has just started', t => {
	const {state} = makeBackup();
	const {doubts: _, ...older} = state;
	t.is(inheritElection(state.settings, send(older as ElectionState), 1000).doubts, 0);
});

test('The peer is believed and recordings are not, as before', t => {
	const guard = {...createReplayGuard(ownBoot), bootId: peerBoot, highest: 40, seen: 1, proven: 3};
	const inherited = structuredClone(guard);
	const datagram = (sequence: number) => ({
		keyId: 7,
		clusterId: '00'.repeat(8),
		nodeId: '00'.repeat(8),
		challenge: undefined,
		advertisement: {...sampleAdvertisement, bootId: peerBoot, sequence, echo: undefined},
	});
	t.is(admit(inherited, datagram(41), 10).admission, 'accept');
	t.is(admit(inherited, datagram(40), 10).admission, 'duplicate');
	t.is(admit(inherited, datagram(2), 10).admission, 'old');
});

test('It can be left by a master, a backup and a node in fault, and has until the next advertisement is due', t => {
	t.is(whyNotBequeath(makeMaster().state), '');
	t.is(whyNotBequeath(makeBackup().state), '');
	t.is(whyNotBequeath(makeBackup().fit({eligible: false}).state), '');
	const {state} = makeMaster();
	t.is(bequestUntilMs(state), state.advertisedMs + 200);
});

test('Not at the start, nor at the end, nor while the address moves', t => {
	t.is(whyNotBequeath(new Node().state), 'the node is starting');
	t.is(whyNotBequeath(makeMaster().failover().state), 'the address is on the move');
	t.is(whyNotBequeath(makeBackup().failover().state), 'the address is on the move');
	t.is(whyNotBequeath(makeMaster().step({type: 'stop'}).state), 'the node stops');
	const claiming = new Node().fit().runTo(2000);
	t.is(claiming.state.address, 'claiming');
	t.is(whyNotBequeath(claiming.state), 'the address is on the move');
});

test('Not while connections of the last failover live on, here or at the peer', t => {
	const {state, nowMs} = makeBackup();
	t.regex(whyNotBequeath({...state, keepsUntilMs: nowMs + 10_000}), /live on here/);
	const master = makeMaster();
	master.hear({term: 1, keeps: true});
	t.regex(whyNotBequeath(master.state), /live on at the peer/);
});
