/**
 * In what the two nodes' configurations contradict each other, as far as this node can tell: one sentence each. Pure.
 *
 * Decides nothing that moves an address; `status`, `check` and `doctor` all say these words.
 */
import type {Pair} from '@hapair/config';
import {describeContradiction, type HeartbeatStatus} from '@hapair/heartbeat';
import {formatDuration} from '../terminal.ts';

export function describeContradictions(pair: Pick<Pair, 'advertIntervalMs'>, heartbeat: HeartbeatStatus): string[] {
	const {peer, contradictions} = heartbeat;
	return [
		...contradictions.map(describeContradiction),
		...(peer.alive ? describeIntervals(pair.advertIntervalMs, peer.advertIntervalMs, peer.node) : []),
	];
}

/** @param peerMs 0 while unknown. */
export function describeIntervals(ownMs: number, peerMs: number, peer: string): string[] {
	if (peerMs === 0 || ownMs === peerMs) return [];
	return [
		`${peer} advertises every ${formatDuration(peerMs)} and this node every ${formatDuration(ownMs)}: the slower one sets how late a failure is seen; both nodes need the same pair section`,
	];
}

/** The texts differ, wherever that may lead. */
export const driftSentence = 'drift: the two nodes have different configurations; hapair sync shows how';
