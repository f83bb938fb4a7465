/**
 * May the daemon do what a takeover takes? (capabilities(7))
 *
 * Decides from the daemon's own capabilities when it runs, else from those of this process, whose user will start it.
 */
import {readFileSync} from 'node:fs';
import {type Finding, finding} from '../finding.ts';

const check = 'capabilities';
const needed = {CAP_NET_BIND_SERVICE: 10, CAP_NET_ADMIN: 12, CAP_NET_RAW: 13} as const;

/** @param mask CapEff of proc(5); undefined when it could not be read. */
export function judgeCapabilities(mask: bigint | undefined, daemonRuns: boolean): Finding {
	const who = daemonRuns ? 'the daemon' : 'this user';
	if (mask === undefined) {
		return finding(check, 'unknown', `what ${who} may do cannot be read`, 'run hapair doctor as root');
	}
	const missing = Object.entries(needed).filter(([, bit]) => !hasCapability(mask, bit));
	if (missing.length === 0) return finding(check, 'ok', `${who} may move addresses and speak ARP`);
	const names = missing.map(([name]) => name).join(', ');
	const isFatal = !hasCapability(mask, needed.CAP_NET_ADMIN);
	return finding(
		check,
		isFatal ? 'fail' : 'warn',
		`${who} lacks ${names}${isFatal ? ' and could never hold the virtual address' : ''}`,
		daemonRuns ? 'start it as root, or with deploy/systemd/hapair.service' : 'run as root',
	);
}

/** @param bit as in capabilities(7): 12 is CAP_NET_ADMIN, 13 is CAP_NET_RAW. */
export function hasCapability(mask: bigint, bit: number): boolean {
	return ((mask >> BigInt(bit)) & 1n) === 1n;
}

/** CapEff of a process; undefined when it cannot be read. */
export function readCapabilities(pid: number | 'self'): bigint | undefined {
	try {
		const hex = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
		return hex === undefined ? undefined : BigInt(`0x${hex}`);
	} catch {
		return undefined;
	}
}
