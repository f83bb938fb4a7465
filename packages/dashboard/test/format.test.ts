import test from 'ava';
import {formatAge, formatMs, formatNumber, formatTime} from '../src/format.ts';

test('ages have one unit, two where the second one matters', t => {
	const ages = [0, 999, 1000, 59_999, 60_000, 200_000, 720_000, 3_600_000, 18_720_000, 90_000_000, 950_400_000];
	t.deepEqual(ages.map(formatAge), [
		'0 ms',
		'999 ms',
		'1 s',
		'59 s',
		'1 min',
		'3 min 20 s',
		'12 min',
		'1 h',
		'5 h 12 min',
		'1 d 1 h',
		'11 d',
	]);
});

test('numbers have three digits', t => {
	t.deepEqual([0, 0.4212, 7.31, 42.05, 128.4, 9999, 12_400, 3_100_000].map(formatNumber), [
		'0',
		'0.42',
		'7.31',
		'42',
		'128',
		'9999',
		'12.4k',
		'3.1M',
	]);
	t.deepEqual([1.234, 250, 1500].map(formatMs), ['1.23 ms', '250 ms', '1.5 s']);
});

test('a time of today has no day, one that is none is shown as it is', t => {
	const nowMs = Date.parse('2026-01-02T12:00:00');
	t.is(formatTime('2026-01-02T03:04:05', nowMs), '03:04:05');
	t.regex(formatTime('2025-12-31T03:04:05', nowMs), /\S+ \S+ 03:04:05/);
	t.is(formatTime('yesterday', nowMs), 'yesterday');
});
