import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {DrillRecord} from '../../src/drill/record.ts';
import {runCommandLine} from '../../src/program.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {recordIo} from '../helpers/record-io.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const drill: DrillRecord = {
	time: '2026-11-28T04:00:03.120Z',
	pair: 'oslo',
	node: 'lb1',
	kind: 'drill',
	id: 'lb1-drill-1',
	term: 4,
	result: 'passed',
	by: 'operator',
	giver: 'lb1',
	taker: 'lb2',
	gapMs: 34,
	returnGapMs: 28,
	durationMs: 2100,
	reason: 'lb2 had the address and answered; it is back on lb1',
};

async function type(...argv: string[]) {
	const {io, out, err} = recordIo();
	const code = await runCommandLine(['drill', ...argv], io);
	return {code, out: out(), err: err()};
}

test('--now tells how it went, what was measured, and asks the daemon for exactly that', async t => {
	const {reason: message} = drill;
	const replies = [
		{type: 'progress', message: 'looking'},
		{type: 'result', code: 0, message, drill},
	] as const;
	const {path, requests} = await startControlServer(t, replies);
	const {code, out, err} = await type('--now', '--settle', '0s', '--socket', path);
	t.deepEqual([code, err], [0, '… looking\n']);
	t.is(out, `passed: ${message}; without an answer for 34 ms, 28 ms on the way back (2.1 s in all)\n`);
	const json = await type('--now', '--dry-run', '--json', '--socket', path);
	t.like(JSON.parse(json.out), {ok: true, code: 0, dryRun: true, result: 'passed', gapMs: 34, returnGapMs: 28});
	t.deepEqual(requests, [
		{command: 'drill', dryRun: false, settleMs: 0},
		{command: 'drill', dryRun: true},
	]);
});

for (const [code, result, word] of [
	[4, 'refused', 'refused:'],
	[1, 'failed', 'failed:'],
] as const) {
	test(`the exit code is that of the result: ${result}`, async t => {
		const reply = {type: 'result', code, message: 'because', drill: {...drill, result}} as const;
		const {path} = await startControlServer(t, [reply]);
		const said = await type('--now', '--socket', path);
		t.deepEqual([said.code, said.out, said.err], [code, '', `${word} because\n`]);
	});
}

test('--history lists drills and nothing else, without a daemon', async t => {
	const directory = makeTempDirectory(t);
	const event = {...drill, kind: 'event', event: 'solo', reason: 'lb2 is silent'};
	const refused = {...drill, result: 'refused', gapMs: undefined, reason: 'lb2 is in maintenance'};
	const lines = [event, drill, refused].map(record => `${JSON.stringify(record)}\n`);
	writeFileSync(join(directory, 'oslo.lb1.history.jsonl'), lines.join(''));
	const {code, out} = await type('--history', '--state-dir', directory);
	t.is(code, 0);
	t.regex(out, /passed +lb1 +lb2 +34 ms +28 ms +operator +lb2 had the address/);
	t.regex(out, /refused .* - .* lb2 is in maintenance/);
	t.false(out.includes('silent'));
	const {out: json} = await type('--history', '--last', '1', '--json', '--state-dir', directory);
	t.is(JSON.parse(json).result, 'refused');
});

test('options that do not go together are refused', async t => {
	for (const argv of [['--now', '--history'], ['--dry-run'], ['--settle', '1s', '--history']]) {
		const {code, err} = await type(...argv);
		t.is(code, 2, argv.join(' '));
		t.regex(err, /do not go together/);
	}
});
