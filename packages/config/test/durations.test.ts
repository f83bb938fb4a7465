import test from 'ava';
import fc from 'fast-check';
import {formatDurationMs, parseDurationMs} from '../src/durations.ts';

test('a number alone is milliseconds, or seconds where the keyword says so', t => {
	t.is(parseDurationMs('5000'), 5000);
	t.is(parseDurationMs('0'), 0);
	t.is(parseDurationMs('30', 's'), 30_000);
	t.is(parseDurationMs('30ms', 's'), 30);
});

test('units are us, ms, s, m, h, d', t => {
	t.deepEqual(
		['1us', '1000us', '1001us', '7ms', '7s', '7m', '7h', '7d'].map(text => parseDurationMs(text)),
		[1, 1, 2, 7, 7000, 420_000, 25_200_000, 604_800_000],
	);
});

test('everything else is no time', t => {
	for (const text of [
		'',
		's',
		'-1',
		'+1',
		'1.5s',
		'5S',
		'5 s',
		'1m30s',
		'5x',
		'0x10',
		'1e3',
		'1234567890123456',
		'٣s',
	]) {
		t.is(parseDurationMs(text), undefined, text);
	}
});

test('a time is written the shortest way', t => {
	t.deepEqual([0, 1, 999, 1000, 1500, 60_000, 90_000, 3_600_000, 86_400_000].map(formatDurationMs), [
		'0ms',
		'1ms',
		'999ms',
		'1s',
		'1500ms',
		'1m',
		'90s',
		'1h',
		'1d',
	]);
});

test('what is written is read back', t => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.nat(),
				fc.nat(50_000).map(s => s * 1000),
				fc.nat(1000).map(h => h * 3_600_000),
			),
			ms => {
				t.is(parseDurationMs(formatDurationMs(ms)), ms);
			},
		),
	);
});
