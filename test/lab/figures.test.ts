import test from 'ava';
import {answeringRuns, countDoubleAnswers, longestGapMs, median, quantile, type Sample} from './figures.ts';

const at = (startMs: number, ok = true): Sample => ({startMs, endMs: startMs + 2, ok});
const every10 = (fromMs: number, toMs: number): Sample[] =>
	Array.from({length: (toMs - fromMs) / 10}, (_, index) => at(fromMs + index * 10));

test('The longest gap runs from success to success, not from failure to failure', t => {
	t.is(longestGapMs([at(0), at(10), at(20, false), at(30, false), at(500), at(510)]), 490);
});

test('An outage that never ended is counted to the last sample', t => {
	t.is(longestGapMs([at(0), at(10), at(20, false), at(900, false)]), 888);
	t.is(longestGapMs([at(100, false), at(900, false)]), 800);
	t.is(longestGapMs([]), 0);
});

test('A request that fails by its deadline long after the last sample is no outage', t => {
	t.is(longestGapMs([at(0), {startMs: 10, endMs: 5010, ok: false}, ...every10(20, 100)]), 20);
});

test('A failed sample ends a run', t => {
	t.deepEqual(answeringRuns([at(0), at(10), at(20), at(30, false), at(40)]), [
		{fromMs: 2, toMs: 20},
		{fromMs: 42, toMs: 42},
	]);
});

test('A handover without overlap shows no double answer, even between two samples', t => {
	t.is(countDoubleAnswers(every10(0, 100), every10(93, 200)), 0);
	t.is(countDoubleAnswers(every10(0, 100), every10(100, 200)), 0);
});

test('Two nodes that answer at the same time are seen, even when one says it once only', t => {
	t.true(countDoubleAnswers(every10(0, 200), every10(100, 300)) > 10);
	t.is(countDoubleAnswers(every10(0, 200), [at(105)]), 1);
	t.is(countDoubleAnswers([at(105)], every10(0, 200)), 1);
});

test('A node that goes silent while the other answers and comes back later is no double answer', t => {
	const first = [...every10(0, 100), at(100, false), at(130, false), ...every10(300, 400)];
	t.is(countDoubleAnswers(first, every10(120, 290)), 0);
});

test('Median and quantiles', t => {
	t.is(median([5, 1, 3]), 3);
	t.is(median([4, 1, 3, 2]), 2.5);
	t.is(median([]), Number.NaN);
	t.is(quantile([1, 2, 3, 4], 0.5), 2);
	t.is(quantile([1, 2, 3, 4], 0.99), 4);
});
