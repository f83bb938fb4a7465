import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Bequest, Transition} from '@hapair/heartbeat';
import test, {type ExecutionContext} from 'ava';
import {HeartbeatChild} from '../../src/daemon/heartbeat-child.ts';
import {recordLog} from '../helpers/record-log.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

const program = join(import.meta.dirname, '..', 'fixtures', 'fake-heartbeat.ts');

function createHeartbeat(t: ExecutionContext, modes: readonly string[] = []) {
	const record = join(makeTempDirectory(t), 'told');
	writeFileSync(record, '');
	const transitions: Transition[] = [];
	const heartbeat = new HeartbeatChild({
		argv: [process.execPath, program, record, ...modes],
		setup: {pair: samplePair, nodeName: 'lb1', keys: [], configDigest: 'aa', tools: {}, version: '1'},
		firstTerm: () => 0,
		fitness: () => ({eligible: true, health: 255, reasons: []}),
		log: recordLog().log,
		onTransition: transition => transitions.push(transition),
		onEvent: () => {},
		onStatus: () => {},
		onHandoverRequested: () => {},
		onFirstFailure: () => {},
	});
	t.teardown(() => heartbeat.stop(500));
	const told = (what: string): number =>
		readFileSync(record, 'utf8')
			.split('\n')
			.filter(line => line.startsWith(what)).length;
	return {heartbeat, transitions, told};
}

test('it is told its setup and the fitness, and its transitions and status arrive', async t => {
	const {heartbeat, transitions} = createHeartbeat(t);
	t.is(heartbeat.status, undefined);
	heartbeat.start();
	await waitFor('master', () => heartbeat.status?.state === 'master');
	t.deepEqual(
		transitions.map(({from, to}) => `${from} → ${to}`),
		['initialize → backup', 'backup → master'],
	);
});

test('the ages of a status grow while it lies here', async t => {
	const {heartbeat} = createHeartbeat(t);
	heartbeat.start();
	await waitFor('a status', () => heartbeat.status !== undefined);
	process.kill(heartbeat.pid ?? 0, 'SIGSTOP');
	const before = heartbeat.status?.sinceMs ?? 0;
	await waitFor('an older status', () => (heartbeat.status?.sinceMs ?? 0) > before + 50);
	const later = heartbeat.status?.sinceMs ?? 0;
	process.kill(heartbeat.pid ?? 0, 'SIGCONT');
	t.true(later > before + 50);
});

test('requests are answered; one that nobody answers ends at its limit', async t => {
	const {heartbeat} = createHeartbeat(t);
	heartbeat.start();
	await waitFor('master', () => heartbeat.status?.state === 'master');
	t.is((await heartbeat.failover(false, 5000))?.message, 'lb2 took the address in 5 ms');
	process.kill(heartbeat.pid ?? 0, 'SIGSTOP');
	t.is(await heartbeat.failover(false, 20), undefined);
	process.kill(heartbeat.pid ?? 0, 'SIGCONT');
});

test('a request to a heartbeat that is not there, or dies meanwhile, is answered at once', async t => {
	const {heartbeat} = createHeartbeat(t);
	t.is((await heartbeat.failover(false, 600_000))?.message, 'the heartbeat process is not running');
	heartbeat.start();
	await waitFor('master', () => heartbeat.status?.state === 'master');
	process.kill(heartbeat.pid ?? 0, 'SIGSTOP');
	const asked = heartbeat.failover(false, 600_000);
	process.kill(heartbeat.pid ?? 0, 'SIGKILL');
	t.deepEqual(await asked, {ok: false, message: 'the heartbeat process was killed by SIGKILL', durationMs: 0});
	t.is(heartbeat.status, undefined, 'the word of a dead process is not the present');
});

test('a new heartbeat is told of maintenance that was on, and not of one that was ended', async t => {
	const {heartbeat, told} = createHeartbeat(t, ['backup']);
	heartbeat.start();
	await waitFor('a status', () => heartbeat.status !== undefined);
	await heartbeat.maintenance(true, 5000);
	process.kill(heartbeat.pid ?? 0, 'SIGKILL');
	await waitFor('maintenance again', () => heartbeat.status?.maintenance === true && told('heartbeat start') === 2);
	await heartbeat.maintenance(false, 5000);
	t.is(told('heartbeat maintenance'), 3);
	process.kill(heartbeat.pid ?? 0, 'SIGKILL');
	await waitFor('a third life', () => told('heartbeat start') === 3 && heartbeat.status !== undefined);
	t.is(told('heartbeat maintenance'), 3);
});

test('one heartbeat leaves, another one inherits, and what either refuses is told with its reason', async t => {
	const before = createHeartbeat(t).heartbeat;
	before.start();
	await waitFor('master', () => before.status?.state === 'master');
	const after = createHeartbeat(t);
	t.is(await after.heartbeat.prepare(20_000), '');
	t.is(after.heartbeat.status, undefined, 'it does nothing yet');
	const bequest = await before.bequeath(5000);
	if (typeof bequest === 'string') throw new Error(bequest);
	t.is(bequest.untilMs, 7);
	const left = {...bequest, election: {maintenance: true}} as Bequest;
	t.is(await after.heartbeat.inherit(left, 5000), '');
	before.leave();
	await waitFor('the end of the former', () => before.pid === undefined);

	const stubborn = createHeartbeat(t, ['refuse']);
	t.is(await stubborn.heartbeat.prepare(20_000), '');
	t.is(await stubborn.heartbeat.bequeath(5000), 'the address is on the move');
	t.is(await stubborn.heartbeat.inherit(left, 5000), 'too late: 7');

	process.kill(after.heartbeat.pid ?? 0, 'SIGKILL');
	await waitFor('a second life', () => after.told('heartbeat start') === 2);
	await waitFor('maintenance', () => after.told('heartbeat maintenance') === 1);
	t.is(after.told('heartbeat inherit'), 1, 'which begins by itself, in the maintenance that was inherited');
});

test('a heartbeat that dies before it was ready is why another one is not followed', async t => {
	const {heartbeat} = createHeartbeat(t, ['broken']);
	t.is(await heartbeat.prepare(20_000), 'the heartbeat process exited with 9');
});
