import test from 'ava';
import type {PairRecord, Sample, Status} from '../src/messages.ts';
import {
	applyMessage,
	emptyView,
	MOST_DRILLS,
	MOST_PROGRESS,
	MOST_RECORDS,
	MOST_SAMPLES,
	type ViewState,
} from '../src/view-state.ts';

const record = (id: string): PairRecord => ({time: '', node: 'lb1', kind: 'event', id, term: 1, reason: ''});
const sample = (wallMs: number): Sample => {
	const rates = {requestsPerSecond: 1, clientErrorsPerSecond: 0, serverErrorsPerSecond: 0};
	return {wallMs, connections: 0, ...rates};
};
const status = {hapair: '1', uptimeMs: 1} as Status;
const ids = ({records}: ViewState) => records.map(({id}) => id);

test('the newest record is the first, and none is shown twice', t => {
	let view = applyMessage(emptyView, {type: 'hello', samples: [], history: [record('1'), record('2')]});
	view = applyMessage(view, {type: 'record', record: record('2')});
	view = applyMessage(view, {type: 'record', record: record('3')});
	t.deepEqual(ids(view), ['3', '2', '1']);
});

test('a new greeting replaces what was known before: the feed was broken meanwhile', t => {
	const before = applyMessage(emptyView, {type: 'hello', samples: [sample(1)], history: [record('1')]});
	const view = applyMessage(before, {
		type: 'hello',
		samples: [sample(1), sample(2)],
		history: [record('1'), record('2')],
	});
	t.deepEqual(ids(view), ['2', '1']);
	t.is(view.samples.length, 2);
});

test('drills are kept apart: they may be older than all the rest', t => {
	const drill = (id: string): PairRecord => ({...record(id), kind: 'drill', result: 'passed'});
	let view = applyMessage(emptyView, {type: 'hello', samples: [], history: [record('2')], drills: [drill('1')]});
	for (const one of [drill('1'), record('3'), drill('4')]) view = applyMessage(view, {type: 'record', record: one});
	t.deepEqual(
		view.drills.map(({id}) => id),
		['4', '1'],
	);
	for (let i = 10; i < 50; i++) view = applyMessage(view, {type: 'record', record: drill(String(i))});
	t.is(view.drills.length, MOST_DRILLS);
	const older = applyMessage(emptyView, {type: 'hello', samples: [], history: [record('2'), drill('3')]});
	t.is(older.drills.length, 1, 'of a daemon that tells them in the history alone');
});

test('how orders go on is numbered, so that a dialog shows what came after its order', t => {
	let view = emptyView;
	for (let i = 1; i <= MOST_PROGRESS + 1; i++)
		view = applyMessage(view, {type: 'progress', command: 'drill', message: `step ${i}`});
	t.is(view.progress.length, MOST_PROGRESS);
	t.deepEqual(view.progress.at(-1), {
		number: MOST_PROGRESS + 1,
		command: 'drill',
		message: `step ${MOST_PROGRESS + 1}`,
	});
});

test('what is kept has a limit', t => {
	let view = emptyView;
	for (let i = 0; i < MOST_SAMPLES + 5; i++) view = applyMessage(view, {type: 'status', status, sample: sample(i)});
	for (let i = 0; i < MOST_RECORDS + 5; i++) view = applyMessage(view, {type: 'record', record: record(String(i))});
	t.is(view.samples.length, MOST_SAMPLES);
	t.is(view.samples[0]?.wallMs, 5);
	t.is(view.records.length, MOST_RECORDS);
	t.is(view.records[0]?.id, String(MOST_RECORDS + 4));
});

test('a status without a sample leaves the plots alone, other words change nothing', t => {
	const view = applyMessage(emptyView, {type: 'status', status});
	t.is(view.status, status);
	t.is(applyMessage(view, {type: 'hook'}), view);
});
