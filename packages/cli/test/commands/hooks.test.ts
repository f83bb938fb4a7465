import {readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {testHooks} from '../../src/commands/hooks.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {writeProgram} from '../helpers/write-program.ts';

function writeConfig(directory: string, lines: readonly string[]): string {
	const path = join(directory, 'pair.cfg');
	const pair = [
		'pair oslo',
		'node lb1 10.0.0.11 priority 150',
		'node lb2 10.0.0.12',
		'virtual-ip 10.0.0.100/24 dev eth0',
	];
	writeFileSync(path, `${[...pair, ...lines].join('\n ')}\n`);
	return path;
}

/** Answers 500 on /broken, 204 elsewhere. */
async function startReceiver(t: ExecutionContext): Promise<{url: string; bodies: string[]}> {
	const bodies: string[] = [];
	const server = createServer((request, response) => {
		request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
		request.on('end', () => response.writeHead(request.url === '/broken' ? 500 : 204).end());
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies};
}

test('hooks test runs each hook, marked, and says exit code, HTTP status and time', async t => {
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'hook', `echo "$HAPAIR_TEST $HAPAIR_EVENT $*" > ${directory}/said; exit 3`);
	const sendmail = writeProgram(directory, 'sendmail', `cat > ${directory}/mail`);
	const {url, bodies} = await startReceiver(t);
	const config = writeConfig(directory, [
		`on change only nothing exec ${program} own`,
		`on solo webhook ${url}/ok`,
		`on server-down webhook ${url}/broken as slack timeout 300ms`,
		`on drift mail root via ${sendmail}`,
	]);
	const {code, out} = await runHapair(t, ['hooks', 'test', '-f', config, '--node', 'lb1', '--json']);
	t.is(code, exitCodes.failed);
	const answer = JSON.parse(out);
	t.like(answer, {ok: false, code: 1});
	const [exec, ok, broken, mail] = answer.hooks;
	t.like(exec, {on: 'change', event: 'backup', kind: 'exec', hook: program, ok: false, exitCode: 3});
	t.like(ok, {on: 'solo', event: 'solo', kind: 'webhook', ok: true, status: 204});
	t.like(broken, {on: 'server-down', hook: 'webhook (slack)', ok: false, status: 500});
	t.like(mail, {on: 'drift', kind: 'mail', hook: 'mail to root', ok: true, exitCode: 0});
	for (const {durationMs, eventId} of answer.hooks) {
		t.is(typeof durationMs, 'number');
		t.regex(eventId, /^test-lb1-[0-9a-f]{12}-\d$/);
	}
	t.is(readFileSync(join(directory, 'said'), 'utf8'), '1 backup own INSTANCE oslo BACKUP 150\n');
	t.like(JSON.parse(bodies[0] ?? ''), {test: true, event: 'solo'});
	t.regex(readFileSync(join(directory, 'mail'), 'utf8'), /^Subject: \[hapair\] \[test\] oslo: the configurations/m);
});

test('for people it is a table; --event chooses', async t => {
	const directory = makeTempDirectory(t);
	const program = writeProgram(directory, 'hook', 'exit 0');
	const config = writeConfig(directory, [
		`on any exec ${program}`,
		`on drift exec ${program}`,
		`on change exec ${program}`,
	]);
	const options = {files: [config], nodeName: 'lb2', syntax: undefined, event: 'master', json: false} as const;
	const {io, out} = recordIo();
	t.is(await testHooks(options, io), exitCodes.ok);
	const lines = out().trim().split('\n');
	t.is(lines.length, 3, out());
	t.regex(lines[1] ?? '', /^✔ {2}any +master +\S+hook +exit code 0 +\d+ ms +exited with 0/);
	t.regex(lines[2] ?? '', /^✔ {2}change/);
});

test('what cannot be tested is one sentence', async t => {
	const directory = makeTempDirectory(t);
	const options = {nodeName: 'lb1', syntax: undefined, event: undefined, json: false};
	const none = writeConfig(directory, []);
	const error = await t.throwsAsync(testHooks({...options, files: [none]}, recordIo().io), {instanceOf: UserError});
	t.is(error?.message, `${none}: no hooks`);
	const broken = writeConfig(directory, ['on master exce /x']);
	const {io, err} = recordIo();
	t.is(await testHooks({...options, files: [broken]}, io), exitCodes.failed);
	t.regex(err(), /did you mean 'exec'/);
	const template = writeConfig(directory, [`on solo mail root template ${directory}/none`]);
	const missing = await t.throwsAsync(testHooks({...options, files: [template]}, recordIo().io));
	t.regex(missing?.message ?? '', /the template cannot be read: ENOENT/);
});
