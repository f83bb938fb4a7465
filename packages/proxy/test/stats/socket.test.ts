/** Real stats sockets: files, limits, idle time, half-closed peers. */
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {StatsSockets} from '../../src/stats/socket.ts';
import {CONFIGURATION, createRuntime} from '../helpers/runtime.ts';
import {waitFor} from '../helpers/wait-for.ts';

function makeDirectory(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-stats-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	return directory;
}

/** `lines` of the global section; `DIR` stands for a directory of the test's own. */
async function open(t: ExecutionContext, directory: string, lines: string): Promise<StatsSockets> {
	const text = `global\n${lines.replaceAll('DIR', directory)}\n${CONFIGURATION}`;
	const {runtime, configuration} = createRuntime(text);
	const sockets = new StatsSockets(configuration.global, runtime);
	t.teardown(() => sockets.close());
	await sockets.open();
	return sockets;
}

interface Peer {
	readonly socket: net.Socket;
	text: string;
	isClosed: boolean;
}

function connect(t: ExecutionContext, path: string): Peer {
	const socket = net.connect({path, allowHalfOpen: true});
	const peer: Peer = {socket, text: '', isClosed: false};
	socket.on('error', () => {});
	socket.on('data', chunk => {
		peer.text += chunk.toString('latin1');
	});
	socket.on('end', () => {
		peer.isClosed = true;
		socket.end();
	});
	socket.on('close', () => {
		peer.isClosed = true;
	});
	t.teardown(() => socket.destroy());
	return peer;
}

test('a peer that has ended its direction is answered', async t => {
	const directory = makeDirectory(t);
	await open(t, directory, '	stats socket DIR/s level admin mode 600');
	t.is(statSync(`${directory}/s`).mode & 0o777, 0o600);
	const peer = connect(t, `${directory}/s`);
	peer.socket.end('get weight out/s1\n');
	await waitFor('the end', () => peer.isClosed);
	t.is(peer.text, '10 (initial 10)\n\n');
});

test('each socket has its own level', async t => {
	const directory = makeDirectory(t);
	await open(t, directory, '	stats socket DIR/a level admin\n	stats socket DIR/u level user');
	for (const [name, answer] of [
		['a', '\n'],
		['u', 'Permission denied\n\n'],
	] as const) {
		const peer = connect(t, `${directory}/${name}`);
		peer.socket.write('set weight out/s1 9\n');
		await waitFor('the end', () => peer.isClosed);
		t.is(peer.text, answer);
	}
});

test('who is silent for too long is let go', async t => {
	const directory = makeDirectory(t);
	await open(t, directory, '	stats socket DIR/s\n	stats timeout 50ms');
	const peer = connect(t, `${directory}/s`);
	await waitFor('the end', () => peer.isClosed);
	t.is(peer.text, '');
});

test('beyond stats maxconn a connection waits until another has ended', async t => {
	const directory = makeDirectory(t);
	await open(t, directory, '	stats socket DIR/s\n	stats maxconn 1\n	stats timeout 1m');
	const first = connect(t, `${directory}/s`);
	first.socket.write('prompt\n');
	await waitFor('the prompt', () => first.text === '\n> ');
	const second = connect(t, `${directory}/s`);
	second.socket.write('show version\n');
	first.socket.write('get weight out/s1\n');
	await waitFor('the weight', () => first.text.length > 10);
	t.is(second.text, '');
	first.socket.write('quit\n');
	await waitFor('the second', () => second.isClosed);
	t.is(second.text, '9.9\n\n');
});

test('a socket takes the place of an older one, and removes only its own file', async t => {
	const directory = makeDirectory(t);
	const line = '	stats socket DIR/s';
	const older = await open(t, directory, line);
	const newer = await open(t, directory, line);
	older.close();
	const peer = connect(t, `${directory}/s`);
	peer.socket.write('show version\n');
	await waitFor('the version', () => peer.text === '9.9\n\n');
	newer.close();
	t.throws(() => statSync(`${directory}/s`), {code: 'ENOENT'});
});

test('a file that is no socket stays, and so does everything when an owner does not exist', async t => {
	const directory = makeDirectory(t);
	writeFileSync(`${directory}/file`, 'precious');
	await t.throwsAsync(open(t, directory, '	stats socket DIR/file'), {message: /is no socket/});
	t.is(statSync(`${directory}/file`).size, 8);
	await t.throwsAsync(open(t, directory, '	stats socket DIR/s user nobody-of-that-name'), {
		message: /There is no user/,
	});
	t.throws(() => statSync(`${directory}/s`), {code: 'ENOENT'});
});

test('a socket may have a port instead of a path', async t => {
	const probe = net.createServer().listen(0, '127.0.0.1');
	await new Promise(resolve => probe.once('listening', resolve));
	const {port} = probe.address() as net.AddressInfo;
	await new Promise(resolve => probe.close(resolve));
	await open(t, '', `	stats socket 127.0.0.1:${port}`);
	const socket = net.connect(port, '127.0.0.1');
	let text = '';
	socket.on('data', chunk => {
		text += chunk;
	});
	socket.write('show version\n');
	await waitFor('the end', () => socket.closed);
	t.is(text, '9.9\n\n');
});
