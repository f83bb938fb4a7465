/** A daemon with a proxy and two web servers on loopback, as the tests of reload need it. */

import {readFileSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import net, {type AddressInfo} from 'node:net';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {converse} from '../../src/daemon/control-client.ts';
import type {ControlReply} from '../../src/daemon/control-protocol.ts';
import type {StatusReport} from '../../src/daemon/status-report.ts';
import {findFreePort} from '../helpers/free-port.ts';
import {type RunningHapair, startHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';
import {waitFor} from '../helpers/wait-for.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

export interface Stage {
	readonly port: number;
	/** Of a second frontend, once the configuration has one. */
	readonly otherPort: number;
	readonly hapair: RunningHapair;
	/** Writes the file; `more` is added to its end, `bind` stands in the place of loopback. */
	write(more?: string, bind?: string): void;
	reload(): Promise<readonly ControlReply[]>;
	upgrade(): Promise<readonly ControlReply[]>;
	/** What an upgrade starts, with `ownProgram`: a module that imports the real one. */
	readonly program: string;
	status(): Promise<StatusReport>;
	/** Asks the stats socket. */
	ask(command: string): Promise<string>;
}

/** @param ownProgram It is started by a module of the test's own, `Stage.program`, and somebody could follow its pid file. */
export async function startStage(t: ExecutionContext, threads: number, ownProgram = false): Promise<Stage> {
	const directory = makeTempDirectory(t);
	const [one, two] = await Promise.all([startWebServer(t), startWebServer(t)]);
	const port = await findFreePort();
	const otherPort = await findFreePort();
	const statsPort = await findFreePort();
	const file = join(directory, 'hapair.cfg');
	const socketPath = join(directory, 'control');
	const statsPath = join(directory, 'stats');
	const write = (more = '', bind = `127.0.0.1:${port}`): void =>
		writeFileSync(
			file,
			`global
    nbthread ${threads}
    stats socket ${statsPath} level admin
    stats socket ipv4@127.0.0.1:${statsPort}
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend in
    bind ${bind}
    stick-table type ip size 1k expire 10m store http_req_cnt,gpc0
    http-request track-sc0 src
    default_backend web
backend web
    server one 127.0.0.1:${one} check inter 10s
    server two 127.0.0.1:${two} check inter 10s weight 5
${more}`,
		);
	write();
	const program = join(directory, 'program.mjs');
	const pidFile = join(directory, 'pid');
	writeFileSync(program, `await import(${JSON.stringify(main)});\n`);
	const argv = ['run', '-f', file, '--socket', socketPath, '--state-dir', directory];
	if (ownProgram) argv.push('--pid-file', pidFile);
	const hapair = ownProgram ? startHapair(t, argv, {}, [], program) : startHapair(t, argv);
	if (ownProgram) t.teardown(() => killNamed(pidFile));
	await waitFor('the proxy serves', () => hapair.out().includes('ready with') || hapair.err().includes('ready with'));
	const talk = async (command: 'reload' | 'upgrade' | 'status'): Promise<readonly ControlReply[]> => {
		const replies: ControlReply[] = [];
		await converse(socketPath, {command}, {silenceLimitMs: 60_000, onReply: reply => replies.push(reply)});
		return replies;
	};
	return {
		port,
		otherPort,
		hapair,
		write,
		program,
		reload: () => talk('reload'),
		upgrade: () => talk('upgrade'),
		async status() {
			const [reply] = await talk('status');
			if (reply?.type !== 'status') throw new Error('no status');
			return reply.status;
		},
		ask: command => askSocket(statsPath, command),
	};
}

/** The process that the file names, if there is one. */
function killNamed(pidFile: string): void {
	try {
		process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
	} catch {
		// It has ended, and its file is gone.
	}
}

/** Answers everything, and echoes after an upgrade. */
async function startWebServer(t: ExecutionContext): Promise<number> {
	const server: Server = createServer((_, response) => response.end('served'));
	server.keepAliveTimeout = 60_000;
	server.on('upgrade', (_, socket) => {
		socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
		socket.on('error', () => {});
		socket.on('data', data => socket.write(data)).on('end', () => socket.end());
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.close();
		server.closeAllConnections();
	});
	return (server.address() as AddressInfo).port;
}

function askSocket(path: string, command: string): Promise<string> {
	const {promise, resolve, reject} = Promise.withResolvers<string>();
	let text = '';
	const socket = net.connect(path, () => socket.end(`${command}\n`));
	socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${command}`)));
	socket.on('data', data => {
		text += data;
	});
	socket.on('error', reject);
	socket.on('end', () => resolve(text));
	return promise;
}
