/**
 * Are there enough file descriptors for `maxconn`? (HAProxy manual, `ulimit-n`.)
 *
 * Pure but for `readDescriptorLimit`. Each connection through the proxy takes two; listeners, checks, logs and idle server connections take more.
 */
import {readFileSync} from 'node:fs';

const reserve = 100;

/** Descriptors that `maxconn` connections need. */
function neededDescriptors(maxconn: number): number {
	return 2 * maxconn + reserve;
}

/** A warning with what to do, or undefined when `limit` is enough. */
export function describeDescriptorShortage(maxconn: number, limit: number): string | undefined {
	const needed = neededDescriptors(maxconn);
	if (limit >= needed) return undefined;
	return `maxconn ${maxconn} needs about ${needed} file descriptors, the limit is ${limit}: raise it (ulimit -n ${needed}, LimitNOFILE=${needed}) or lower maxconn.`;
}

/** The soft limit of this process (proc_pid_limits(5)); Infinity when it cannot be read. */
export function readDescriptorLimit(): number {
	try {
		const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
		return line ? Number(line[1]) : Number.POSITIVE_INFINITY;
	} catch {
		return Number.POSITIVE_INFINITY;
	}
}
