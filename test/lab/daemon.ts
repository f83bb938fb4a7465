/**
 * One hapair daemon in a node of a lab: started, asked, stopped, killed.
 *
 * Decides how the program is run and what of its output is kept. What `status` says is read as plain JSON.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {spawnIn} from './namespaces.ts';
import {waitFor} from './wait.ts';

/** Takes what is built unless a source is newer: a third of the processor time of a start. */
const mainProgram = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));
/** What `mainProgram` starts. */
const builtProgram = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
const keptOutputBytes = 200_000;

export interface CommandResult {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The processes of a daemon by what they do. */
export interface DaemonPids {
	readonly daemon: number;
	readonly heartbeat: number | undefined;
	readonly proxy: number | undefined;
}

export interface DaemonOptions {
	readonly node: string;
	readonly configPath: string;
	readonly socketPath: string;
	readonly env?: Readonly<Record<string, string>>;
	/** It has a program of its own, which the test may change, and a pid file that somebody could follow. */
	readonly upgrades?: boolean;
}

export class Daemon {
	readonly socketPath: string;
	/** Of the process that was started; after an upgrade `status` knows the daemon's. */
	readonly pid: number;
	/** What an upgrade starts. */
	readonly program: string;
	readonly #child: ChildProcess;
	#output = '';

	constructor(namespace: string, options: DaemonOptions) {
		this.socketPath = options.socketPath;
		this.program = options.upgrades === true ? `${options.socketPath}.program.mjs` : mainProgram;
		if (options.upgrades === true) writeFileSync(this.program, `await import(${JSON.stringify(builtProgram)});\n`);
		const argv = [process.execPath, this.program, 'run', '-f', options.configPath];
		if (options.upgrades === true) argv.push('--pid-file', `${options.socketPath}.pid`);
		argv.push('--node', options.node, '--socket', options.socketPath, '--state-dir', `${options.socketPath}.state`);
		// Both nodes have one file, and on one machine some paths in it must differ.
		const env = {HAPAIR_LAB_NODE: options.node, ...options.env};
		this.#child = spawnIn(namespace, argv, {stdio: ['ignore', 'pipe', 'pipe'], env});
		this.pid = this.#child.pid ?? 0;
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.on('data', chunk => {
				this.#output = (this.#output + chunk).slice(-keptOutputBytes);
			});
		}
	}

	/** The end of what the daemon printed. */
	get output(): string {
		return this.#output;
	}

	get running(): boolean {
		return this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Asks the daemon to end and resolves with its exit code when it has. */
	async stop(deadlineMs = 15_000): Promise<number | null> {
		if (this.running) this.#child.kill('SIGTERM');
		await waitFor('the daemon to end after SIGTERM', () => !this.running, {deadlineMs});
		return this.#child.exitCode;
	}

	/** Finds the heartbeat and the proxy among the daemon's children by their program. */
	findPids(daemon = this.pid): DaemonPids {
		const of = (program: string) => listChildren(daemon).find(pid => isProcess(program, readProc(pid, 'cmdline')));
		return {daemon, heartbeat: of('heartbeat'), proxy: of('proxy')};
	}

	/** Runs a subcommand of hapair against this daemon's control socket. */
	command(argv: readonly string[]): Promise<CommandResult> {
		return runHapair([...argv, '--socket', this.socketPath]);
	}
}

/** Runs `hapair` with the given arguments outside of any namespace. */
export function runHapair(argv: readonly string[], deadlineMs = 60_000): Promise<CommandResult> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [mainProgram, ...argv], {
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: deadlineMs,
		});
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', chunk => {
			stdout += chunk;
		});
		child.stderr.on('data', chunk => {
			stderr += chunk;
		});
		child.once('error', reject);
		child.once('close', code => resolve({code: code ?? 255, stdout, stderr}));
	});
}

function listChildren(pid: number): number[] {
	return readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function readProc(pid: number, name: string): string {
	try {
		return readFileSync(`/proc/${pid}/${name}`, 'latin1');
	} catch {
		return '';
	}
}

/** @param program `heartbeat` or `proxy`, as it is built or from its sources. */
export function isProcess(program: string, commandLine: string): boolean {
	return commandLine.includes(`${program}/src/process-main`) || commandLine.includes(`/${program}-process.js`);
}
