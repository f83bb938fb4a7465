/**
 * What the silence or the words of the peer mean, in one word for people and programs (docs/operating.md lists them). Pure.
 *
 * Decides nothing that moves an address: the election judges by itself. Tells where to look first.
 */
import type {HeartbeatStatus} from '@hapair/heartbeat';

export type Verdict =
	/** Both nodes hear each other. */
	| 'healthy'
	/** The peer is heard and does not hear this node. */
	| 'one-way'
	/** The peer took its leave. */
	| 'stopped'
	/** The peer is silent, and this node has no carrier on any interface of the address. */
	| 'link down'
	/** The peer is silent, and this node's gateway too. */
	| 'island'
	/** The peer is silent, and this node's own heartbeat stood still for longer than its lease. */
	| 'this node stalled'
	/** The peer is silent on every path: it is dead, or every path is cut. */
	| 'dead'
	/** The peer has not been heard since this node started. */
	| 'unknown';

export interface VerdictFacts {
	/** Of each interface with a virtual address. */
	readonly carriers: readonly boolean[];
	/** A `track gateway` fails here. */
	readonly gatewaySilent: boolean;
}

export function judgePeer(status: HeartbeatStatus, facts: VerdictFacts): Verdict {
	const {peer, longestStallMs, leaseMs} = status;
	if (peer.alive) return peer.hearsUs ? 'healthy' : 'one-way';
	if (peer.lastHeardMs === undefined) return 'unknown';
	if (peer.state === 'stopped') return 'stopped';
	if (facts.carriers.length > 0 && facts.carriers.every(up => !up)) return 'link down';
	if (facts.gatewaySilent) return 'island';
	return longestStallMs > leaseMs ? 'this node stalled' : 'dead';
}
