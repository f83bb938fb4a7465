/** `chroot` really done: what the process sees, and what still works in it. Root. */
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {keepModules} from '../../src/workers/kept-modules.ts';
import {waitFor} from '../helpers/engine.ts';
import {freePort, runProgram, writeConfiguration} from '../helpers/program.ts';
import {GET, serve} from '../helpers/proxy.ts';

const testAsRoot = process.getuid?.() === 0 ? test : test.skip;

/** The answer, or why there is none. */
function ask(port: number): Promise<string> {
	return new Promise(resolve => {
		let text = '';
		const socket = net.connect(port, '127.0.0.1', () =>
			socket.write(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
		);
		socket.on('data', chunk => {
			text += String(chunk);
		});
		socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
		socket.on('close', () => resolve(text));
	});
}

function makeJail(t: ExecutionContext): string {
	const jail = mkdtempSync(join(tmpdir(), 'hapair-jail-'));
	chmodSync(jail, 0o755);
	t.teardown(() => rmSync(jail, {recursive: true, force: true}));
	return jail;
}

const configuration = (jail: string, port: number, server: number) => `
global
    nbthread 1
    chroot ${jail}
    uid 65534
    gid 65534
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
listen in
    bind 127.0.0.1:${port}
    server s1 127.0.0.1:${server}
`;

testAsRoot('hapair proxy serves from inside the directory, as the user', async t => {
	const jail = makeJail(t);
	const port = await freePort();
	const {path, directory} = writeConfiguration(t, configuration(jail, port, await serve(t)));
	const {child} = runProgram(t, ['-db', '-f', path, '-p', join(directory, 'pid')]);
	const rootOf = () => readlinkSync(`/proc/${child.pid}/root`);
	await waitFor(() => rootOf() === jail, 20_000);
	await waitFor(() => /^Uid:\t65534/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')), 20_000);
	t.regex(await ask(port), /^HTTP\/1\.1 200 OK/);
	t.is(readFileSync(join(directory, 'pid'), 'utf8').trim(), String(child.pid));
	t.is(readlinkSync(`/proc/${child.pid}/cwd`), jail);
});

testAsRoot('a directory that does not exist refuses the start', async t => {
	const jail = join(makeJail(t), 'none');
	const {path} = writeConfiguration(t, configuration(jail, await freePort(), 80));
	const run = runProgram(t, ['-db', '-f', path]);
	t.is(await run.ended, 1);
	t.regex(run.output(), /chroot .*: there is no such directory\.\n.*mkdir -p /);
	t.false(existsSync(jail));
});

testAsRoot('a worker that dies inside is replaced, and names were looked up before', async t => {
	const jail = makeJail(t);
	mkdirSync(join(jail, 'empty'));
	const server = await serve(t);
	const child = fork(fileURLToPath(new URL('../fixtures/confined.ts', import.meta.url)), [jail, String(server)]);
	t.teardown(async () => {
		child.kill('SIGKILL');
		await once(child, 'close');
	});
	const [port] = (await once(child, 'message')) as [number];
	t.is(readlinkSync(`/proc/${child.pid}/root`), jail);
	t.regex(await ask(port), /\r\n\r\nok$/);
	for (let round = 0; round < 3; round++) {
		child.send('kill');
		t.deepEqual((await once(child, 'message'))[0], 'replaced');
		const answers = await Promise.all(Array.from({length: 8}, () => ask(port)));
		for (const answer of answers) t.regex(answer, /X-Date: x\r\n\r\nok$/);
	}
});

test('everything that a worker imports is kept', t => {
	const {entry, sources, packages} = keepModules(new URL('../../src/worker.ts', import.meta.url));
	t.true(entry in sources);
	t.true(Object.keys(sources).length > 150);
	t.deepEqual(Object.keys(packages), ['@hapair/config']);
});
