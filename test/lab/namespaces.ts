/**
 * Network namespaces by name, and the processes in them.
 *
 * Decides how a process gets into a namespace and how every process in one is found and killed. Names carry the pid
 * of the program that made them, so that what a killed program left behind is recognised and swept by the next one.
 */
import {type ChildProcess, type StdioOptions, spawn} from 'node:child_process';
import {readdirSync, readlinkSync, statSync} from 'node:fs';
import {findTool, maybeFindTool, runTool, tryTool} from './tools.ts';

const namespaceDirectory = '/run/netns';
const namePattern = /^hapair-[a-z]+-(\d+)-[a-z\d]+$/;

/** Makes a namespace with its loopback up. */
export function addNamespace(name: string): void {
	runTool('ip', ['netns', 'add', name]);
	runTool('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
}

/** Kills every process in the namespace and removes it; silent when it is gone already. */
export function removeNamespace(name: string): void {
	killAllIn(name);
	tryTool('ip', ['netns', 'del', name]);
}

/** Runs a command in a namespace to its end; throws with the command's own words when it fails. */
export function runIn(namespace: string, argv: readonly string[], input = ''): string {
	return runTool('ip', ['netns', 'exec', namespace, ...argv], input);
}

/**
 * Starts a program in a namespace. `ip netns exec` replaces itself by the program, so the child's pid is the program's.
 *
 * The program gets a process group of its own (Ctrl-C reaches only us) and dies when we do.
 */
export function spawnIn(
	namespace: string,
	argv: readonly string[],
	options: {stdio: StdioOptions; env?: Readonly<Record<string, string | undefined>>},
): ChildProcess {
	const command = [findTool('ip'), 'netns', 'exec', namespace, ...argv];
	const setpriv = maybeFindTool('setpriv');
	if (setpriv !== undefined) command.unshift(setpriv, '--pdeathsig', 'KILL');
	const [file = '', ...rest] = command;
	return spawn(file, rest, {detached: true, env: {...process.env, ...options.env}, stdio: options.stdio});
}

/** Pids of all processes in a namespace; empty when the namespace is gone. */
export function listPidsIn(namespace: string): number[] {
	let inode: number;
	try {
		inode = statSync(`${namespaceDirectory}/${namespace}`).ino;
	} catch {
		return [];
	}

	const pids: number[] = [];
	for (const entry of readdirSync('/proc')) {
		if (!/^\d+$/.test(entry)) continue;
		try {
			if (readlinkSync(`/proc/${entry}/ns/net`) === `net:[${inode}]`) pids.push(Number(entry));
		} catch {
			// The process ended meanwhile, or is not ours.
		}
	}

	return pids;
}

/** Kills every process in a namespace with SIGKILL, those that were just being forked too. */
export function killAllIn(namespace: string): void {
	for (let round = 0; round < 100; round++) {
		const pids = listPidsIn(namespace).filter(pid => pid !== process.pid);
		if (pids.length === 0) return;
		for (const pid of pids) killPid(pid, 'SIGKILL');
	}
}

/** Sends a signal; a process that is gone already is no error. */
export function killPid(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// Gone already.
	}
}

/** Removes the namespaces of programs that no longer run. */
export function sweepNamespaces(): void {
	let entries: string[];
	try {
		entries = readdirSync(namespaceDirectory);
	} catch {
		return;
	}

	for (const name of entries) {
		const owner = namePattern.exec(name)?.[1];
		if (owner !== undefined && !isAlive(Number(owner))) removeNamespace(name);
	}
}

/** Does a process with this pid run? */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
