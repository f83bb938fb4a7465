import test from 'ava';
import {describeDrills, warnOfDrills} from '../../src/commands/drill-text.ts';
import {type DrillRecord, judgeDrills} from '../../src/drill/record.ts';

const day = 86_400_000;
const nowMs = Date.parse('2026-11-28T12:00:00Z');
const next = [1, 8, 15].map(days => new Date(nowMs + days * day));
const record = (daysAgo: number, more: Partial<DrillRecord> = {}): DrillRecord => ({
	time: new Date(nowMs - daysAgo * day).toISOString(),
	pair: 'oslo',
	node: 'lb1',
	kind: 'drill',
	id: 'x',
	term: 3,
	result: 'passed',
	by: 'schedule',
	giver: 'lb1',
	taker: 'lb2',
	gapMs: 34,
	reason: 'lb2 has the address and answers',
	...more,
});
const judge = (records: readonly DrillRecord[], more = {}) =>
	judgeDrills({records, running: false, next, sinceMs: nowMs - day, nowMs, ...more});

test('last proven: by whom, how long ago, how long nobody answered', t => {
	const report = judge([record(10), record(3)]);
	t.false(report.overdue);
	t.deepEqual(describeDrills(report), [
		'last proven 3 d 0 h ago: lb1 to lb2, 34 ms; next drill 2026-11-29T12:00:00.000Z',
	]);
	t.deepEqual(warnOfDrills(report), []);
	t.deepEqual(describeDrills(judge([record(3, {returnGapMs: 28})], {next: []})), [
		'last proven 3 d 0 h ago: lb1 to lb2, 34 ms, and back, 28 ms',
	]);
});

test('overdue: not proven for two times of the schedule, counted from the first record when it never was', t => {
	t.false(judge([record(13.9)]).overdue);
	t.true(judge([record(14.1)]).overdue);
	t.false(judge([]).overdue);
	t.true(judge([], {sinceMs: nowMs - 15 * day}).overdue);
	t.false(judge([], {sinceMs: 0, next: []}).overdue, 'without a schedule nothing is due');
	t.deepEqual(warnOfDrills(judge([record(20)])), [
		'a drill is overdue: this pair was last 20 d 0 h ago proven to move its address',
	]);
});

test('a drill of the schedule that was refused is warned of until one passes', t => {
	const refused = record(1, {result: 'refused', reason: 'lb2 is in maintenance'});
	t.deepEqual(warnOfDrills(judge([record(3), refused])), ['the last drill was refused: lb2 is in maintenance']);
	t.deepEqual(warnOfDrills(judge([refused, record(0)])), []);
	t.is(judge([record(3), refused]).lastProven?.time, record(3).time);
});
