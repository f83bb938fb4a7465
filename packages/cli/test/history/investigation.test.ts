import type {FlightRecording, RingEntry, Transition} from '@hapair/heartbeat';
import test from 'ava';
import {FlightKeeper, joinRecordings} from '../../src/history/flight-keeper.ts';
import {Investigation, readRecording} from '../../src/history/investigation.ts';
import type {HistoryRecord} from '../../src/history/record.ts';

const recordingOf = (node: string, entries: readonly RingEntry[]): FlightRecording => ({
	node,
	bootId: node,
	peerBootId: node === 'lb1' ? 'lb2' : 'lb1',
	nowMs: 9000,
	entries,
});
const sent = (sequence: number, atMs: number): RingEntry => ({kind: 'sent', atMs, sequence});
const heard = (sequence: number, atMs: number): RingEntry => ({kind: 'heard', atMs, sequence, path: 0});

const own = recordingOf('lb2', [
	sent(1, 1000),
	heard(1, 1001),
	sent(2, 1300),
	sent(3, 1600),
	{kind: 'state', atMs: 1700, state: 'master'},
]);
const theirs = recordingOf('lb1', [sent(1, 51_000), heard(1, 51_001), heard(2, 51_301), heard(3, 51_601)]);
const transition: Transition = {
	id: 'lb2-b-3',
	from: 'backup',
	to: 'master',
	term: 4,
	reason: 'lb1 has been silent for 700 ms',
};

function investigate(askPeer: () => Promise<FlightRecording>) {
	const records: HistoryRecord[] = [];
	const investigation = new Investigation({
		...{pair: 'oslo', node: 'lb2', peer: 'lb1', masterDownMs: 700, askPeer},
		keeper: new FlightKeeper(async () => own),
		append: record => void records.push(record),
	});
	return {investigation, records};
}

test('After a claim by silence one line says what both nodes have recorded', async t => {
	const {investigation, records} = investigate(async () => theirs);
	await investigation.investigate(transition, 'peer silent');
	t.like(records[0], {kind: 'analysis', of: 'lb2-b-3', term: 4, node: 'lb2'});
	t.is(records[0]?.findings?.[0], 'lb1 sent nothing for 700 ms');
});

test('What an operator ordered is not investigated', async t => {
	let asked = 0;
	const {investigation, records} = investigate(async () => {
		asked += 1;
		return theirs;
	});
	await investigation.investigate(transition, 'planned move');
	t.deepEqual([asked, records.length], [0, 0]);
});

test('A peer that cannot be asked yet is asked again; an end of the daemon ends that without a line', async t => {
	let asked = 0;
	const {investigation, records} = investigate(async () => {
		asked += 1;
		if (asked === 2) investigation.stop();
		throw new Error('cut off');
	});
	await investigation.investigate(transition, 'peer silent');
	t.deepEqual([asked, records.length], [2, 0]);
});

test('What the ring has lost is kept, of one life of the heartbeat', t => {
	const older = recordingOf('lb1', [sent(1, 10), sent(2, 20)]);
	const newer = recordingOf('lb1', [sent(2, 20), sent(3, 30)]);
	t.deepEqual(joinRecordings(older, newer).entries, [sent(1, 10), sent(2, 20), sent(3, 30)]);
	t.is(joinRecordings({...older, bootId: 'before'}, newer), newer);
});

test('A recording from the network is read whole or not at all', t => {
	t.deepEqual(readRecording(structuredClone(theirs)), theirs);
	for (const wrong of [undefined, 'x', {...theirs, entries: [{kind: 'sent', atMs: 'x'}]}, {...theirs, node: 7}])
		t.is(readRecording(wrong), undefined);
	t.is(readRecording({...theirs, entries: Array.from({length: 6000}, () => sent(1, 1))}), undefined);
});
