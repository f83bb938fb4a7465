/**
 * May a drill begin? Pure.
 *
 * Decides that a drill is for a pair in which nothing is wrong: it proves that a healthy pair moves its address, and must never be what
 * makes a bad day worse. Everything that would refuse an operator's failover refuses a drill, and more.
 */
import type {HeartbeatStatus} from '@hapair/heartbeat';
import {findRefusal, heartbeatDown} from '../daemon/handover.ts';
import type {ProxyCondition} from '../daemon/tracks/fitness.ts';
import {formatDuration} from '../terminal.ts';
import {readNote, remarkBackends} from './remarks.ts';

export interface PreflightFacts {
	readonly status: HeartbeatStatus | undefined;
	readonly proxy: ProxyCondition;
	/** A drill or a failover is under way. */
	readonly busy: string | undefined;
	/** Since the address last moved, or the peer was lost, heard again or changed its file, ms. */
	readonly calmMs: number;
	/** What the drill line asks of `calmMs`. */
	readonly settleMs: number;
	/** There is something to probe. */
	readonly hasTarget: boolean;
}

/** Why not, as a sentence; nothing when it may. */
export function findDrillRefusal(facts: PreflightFacts): string | undefined {
	const {status, busy, calmMs, settleMs} = facts;
	if (busy !== undefined) return `${busy} is under way`;
	if (status === undefined) return heartbeatDown;
	const {peer} = status;
	if (status.state !== 'master') {
		const master = peer.alive && peer.state === 'master' ? peer.node : 'nobody here';
		return `the master holds a drill, and that is ${master}: this node is ${status.state}`;
	}
	if (status.maintenance) return `${status.node} is in maintenance`;
	if (peer.holdsAddress) return `${peer.node} says that it holds the address too`;
	return findRefusal(status, false)?.why ?? findUnhealthy(facts, status) ?? findUnsettled(calmMs, settleMs);
}

function findUnhealthy({proxy, hasTarget}: PreflightFacts, {node, peer}: HeartbeatStatus): string | undefined {
	const [fault] = readNote(peer.note).others;
	if (fault !== undefined) return `as seen from ${peer.node}, ${fault}`;
	if (proxy.phase !== 'serving') return `${node} does not serve: ${proxy.detail}`;
	const [own] = remarkBackends(proxy.snapshot);
	if (own !== undefined) return `as seen from ${node}, ${own}`;
	return hasTarget ? undefined : 'no frontend listens on the virtual address, so nothing can be measured';
}

function findUnsettled(calmMs: number, settleMs: number): string | undefined {
	if (calmMs >= settleMs) return undefined;
	return `the pair last changed ${formatDuration(calmMs)} ago, and a drill waits until it has been calm for ${formatDuration(settleMs)} (settle)`;
}
