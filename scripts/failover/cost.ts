/**
 * What a program costs while it runs: processor time and resident memory, from /proc (proc_pid_stat(5)).
 */
import {readFileSync} from 'node:fs';

const ticksPerSecond = 100;
const pageMiB = 4096 / 2 ** 20;

export interface Cost {
	/** Of one core. */
	readonly cpuPercent: number;
	readonly residentMiB: number;
}

/** Begins; what it answers ends, with nothing when a process has ended meanwhile. */
export function measureCost(pids: readonly number[]): () => Cost | undefined {
	const before = readAll(pids);
	const beginMs = performance.now();
	return () => {
		const after = readAll(pids);
		if (before === undefined || after === undefined) return undefined;
		const seconds = (performance.now() - beginMs) / 1000;
		return {
			cpuPercent: ((after.ticks - before.ticks) / ticksPerSecond / seconds) * 100,
			residentMiB: after.pages * pageMiB,
		};
	};
}

function readAll(pids: readonly number[]): {ticks: number; pages: number} | undefined {
	const sum = {ticks: 0, pages: 0};
	for (const pid of pids) {
		try {
			const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
				.replace(/^.*\) /, '')
				.split(' ');
			sum.ticks += Number(fields[11]) + Number(fields[12]);
			sum.pages += Number(fields[21]);
		} catch {
			return undefined;
		}
	}
	return sum;
}
