import test from 'ava';
import type {Observation} from '../src/driver.ts';
import {createReconciler, nextDeadlineMs, stepReconciler} from '../src/reconciler.ts';
import {describeReconciler} from '../src/reconciler-report.ts';
import type {Call, ReconcilerEvent, ReconcilerSettings, ReconcilerState} from '../src/reconciler-state.ts';

const settings: ReconcilerSettings = {releases: false, watchEveryMs: 10_000, jitter: 0};
const here: Observation = {at: 'here', detail: 'server 11'};
const peer: Observation = {at: 'peer', detail: 'server 12'};

/** A reconciler in a test's hands: each step returns the effects as words. */
class Hand {
	state: ReconcilerState;
	nowMs = 0;

	constructor(overrides: Partial<ReconcilerSettings> = {}) {
		this.state = createReconciler({...settings, ...overrides}, 0);
	}

	get call(): Call {
		return this.state.call!;
	}

	step(event: ReconcilerEvent, atMs = this.nowMs): string[] {
		this.nowMs = atMs;
		const {state, effects} = stepReconciler(this.state, event, atMs);
		this.state = state;
		return effects.map(effect =>
			effect.type === 'say'
				? `say ${effect.message}`
				: effect.type === 'call'
					? `${effect.call.kind} ${effect.term}`
					: 'abandon',
		);
	}

	/** Lets time pass to the next deadline. */
	wake(): string[] {
		return this.step({type: 'tick'}, Math.max(this.nowMs, nextDeadlineMs(this.state, this.nowMs)));
	}

	wish(term: number, mine: boolean, atMs = this.nowMs): string[] {
		return this.step({type: 'wish', term, mine}, atMs);
	}

	observe(observation: Observation): string[] {
		return this.step({type: 'observed', call: this.call.id, observation});
	}

	describe() {
		return describeReconciler(this.state, {driver: 'd', target: 'x'}, this.nowMs);
	}
}

test('a claim orders at once, in place of a reading that is under way, and reads back', t => {
	const hand = new Hand();
	t.deepEqual(hand.step({type: 'tick'}), ['read 0']);
	t.deepEqual(hand.wish(4, true), ['abandon', 'assign 4']);
	t.is(hand.describe().pending, 'assign was sent 0.0 s ago');
	t.deepEqual(hand.step({type: 'ordered', call: hand.call.id, action: undefined}), ['read 4']);
	t.deepEqual(hand.observe(here), ['say is delivered here (server 11), 0.0 s after the claim of term 4']);
	t.like(hand.describe(), {at: 'here', wanted: true, term: 4});
});

test('a lower term never overrides a higher one', t => {
	const hand = new Hand();
	hand.wish(5, false);
	t.deepEqual(hand.wish(4, true), []);
	t.false(hand.describe().wanted);
	t.is(hand.describe().counters.staleWishes, 1);
	t.deepEqual(hand.wish(6, true), ['abandon', 'assign 6']);
});

test('an answer to an abandoned call changes nothing', t => {
	const hand = new Hand();
	hand.wish(1, true);
	const {id} = hand.call;
	hand.wish(2, true);
	t.deepEqual(hand.step({type: 'ordered', call: id, action: '9'}), []);
	t.is(hand.state.action, undefined);
});

test('what somebody moves away is ordered back, ever more slowly under one term', t => {
	const hand = new Hand();
	hand.wish(1, true);
	hand.step({type: 'ordered', call: hand.call.id, action: undefined});
	hand.observe(here);
	const orders: number[] = [];
	for (let round = 0; round < 400 && orders.length < 12; round += 1) {
		const effects = hand.wish(1, true, hand.nowMs + 1000);
		if (hand.state.call?.kind === 'read') effects.push(...hand.observe(peer));
		if (effects.some(effect => effect.startsWith('assign'))) orders.push(hand.nowMs);
		if (hand.state.call?.kind === 'assign') hand.step({type: 'ordered', call: hand.call.id, action: undefined});
	}
	const gaps = orders.slice(1).map((atMs, index) => atMs - orders[index]!);
	t.is(gaps[0], 6000);
	t.is(gaps.at(-1), 35_000);
	t.regex(
		hand.describe().trouble ?? '',
		/^was ordered here \d+ times under term 1 and is not: does something else move it\?$/,
	);
});

test('a heartbeat that says nothing stops all orders, and reading goes on', t => {
	const hand = new Hand();
	hand.wish(1, true);
	hand.step({type: 'ordered', call: hand.call.id, action: undefined});
	hand.observe(here);
	const calls: string[] = [];
	for (let round = 0; round < 20; round += 1) {
		calls.push(...hand.wake().filter(effect => !effect.startsWith('say')));
		if (hand.nowMs > 3000 && hand.state.call?.kind === 'read') hand.observe(peer);
		else if (hand.state.call?.kind === 'read') hand.observe(here);
	}
	t.false(calls.some(call => call.startsWith('assign')));
	t.true(calls.filter(call => call.startsWith('read')).length > 10);
	t.is(hand.describe().trouble, 'the heartbeat does not say any more that this node is the master');
	t.deepEqual(hand.wish(1, true), ['read 1']);
	t.deepEqual(hand.observe(peer), ['assign 1']);
});

test('no call is made before the provider permits it, and nobody is believed who forbids for a day', t => {
	const hand = new Hand();
	hand.wish(1, true);
	hand.step({type: 'failed', call: hand.call.id, message: 'the API answered 429', retryAfterMs: 20_000});
	t.is(nextDeadlineMs(hand.state, hand.nowMs), 20_000);
	t.is(hand.describe().trouble, 'assign failed: the API answered 429; asks again in 20 s');
	t.deepEqual(hand.wish(2, true, 1000), []);
	t.deepEqual(hand.wish(2, true, 19_999), []);
	t.deepEqual(hand.wish(2, true, 20_000), ['assign 2']);
	hand.step({type: 'failed', call: hand.call.id, message: 'x', retryAfterMs: 86_400_000});
	t.is(hand.state.forbiddenMs, 320_000);
});

test('an order without an answer is looked after, and the next call is given more time', t => {
	const hand = new Hand();
	hand.wish(1, true);
	const first = hand.call.deadlineMs;
	for (let second = 1; second < 10; second += 1) hand.wish(1, true, second * 1000);
	t.deepEqual(hand.wish(1, true, first), ['abandon', 'say assign failed: no answer within 10 s']);
	for (let round = 0; hand.state.call === undefined && round < 20; round += 1) hand.wish(1, true, hand.nowMs + 100);
	t.is(hand.call.kind, 'read');
	t.is(hand.call.deadlineMs - hand.call.startedMs, 10_000);
	t.deepEqual(hand.wish(2, true), ['abandon', 'assign 2']);
	t.is(hand.call.deadlineMs - hand.call.startedMs, 20_000);
});

test('an action is followed to its end, and a failed one is ordered anew', t => {
	const hand = new Hand();
	hand.wish(1, true);
	hand.step({type: 'ordered', call: hand.call.id, action: '77'});
	t.deepEqual(hand.wake(), ['poll 1']);
	hand.step({type: 'progressed', call: hand.call.id, state: 'running'});
	t.is(hand.describe().pending, 'action 77 runs for 0.5 s');
	hand.wake();
	const effects = hand.step({type: 'progressed', call: hand.call.id, state: {failed: 'action 77 failed'}});
	t.deepEqual(effects, ['say assign failed: action 77 failed']);
	hand.wish(1, true);
	t.deepEqual(hand.wake(), ['read 1']);
	t.deepEqual(hand.observe(peer), ['assign 1']);
	hand.step({type: 'ordered', call: hand.call.id, action: '78'});
	hand.wish(1, true);
	t.deepEqual(hand.wake(), ['poll 1']);
	hand.step({type: 'progressed', call: hand.call.id, state: {failed: 'action 78 failed'}});
	t.is(hand.state.pauseMs - hand.nowMs, 1000, 'an action that fails again is no beginning');
	hand.wish(1, true, hand.nowMs + 1000);
	t.deepEqual(hand.observe(here), [
		'say answers again after 2 failed calls',
		`say is delivered here (server 11), ${(hand.nowMs / 1000).toFixed(1)} s after the claim of term 1`,
	]);
});

test('a token that may read and not write is told so once, and asked ever more slowly', t => {
	const hand = new Hand();
	hand.wish(1, true);
	let calls = 0;
	const said: string[] = [];
	for (let tenth = 1; tenth <= 3000; tenth += 1) {
		said.push(...hand.wish(1, true, tenth * 100).filter(effect => effect.startsWith('say')));
		const {call} = hand.state;
		if (call === undefined) continue;
		calls += 1;
		const answer =
			call.kind === 'read'
				? hand.observe(peer)
				: hand.step({type: 'failed', call: call.id, message: 'the API answered 403'});
		said.push(...answer.filter(effect => effect.startsWith('say')));
	}
	t.deepEqual(said, ['say assign failed: the API answered 403']);
	t.true(calls < 40, `${calls} calls in five minutes`);
	t.regex(hand.describe().trouble ?? '', /^assign failed, \d+ times in a row: the API answered 403$/);
});

test('a driver that releases does so when the wish ends, lapses, or was never there', t => {
	const hand = new Hand({releases: true});
	t.deepEqual(hand.step({type: 'tick'}), ['release 0']);
	hand.step({type: 'released', call: hand.call.id});
	hand.observe(peer);
	hand.wish(1, true);
	hand.step({type: 'ordered', call: hand.call.id, action: undefined});
	hand.observe(here);
	t.deepEqual(hand.wish(1, false), ['release 1']);
	hand.step({type: 'released', call: hand.call.id});
	hand.observe(peer);
	hand.wish(2, true);
	hand.step({type: 'ordered', call: hand.call.id, action: undefined});
	hand.observe(here);
	const calls: string[] = [];
	for (let round = 0; round < 5 && !calls.includes('release 2'); round += 1) {
		calls.push(...hand.wake());
		if (hand.state.call?.kind === 'read') hand.observe(here);
	}
	t.true(calls.includes('release 2'));
	t.true(hand.nowMs < 4000);
});

test('after a restart an address that is here already is not ordered again', t => {
	const hand = new Hand();
	hand.step({type: 'tick'});
	hand.observe(here);
	t.deepEqual(hand.wish(3, true, 2000), ['read 3']);
	hand.observe(here);
	t.is(hand.describe().counters.assigns, 0);
});

test('a calm master reads every ten seconds, a young one every two', t => {
	const hand = new Hand();
	hand.wish(1, true);
	hand.step({type: 'ordered', call: hand.call.id, action: undefined});
	const reads: number[] = [];
	for (let second = 0; second < 300; second += 1) {
		if (hand.state.call?.kind === 'read') {
			reads.push(hand.nowMs);
			hand.observe(here);
		}
		hand.wish(1, true, hand.nowMs + 1000);
	}
	const gaps = reads.slice(1).map((atMs, index) => atMs - reads[index]!);
	t.is(gaps[0], 2000);
	t.is(gaps.at(-1), 10_000);
	t.true(reads.length < 80);
});

test('an address that is not here a minute after the claim is a trouble', t => {
	const hand = new Hand();
	hand.wish(1, true);
	hand.step({type: 'ordered', call: hand.call.id, action: '5'});
	for (let second = 1; second <= 61; second += 1) {
		hand.wish(1, true, second * 1000);
		const {call} = hand.state;
		if (call?.kind === 'read') hand.observe(peer);
		else if (call?.kind === 'poll') hand.step({type: 'progressed', call: call.id, state: 'running'});
		if (second === 59) t.is(hand.describe().trouble, undefined);
	}
	t.is(hand.describe().trouble, "is delivered to server 12, 61 s after this node's claim");
});
