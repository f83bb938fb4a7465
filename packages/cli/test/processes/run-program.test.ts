import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {describeOutcome, runProgram, safePath} from '../../src/processes/run-program.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';
import {writeProgram} from '../helpers/write-program.ts';

const environment = {PATH: safePath};

test('exit code, output and arguments pass unchanged, without a shell', async t => {
	const program = writeProgram(makeTempDirectory(t), 'p', 'echo "$1"; echo oops >&2; exit 3');
	const outcome = await runProgram({argv: [program, '$(id); a b'], timeoutMs: 5000, environment});
	t.is(outcome.exitCode, 3);
	t.is(outcome.output, '$(id); a b\noops');
	t.false(outcome.timedOut);
	t.is(describeOutcome(outcome, 5000), 'exited with 3');
});

test('nothing of the own environment is inherited', async t => {
	const program = writeProgram(makeTempDirectory(t), 'p', '/usr/bin/env | /usr/bin/sort');
	const {output} = await runProgram({argv: [program], timeoutMs: 5000, environment: {PATH: safePath, HAPAIR_X: '1'}});
	const names = output.split('\n').map(line => line.split('=')[0]);
	// PWD and the like are the shell's own.
	t.deepEqual(
		names.filter(name => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? '')),
		['HAPAIR_X', 'PATH'],
	);
});

test('at the deadline the whole process group is ended, also when it ignores SIGTERM', async t => {
	const directory = makeTempDirectory(t);
	const pidFile = join(directory, 'pid');
	const program = writeProgram(
		directory,
		'p',
		`trap '' TERM\nsleep 600 &\necho $! > ${pidFile}\nwait\nwhile :; do sleep 1; done`,
	);
	const outcome = await runProgram({argv: [program], timeoutMs: 300, killGraceMs: 100, environment});
	t.true(outcome.timedOut);
	t.true(outcome.durationMs < 5000);
	t.is(describeOutcome(outcome, 300), 'did not end within 300 ms and was stopped');
	const grandchild = Number(readFileSync(pidFile, 'utf8'));
	t.true(grandchild > 1);
	await waitFor('the grandchild is gone', () => isGone(grandchild));
});

function isGone(pid: number): boolean {
	if (!existsSync(`/proc/${pid}`)) return true;
	return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('a child in the background that holds the output does not hold the caller', async t => {
	const program = writeProgram(makeTempDirectory(t), 'p', 'sleep 5 &\necho started');
	const outcome = await runProgram({argv: [program], timeoutMs: 4000, environment});
	t.is(outcome.exitCode, 0);
	t.is(outcome.output, 'started');
	t.true(outcome.durationMs < 4000);
});

test('output is kept up to the limit and the program goes on', async t => {
	const program = writeProgram(makeTempDirectory(t), 'p', 'head -c 300000 /dev/zero | tr "\\0" x');
	const outcome = await runProgram({argv: [program], timeoutMs: 5000, environment, outputLimitBytes: 100});
	t.is(outcome.exitCode, 0);
	t.is(outcome.output, 'x'.repeat(100));
});

test('a program that is not there is an outcome, not an exception', async t => {
	const outcome = await runProgram({argv: ['/nonexistent/program'], timeoutMs: 1000, environment});
	t.regex(describeOutcome(outcome, 1000), /could not be started: .*ENOENT/);
	t.is((await runProgram({argv: [], timeoutMs: 1000, environment})).spawnError, 'no program was named');
});

test('an abort ends the program early', async t => {
	const abort = new AbortController();
	const running = runProgram({argv: ['/bin/sleep', '30'], timeoutMs: 30_000, environment, signal: abort.signal});
	abort.abort();
	const outcome = await running;
	t.is(describeOutcome(outcome, 30_000), 'was killed by SIGTERM');
});
