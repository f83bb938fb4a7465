import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {createProcessTrack} from '../../../src/daemon/tracks/process.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';

const timing = {everyMs: 10, timeoutMs: 1000, rise: 1, fall: 1, position: {file: 'x', line: 1, column: 1}};

test('A process runs while the kernel lists it under its name, and a zombie does not', async t => {
	const directory = makeTempDirectory(t);
	const put = (pid: number, name: string, state: string) => {
		mkdirSync(join(directory, String(pid)), {recursive: true});
		writeFileSync(join(directory, String(pid), 'stat'), `${pid} (${name}) ${state} 1 1 1\n`);
	};
	put(10, 'master', 'S');
	put(11, 'x) (mail', 'S');
	const track = createProcessTrack({kind: 'process', process: 'mail', ...timing}, directory);
	t.teardown(() => track.stop());
	track.start(() => {});
	await waitFor('the track to turn', () => track.result().state === 'failed');
	t.is(track.result().reason, 'process mail does not run');
	put(12, 'mail', 'R');
	await waitFor('the track to turn', () => track.result().state === 'ok');
	put(12, 'mail', 'Z');
	await waitFor('the track to turn', () => track.result().state === 'failed');
	put(13, 'mail', 'S');
	await waitFor('the track to turn', () => track.result().state === 'ok');
	rmSync(join(directory, '13'), {recursive: true});
	await waitFor('the track to turn', () => track.result().state === 'failed');
});

test('This very process is found in /proc', async t => {
	const {readFileSync} = await import('node:fs');
	const name = readFileSync('/proc/self/comm', 'utf8').trim();
	const track = createProcessTrack({kind: 'process', process: name, ...timing});
	t.teardown(() => track.stop());
	track.start(() => {});
	await waitFor('the track to turn', () => track.result().state === 'ok');
	t.is(track.result().state, 'ok');
});
