/**
 * What is examined: the pair, this node, and what its daemon says when it runs.
 *
 * Decides nothing. Gathered once, before the checks, which all get the same.
 */
import type {Configuration, Pair, PairNode} from '@hapair/config';
import type {StatusReport} from '../daemon/status-report.ts';

export interface Subject {
	readonly configuration: Configuration;
	readonly pair: Pair;
	readonly own: PairNode;
	readonly peer: PairNode;
	/** Of the files that were named. */
	readonly configDigest: string;
	/** Empty when they cannot be read. */
	readonly keys: readonly {readonly id: number; readonly secret: Uint8Array}[];
	readonly uid: number;
	/** Absolute paths of what is installed. */
	readonly tools: Readonly<Partial<Record<ToolName, string>>>;
	/** May move addresses (CAP_NET_ADMIN), may open packet sockets (CAP_NET_RAW). */
	readonly mayMove: boolean;
	readonly mayListen: boolean;
	/** What the daemon of this node answered; absent when none runs. */
	readonly daemon?: StatusReport;
	readonly routes: readonly PathRoute[];
}

export type ToolName = 'ip' | 'nft' | 'arping' | 'ping' | 'perl';

/** How the kernel sends from this node to the peer on one path; the first is the nodes' own. */
export interface PathRoute {
	readonly local: string;
	readonly remote: string;
	/** Absent when there is no route. */
	readonly device?: string;
	/** The router in between; absent on one segment. */
	readonly gateway?: string;
}

/** Interfaces of the virtual addresses, each once. */
export function devicesOf({virtualAddresses}: Pick<Pair, 'virtualAddresses'>): string[] {
	return [...new Set(virtualAddresses.map(vip => vip.interface))];
}
