import test from 'ava';
import {addSession} from '../src/session-rate.ts';

/** How many of `tries` sessions at `nowMs` get in, and the state after. */
function knock(state: bigint, limit: number, nowMs: number, tries: number): [number, bigint] {
	let entered = 0;
	let next = state;
	for (let i = 0; i < tries; i++) {
		const after = addSession(next, limit, nowMs);
		if (after === undefined) continue;
		next = after;
		entered++;
	}
	return [entered, next];
}

test('a second lets its limit in and no more', t => {
	t.is(knock(0n, 5, 10_000_000, 20)[0], 5);
});

test('what began late in the last second still counts', t => {
	const [, state] = knock(0n, 10, 1_999, 10);
	t.is(knock(state, 10, 2_000, 20)[0], 0);
	t.is(knock(state, 10, 2_500, 20)[0], 5);
	t.is(knock(state, 10, 2_999, 20)[0], 10);
});

test('after a pause the whole limit is free', t => {
	const [, state] = knock(0n, 10, 5_000, 10);
	t.is(knock(state, 10, 7_000, 20)[0], 10);
});

test('over any steady stream the rate is the limit', t => {
	let state = 0n;
	let total = 0;
	for (let nowMs = 0; nowMs < 20_000; nowMs += 3) {
		const [count, next] = knock(state, 50, nowMs, 1);
		total += count;
		state = next;
	}
	t.true(total >= 950 && total <= 1050, `${total} in 20 s`);
});

test('the clock of a machine that is up for long wraps without harm', t => {
	const late = 2 ** 24 * 1000 * 3 - 1;
	const [count, state] = knock(0n, 3, late, 5);
	t.is(count, 3);
	t.is(knock(state, 3, late + 1, 5)[0], 0);
	t.is(knock(state, 3, late + 501, 5)[0], 2);
});
