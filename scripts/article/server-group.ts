/**
 * What makes some processes "a server": a control group with a fixed share of the processor, and what it tells of them.
 *
 * Decides by the machine: cgroup v2 alone, or version 1 for the limit with version 2 (when mounted) for the pressure. Leaves which
 * processes join to `apache.ts`.
 */
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {isAlive} from '../../test/lab/namespaces.ts';

const root = '/sys/fs/cgroup';
/** Short, so that a server is slowed evenly instead of stopped for long. */
const periodUs = 20_000;
const removeDeadlineMs = 2000;

export interface Usage {
	/** Processor time since the group was made. */
	readonly cpuUs: number;
	/** Time in which at least one process waited for the processor (PSI, `cpu.pressure`, `some`); absent where the kernel does not tell. */
	readonly waitingUs: number | undefined;
}

export class ServerGroup {
	/** One directory, or with version 1 up to two. */
	readonly #directories: readonly string[];

	/**
	 * @param name A word.
	 * @param cores Share of one processor, above 0.05.
	 */
	constructor(name: string, cores: number) {
		const quotaUs = Math.round(periodUs * cores);
		const parents = findParents();
		this.#directories = parents.map(({path}) => `${path}/hapair-article-${process.pid}-${name}`);
		for (const [index, {version}] of parents.entries()) {
			const directory = this.#directories[index]!;
			mkdirSync(directory);
			if (version === 'v1') {
				writeFileSync(`${directory}/cpu.cfs_period_us`, String(periodUs));
				writeFileSync(`${directory}/cpu.cfs_quota_us`, String(quotaUs));
			} else if (version === 'v2') {
				writeFileSync(`${directory}/cpu.max`, `${quotaUs} ${periodUs}`);
			}
		}
	}

	/** A process and all that it forks from now on. */
	join(pid: number): void {
		for (const directory of this.#directories) writeFileSync(`${directory}/cgroup.procs`, String(pid));
	}

	listPids(): number[] {
		return readFileSync(`${this.#directories[0]}/cgroup.procs`, 'latin1').split('\n').filter(Boolean).map(Number);
	}

	/**
	 * Processes that run, are ready to run, or wait in the kernel for a disk: what the kernel counts for the load average of a machine
	 * (states R and D of proc(5)). One that the limit has stopped is ready to run.
	 */
	countRunnable(): number {
		return this.listPids().filter(pid => /[RD]/.test(stateOf(pid))).length;
	}

	readUsage(): Usage {
		const newest = this.#directories.at(-1);
		const cpuUs = Number(/^usage_usec (\d+)/m.exec(readIfThere(`${newest}/cpu.stat`))?.[1] ?? Number.NaN);
		const waitingUs = /^some .*total=(\d+)/m.exec(readIfThere(`${newest}/cpu.pressure`))?.[1];
		return {cpuUs, waitingUs: waitingUs === undefined ? undefined : Number(waitingUs)};
	}

	/** Removes the group; its processes must have been killed, and may need a moment to be gone. */
	remove(): void {
		for (const directory of this.#directories) removeGroup(directory);
	}
}

/** Removes groups of programs that no longer run. */
export function sweepGroups(): void {
	for (const {path} of findParents()) {
		for (const name of readdirSync(path)) {
			const owner = /^hapair-article-(\d+)-/.exec(name)?.[1];
			if (owner !== undefined && !isAlive(Number(owner))) removeGroup(`${path}/${name}`);
		}
	}
}

/** The parents of a group: the first one limits, the last one tells. Throws when nothing can limit. */
function findParents(): {path: string; version: 'v1' | 'v2' | 'pressure'}[] {
	if (existsSync(`${root}/cgroup.controllers`)) {
		const controllers = readIfThere(`${root}/cgroup.controllers`).split(/\s/);
		if (!controllers.includes('cpu'))
			throw new Error('The processor cannot be limited: cgroup v2 has no cpu controller');
		writeFileSync(`${root}/cgroup.subtree_control`, '+cpu');
		return [{path: root, version: 'v2'}];
	}
	const limiting = [`${root}/cpu`, `${root}/cpu,cpuacct`].find(path => existsSync(`${path}/cpu.cfs_quota_us`));
	if (limiting === undefined) throw new Error(`The processor cannot be limited: no cpu controller under ${root}`);
	const unified = `${root}/unified`;
	return [
		{path: limiting, version: 'v1'},
		...(existsSync(`${unified}/cgroup.procs`) ? [{path: unified, version: 'pressure'} as const] : []),
	];
}

function removeGroup(directory: string): void {
	const endMs = performance.now() + removeDeadlineMs;
	for (;;) {
		try {
			rmdirSync(directory);
			return;
		} catch (error) {
			if (!existsSync(directory)) return;
			if (performance.now() > endMs) throw error;
			// Also called while this program exits, where nothing can be awaited.
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
		}
	}
}

/** The third field of /proc/PID/stat, after the name in parentheses; empty when the process is gone. */
function stateOf(pid: number): string {
	return /\) (\S)/.exec(readIfThere(`/proc/${pid}/stat`))?.[1] ?? '';
}

function readIfThere(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}
