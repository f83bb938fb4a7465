/**
 * Stops all processes of a node at once, as a hypervisor's or a container manager's freezer does, and lets them go on.
 *
 * Decides by what the machine has: the freezer of cgroup v2, which no process notices or prevents, else SIGSTOP to each. The machine's
 * kernel goes on in both cases, so its addresses and its lease are what they were.
 */
import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {killPid, listPidsIn} from './namespaces.ts';

const roots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/** Freezes what runs in a namespace; what it answers lets them go on, once. */
export function freezeAllIn(namespace: string): () => void {
	const pids = listPidsIn(namespace);
	const directory = makeGroup(`hapair-${process.pid}-${namespace}`);
	if (directory === undefined) {
		for (const pid of pids) killPid(pid, 'SIGSTOP');
		return () => {
			for (const pid of pids) killPid(pid, 'SIGCONT');
		};
	}
	const before = pids.map(pid => [pid, groupOf(pid)] as const);
	for (const pid of pids) write(`${directory}/cgroup.procs`, String(pid));
	write(`${directory}/cgroup.freeze`, '1');
	const onExit = () => thaw();
	const thaw = (): void => {
		process.off('exit', onExit);
		write(`${directory}/cgroup.freeze`, '0');
		const root = roots.find(each => directory.startsWith(`${each}/hapair-`)) ?? roots[0];
		for (const [pid, group] of before) write(`${root}${group === '/' ? '' : group}/cgroup.procs`, String(pid));
		try {
			rmdirSync(directory);
		} catch {
			// A process forked meanwhile is in it; the group ends with the lab's processes or stays empty.
		}
	};
	process.once('exit', onExit);
	return thaw;
}

function makeGroup(name: string): string | undefined {
	for (const root of roots) {
		try {
			mkdirSync(`${root}/${name}`);
		} catch {
			continue;
		}
		if (existsSync(`${root}/${name}/cgroup.freeze`)) return `${root}/${name}`;
		rmdirSync(`${root}/${name}`);
	}
	return undefined;
}

/** The path of a process in cgroup v2's tree. */
function groupOf(pid: number): string {
	try {
		return /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'latin1'))?.[1] ?? '/';
	} catch {
		return '/';
	}
}

function write(path: string, text: string): void {
	try {
		writeFileSync(path, text);
	} catch {
		// The process has ended.
	}
}
