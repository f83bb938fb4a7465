/** Runs the engine alone as a child process, the way init scripts and test tools run haproxy. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';

const program = new URL('../fixtures/standalone.ts', import.meta.url).pathname;

export interface Run {
	readonly child: ChildProcess;
	/** stdout and stderr so far, in one. */
	readonly output: () => string;
	/** Exit code, or the signal; resolves when the program has ended and nobody holds its output any more. */
	readonly ended: Promise<number | NodeJS.Signals>;
}

/** A directory for the length of the test, with a configuration in it. */
export function writeConfiguration(t: ExecutionContext, text: string): {directory: string; path: string} {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-proxy-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	const path = join(directory, 'haproxy.cfg');
	writeFileSync(path, text);
	return {directory, path};
}

/** Starts the program; it is killed with the test. `descriptors` become 3, 4 … in it. */
export function runProgram(
	t: ExecutionContext,
	argv: readonly string[],
	{env = {}, cwd, descriptors = []}: {env?: Record<string, string>; cwd?: string; descriptors?: number[]} = {},
): Run {
	const child = spawn(process.execPath, [program, ...argv], {
		stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
		env: {...process.env, ...env},
		...(cwd === undefined ? {} : {cwd}),
	});
	let output = '';
	child.stdout?.on('data', chunk => (output += chunk));
	child.stderr?.on('data', chunk => (output += chunk));
	// `close` comes after the end of both pipes: whoever still holds one would keep it from coming.
	const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
	t.teardown(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	return {child, output: () => output, ended};
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as net.AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}

/** A listening socket to hand to a child: its port and descriptor. `letGo` closes it here. */
export async function listeningDescriptor(): Promise<{port: number; fd: number; letGo(): void}> {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {_handle: handle} = server as unknown as {_handle: {fd: number}};
	return {port: (server.address() as net.AddressInfo).port, fd: handle.fd, letGo: () => void server.close()};
}
