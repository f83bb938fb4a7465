import {chmodSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {type ExecHook, findProgramObjection, runExecHook} from '../../src/hooks/exec.ts';
import {sampleOccasion} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {writeProgram} from '../helpers/write-program.ts';

const uid = process.getuid?.() ?? 0;
const hook = (argv: readonly string[], timeoutMs = 5000): ExecHook => ({
	on: 'change',
	kind: 'exec',
	argv,
	timeoutMs,
	position: {file: 'pair.cfg', line: 1, column: 1},
});

test("a hook gets its own arguments, then keepalived's four, and the HAPAIR variables", async t => {
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'hook', `echo "$*" > ${directory}/args; env > ${directory}/env; echo told`);
	const {ok, detail} = await runExecHook(hook([program, '--to', 'ops team']), sampleOccasion, uid);
	t.true(ok);
	t.regex(detail, /^exited with 0 after \d+ ms, output: told$/);
	t.is(readFileSync(join(directory, 'args'), 'utf8'), '--to ops team INSTANCE oslo MASTER 150\n');
	const environment = readFileSync(join(directory, 'env'), 'utf8');
	t.regex(environment, /^HAPAIR_EVENT=master$/m);
	t.regex(environment, /^HAPAIR_DEADLINE=\d{4}-\d\d-\d\dT/m);
	t.notRegex(environment, /^HOME=/m);
});

test('a failing and a hanging hook are recorded with their end', async t => {
	const directory = makeTempDirectory(t);
	const failing = await runExecHook(hook([writeProgram(directory, 'f', 'exit 7')]), sampleOccasion, uid);
	t.false(failing.ok);
	t.regex(failing.detail, /^exited with 7 /);
	const hanging = await runExecHook(hook([writeProgram(directory, 'h', 'sleep 30')], 100), sampleOccasion, uid);
	t.false(hanging.ok);
	t.regex(hanging.detail, /^did not end within 100 ms and was stopped /);
});

test('the program is judged at each run anew, and the message names the path element', async t => {
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'hook', 'exit 0');
	t.true((await runExecHook(hook([program]), sampleOccasion, uid)).ok);
	chmodSync(directory, 0o777);
	const refused = await runExecHook(hook([program]), sampleOccasion, uid);
	t.is(
		refused.detail,
		`was not run: ${program}: ${directory} is writable by others (mode 0777) (chmod go-w ${directory})`,
	);
});

test('what is no program is refused with the reason', t => {
	const directory = makeTempDirectory(t);
	t.is(findProgramObjection(join(directory, 'none'), uid), `${join(directory, 'none')}: there is no such file`);
	t.is(findProgramObjection(directory, uid), `${directory}: is not a file`);
	const plain = writeProgram(directory, 'plain', '', 0o644);
	t.is(findProgramObjection(plain, uid), `${plain}: is not executable (chmod 755 ${plain})`);
	t.regex(findProgramObjection('notify.sh', uid) ?? '', /is not an absolute path/);
});
