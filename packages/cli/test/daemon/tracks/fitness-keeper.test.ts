import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Fitness} from '@hapair/heartbeat';
import test from 'ava';
import {FitnessKeeper} from '../../../src/daemon/tracks/fitness-keeper.ts';
import {samplePair, sampleSnapshot} from '../../helpers/samples.ts';
import {makeTempDirectory} from '../../helpers/temp-directory.ts';
import {waitFor} from '../../helpers/wait-for.ts';
import {writeProgram} from '../../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;
const position = {file: 'x', line: 1, column: 1};
const serving = {phase: 'serving', detail: '', snapshot: sampleSnapshot} as const;

test('the fitness follows the proxy and is told on change only', t => {
	const told: Fitness[] = [];
	const keeper = new FitnessKeeper(samplePair, uid, fitness => told.push(fitness));
	t.deepEqual(keeper.fitness.reasons, ['the proxy is starting']);
	keeper.recordProxy(serving);
	keeper.recordProxy(serving);
	t.deepEqual(told, [{eligible: true, health: 255, reasons: []}]);
	keeper.recordProxy({phase: 'down', detail: 'the proxy process was killed by SIGKILL'});
	t.deepEqual(told.at(-1)?.reasons, ['the proxy process was killed by SIGKILL']);
});

test('a track of a real program counts, with its words', async t => {
	const directory = makeTempDirectory(t);
	const flag = join(directory, 'fit');
	const program = writeProgram(directory, 'check', `test -e ${flag} || { echo not today; exit 1; }`);
	const tracks = [{kind: 'script', argv: [program], everyMs: 20, timeoutMs: 5000, rise: 1, fall: 1, position}] as const;
	const keeper = new FitnessKeeper({...samplePair, tracks}, uid, () => {});
	t.teardown(() => keeper.stop());
	keeper.recordProxy(serving);
	t.deepEqual(keeper.fitness.reasons, [`track script ${program} has not answered yet`]);
	keeper.start();
	await waitFor('a failure', () => keeper.fitness.reasons[0] === `track script ${program} exited with 1: not today`);
	writeFileSync(flag, '');
	await waitFor('fit', () => keeper.fitness.eligible);
	t.deepEqual(keeper.fitness.reasons, []);
});

test('a stopped keeper tells nothing: the end of the daemon is no news', t => {
	const told: Fitness[] = [];
	const keeper = new FitnessKeeper(samplePair, uid, fitness => told.push(fitness));
	keeper.stop();
	keeper.recordProxy(serving);
	t.deepEqual(told, []);
});

test('a new configuration is judged with its own proxy, in one step, and its new tracks count from their first result', async t => {
	const directory = makeTempDirectory(t);
	const known = writeProgram(directory, 'known', 'exit 0');
	const later = writeProgram(directory, 'later', `test -e ${join(directory, 'asked')} || { sleep 0.3; exit 1; }`);
	const script = (program: string) =>
		({kind: 'script', argv: [program], everyMs: 20, timeoutMs: 5000, rise: 1, fall: 1, position}) as const;
	const frontend = (name: string) => ({kind: 'frontend', frontend: name, position}) as const;
	const told: Fitness[] = [];
	const [old] = sampleSnapshot.frontends;
	const before = {...samplePair, tracks: [frontend(old?.name ?? ''), script(known)]};
	const keeper = new FitnessKeeper(before, uid, fitness => told.push(fitness));
	t.teardown(() => keeper.stop());
	keeper.recordProxy(serving);
	keeper.start();
	await waitFor('fit', () => keeper.fitness.eligible);
	told.length = 0;
	const renamed = {...sampleSnapshot, frontends: sampleSnapshot.frontends.map(one => ({...one, name: 'renamed'}))};
	const moved = {...position, line: 99};
	keeper.adopt(
		{...samplePair, tracks: [frontend('renamed'), {...script(known), position: moved}, script(later)]},
		{...serving, snapshot: renamed},
	);
	t.deepEqual(told, [], 'fit before and after');
	await waitFor('the new track has failed', () => keeper.fitness.reasons[0]?.includes('later exited with 1') === true);
	keeper.adopt({...samplePair, tracks: [frontend('renamed')]}, {...serving, snapshot: renamed});
	t.true(keeper.fitness.eligible, 'a track that is gone counts no more');
});

test('after another daemon: a track without a result is waited for, and when it has none counts for nothing; one that fails counts', async t => {
	const directory = makeTempDirectory(t);
	const slow = writeProgram(directory, 'slow', 'sleep 60');
	const wrong = writeProgram(directory, 'wrong', 'echo not today; exit 1');
	const timing = {everyMs: 20, timeoutMs: 60_000, rise: 1, fall: 1, position};
	const tracks = [slow, wrong].map(program => ({kind: 'script', argv: [program], ...timing}) as const);
	const silent = {result: () => ({state: 'unknown', reason: 'nobody knows'}) as const, start: () => {}, stop: () => {}};
	const keeper = new FitnessKeeper({...samplePair, tracks}, uid, () => {}, [silent]);
	t.teardown(() => keeper.stop());
	keeper.recordProxy(serving);
	keeper.start();
	await waitFor('a failure', () => keeper.fitness.reasons.some(reason => reason.endsWith('not today')));
	await keeper.known(true, 50);
	t.is(keeper.fitness.reasons.length, 3);
	keeper.trustBefore();
	t.deepEqual(keeper.fitness.reasons, [`track script ${wrong} exited with 1: not today`]);
});
