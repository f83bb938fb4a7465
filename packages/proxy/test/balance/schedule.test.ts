import test from 'ava';
import fc from 'fast-check';
import {buildFixedMap, buildSchedule} from '../../src/balance/schedule.ts';

const letters = (schedule: Uint16Array): string => Array.from(schedule, i => 'abcdefgh'[i]).join('');

function countTurns(schedule: Uint16Array, servers: number): number[] {
	const turns = new Array<number>(servers).fill(0);
	for (const i of schedule) turns[i]!++;
	return turns;
}

for (const [weights, expected] of [
	[[1, 1, 1], 'abc'],
	[[100, 100], 'ab'],
	[[5, 1, 1], 'aabacaa'],
	[[10, 20, 30], 'cbacbc'],
	[[3, 1], 'aaba'],
	[[1, 0, 1], 'ac'],
	[[0, 0, 7], 'c'],
	[[0], ''],
	[[], ''],
] as const) {
	test(`weights ${weights.join(' ')} take turns as "${expected}"`, t => {
		t.is(letters(buildSchedule(weights)), expected);
	});
}

// Measured on HAProxy 2.6 with static-rr and source.
for (const [weights, expected] of [
	[[1, 1, 1], 'abc'],
	[[5, 1, 1], 'aaabaac'],
	[[3, 1, 2], 'aacabc'],
	[[100, 0, 50], 'aac'],
	[[], ''],
] as const) {
	test(`the fixed map of weights ${weights.join(' ')} is "${expected}", as in HAProxy`, t => {
		t.is(letters(buildFixedMap(weights)), expected);
	});
}

const weightLists = fc.array(fc.integer({min: 0, max: 256}), {maxLength: 24});

for (const [name, build] of [
	['schedule', buildSchedule],
	['fixed map', buildFixedMap],
] as const) {
	test(`over a full ${name} each server gets its weight, no more and no less`, t => {
		fc.assert(
			fc.property(weightLists, weights => {
				const schedule = build(weights);
				const total = weights.reduce((a, b) => a + b, 0);
				const turns = countTurns(schedule, weights.length);
				t.true(schedule.length <= total);
				weights.forEach((weight, i) => {
					t.is(turns[i]! * total, weight * schedule.length);
				});
			}),
			{numRuns: 100},
		);
	});

	test(`a ${name} of many servers with unrelated weights keeps its shares and its bound`, t => {
		const weights = Array.from({length: 256}, (_, i) => 256 - i);
		const exact = build(weights);
		t.is(exact.length, 32_896);
		t.deepEqual(countTurns(exact, 256), weights);
		const crowd = Array.from({length: 4000}, (_, i) => (i % 256) + 1);
		const bounded = build(crowd);
		t.true(bounded.length <= 65_536);
		const turns = countTurns(bounded, 4000);
		t.true(turns.every(count => count >= 1));
		t.true(turns[255]! > turns[10]!);
	});
}

test('no server waits longer than its share allows by more than a turn of each other', t => {
	fc.assert(
		fc.property(fc.array(fc.integer({min: 1, max: 20}), {minLength: 2, maxLength: 6}), weights => {
			const schedule = buildSchedule(weights);
			const total = weights.reduce((a, b) => a + b, 0);
			for (let i = 0; i < weights.length; i++) {
				let seen = 0;
				schedule.forEach((server, position) => {
					if (server === i) seen++;
					const due = ((position + 1) * weights[i]!) / total;
					t.true(Math.abs(seen - due) <= weights.length);
				});
			}
		}),
		{numRuns: 50},
	);
});
