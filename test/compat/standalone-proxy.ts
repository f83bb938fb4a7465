/**
 * A whole `hapair proxy`, as a user starts it, for programs that look at it from outside.
 *
 * Decides its life within a test: a directory of its own, free ports, no process left. Leaves the configuration to the test.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {maybeFindTool} from '../lab/tools.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

/** A web server that answers everything with `hello`; resolves with its port. */
export async function startWeb(t: ExecutionContext): Promise<number> {
	const server = http.createServer((_request, response) => response.end('hello'));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return (server.address() as net.AddressInfo).port;
}

export interface StandaloneProxy {
	readonly directory: string;
	/** One command on the stats socket `DIR/sock`. */
	ask(command: string): Promise<string>;
}

/** Starts `text`, in which `DIR` stands for the test's directory; resolves when the stats socket answers. */
export async function startStandalone(t: ExecutionContext, text: string): Promise<StandaloneProxy> {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-compat-'));
	const file = join(directory, 'haproxy.cfg');
	writeFileSync(file, text.replaceAll('DIR', directory));
	const child = spawn(process.execPath, [program, 'proxy', '-db', '-f', file], {stdio: ['ignore', 'pipe', 'pipe']});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', chunk => {
			said += chunk;
		});
	}
	t.teardown(async () => {
		await end(child);
		rmSync(directory, {recursive: true, force: true});
	});
	const ask = (command: string) => askSocket(join(directory, 'sock'), command);
	await eventually(
		() => `the proxy serves; it said: ${said}`,
		async () => {
			if (child.exitCode !== null) throw new Error(`The proxy has ended: ${said}`);
			return (await ask('show info')).includes('Name: ');
		},
	);
	return {directory, ask};
}

export async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise(resolve => child.once('exit', resolve));
	child.kill('SIGKILL');
	await gone;
}

/** Everything that is answered to one command; empty when nobody listens. `halfCloses` ends our direction behind it. */
export function askSocket(path: string, command: string, halfCloses = false): Promise<string> {
	return new Promise(resolve => {
		let text = '';
		const socket = net.connect(path);
		socket.on('data', chunk => {
			text += chunk.toString('latin1');
		});
		socket.on('error', () => resolve(''));
		socket.on('close', () => resolve(text));
		if (halfCloses) socket.end(`${command}\n`);
		else socket.write(`${command}\n`);
	});
}

/** Waits for what no event announces. */
export async function eventually(what: () => string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
	const endMs = performance.now() + 90_000;
	while (!(await isTrue())) {
		if (performance.now() > endMs) throw new Error(`Did not happen in time: ${what()}`);
		await sleep(20);
	}
}

let addresses = 0;

/**
 * A loopback address of one's own: ports that are "free" may be given to two tests at a time, and hapair's worker threads share theirs
 * with whoever asks.
 */
export function ownAddress(): string {
	addresses++;
	return `127.${1 + ((process.pid >> 8) & 0x7f)}.${process.pid & 0xff}.${addresses}`;
}

/**
 * The path of a program that the test needs, or undefined where it may be missing: then the test says so. Root on Linux has them all
 * (`scripts/bootstrap.mjs` installs them).
 */
export function neededTool(t: ExecutionContext, name: string): string | undefined {
	const path = maybeFindTool(name);
	if (path !== undefined) return path;
	const isRequired = process.platform === 'linux' && process.getuid?.() === 0;
	t.false(isRequired, `${name} is not installed; npm test installs it`);
	t.log(`${name} is not installed: nothing was compared`);
	return undefined;
}
