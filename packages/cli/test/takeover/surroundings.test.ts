import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createProgramRunner, readToken} from '../../src/takeover/surroundings.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {writeProgram} from '../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;
const request = {
	environment: {HAPAIR_TERM: '7'},
	user: 'nobody',
	timeoutMs: 5000,
	signal: new AbortController().signal,
};

function openDirectory(t: ExecutionContext): string {
	const directory = makeTempDirectory(t);
	chmodSync(directory, 0o755);
	return directory;
}

test('a takeover program runs unprivileged and sees its term and nothing of ours', async t => {
	const program = writeProgram(openDirectory(t), 'move', 'echo "$(id -u) $(id -G) $HAPAIR_TERM $1"');
	const {output, problem} = await createProgramRunner(uid)({...request, argv: [program, 'read']});
	t.is(problem, undefined);
	if (uid === 0) t.is(output, '65534 65534 7 read');
	else t.true(output.startsWith(`${uid} `) && output.endsWith(' 7 read'));
});

test('a program that others could replace, or whose user is not there, is not run', async t => {
	const program = writeProgram(openDirectory(t), 'move', 'exit 0');
	const run = createProgramRunner(uid);
	t.is((await run({...request, argv: [program]})).problem, undefined);
	chmodSync(program, 0o777);
	t.regex((await run({...request, argv: [program]})).problem ?? '', /^was not run: .* is writable by others/);
	chmodSync(program, 0o755);
	t.is(
		(await run({...request, argv: [program], user: 'nobody-of-hapair'})).problem,
		"was not run: there is no user 'nobody-of-hapair'",
	);
});

test('a program that fails or hangs is a problem with a reason', async t => {
	const directory = openDirectory(t);
	const run = createProgramRunner(uid);
	const failing = writeProgram(directory, 'failing', 'echo no route; exit 4');
	t.deepEqual(await run({...request, argv: [failing]}), {output: 'no route', problem: 'exited with 4'});
	const hanging = writeProgram(directory, 'hanging', 'sleep 60');
	const {problem} = await run({...request, argv: [hanging], timeoutMs: 100});
	t.is(problem, 'did not end within 100 ms and was stopped');
});

test('a token has the demands of a key, and its error says what to put where', t => {
	const path = join(makeTempDirectory(t), 'token');
	const missing = t.throws(() => readToken(path, uid));
	t.is(missing?.message, `${path}: there is no such file`);
	t.is((missing as {hint?: string}).hint, `put the provider's secret there, then: chmod 600 ${path}`);
	writeFileSync(path, 'token-of-a-project\n', {mode: 0o644});
	t.regex(t.throws(() => readToken(path, uid))?.message ?? '', /is open to others/);
	chmodSync(path, 0o600);
	t.is(readToken(path, uid), 'token-of-a-project');
});
