import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createScriptTrack} from '../../../src/daemon/tracks/script.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';
import {writeProgram} from '../../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;
const position = {file: 'pair.cfg', line: 1, column: 1};

function startTrack(t: ExecutionContext, body: string, timing = {}) {
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'probe', `cd ${directory}\n${body}`);
	const track = createScriptTrack(
		{kind: 'script', argv: [program], everyMs: 20, timeoutMs: 2000, rise: 2, fall: 2, ...timing, position},
		uid,
	);
	const changes: string[] = [];
	t.teardown(() => track.stop());
	return {directory, program, track, changes, start: () => track.start(() => changes.push(track.result().state))};
}

test('a script track is unknown, then ok, then failed with the program’s words', async t => {
	const {track, changes, directory, program, start} = startTrack(t, 'test ! -e bad || { echo disk full; exit 1; }');
	t.is(track.result().state, 'unknown');
	t.is(track.result().reason, `track script ${program} has not answered yet`);
	start();
	await waitFor('ok', () => track.result().state === 'ok');
	t.is(track.result().reason, '');
	writeFileSync(join(directory, 'bad'), '');
	await waitFor('failed', () => track.result().state === 'failed');
	t.is(track.result().reason, `track script ${program} exited with 1: disk full`);
	rmSync(join(directory, 'bad'));
	await waitFor('ok again', () => track.result().state === 'ok');
	t.deepEqual(changes, ['ok', 'failed', 'ok']);
});

test('a script that hangs has failed, and its next run waits for its end', async t => {
	const body = "mkdir runs-now || touch beside; trap 'rmdir runs-now; exit 1' TERM; echo x >> runs; sleep 300 & wait";
	const {track, directory, start} = startTrack(t, body, {timeoutMs: 100, fall: 1});
	start();
	await waitFor('failed', () => track.result().state === 'failed');
	t.regex(track.result().reason, /did not end within 100 ms and was stopped$/);
	await waitFor('a second run', () => readFileSync(join(directory, 'runs'), 'utf8').length >= 4);
	t.false(existsSync(join(directory, 'beside')));
});

test('a program that others can write is not run', async t => {
	const {track, directory, start} = startTrack(t, 'touch ran');
	rmSync(join(directory, 'probe'));
	writeProgram(directory, 'probe', `touch ${directory}/ran`);
	const {chmodSync} = await import('node:fs');
	chmodSync(join(directory, 'probe'), 0o777);
	start();
	await waitFor('failed', () => track.result().state === 'failed');
	t.regex(track.result().reason, /was not run: .* is writable by others/);
	t.false(existsSync(join(directory, 'ran')));
});

test('a stopped track says nothing any more', async t => {
	const {track, changes, start} = startTrack(t, 'sleep 0.1');
	start();
	track.stop();
	await new Promise(resolve => setTimeout(resolve, 300));
	t.deepEqual(changes, []);
});
