/** Does the kernel find the socket of a packet before anything is filtered? What second chance needs, and the heartbeat must not read from files. */
import {readFileSync} from 'node:fs';

/** Both are for IPv6 too. */
const settings = ['ip_early_demux', 'tcp_early_demux'] as const;

/** The setting that keeps it from doing so, with its value; undefined when none does. */
export function findNoEarlyDemux(directory = '/proc/sys/net/ipv4'): string | undefined {
	for (const setting of settings) {
		try {
			if (readFileSync(`${directory}/${setting}`, 'latin1').trim() === '0') return `net.ipv4.${setting} is 0`;
		} catch {
			return `net.ipv4.${setting} cannot be read`;
		}
	}
	return undefined;
}
