import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {waitFor} from '../lab/wait.ts';
import {ask, serverOf} from './client.ts';
import {startWebServer} from './servers.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

interface Place {
	readonly directory: string;
	readonly port: number;
	/** The web server's. */
	readonly server: number;
	write(name: string, text: string): string;
}

async function prepare(t: ExecutionContext): Promise<Place> {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-programs-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	const [web, free] = await Promise.all([startWebServer('s1'), startWebServer('free')]);
	t.teardown(() => web.close());
	free.close();
	return {
		directory,
		port: free.port,
		server: web.port,
		write(name, text) {
			const path = join(directory, name);
			writeFileSync(path, text);
			return path;
		},
	};
}

function run(t: ExecutionContext, argv: readonly string[]) {
	const child = spawn(process.execPath, [program, 'proxy', ...argv], {stdio: 'ignore'});
	t.teardown(() => child.kill('SIGKILL'));
	return child;
}

const serves =
	({port}: Place) =>
	async () =>
		serverOf(await ask(port)) === 's1';
const frontend = ({port}: Place) => `frontend in 127.0.0.1:${port}\n default_backend out\n`;
const backend = ({server}: Place) => `backend out\n server s1 127.0.0.1:${server}\n`;
const DEFAULTS = 'defaults\n mode http\n contimeout 5s\n clitimeout 5s\n srvtimeout 5s\n';

test('several -f files are one configuration, in their order', async t => {
	const place = await prepare(t);
	const first = place.write('a.cfg', DEFAULTS + frontend(place));
	const second = place.write('b.cfg', backend(place));
	run(t, ['-db', '-f', first, '-f', second]);
	await waitFor('an answer', serves(place));
	t.pass();
});

test('a range of ports is a socket for each of them', async t => {
	const place = await prepare(t);
	const first = await findRow(3);
	const file = place.write(
		'a.cfg',
		`${DEFAULTS}frontend in\n bind 127.0.0.1:${first}-${first + 2}\n default_backend out\n${backend(place)}`,
	);
	run(t, ['-db', '-f', file]);
	for (let port = first; port < first + 3; port++) {
		await waitFor(`an answer at the port ${port - first}`, async () => serverOf(await ask(port)) === 's1');
	}
	t.is(await ask(first + 3, {withinMs: 2000}), '');
});

/** The first of `count` free ports in a row, with a closed one behind them. */
async function findRow(count: number): Promise<number> {
	for (let first = 12_000 + (process.pid % 100) * 100; first < 32_000; first += count + 1) {
		const places = Array.from({length: count + 1}, (_, offset) => first + offset);
		const areFree = await Promise.all(places.map(port => isFree(port)));
		if (areFree.every(Boolean)) return first;
	}
	throw new Error('There are no free ports in a row.');
}

function isFree(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const server = net.createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}

test('daemon goes to the background, pidfile names who serves there', async t => {
	const place = await prepare(t);
	const pidfile = join(place.directory, 'pid');
	const file = place.write(
		'a.cfg',
		`global\n daemon\n pidfile ${pidfile}\n${DEFAULTS}${frontend(place)}${backend(place)}`,
	);
	const child = run(t, ['-f', file]);
	const code = await new Promise(resolve => child.once('exit', resolve));
	const pid = Number(readFileSync(pidfile, 'utf8'));
	t.teardown(() => process.kill(pid, 'SIGKILL'));
	t.is(code, 0);
	t.not(pid, child.pid);
	t.true(await serves(place)());
});

for (const [rows, lines] of [
	['user and group', 'user nobody\n group nogroup'],
	['uid and gid', 'uid 65534\n gid 65534'],
] as const) {
	test(`${rows} are those of the process that serves`, async t => {
		const isRoot = process.getuid?.() === 0 && !/^\s*0\s+0\s+1$/m.test(readFileSync('/proc/self/uid_map', 'utf8'));
		const place = await prepare(t);
		const file = place.write('a.cfg', `global\n ${lines}\n${DEFAULTS}${frontend(place)}${backend(place)}`);
		const child = run(t, ['-db', '-f', file]);
		const ids = () => {
			const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
			return ['Uid', 'Gid'].map(name => new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]).join();
		};
		// It listens first, as who it is, and becomes who it shall be then.
		const wanted = isRoot ? '65534,65534' : `${process.getuid?.()},${process.getgid?.()}`;
		await waitFor('an answer', serves(place));
		await waitFor(`a process of ${wanted}`, () => ids() === wanted);
		t.is(ids(), wanted);
	});
}
