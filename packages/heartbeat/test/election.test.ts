import test from 'ava';
import fc from 'fast-check';
import {createElection, type ElectionEvent, type ElectionState, nextDeadlineMs, step} from '../src/index.ts';
import {asMaster, makeBackup, makeMaster, Node} from './helpers/node.ts';
import {sampleAdvertisement, sampleSettings} from './helpers/samples.ts';

function freeze<T>(value: T): T {
	if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		Object.values(value).forEach(freeze);
	}
	return value;
}

const events: fc.Arbitrary<ElectionEvent> = fc.oneof(
	fc.constant<ElectionEvent>({type: 'tick'}),
	fc
		.record({
			sequence: fc.integer({min: 1, max: 100}),
			term: fc.integer({min: 0, max: 6}),
			state: fc.constantFrom('initialize', 'backup', 'master', 'fault', 'stopped' as const),
			claiming: fc.boolean(),
			draining: fc.boolean(),
			yields: fc.boolean(),
			resigning: fc.boolean(),
			eligible: fc.boolean(),
			wish: fc.nat({max: 2}),
			echoed: fc.nat({max: 40}),
		})
		.map(({echoed, ...said}): ElectionEvent => {
			const echo = {bootId: sampleSettings.bootId, sequence: echoed, ageMs: 0};
			const advertisement = {...sampleAdvertisement, ...said, echo} as typeof sampleAdvertisement;
			return {type: 'advertisement', advertisement};
		}),
	fc.boolean().map((eligible): ElectionEvent => ({type: 'fitness', fitness: {eligible, health: 255, note: ''}})),
	fc.boolean().map((force): ElectionEvent => ({type: 'failover', requestId: 1, force})),
	fc.boolean().map((on): ElectionEvent => ({type: 'maintenance', requestId: 2, on})),
	fc.nat({max: 8}).map((term): ElectionEvent => ({type: 'claimSucceeded', term})),
	fc.nat({max: 8}).map((term): ElectionEvent => ({type: 'claimFailed', term, reason: 'ip exited with 2'})),
	fc.constantFrom<ElectionEvent>(
		{type: 'released'},
		{type: 'addressLost'},
		{type: 'stalled', gapMs: 900},
		{type: 'declineHandover', reason: 'not now'},
		{type: 'stop'},
	),
);

test('Whatever happens: a master holds the address, terms and sequences only grow, a deadline lies ahead, nothing is changed in place', t => {
	fc.assert(
		fc.property(fc.array(fc.tuple(events, fc.nat({max: 700})), {maxLength: 60}), story => {
			let state = freeze(createElection(sampleSettings, 0));
			let nowMs = 0;
			for (const [event, passedMs] of story) {
				nowMs += passedMs;
				const before: ElectionState = state;
				state = freeze(step(before, event, nowMs)).state;
				t.deepEqual(step(before, event, nowMs).state, state);
				t.true(state.term >= before.term && state.sequence >= before.sequence);
				if (state.node === 'master') t.is(state.address, 'held');
				if (state.yields) t.is(state.address, 'none');
				const deadlineMs = nextDeadlineMs(state);
				t.true(deadlineMs === undefined ? state.node === 'stopped' : deadlineMs > state.steppedMs);
			}
		}),
		{seed: 20_260_101, numRuns: 400},
	);
});

test('A time before the last step counts as the last step', t => {
	const node = new Node();
	node.nowMs = 500;
	node.step({type: 'tick'});
	node.nowMs = 100;
	node.step({type: 'tick'});
	t.is(node.state.steppedMs, 500);
});

test('§5.7: a master that comes back after its lease steps down before anything else and listens anew', t => {
	const node = makeMaster();
	node.nowMs = node.state.leaseEndsMs;
	node.hear({term: 1});
	t.is(node.state.node, 'backup');
	t.deepEqual(node.kinds.slice(0, 3), ['event', 'release', 'transition']);
	t.is(node.of('event')[0]?.event.kind, 'stalled');
	t.is(node.state.listenFromMs, node.nowMs);
});

test('§5.7: a master a little late within its lease goes on', t => {
	const node = makeMaster();
	node.nowMs = node.state.leaseEndsMs - 1;
	node.step({type: 'tick'});
	t.is(node.state.node, 'master');
	t.true(node.sent.length === 1);
});

test('§5.7: an own stall is not the silence of the peer', t => {
	const node = makeBackup();
	node.nowMs += 5000;
	node.step({type: 'tick'});
	t.deepEqual(node.of('claim'), []);
	node.run(624);
	t.deepEqual(node.of('claim'), []);
	node.run(1);
	t.is(node.of('claim').length, 1, 'after a whole master-down interval of real silence it claims');
});

test('§5.7: a claim that a stall interrupts is given up and released', t => {
	const node = new Node().fit().hear().hear();
	t.is(node.state.address, 'claiming');
	node.step({type: 'stalled', gapMs: 900});
	t.deepEqual(node.of('release').length, 1);
	node.step({type: 'claimSucceeded', term: 1});
	t.is(node.state.node, 'backup', 'its late success changes nothing');
});

test('§5.7: a timer that is late by a quarter of an interval puts the judgement off by half an interval, three times at most', t => {
	const node = makeBackup();
	const {heardAtMs} = node.state.peer ?? {heardAtMs: 0};
	node.runTo(heardAtMs + 620);
	node.nowMs = heardAtMs + 625 + 60;
	for (const which of ['first', 'second', 'third']) {
		t.deepEqual(node.step({type: 'tick'}).of('claim'), [], `the ${which} delay is an excuse`);
		node.nowMs += 99;
		t.deepEqual(node.step({type: 'tick'}).of('claim'), []);
		node.nowMs += 60;
	}
	t.is(node.step({type: 'tick'}).of('claim').length, 1, 'a fourth delay is not taken for an excuse');
});

test('§5.7: what waited in the socket of a node that was late permits no claim before the peer answers anew', t => {
	const node = makeBackup();
	node.hear({...asMaster, draining: true}).hear({...asMaster, draining: true});
	t.false(node.state.yields, 'it is ready to take the address');
	node.nowMs = (nextDeadlineMs(node.state) ?? 0) + 60;
	const yielding = {state: 'backup', yields: true, draining: true, term: 3} as const;
	const old = node.compose(yielding);
	node.step({type: 'advertisement', advertisement: old});
	t.deepEqual(node.of('claim'), []);
	node.hear(yielding);
	t.is(node.of('claim').length, 1);
});

test('§5.6: an address that somebody removed is put back and announced; elsewhere that is nobody’s business', t => {
	const node = makeMaster().step({type: 'addressLost'});
	t.deepEqual(node.kinds, ['event', 'restore', 'announce']);
	t.is(node.state.node, 'master');
	t.deepEqual(makeBackup().step({type: 'addressLost'}).kinds, []);
});

test('Who took the address is told apart: somebody, or the kernel because this node was late', t => {
	const reasonOf = (event: ElectionEvent) => makeMaster().step(event).of('event')[0]?.event.reason;
	t.is(reasonOf({type: 'addressLost'}), 'somebody removed the address from this machine; it was added again');
	t.is(
		reasonOf({type: 'addressLost', lapsedMs: 6200.4}),
		'the lifetime of the address ran out: this node was late or stood still, and had not prolonged it for 6200 ms; it was added again',
	);
});

test('There is no master without its address: a restoration that fails ends it', t => {
	const node = makeMaster().step({type: 'addressLost'});
	node.step({type: 'claimFailed', term: node.state.term, reason: 'no such interface'});
	t.is(node.state.node, 'fault');
	t.is(node.of('release').length, 1);
	t.regex(node.state.reason, /takeover failed: no such interface/);
});

test('A change of fitness is told at once, its daily repetition is not', t => {
	const node = makeBackup();
	node.runWith(asMaster, 50);
	t.is(node.fit().sent.length, 0);
	t.is(node.fit({health: 200}).sent.length, 1);
});
