/**
 * `npm start`: a whole pair on this machine, to look at and to break.
 *
 * Decides where the demo may run (Linux; as root, or in a user namespace of an ordinary user) and where it is served:
 * 127.0.0.1:8080, or `PORT`; the dashboards of its nodes at 8404 and 8405. Words after `npm start --` go to a demo that already runs. `--once` ends after the first
 * answer, `HAPAIR_DEMO_SECONDS` after a while. The demo itself is in `demo/pair.ts`.
 */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {type AddressInfo, createServer, type Server} from 'node:net';
import {fileURLToPath} from 'node:url';
import {maybeFindTool} from '../test/lab/tools.ts';
import {sayToDemo} from './demo/commands.ts';
import {type DemoDoors, runDemo} from './demo/pair.ts';

const thisProgram = fileURLToPath(import.meta.url);
const usualPort = 8080;
const adminPorts = [8404, 8405] as const;

function fail(message: string): never {
	console.error(`hapair demo: ${message}`);
	process.exit(1);
}

/** Aborted by the first signal, by the loss of the parent, and at once on a second signal. */
function watchForEnd(): AbortSignal {
	const controller = new AbortController();
	let lastMs = 0;
	const end = () => {
		// A terminal and a parent may deliver one Ctrl-C twice; a second one, later, is impatience.
		if (controller.signal.aborted && performance.now() - lastMs > 500) process.exit(130);
		lastMs = performance.now();
		controller.abort();
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
	process.on('disconnect', end);
	const parent = process.ppid;
	if (process.env.npm_lifecycle_event !== undefined) {
		setInterval(() => process.ppid !== parent && !controller.signal.aborted && end(), 500).unref();
	}

	return controller.signal;
}

/** The site's port, the asked one or the usual one, and those of the dashboards. */
async function openDoors(): Promise<readonly [Server, Server, Server]> {
	const asked = process.env.PORT;
	const port = asked === undefined || asked === '' ? usualPort : Number(asked);
	if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`PORT=${asked} is not a port: 0 to 65535`);
	const site = await listen(port, true);
	return [site, await listen(adminPorts[0]), await listen(adminPorts[1])];
}

/** Listens on loopback: the given port, or any when that is taken, which is told where the user chooses it. */
async function listen(port: number, isChosen = false): Promise<Server> {
	const attempt = async (number: number): Promise<Server> => {
		const server = createServer({allowHalfOpen: true}).listen(number, '127.0.0.1');
		await once(server, 'listening');
		return server;
	};
	try {
		return await attempt(port);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : '';
		if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
		const why = code === 'EACCES' ? 'needs root' : 'is taken';
		const server = await attempt(0);
		const hint = isChosen ? ' (PORT=… chooses)' : '';
		console.error(`hapair demo: port ${port} ${why}; using ${portOf(server)}${hint}`);
		return server;
	}
}

function checkTools(): void {
	const packages = {ip: 'iproute2', setpriv: 'util-linux', unshare: 'util-linux'};
	const missing = Object.entries(packages).filter(([tool]) => maybeFindTool(tool) === undefined);
	if (missing.length === 0) return;
	const names = missing.map(([tool]) => tool).join(', ');
	fail(
		`missing programs: ${names}. As root: apt-get install -y ${[...new Set(missing.map(([, name]) => name))].join(' ')}`,
	);
}

/** Why an ordinary user may not make a user namespace here, or `undefined` when that works. */
function whyNoUserNamespace(): string | undefined {
	const {status, stderr} = spawnSync(maybeFindTool('unshare') ?? 'unshare', ['-Urnm', 'true'], {encoding: 'utf8'});
	if (status === 0) return undefined;
	const settings = {
		'kernel.unprivileged_userns_clone': '0',
		'kernel.apparmor_restrict_unprivileged_userns': '1',
		'user.max_user_namespaces': '0',
	};
	for (const [name, forbidding] of Object.entries(settings)) {
		if (readSetting(name) !== forbidding) continue;
		return `the setting ${name} = ${forbidding} forbids user namespaces to ordinary users`;
	}

	return `unshare says: ${stderr.trim()}`;
}

function readSetting(name: string): string | undefined {
	try {
		return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
	} catch {
		return undefined;
	}
}

/** Runs this program again as the root of a user namespace and hands it the listening sockets. */
async function runInUserNamespace(
	doors: readonly Server[],
	argv: readonly string[],
	signal: AbortSignal,
): Promise<number> {
	const prepare = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"';
	const command = ['-Urnm', '/bin/sh', '-c', prepare, 'sh', process.execPath, thisProgram, '--inside', ...argv];
	const child = spawn(maybeFindTool('unshare') ?? 'unshare', command, {
		stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
	});
	const ended = once(child, 'exit');
	await Promise.race([once(child, 'message'), ended]);
	for (const door of doors) {
		// One after the other: a socket that still waits to be sent must not be closed.
		await new Promise(resolve => child.send({port: portOf(door)}, door, {}, resolve));
		door.close();
	}
	signal.addEventListener('abort', () => child.kill('SIGTERM'));
	const [code] = await ended;
	return code ?? 1;
}

/** The other end of `runInUserNamespace`: a socket's port is told with it, since its own view is another one here. */
async function receiveDoors(): Promise<DemoDoors> {
	const received: {readonly port: number; readonly server: Server}[] = [];
	const {promise, resolve} = Promise.withResolvers<void>();
	process.on('message', ({port}: {port: number}, server) => {
		received.push({port, server: server as Server});
		if (received.length === 3) resolve();
	});
	process.send?.('ready');
	await promise;
	return describeDoors(
		received.map(({server}) => server),
		received.map(({port}) => port),
	);
}

function describeDoors(servers: readonly Server[], ports: readonly number[]): DemoDoors {
	const [site, lb1, lb2] = servers;
	if (site === undefined || lb1 === undefined || lb2 === undefined) throw new Error('a door is missing');
	return {
		site,
		admins: [lb1, lb2],
		siteUrl: `http://127.0.0.1:${ports[0]}/`,
		// The nodes know this name of theirs (`admin … host localhost`).
		adminUrls: [`http://localhost:${ports[1]}/`, `http://localhost:${ports[2]}/`],
	};
}

function portOf(listener: Server): number {
	return (listener.address() as AddressInfo).port;
}

async function main(): Promise<number> {
	const argv = process.argv.slice(2);
	const words = argv.filter(word => !word.startsWith('-'));
	if (words.length > 0) return sayToDemo(words);
	const unknown = argv.find(word => word !== '--once' && word !== '--inside');
	if (unknown !== undefined) fail(`unknown option ${unknown}; known: --once, or words to a running demo`);
	if (process.platform !== 'linux') fail('hapair runs on Linux: the demo needs its network namespaces.');
	checkTools();
	const seconds = Number(process.env.HAPAIR_DEMO_SECONDS) || undefined;
	const options = {once: argv.includes('--once'), seconds, signal: watchForEnd()};
	if (argv.includes('--inside')) {
		await runDemo(await receiveDoors(), options);
		return 0;
	}

	const unprivileged = process.getuid?.() !== 0;
	const why = unprivileged ? whyNoUserNamespace() : undefined;
	if (why !== undefined) fail(`${why}. Start it as root: sudo npm start`);
	const doors = await openDoors();
	if (unprivileged) return runInUserNamespace(doors, argv, options.signal);
	await runDemo(describeDoors(doors, doors.map(portOf)), options);
	return 0;
}

try {
	process.exitCode = await main();
} catch (error) {
	fail(error instanceof Error ? error.message : String(error));
}

process.exit();
