import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import {createConnection} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {converse} from '../../src/daemon/control-client.ts';
import type {ControlReply, ControlRequest} from '../../src/daemon/control-protocol.ts';
import {openControlSocket} from '../../src/daemon/control-socket.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {recordLog} from '../helpers/record-log.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

async function open(t: ExecutionContext, path: string) {
	const requests: ControlRequest[] = [];
	const socket = await openControlSocket(
		path,
		async (request, connection) => {
			requests.push(request);
			if (request.command === 'ping') connection.reply({type: 'pong', pid: 4711, version: '1'});
			if (request.command === 'failover') {
				connection.reply({type: 'progress', message: 'one'});
				connection.reply({type: 'result', code: exitCodes.refused, message: 'no'});
			}
			if (request.command === 'maintenance') throw new Error('a defect');
		},
		recordLog().log,
	);
	t.teardown(() => socket.close());
	return {requests};
}

async function collect(path: string, request: ControlRequest): Promise<ControlReply[]> {
	const replies: ControlReply[] = [];
	await converse(path, request, {silenceLimitMs: 2000, onReply: reply => replies.push(reply)});
	return replies;
}

/** Sends raw text and returns all that comes back until the other side closes or the text is answered. */
function sendRaw(path: string, text: string): Promise<string> {
	const {promise, resolve, reject} = Promise.withResolvers<string>();
	const socket = createConnection(path);
	let answer = '';
	socket.setTimeout(5000, () => reject(new Error('no answer')));
	socket.on('data', data => {
		answer += data;
		if (answer.endsWith('\n')) socket.destroy();
	});
	socket.on('error', () => {});
	socket.on('close', () => resolve(answer));
	socket.write(text);
	return promise;
}

test('requests are answered by progress and a result', async t => {
	const path = join(makeTempDirectory(t), 'new', 'hapair.sock');
	await open(t, path);
	t.deepEqual(await collect(path, {command: 'failover', force: true, drainMs: 1, timeoutMs: 1}), [
		{type: 'progress', message: 'one'},
		{type: 'result', code: 4, message: 'no'},
	]);
});

test('the socket is closed to others', async t => {
	const path = join(makeTempDirectory(t), 'hapair.sock');
	await open(t, path);
	t.is(statSync(path).mode & 0o7777, 0o660);
});

test('a second daemon is refused with the pid of the first', async t => {
	const path = join(makeTempDirectory(t), 'hapair.sock');
	await open(t, path);
	const error = await t.throwsAsync(open(t, path), {instanceOf: UserError});
	t.is(error?.message, `${path}: hapair is already running with pid 4711`);
	t.regex(error?.hint ?? '', /--socket/);
	t.is((await collect(path, {command: 'ping'})).length, 1);
});

test('a socket that nobody serves any more is replaced', async t => {
	const path = join(makeTempDirectory(t), 'hapair.sock');
	const dead = spawn(process.execPath, [
		'-e',
		`require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
	]);
	await new Promise(resolve => dead.once('exit', resolve));
	t.true(existsSync(path));
	await open(t, path);
	t.is((await collect(path, {command: 'ping'}))[0]?.type, 'pong');
});

test('a file in the place of the socket is not removed', async t => {
	const path = join(makeTempDirectory(t), 'hapair.sock');
	writeFileSync(path, 'precious');
	await t.throwsAsync(open(t, path), {instanceOf: UserError});
	t.is(statSync(path).size, 8);
});

test('a path that is too long or not writable is one sentence', async t => {
	const directory = makeTempDirectory(t);
	await t.throwsAsync(open(t, join(directory, 'x'.repeat(120))), {message: /at most 107 bytes/});
	mkdirSync(join(directory, 'dir.sock'));
	await t.throwsAsync(open(t, join(directory, 'dir.sock')), {message: /cannot be opened/});
});

test('nobody there means not running', async t => {
	const error = await t.throwsAsync(collect(join(makeTempDirectory(t), 'none'), {command: 'ping'}), {
		instanceOf: UserError,
	});
	t.is(error?.exitCode, exitCodes.notRunning);
	t.regex(error?.message ?? '', /the daemon is not running/);
});

test('nonsense, a flood and a defect are answered and do not stop the service', async t => {
	const path = join(makeTempDirectory(t), 'hapair.sock');
	const {requests} = await open(t, path);
	t.regex(await sendRaw(path, 'GET / HTTP/1.0\n'), /"code":2/);
	t.regex(await sendRaw(path, 'x'.repeat(10_000)), /at most 4096 bytes/);
	t.regex(await sendRaw(path, '{"command":"maintenance","on":true}\n'), /internal error/);
	t.is((await collect(path, {command: 'ping'}))[0]?.type, 'pong');
	t.deepEqual(
		requests.map(({command}) => command),
		['maintenance', 'ping'],
	);
});
