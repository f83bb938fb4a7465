import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {parseText} from '../../src/configuration/load.ts';
import {ProxyChild} from '../../src/daemon/proxy-child.ts';
import type {ProxyCondition} from '../../src/daemon/tracks/fitness.ts';
import {recordLog} from '../helpers/record-log.ts';
import {waitFor} from '../helpers/wait-for.ts';

const program = join(import.meta.dirname, '..', 'fixtures', 'fake-proxy.ts');

function createProxy(t: ExecutionContext, modes: readonly string[] = []) {
	const {configuration} = parseText('x.cfg', 'listen a\n bind 127.0.0.1:1\n');
	if (configuration === undefined) throw new Error('the configuration of the test is wrong');
	const conditions: ProxyCondition[] = [];
	const failures: string[] = [];
	const {log, lines} = recordLog();
	const proxy = new ProxyChild({
		argv: [process.execPath, program, '/dev/null', ...modes],
		configuration,
		proxyOptions: {errorFiles: {}, logTag: 'haproxy', snapshotIntervalMs: 20},
		log,
		onCondition: condition => conditions.push(condition),
		onFirstFailure: message => failures.push(message),
	});
	const never = new AbortController().signal;
	t.teardown(() => proxy.stop(0, never));
	const phases = (): string[] =>
		conditions.map(({phase}) => phase).filter((phase, index, all) => phase !== all[index - 1]);
	return {proxy, phases, failures, lines, never};
}

test('it is starting until ready, then serving with a snapshot, then down', async t => {
	const {proxy, phases, never} = createProxy(t);
	t.is(proxy.condition.phase, 'starting');
	proxy.start();
	await waitFor('a snapshot', () => proxy.snapshot !== undefined);
	t.is(proxy.condition.phase, 'serving');
	t.true(await proxy.stop(1000, never));
	t.deepEqual(phases(), ['serving', 'down']);
	t.is(proxy.condition.detail, 'the proxy has stopped');
});

test('a proxy that does not respond is silent at first and serves again when it speaks', async t => {
	const {proxy, phases} = createProxy(t);
	proxy.start();
	await waitFor('serving', () => proxy.condition.phase === 'serving');
	process.kill(proxy.pid ?? 0, 'SIGSTOP');
	await waitFor('silent', () => proxy.condition.phase === 'silent');
	t.is(proxy.condition.detail, 'the proxy process does not respond');
	process.kill(proxy.pid ?? 0, 'SIGCONT');
	await waitFor('serving again', () => proxy.condition.phase === 'serving');
	t.deepEqual(phases(), ['serving', 'silent', 'serving']);
});

test('a main thread that stands still is missed, and the process serves as long as another thread gives signs', async t => {
	const {proxy, phases, lines} = createProxy(t, ['stuck']);
	proxy.start();
	const isMissed = () =>
		lines.some(({level, message}) => level === 'warn' && /main thread has been silent/.test(message));
	await waitFor('the main thread to be missed', isMissed);
	t.is(proxy.condition.phase, 'serving');
	await proxy.nextSnapshot(60_000);
	t.deepEqual(phases(), ['serving']);
});

test('a process whose threads give no sign does not serve, whatever its main thread says, until they give one', async t => {
	const {proxy, phases} = createProxy(t, ['signless']);
	proxy.start();
	await waitFor('silent', () => proxy.condition.phase === 'silent');
	t.is(proxy.condition.detail, 'the proxy process does not respond');
	const {snapshot} = proxy;
	await waitFor('a newer snapshot', () => proxy.snapshot !== snapshot);
	await waitFor('serving again', () => proxy.condition.phase === 'serving');
	t.deepEqual(phases(), ['serving', 'silent', 'serving']);
});

test('a proxy that cannot start says why once and is tried again', async t => {
	const {proxy, failures, lines} = createProxy(t, ['fail']);
	proxy.start();
	await waitFor('a second life', () => lines.filter(({message}) => message.startsWith('exited with 1')).length >= 1);
	t.is(failures[0], 'port 80 is in use');
	t.true(lines.some(({level, message}) => level === 'error' && message === 'port 80 is in use'));
});

test('waiting for a snapshot ends with the snapshot, or at its limit', async t => {
	const {proxy} = createProxy(t);
	await proxy.nextSnapshot(1);
	proxy.start();
	await proxy.nextSnapshot(600_000);
	t.is(proxy.condition.phase, 'serving');
});
