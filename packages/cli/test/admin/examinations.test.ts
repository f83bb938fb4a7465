import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Examiner} from '../../src/admin/examinations.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const hapair = join(import.meta.dirname, '../../bin/hapair.mjs');

function createExaminer(t: ExecutionContext, text: string, program: readonly string[] = [process.execPath, hapair]) {
	const directory = makeTempDirectory(t);
	const file = join(directory, 'hapair.cfg');
	writeFileSync(file, text);
	const commandLine = () => ({files: [file], syntax: undefined, nodeName: undefined});
	return {examiner: new Examiner({program, socketPath: join(directory, 'nobody'), commandLine})};
}

test('a check is what the command says, of the files that the daemon runs', async t => {
	const {examiner} = createExaminer(t, 'listen a\n mode tcp\n bind 127.0.0.1:70000\n');
	const {status, body} = await examiner.examine('check', {});
	t.is(status, 200);
	t.like(body, {ok: false, code: 1, message: 'check: the report says what is wrong'});
	const {diagnostics} = body.report as {diagnostics: readonly {severity: string; line: number}[]};
	t.true(diagnostics.some(({severity, line}) => severity === 'error' && line === 3));
});

test('what the command refuses is told in its words', async t => {
	const {examiner} = createExaminer(t, 'listen a\n mode tcp\n bind 127.0.0.1:1\n');
	const {status, body} = await examiner.examine('hooks test', {event: 'solo'});
	t.is(status, 200);
	t.false(body.ok);
	t.regex(body.message, /no hook for the event solo$/);
});

test('an event that there is none of runs nothing', async t => {
	const {examiner} = createExaminer(t, '', ['/nowhere/hapair']);
	const {status, body} = await examiner.examine('hooks test', {event: 'solo; reboot'});
	t.deepEqual([status, body.code], [400, 2]);
	t.regex(body.message, /^hooks test: event is one of master, /);
	t.is((await examiner.examine('hooks test', {event: 1})).status, 400);
});

test('the same is not examined twice at a time; a program that is none is told', async t => {
	const directory = makeTempDirectory(t);
	const program = join(directory, 'slow');
	const go = join(directory, 'go');
	writeFileSync(program, `#!/bin/sh\nwhile [ ! -e ${go} ]; do sleep 0.02; done\necho '{"message": "done"}'\n`);
	chmodSync(program, 0o755);
	const commandLine = () => ({files: [], syntax: undefined, nodeName: undefined});
	const slow = new Examiner({program: [program], socketPath: '', commandLine});
	const first = slow.examine('doctor', {});
	t.deepEqual(await slow.examine('doctor', {}), {
		status: 409,
		body: {ok: false, code: 4, message: 'doctor is under way'},
	});
	writeFileSync(go, '');
	t.like((await first).body, {ok: true, message: 'done', report: {message: 'done'}});
	t.is((await slow.examine('doctor', {})).status, 200, 'it is free again');
	const missing = new Examiner({program: ['/nowhere/hapair'], socketPath: '', commandLine});
	t.is((await missing.examine('check', {})).status, 500);
});
