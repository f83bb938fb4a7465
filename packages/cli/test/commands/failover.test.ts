import test from 'ava';
import {converseForResult, failover} from '../../src/commands/failover.ts';
import {maintenance} from '../../src/commands/maintenance.ts';
import {type ExitCode, exitCodes, UserError} from '../../src/exit-codes.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {recordIo} from '../helpers/record-io.ts';
import {runHapair, startHapair} from '../helpers/run-hapair.ts';
import {waitFor} from '../helpers/wait-for.ts';

const options = {force: false, drainMs: 10, timeoutMs: 2000, json: false};
const result = (code: ExitCode, message: string) => ({type: 'result', code, message, durationMs: 1234}) as const;

test('progress goes to stderr, the result to stdout', async t => {
	const {path, requests} = await startControlServer(t, [
		{type: 'progress', message: 'draining'},
		result(0, 'lb2 took the address in 5 ms'),
	]);
	const {code, out, err} = await runHapair(t, ['failover', '--drain', '3s', '--socket', path]);
	t.is(code, exitCodes.ok);
	t.is(out, 'done: lb2 took the address in 5 ms (1.2 s in all)\n');
	t.is(err, '… draining\n');
	t.deepEqual(requests, [{command: 'failover', force: false, drainMs: 3000, timeoutMs: 15_000}]);
});

for (const [code, word] of [
	[exitCodes.refused, 'refused:'],
	[exitCodes.timedOut, 'failed:'],
	[exitCodes.failed, 'failed:'],
] as const) {
	test(`the exit code is the daemon's: ${code}`, async t => {
		const {path} = await startControlServer(t, [result(code, 'because')]);
		const {io, out, err} = recordIo();
		t.is(await failover({...options, socketPath: path}, io), code);
		t.is(out(), '');
		t.is(err(), `${word} because\n`);
	});
}

test('--json is one object on stdout, also for a refusal', async t => {
	const {path} = await startControlServer(t, [result(4, 'because')]);
	const {io, out} = recordIo();
	t.is(await failover({...options, socketPath: path, json: true}, io), exitCodes.refused);
	t.deepEqual(JSON.parse(out()), {ok: false, code: 4, message: 'because', durationMs: 1234});
});

test('Ctrl-C while it waits: the daemon goes on, and the user is told', async t => {
	const {path, requests} = await startControlServer(t);
	const {child, ended} = startHapair(t, ['failover', '--socket', path]);
	await waitFor('the request', () => requests.length === 1);
	child.kill('SIGINT');
	const {code, err} = await ended;
	t.is(code, exitCodes.interrupted);
	t.is(
		err,
		'hapair: interrupted before the answer came; the daemon goes on with what it was asked\n' +
			'  see how it ended with: hapair status\n',
	);
});

test('a daemon that never answers is given up at the limit', async t => {
	const {path} = await startControlServer(t);
	const request = {command: 'maintenance', on: true, force: false} as const;
	const asking = converseForResult({socketPath: path, json: false}, request, recordIo().io, 50);
	t.is((await t.throwsAsync(asking, {instanceOf: UserError}))?.exitCode, exitCodes.timedOut);
});

test('maintenance asks for what was said and tells the answer', async t => {
	const {path, requests} = await startControlServer(t, [{type: 'result', code: 0, message: 'lb1 is in maintenance'}]);
	const {io, out} = recordIo();
	t.is(await maintenance({socketPath: path, on: true, force: true, json: false}, io), exitCodes.ok);
	t.is(out(), 'done: lb1 is in maintenance\n');
	await maintenance({socketPath: path, on: false, force: false, json: false}, io);
	t.deepEqual(requests, [
		{command: 'maintenance', on: true, force: true},
		{command: 'maintenance', on: false, force: false},
	]);
});
