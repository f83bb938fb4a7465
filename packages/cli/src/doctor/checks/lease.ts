/**
 * The kernel lease: nftables, family netdev, ingress and egress hook.
 *
 * Decides from the running heartbeat's own word, else by an experiment: a chain on the loopback interface that one transaction makes and
 * removes again, so nothing of it stays and no packet is touched. Leaves the rules themselves to the heartbeat.
 */
import type {StatusReport} from '../../daemon/status-report.ts';
import {withoutLease} from '../../daemon/without-lease.ts';
import {type Finding, finding} from '../finding.ts';
import {runTool} from '../run-tool.ts';
import type {Subject} from '../subject.ts';

const check = 'lease';

export interface LeaseFacts {
	readonly hasNft: boolean;
	/** Of the running heartbeat. */
	readonly running?: 'kernel' | 'process' | 'none';
	/** True when nft took such a chain, its words when it refused; absent when it was not tried. */
	readonly ingress?: true | string;
	readonly egress?: true | string;
}

export function judgeLease({hasNft, running, ingress, egress}: LeaseFacts): Finding {
	if (running === 'kernel') {
		return finding(check, 'ok', 'the kernel keeps the lease: a killed or frozen heartbeat falls mute by itself');
	}
	if (running === 'process') {
		const message = 'the heartbeat process renews the lease: it falls mute when it stops, at a call to nft each time';
		const hint = 'its log says why: no egress hook, or a firewall that drops UDP to 224.0.0.18 (ff02::12)';
		return finding(check, 'warn', message, hint);
	}
	const none = (why: string, hint?: string) => finding(check, 'warn', `${why}: ${withoutLease}`, hint);
	if (!hasNft) return none('nft is not installed', 'apt-get install nftables');
	if (typeof ingress === 'string') return none(`nft refuses a chain of family netdev (${ingress})`);
	if (running === 'none') return none('nft refused the lease', 'the log of the daemon says why');
	if (typeof egress === 'string') {
		const message = `nft has no egress hook here (${egress}): the heartbeat process renews the lease`;
		return finding(check, 'warn', message, 'Linux 5.16 and nftables 1.0.1 or later keep it without a process');
	}
	if (ingress === undefined) return finding(check, 'unknown', 'nftables was not tried', 'run hapair doctor as root');
	return finding(check, 'ok', 'nftables takes ingress and egress chains: the kernel can keep the lease');
}

export async function probeLease({tools: {nft}, daemon, mayMove}: Subject): Promise<LeaseFacts> {
	const running = runningLease(daemon);
	const facts = {hasNft: nft !== undefined, ...(running === undefined ? {} : {running})};
	if (nft === undefined || running === 'kernel' || running === 'process' || !mayMove) return facts;
	return {...facts, ingress: await tryChain(nft, 'ingress'), egress: await tryChain(nft, 'egress')};
}

function runningLease(daemon: StatusReport | undefined): LeaseFacts['running'] {
	return daemon?.pair?.heartbeat === 'running' ? daemon.pair.lease : undefined;
}

async function tryChain(nft: string, hook: string): Promise<true | string> {
	const table = `netdev hapair_doctor_${process.pid}`;
	const chain = `{ type filter hook ${hook} device "lo" priority -300; policy accept; }`;
	const text = `add table ${table}; add chain ${table} c ${chain}; delete table ${table}`;
	const {exitCode, output} = await runTool([nft, text], 2000);
	return exitCode === 0 ? true : (/Error: ([^\n]*)/.exec(output)?.[1] ?? (output.split('\n')[0] || 'no answer'));
}
