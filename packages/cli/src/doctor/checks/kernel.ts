/**
 * The kernel's version: the lease wants an egress hook, which came with Linux 5.16.
 */
import {type Finding, finding} from '../finding.ts';

/** @param release as uname(2) says, `6.1.0-18-amd64`. */
export function judgeKernel(release: string): Finding {
	const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
	if (major === undefined) return finding('kernel', 'unknown', `the kernel's version is not a number: ${release}`);
	const isNew = Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 16);
	if (isNew) return finding('kernel', 'ok', `Linux ${release} can keep the lease by itself`);
	const message = `Linux ${release} has no egress hook: the heartbeat process renews the lease by a call to nft each time`;
	return finding('kernel', 'warn', message, 'Linux 5.16 or later keeps it without a process');
}
