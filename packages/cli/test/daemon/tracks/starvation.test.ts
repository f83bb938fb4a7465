import {renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {createDelayTrack, createStealTrack, readCpuTimes} from '../../../src/daemon/tracks/starvation.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';

const timing = {everyMs: 10, timeoutMs: 10, rise: 1, fall: 1, position: {file: 'x', line: 1, column: 1}};
const stat = (user: number, stolen: number) => `cpu  ${user} 0 0 0 0 0 0 ${stolen} 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n`;

test('CPU times are read from the line of all processors', t => {
	t.deepEqual(readCpuTimes('cpu  10 1 2 50 3 4 5 25 7 8\ncpu0 0 0\n'), {stolen: 25, total: 100});
	for (const text of ['', 'cpu  1 2 3\n', 'cpu  a b c d e f g h\n']) t.is(readCpuTimes(text), undefined, text);
});

test('Stolen time counts since the last look, and the figure is told', async t => {
	const path = join(makeTempDirectory(t), 'stat');
	let [user, stolen] = [1000, 900];
	writeFileSync(path, stat(user, stolen));
	const track = createStealTrack({kind: 'steal', percent: 30, ...timing}, path);
	t.teardown(() => track.stop());
	track.start(() => {});
	await waitFor('the track to turn', () => track.result().state === 'ok');
	const go = (used: number, taken: number) => {
		user += used;
		stolen += taken;
		// As a whole: the track may look at any moment.
		writeFileSync(`${path}.new`, stat(user, stolen));
		renameSync(`${path}.new`, path);
	};
	const busy = setInterval(() => go(60, 40), 5);
	t.teardown(() => clearInterval(busy));
	await waitFor('the track to turn', () => track.result().state === 'failed');
	t.regex(track.result().reason, /the host takes \d+ % of the CPU time .*, 30 % are allowed \(noisy neighbour\)/);
	clearInterval(busy);
	const calm = setInterval(() => go(100, 1), 5);
	t.teardown(() => clearInterval(calm));
	await waitFor('the track to turn', () => track.result().state === 'ok');
	clearInterval(calm);
});

test('Timers that are late fail the track, and their lateness is told', async t => {
	const track = createDelayTrack({kind: 'delay', delayMs: 200, ...timing});
	t.teardown(() => track.stop());
	const reasons: string[] = [];
	track.start(() => reasons.push(track.result().reason));
	await waitFor('the track to turn', () => track.result().state === 'ok');
	const endMs = performance.now() + 400;
	while (performance.now() < endMs);
	await waitFor('the track to turn', () => reasons.some(reason => reason !== ''));
	t.regex(reasons.find(reason => reason !== '')!, /timers here are late by \d{3} ms, 200 ms are allowed/);
});
