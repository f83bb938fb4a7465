import test from 'ava';
import {Tally} from '../../src/admin/tally.ts';
import type {HistoryRecord} from '../../src/history/record.ts';

const move: HistoryRecord = {
	time: '2026-01-01T00:00:10.000Z',
	pair: 'oslo',
	node: 'lb1',
	kind: 'transition',
	id: '1',
	term: 1,
	from: 'master',
	to: 'backup',
	reason: 'lb2 has claimed the address',
	cause: 'planned move',
};

test('the last planned move of the address is the newest, whoever was told of it first', t => {
	const tally = new Tally();
	const wallMs = Date.parse('2026-01-01T00:01:00.000Z');
	t.is(tally.plannedMoveAgeMs(wallMs), undefined);
	tally.remember([
		{...move, cause: 'peer silent'},
		{...move, from: 'fault', to: 'backup'},
	]);
	t.is(tally.plannedMoveAgeMs(wallMs), undefined);
	tally.remember([move, {...move, time: '2026-01-01T00:00:05.000Z'}]);
	t.is(tally.plannedMoveAgeMs(wallMs), 50_000);
});

test('transitions, events and hooks are counted by their word', t => {
	const tally = new Tally();
	const base = {time: '', node: 'lb1'};
	const transition = {id: '1', from: 'backup', to: 'master', term: 1, reason: ''} as const;
	tally.note({type: 'transition', ...base, transition});
	tally.note({type: 'transition', ...base, transition});
	tally.note({type: 'event', ...base, event: {id: '2', kind: 'drift', reason: '', term: 1}});
	const hook = {event: 'master', reason: '', outcome: 'ok', hook: '/x', detail: ''} as const;
	tally.note({type: 'hook', ...base, ...hook});
	t.deepEqual(
		[...tally.transitions, ...tally.events, ...tally.hooks],
		[
			['master', 2],
			['drift', 1],
			['ok', 1],
		],
	);
});

test('drills of this life are counted by result, those of a former one are not', t => {
	const tally = new Tally();
	const drill = {...move, kind: 'drill', result: 'passed', giver: 'lb1', taker: 'lb2', by: 'schedule'} as const;
	tally.remember([drill]);
	tally.noteRecord(drill);
	tally.noteRecord({...drill, result: 'failed'} as HistoryRecord);
	tally.noteRecord({...drill, result: 'failed'} as HistoryRecord);
	tally.noteRecord(move);
	t.deepEqual(
		[...tally.drills],
		[
			['passed', 1],
			['failed', 2],
		],
	);
	t.is(tally.plannedMoveAgeMs(Date.parse(move.time)), 0);
});
