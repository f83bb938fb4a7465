/** `bind` on socket files and on one interface. */
import {mkdtempSync, renameSync, rmSync, statSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {startEngine} from '../../src/engine.ts';
import {systemCalls} from '../../src/system/calls.ts';
import {GET, OK, readConfiguration, serve} from '../helpers/proxy.ts';

const testWithCalls = systemCalls() ? test : test.skip;

const sections = (bind: string, port: number) => `
global
    nbthread 2
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend in
    bind ${bind}
    default_backend out
backend out
    server s1 127.0.0.1:${port}
`;

const start = (text: string) => startEngine(readConfiguration(text), {errorFiles: {}, logTag: 'haproxy', logPid: 1});

function ask(where: net.NetConnectOpts): Promise<string> {
	return new Promise((resolve, reject) => {
		let text = '';
		const socket = net.connect(where, () => socket.write(GET));
		socket.on('error', reject).on('data', data => {
			text += data.toString('latin1');
			if (!text.endsWith('ok')) return;
			socket.destroy();
			resolve(text);
		});
	});
}

test('a socket file serves with several workers, has its mode, and one left over is replaced', async t => {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-bind-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	const path = join(directory, 'in.sock');
	// A program that is killed leaves its file: this one cannot find it to remove it.
	const left = net.createServer();
	await new Promise<void>(resolve => left.listen(join(directory, 'other'), resolve));
	renameSync(join(directory, 'other'), path);
	await new Promise(resolve => left.close(resolve));
	const engine = await start(sections(`unix@${path} mode 600`, await serve(t)));
	t.teardown(() => engine.stop('hard', 0));
	t.is(await ask({path}), OK);
	t.is(statSync(path).mode & 0o777, 0o600);
	t.true(engine.snapshot().frontends[0]!.listening);
});

test('a socket file that somebody serves is left alone', async t => {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-bind-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	const path = join(directory, 'in.sock');
	const other = net.createServer(socket => socket.end());
	await new Promise<void>(resolve => other.listen(path, resolve));
	t.teardown(() => other.close());
	await t.throwsAsync(start(sections(`unix@${path}`, 1)), {message: /exists and another program listens on it/});
});

testWithCalls('a bind for one interface serves there; for one that does not exist it fails', async t => {
	const engine = await start(sections('127.0.0.1:1 interface lo', await serve(t)));
	t.teardown(() => engine.stop('hard', 0));
	t.is(await ask({port: engine.ports[0]!.port, host: '127.0.0.1'}), OK);
	await t.throwsAsync(start(sections('127.0.0.1:1 interface none0', 1)), {
		message: /the interface of this line cannot be used/,
	});
});
