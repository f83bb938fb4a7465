import test from 'ava';
import {
	fastIntervalMs,
	leaseMs,
	MAX_ADVERT_INTERVAL_MS,
	MAX_CLOCK_DRIFT,
	MIN_ADVERT_INTERVAL_MS,
	masterDownMs,
	retryAfterMs,
	skewTimeMs,
	voluntaryHoldMs,
} from '../src/index.ts';

const intervals = [10, 11, 50, 200, 1000, 39_999, 40_000];

test('RFC 5798 §6.1: Master_Down_Interval is three intervals and the skew', t => {
	t.is(masterDownMs(200, true), 625);
	t.is(masterDownMs(200, false), 725);
	for (const interval of intervals) {
		for (const preferred of [true, false]) {
			t.is(masterDownMs(interval, preferred), 3 * interval + skewTimeMs(interval, preferred));
		}
	}
});

test('RFC 5798 §6.1: the preferred node always wakes first, by half an interval', t => {
	for (const interval of intervals) t.is(skewTimeMs(interval, false) - skewTimeMs(interval, true), interval / 2);
});

test('§5.4: at every legal interval the lease ends before the peer may claim, with both clocks at their worst', t => {
	const tooLong: number[] = [];
	for (let interval = MIN_ADVERT_INTERVAL_MS; interval <= MAX_ADVERT_INTERVAL_MS; interval += 1) {
		const longestLeaseMs = leaseMs(interval) * (1 + MAX_CLOCK_DRIFT);
		if (longestLeaseMs >= masterDownMs(interval, true) * (1 - MAX_CLOCK_DRIFT)) tooLong.push(interval);
	}
	t.deepEqual(tooLong, []);
});

test('§5.4: two renewals may be lost together without the address falling mute', t => {
	for (const interval of intervals) t.true(leaseMs(interval) > 2 * interval);
});

test('While an address moves, advertisements are four times as frequent, but not below 5 ms', t => {
	t.is(fastIntervalMs(200), 50);
	t.is(fastIntervalMs(10), 5);
});

test('The pause after failed takeovers doubles from one second to one minute', t => {
	t.deepEqual([1, 2, 3, 6, 7, 8, 1000].map(retryAfterMs), [1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
});

test('A voluntary move waits three intervals', t => {
	t.is(voluntaryHoldMs(200), 600);
});
