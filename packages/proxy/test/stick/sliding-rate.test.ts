import test from 'ava';
import fc from 'fast-check';
import {addEvents, readRate, setRate} from '../../src/stick/sliding-rate.ts';

test('a rate counts its period, and of the one before as much as is still within it', t => {
	const cells = new Float64Array(3);
	addEvents(cells, 0, 1000, 10_000, 10);
	t.is(readRate(cells, 0, 1000, 10_500), 10);
	t.is(readRate(cells, 0, 1000, 11_000), 10);
	t.is(readRate(cells, 0, 1000, 11_500), 5);
	addEvents(cells, 0, 1000, 11_500, 2);
	t.is(readRate(cells, 0, 1000, 11_750), 4);
	t.is(readRate(cells, 0, 1000, 13_000), 0);
});

test('a lone event does not flicker', t => {
	const cells = new Float64Array(3);
	addEvents(cells, 0, 1000, 10_000, 1);
	t.is(readRate(cells, 0, 1000, 11_900), 1);
	t.is(readRate(cells, 0, 1000, 12_000), 0);
});

test('a rate that was set fades from then on', t => {
	const cells = new Float64Array(3);
	setRate(cells, 0, 10_000, 50);
	t.is(readRate(cells, 0, 1000, 10_001), 50);
	t.is(readRate(cells, 0, 1000, 11_500), 25);
});

test('a rate is never more than the events of two periods, nor less than those of the present one', t => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.integer({min: 0, max: 700}), fc.integer({min: 1, max: 9})), {maxLength: 60}),
			steps => {
				const cells = new Float64Array(3);
				const events: [number, number][] = [];
				let nowMs = 50_000;
				for (const [waitMs, count] of steps) {
					nowMs += waitMs;
					addEvents(cells, 0, 1000, nowMs, count);
					events.push([nowMs, count]);
					const within = (ms: number) => events.reduce((sum, [at, number]) => sum + (nowMs - at < ms ? number : 0), 0);
					const rate = readRate(cells, 0, 1000, nowMs);
					t.true(rate >= count && rate <= within(2000));
				}
			},
		),
	);
});
