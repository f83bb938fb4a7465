/**
 * The engine and Debian's haproxy with the same configuration, for what a client, a server and the log see of both.
 *
 * Decides their lives within a test. `DIR` in the text is a directory with `files`; `bind 127.0.0.1:1` (to `:9`) takes a free port.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {Client, waitFor} from './engine.ts';
import {DEFAULTS, maskLine, startProxy} from './proxy.ts';
import {quietPort} from './quiet-port.ts';

export const HAPROXY = '/usr/sbin/haproxy';

export interface Side {
	readonly name: 'hapair' | 'haproxy';
	connect(frontend?: string): Client;
	/** Sends `text` and gives everything that is answered until the connection ends. */
	ask(text: string, frontend?: string): Promise<string>;
	/** Log line `count`, as `maskLine` leaves it. */
	line(count?: number): Promise<string>;
}

/** Both that there are: hapair alone where no haproxy is installed. */
export async function startBoth(
	t: ExecutionContext,
	text: string,
	files: Readonly<Record<string, string>> = {},
): Promise<readonly Side[]> {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-both-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	const contents: Record<string, Uint8Array> = {};
	for (const [name, content] of Object.entries(files)) {
		const path = join(directory, name);
		writeFileSync(path, content, 'latin1');
		contents[path] = Uint8Array.from(Buffer.from(content, 'latin1'));
	}
	const whole = text.replaceAll('DIR', directory);
	const ours = await startProxy(t, whole, contents);
	const hapair: Side = {
		name: 'hapair',
		connect: frontend => ours.connect(frontend),
		ask: (request, frontend) => askOn(ours.connect(frontend), request),
		line: count => ours.line(count),
	};
	return existsSync(HAPROXY) ? [await startHaproxy(t, whole, directory), hapair] : [hapair];
}

async function askOn(client: Client, request: string): Promise<string> {
	client.send(request);
	await client.untilEnd();
	client.socket.end();
	return client.text;
}

/** haproxy alone; `text` stands behind the usual defaults. */
export async function startHaproxy(
	t: ExecutionContext,
	text: string,
	directory: string,
): Promise<Side & {readonly lines: readonly string[]}> {
	const log = createSocket('udp4');
	const lines: string[] = [];
	log.on('message', bytes => {
		const line = /^<\d+>.*?\]: (.*)\n$/s.exec(bytes.toString('latin1'))?.[1];
		if (line !== undefined && !/^Proxy \S+ st/.test(line)) lines.push(line);
	});
	log.bind(0, '127.0.0.1');
	await once(log, 'listening');
	t.teardown(() => log.close());
	const ports = new Map<string, number>();
	let section = '';
	let whole = '';
	for (const line of `${DEFAULTS}${text}`.replace('127.0.0.1:9 ', `127.0.0.1:${log.address().port} `).split('\n')) {
		section = /^\s*(?:frontend|listen)\s+(\S+)/.exec(line)?.[1] ?? section;
		const bound = /^\s*bind 127\.0\.0\.1:\d\b/.test(line);
		const port = bound ? await quietPort() : 0;
		if (bound && !ports.has(section)) ports.set(section, port);
		whole += `${bound ? line.replace(/127\.0\.0\.1:\d/, `127.0.0.1:${port}`) : line}\n`;
	}
	const file = join(directory, 'haproxy.cfg');
	writeFileSync(file, whole);
	const child = spawn(HAPROXY, ['-db', '-f', file], {stdio: ['ignore', 'pipe', 'pipe']});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', chunk => {
			said += chunk;
		});
	}
	t.teardown(() => end(child));
	const clients: Client[] = [];
	t.teardown(() => {
		for (const client of clients) client.socket.destroy();
	});
	const connect = (frontend = [...ports.keys()][0]!) => {
		const client = new Client(ports.get(frontend)!);
		clients.push(client);
		return client;
	};
	await untilListening([...ports.values()], () => {
		if (child.exitCode !== null) throw new Error(`haproxy has ended: ${said}`);
	});
	return {
		name: 'haproxy',
		lines,
		connect,
		ask: (request, frontend) => askOn(connect(frontend), request),
		async line(count = 1) {
			await waitFor(() => lines.length >= count);
			return maskLine(lines[count - 1]!);
		},
	};
}

/** Asked of the kernel: a connection would leave a line in the log. */
async function untilListening(ports: readonly number[], check: () => void): Promise<void> {
	const deadline = Date.now() + 20_000;
	const isListening = (port: number) =>
		new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A `).test(
			readFileSync('/proc/net/tcp', 'latin1'),
		);
	while (!ports.every(isListening)) {
		check();
		if (Date.now() > deadline) throw new Error(`haproxy does not listen on ${ports.join(', ')}`);
		await new Promise(resolve => setTimeout(resolve, 10));
	}
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = once(child, 'exit');
	child.kill('SIGKILL');
	await gone;
}
