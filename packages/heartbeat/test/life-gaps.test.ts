import test from 'ava';
import {LifeGaps} from '../src/life-gaps.ts';

/** Advertises each 200 ms, with a lease of 500 ms, alive at 1000 ms. */
function begin(): LifeGaps {
	return new LifeGaps(200, 500, 1000);
}

test('a gap is late a quarter of an interval after what was planned, and a stall beyond the lease', t => {
	const gaps = begin();
	t.like(gaps.note(1250), {gapMs: 250, isLate: false, isStall: false});
	t.like(gaps.note(1501), {gapMs: 251, isLate: true, isStall: false});
	t.like(gaps.note(2001), {gapMs: 500, isLate: true, isStall: false});
	t.like(gaps.note(2502), {gapMs: 501, lateMs: 301, isLate: true, isStall: true});
	t.like(gaps.note(2503), {gapMs: 1, isStall: false});
});

test('the longest is told for a minute, and never as less than nothing', t => {
	const gaps = begin();
	gaps.note(1700);
	t.deepEqual(gaps.longest, {gapMs: 500, atMs: 1700});
	gaps.note(1710);
	t.deepEqual(gaps.longest, {gapMs: 500, atMs: 1700});
	for (let nowMs = 1800; nowMs <= 61_800; nowMs += 100) gaps.note(nowMs);
	t.is(gaps.longest.gapMs, 0);
});

test('what another process of this life has left counts from its last sign of life', t => {
	const gaps = begin();
	gaps.begin(400, {gapMs: 7, atMs: 300});
	t.deepEqual(gaps.longest, {gapMs: 7, atMs: 300});
	t.true(gaps.note(1000).isStall);
});
