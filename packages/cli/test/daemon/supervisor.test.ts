import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {FromProxy, ToProxy} from '@hapair/proxy';
import test, {type ExecutionContext} from 'ava';
import {type ChildExit, Supervisor} from '../../src/daemon/supervisor.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

const program = join(import.meta.dirname, '..', 'fixtures', 'fake-proxy.ts');

function supervise(t: ExecutionContext, modes: readonly string[] = [], silenceLimitMs = 30_000) {
	const {log, lines} = recordLog();
	const messages: FromProxy[] = [];
	const exits: ChildExit[] = [];
	const supervisor = new Supervisor<FromProxy, ToProxy>({
		name: 'proxy',
		argv: [process.execPath, program, '/dev/null', ...modes],
		// What is in it does not matter to the fake.
		firstMessage: () => ({type: 'start'}) as ToProxy,
		onMessage: message => messages.push(message),
		onExit: exit => exits.push(exit),
		silenceLimitMs,
		log,
	});
	t.teardown(() => supervisor.stop({type: 'stop', mode: 'hard', graceMs: 0}, 500));
	return {supervisor, lines, messages, exits};
}

const ready = (messages: readonly FromProxy[]): number => messages.filter(({type}) => type === 'ready').length;

test('a child that is killed is started again at once, and the log says how it died', async t => {
	const {supervisor, lines, messages, exits} = supervise(t);
	supervisor.start();
	await waitFor('ready', () => ready(messages) === 1);
	const first = supervisor.pid;
	supervisor.kill();
	await waitFor('ready again', () => ready(messages) === 2);
	t.not(supervisor.pid, first);
	t.deepEqual(exits, [{description: 'was killed by SIGKILL', expected: false, restartInMs: 0}]);
	t.true(
		lines.some(
			({level, message}) => level === 'error' && message === 'was killed by SIGKILL; starting it again at once',
		),
	);
});

test('a child that dies at every start is started at growing intervals', async t => {
	const {supervisor, lines, exits} = supervise(t, ['quick']);
	supervisor.start();
	await waitFor('four exits', () => exits.length >= 4);
	t.deepEqual(
		exits.slice(0, 4).map(({restartInMs}) => restartInMs),
		[0, 100, 200, 400],
	);
	t.true(lines.some(({message}) => message === 'exited with 9; starting it again in 200 ms'));
});

test('a program that is not there is a crash like any other', async t => {
	const {lines, log} = {...recordLog()};
	const exits: ChildExit[] = [];
	const supervisor = new Supervisor<FromProxy, ToProxy>({
		name: 'proxy',
		argv: ['/nonexistent/program'],
		firstMessage: () => ({type: 'start'}) as ToProxy,
		onMessage: () => {},
		onExit: exit => exits.push(exit),
		silenceLimitMs: 30_000,
		log,
	});
	t.teardown(() => supervisor.stop({type: 'stop', mode: 'hard', graceMs: 0}, 500));
	supervisor.start();
	await waitFor('an exit', () => exits.length > 0);
	t.regex(lines[0]?.message ?? '', /could not be started: .*ENOENT/);
});

test('a child that falls silent is killed and started again', async t => {
	const {supervisor, messages, lines} = supervise(t, [], 1000);
	supervisor.start();
	await waitFor('ready', () => ready(messages) === 1);
	process.kill(supervisor.pid ?? 0, 'SIGSTOP');
	await waitFor('ready again', () => ready(messages) === 2);
	t.true(lines.some(({message}) => message === 'said nothing for 1000 ms, killing it'));
});

test('a stopped child stays stopped', async t => {
	const {supervisor, messages, exits} = supervise(t);
	supervisor.start();
	await waitFor('ready', () => ready(messages) === 1);
	await supervisor.stop({type: 'stop', mode: 'soft', graceMs: 100}, 2000);
	t.deepEqual(exits, [{description: 'exited with 0', expected: true}]);
	t.is(supervisor.pid, undefined);
	t.false(supervisor.send({type: 'drain', on: true}));
});

test('a child that does not end in time is killed', async t => {
	const {supervisor, messages, exits} = supervise(t);
	supervisor.start();
	await waitFor('ready', () => ready(messages) === 1);
	process.kill(supervisor.pid ?? 0, 'SIGSTOP');
	await supervisor.stop({type: 'stop', mode: 'soft', graceMs: 100}, 200);
	t.is(exits[0]?.description, 'was killed by SIGKILL');
});

test('what a child prints is logged line by line', async t => {
	const {supervisor, lines} = supervise(t);
	supervisor.start();
	const said = 'a line from the child';
	await waitFor('the line', () => lines.some(({message}) => message === said));
	t.is(lines.find(({message}) => message === said)?.level, 'info');
});

test('a process that a dead child left behind, with its output in hand, does not keep the daemon alive', async t => {
	const pidFile = join(makeTempDirectory(t), 'heir');
	const fixture = join(import.meta.dirname, '..', 'fixtures', 'supervise-heir.ts');
	const daemon = spawn(process.execPath, [fixture, pidFile], {stdio: ['ignore', 'pipe', 'inherit']});
	t.teardown(() => {
		daemon.kill('SIGKILL');
		process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
	});
	let out = '';
	daemon.stdout.setEncoding('utf8').on('data', (text: string) => {
		out += text;
	});
	let code: number | null | undefined;
	daemon.once('exit', exitCode => {
		code = exitCode;
	});
	await waitFor('the end of the daemon', () => code !== undefined, 20_000);
	t.is(code, 0);
	t.is(out, 'exited with 0\n');
	t.notThrows(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0), 'the heir lived on meanwhile');
});

test('a stop in a hurry kills at once and says so', async t => {
	const {supervisor, messages, lines, exits} = supervise(t);
	supervisor.start();
	await waitFor('ready', () => ready(messages) === 1);
	process.kill(supervisor.pid ?? 0, 'SIGSTOP');
	const hurry = new AbortController();
	const stopping = supervisor.stop({type: 'stop', mode: 'soft', graceMs: 100}, 600_000, hurry.signal);
	hurry.abort();
	t.true(await stopping);
	t.is(exits[0]?.description, 'was killed by SIGKILL');
	t.true(lines.some(({message}) => message === 'is not waited for, killing it'));
});
