import {spawn} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {askDaemon} from '../../src/daemon/control-client.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import {findFreePort} from '../helpers/free-port.ts';
import {type RunningHapair, runHapair, startHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

/** What is built, unless a source is newer: many start at once here. */
const main = join(import.meta.dirname, '..', '..', 'bin', 'hapair.mjs');
const pairSection = `pair main
 node lb1 127.0.0.1
 node lb2 127.0.0.2
 virtual-ip 127.0.9.9/32 dev lo
 secret file KEY
`;

interface Place {
	readonly directory: string;
	readonly config: string;
	readonly socket: string;
	readonly pidFile: string;
	readonly port: number;
}

async function makePlace(t: ExecutionContext, pair = ''): Promise<Place> {
	const directory = makeTempDirectory(t);
	const port = await findFreePort();
	const config = join(directory, 'x.cfg');
	const defaults = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
	writeFileSync(config, `${defaults}listen a\n bind 127.0.0.1:${port}\n server s 127.0.0.1:1\n${pair}`);
	return {directory, config, port, socket: join(directory, 's'), pidFile: join(directory, 'hapair.pid')};
}

const argvOf = ({config, socket}: Place, ...more: string[]): string[] => [
	'run',
	'-f',
	config,
	'--socket',
	socket,
	...more,
];
const isReady = (running: RunningHapair) => () => /"msg":"ready with \d+ workers"/.test(running.out());
const messagesOf = (out: string): string[] =>
	out
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line).msg);

test('it runs until SIGTERM, then ends with 0 and leaves nothing behind', async t => {
	const place = await makePlace(t);
	const running = startHapair(t, argvOf(place));
	await waitFor('ready', isReady(running));
	t.is(readFileSync(place.pidFile, 'utf8'), `${running.child.pid}\n`);
	const status = await runHapair(t, ['status', '--socket', place.socket, '--json']);
	t.is(JSON.parse(status.out).proxy.phase, 'serving');
	running.child.kill('SIGTERM');
	const {code, out, err} = await running.ended;
	t.is(code, exitCodes.ok, err);
	t.deepEqual(messagesOf(out).slice(-2), ['stopping; a second signal stops at once', 'stopped']);
	t.false(existsSync(place.pidFile));
	t.false(existsSync(place.socket));
});

test('a second signal ends it at once, connections or not', async t => {
	const place = await makePlace(t);
	const running = startHapair(t, argvOf(place));
	await waitFor('ready', isReady(running));
	const client = connect(place.port, '127.0.0.1');
	t.teardown(() => client.destroy());
	client.on('error', () => {});
	await new Promise<void>(resolve => client.once('connect', resolve));
	// Half a request is in work, so a soft stop would wait for its end.
	client.write('GET / HTTP/1.1\r\nHost: ');
	running.child.kill('SIGINT');
	await waitFor('the first signal', () => running.out().includes('a second signal stops at once'));
	running.child.kill('SIGINT');
	const {code, out} = await running.ended;
	t.is(code, exitCodes.ok);
	t.true(messagesOf(out).includes('stopping at once') || messagesOf(out).at(-1) === 'stopped');
	t.is(messagesOf(out).at(-1), 'stopped');
});

test('several -f are one configuration', async t => {
	const place = await makePlace(t);
	const second = join(place.directory, 'y.cfg');
	const port = await findFreePort();
	writeFileSync(second, `listen b\n bind 127.0.0.1:${port}\n server s 127.0.0.1:1\n`);
	const running = startHapair(t, argvOf(place, '-f', second));
	await waitFor('ready', isReady(running));
	const status = await runHapair(t, ['status', '--socket', place.socket, '--json']);
	t.deepEqual(
		JSON.parse(status.out).proxy.frontends.map(({name}: {name: string}) => name),
		['a', 'b'],
	);
	running.child.kill('SIGINT');
	t.is((await running.ended).code, exitCodes.ok);
});

test('a port in use: one sentence, what to do, 1, and the children are gone', async t => {
	const place = await makePlace(t);
	const server = createServer();
	await new Promise<void>(resolve => server.listen(place.port, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const {code, err} = await runHapair(t, argvOf(place));
	t.is(code, exitCodes.failed);
	t.is(
		err,
		`hapair: bind 127.0.0.1:${place.port}: port ${place.port} is in use by another program.\n` +
			`  Find it with: ss -ltnp 'sport = :${place.port}' and stop it, or choose another port.\n`,
	);
	t.is((await askDaemon(place.socket, {command: 'ping'}, 1000)).kind, 'absent');
});

test('a pid file that cannot be written ends all of it, not only the command', async t => {
	const place = await makePlace(t);
	const {code, err} = await runHapair(t, argvOf(place, '--pid-file', '/nonexistent/hapair.pid'));
	t.is(code, exitCodes.failed);
	t.regex(err, /^hapair: \/nonexistent\/hapair\.pid: the pid file cannot be written/);
	t.regex(err, /\n {2}name another place with --pid-file\n$/);
	t.is(await findListener(place.port), undefined);
});

/** Something that accepts on the port, or `undefined`. */
async function findListener(port: number): Promise<true | undefined> {
	const server = createServer();
	const {promise, resolve} = Promise.withResolvers<true | undefined>();
	server.once('error', () => resolve(true));
	server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
	return promise;
}

test('a second daemon on the same socket is refused and the first one goes on', async t => {
	const place = await makePlace(t);
	const first = startHapair(t, argvOf(place));
	await waitFor('ready', isReady(first));
	const {code, err} = await runHapair(t, argvOf(place));
	t.is(code, exitCodes.failed);
	t.regex(err, new RegExp(`hapair is already running with pid ${first.child.pid}\\n  stop it first`));
	t.is(readFileSync(place.pidFile, 'utf8'), `${first.child.pid}\n`);
	first.child.kill('SIGTERM');
	t.is((await first.ended).code, exitCodes.ok);
});

test('whoever reads the log and stops reading does not keep the daemon from ending', async t => {
	const place = await makePlace(t);
	// A shell's pipe: what Node gives a child is a socket pair. `sleep` is the reader that does not read.
	const command = 'exec "$@" --log-level debug | exec sleep 300';
	const shell = spawn('/bin/bash', ['-c', command, 'bash', process.execPath, main, ...argvOf(place)], {
		stdio: ['ignore', 'ignore', 'ignore'],
		detached: true,
	});
	t.teardown(() => shell.pid !== undefined && process.kill(-shell.pid, 'SIGKILL'));
	await waitFor('the daemon', () => existsSync(place.pidFile));
	const pid = Number(readFileSync(place.pidFile, 'utf8'));
	await fillPipe(pid);
	process.kill(pid, 'SIGTERM');
	await waitFor('the end', () => !isAlive(pid), 15_000);
	t.false(existsSync(place.pidFile));
});

/** Fills the pipe that is the process's stdout, so that its next line finds no room. */
async function fillPipe(pid: number): Promise<void> {
	const filler = spawn('/bin/dd', ['if=/dev/zero', `of=/proc/${pid}/fd/1`, 'bs=4096', 'count=64', 'oflag=nonblock'], {
		stdio: 'ignore',
	});
	await new Promise(resolve => filler.once('exit', resolve));
}

function isAlive(pid: number): boolean {
	try {
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

test('a reader of the log that goes away does not end the daemon', async t => {
	const place = await makePlace(t);
	const running = startHapair(t, argvOf(place, '--log-level', 'debug'));
	await waitFor('ready', isReady(running));
	running.child.stdout.destroy();
	for (const word of ['SIGHUP', 'SIGHUP'] as const) running.child.kill(word);
	const status = await runHapair(t, ['status', '--socket', place.socket]);
	t.is(status.code, exitCodes.ok, status.err);
	running.child.kill('SIGTERM');
	t.is((await running.ended).code, exitCodes.ok);
});

test('a key that others can read is refused by name', async t => {
	const place = await makePlace(t);
	const key = join(place.directory, 'pair.key');
	writeFileSync(key, 'a secret of enough bytes\n', {mode: 0o644});
	writeFileSync(place.config, readFileSync(place.config, 'utf8') + pairSection.replace('KEY', key));
	const {code, err} = await runHapair(t, argvOf(place, '--node', 'lb1'));
	t.is(code, exitCodes.failed);
	t.regex(err, new RegExp(`^hapair: (${key}: is open to others|this user may not move addresses)`));
});

test('a node that may not move addresses does not pretend to be one', async t => {
	const place = await makePlace(t);
	const key = join(place.directory, 'pair.key');
	writeFileSync(key, 'a secret of enough bytes\n', {mode: 0o600});
	writeFileSync(place.config, readFileSync(place.config, 'utf8') + pairSection.replace('KEY', key));
	const {code, err} = await runHapair(t, argvOf(place, '--node', 'lb1'), {}, withoutCapability('net_admin'));
	t.is(code, exitCodes.failed);
	t.is(
		err,
		'hapair: this user may not move addresses, so this node could never hold the virtual address\n' +
			'  run as root, or with CAP_NET_ADMIN and CAP_NET_RAW\n',
	);
});

/** The program that starts another one without a capability; only root has it to begin with. */
function withoutCapability(name: string): readonly string[] {
	return process.getuid?.() === 0 ? ['/usr/bin/setpriv', `--bounding-set=-${name}`] : [];
}

test('errors of the configuration are shown with their line before anything starts', async t => {
	const place = await makePlace(t);
	writeFileSync(place.config, 'listen a\n bnd *:80\n');
	const {code, out, err} = await runHapair(t, argvOf(place));
	t.is(code, exitCodes.failed);
	t.is(out, '');
	t.regex(err, /x\.cfg:2:2: error: /);
	writeFileSync(place.config, '');
	t.regex((await runHapair(t, argvOf(place))).err, /^hapair: .*x\.cfg: there is nothing to run/);
	t.false(existsSync(place.socket));
});
