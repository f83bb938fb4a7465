import {createServer, type Server} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {askDaemon, chooseSocketPath, converse, defaultSocketPath} from '../../src/daemon/control-client.ts';
import type {ControlReply} from '../../src/daemon/control-protocol.ts';
import {exitCodes, UserError} from '../../src/exit-codes.ts';
import {startControlServer} from '../helpers/control-server.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

const options = {silenceLimitMs: 5000, onReply: () => {}};

/** A server that does with each connection what the test says. */
async function listenRaw(
	t: ExecutionContext,
	onConnection: (socket: import('node:net').Socket) => void,
): Promise<string> {
	const path = join(makeTempDirectory(t), 's');
	const server: Server = createServer(socket => {
		socket.on('error', () => {});
		t.teardown(() => socket.destroy());
		onConnection(socket);
	});
	t.teardown(() => server.close());
	await new Promise<void>(resolve => server.listen(path, resolve));
	return path;
}

test('the option wins over HAPAIR_SOCKET, which wins over the default; an empty variable is none', t => {
	t.is(chooseSocketPath('/a', {HAPAIR_SOCKET: '/b'}), '/a');
	t.is(chooseSocketPath(undefined, {HAPAIR_SOCKET: '/b'}), '/b');
	t.is(chooseSocketPath(undefined, {HAPAIR_SOCKET: ''}), defaultSocketPath);
});

test('replies are handed over until the final one; what follows is not', async t => {
	const {path, requests} = await startControlServer(t, [
		{type: 'progress', message: 'one'},
		{type: 'result', code: 0, message: 'done'},
		{type: 'progress', message: 'too late'},
	]);
	const replies: ControlReply[] = [];
	await converse(
		path,
		{command: 'maintenance', on: true, force: false},
		{...options, onReply: reply => replies.push(reply)},
	);
	t.deepEqual(requests, [{command: 'maintenance', on: true, force: false}]);
	t.deepEqual(
		replies.map(({type}) => type),
		['progress', 'result'],
	);
});

test('no socket, a file and a directory in its place are told apart, all as "not running"', async t => {
	const directory = makeTempDirectory(t);
	const absent = await t.throwsAsync(converse(join(directory, 'none'), {command: 'ping'}, options), {
		instanceOf: UserError,
	});
	t.is(absent?.exitCode, exitCodes.notRunning);
	t.regex(absent?.message ?? '', /^the daemon is not running: nobody answers on /);
	t.regex(absent?.hint ?? '', /--socket or HAPAIR_SOCKET/);
	for (const wrong of [directory, '/etc/passwd']) {
		const error = await t.throwsAsync(converse(wrong, {command: 'ping'}, options), {instanceOf: UserError});
		t.is(error?.message, `${wrong} is not a socket`);
		t.is(error?.exitCode, exitCodes.notRunning);
	}
});

test('a path that is too long is a mistake of the command line', async t => {
	const error = await t.throwsAsync(converse(`/${'x'.repeat(107)}`, {command: 'ping'}, options), {
		instanceOf: UserError,
	});
	t.is(error?.exitCode, exitCodes.usage);
});

test('a daemon that says nothing is waited for as long as said', async t => {
	const path = await listenRaw(t, () => {});
	const error = await t.throwsAsync(converse(path, {command: 'status'}, {...options, silenceLimitMs: 50}), {
		instanceOf: UserError,
	});
	t.is(error?.exitCode, exitCodes.timedOut);
	t.regex(error?.message ?? '', /did not answer within 50 ms$/);
});

test('a daemon that hangs up before the answer is an error, nonsense lines are passed over', async t => {
	const path = await listenRaw(t, socket => socket.once('data', () => socket.end('nonsense\n')));
	const error = await t.throwsAsync(converse(path, {command: 'status'}, options), {instanceOf: UserError});
	t.is(error?.message, 'the daemon closed the connection before it had answered');
	t.is(error?.exitCode, exitCodes.failed);
});

test('an interrupted conversation ends without an error', async t => {
	const {path, requests} = await startControlServer(t);
	const end = new AbortController();
	const watching = converse(path, {command: 'watch'}, {...options, signal: end.signal});
	await waitFor('the request', () => requests.length === 1);
	end.abort();
	await t.notThrowsAsync(watching);
});

test('asking tells absent, refused, answered and silent apart', async t => {
	const directory = makeTempDirectory(t);
	t.is((await askDaemon(join(directory, 'none'), {command: 'ping'}, 500)).kind, 'absent');
	t.is((await askDaemon('/etc/passwd', {command: 'ping'}, 500)).kind, 'refused');
	const pong = {type: 'pong', pid: 1, version: '1'} as const;
	const {path} = await startControlServer(t, [pong]);
	t.deepEqual(await askDaemon(path, {command: 'ping'}, 5000), {kind: 'answered', replies: [pong]});
	const silent = await listenRaw(t, () => {});
	t.deepEqual(await askDaemon(silent, {command: 'ping'}, 50), {kind: 'answered', replies: []});
});
