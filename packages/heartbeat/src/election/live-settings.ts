/**
 * What may change while a node runs, when its configuration is read again.
 *
 * Decides by one rule: nothing here says how long a lease or a silence lasts, so the two nodes may differ in it for a while.
 */
import type {Pair} from '@hapair/config';

export interface LiveSettings {
	readonly priority: number;
	readonly peerPriority: number;
	readonly preempt: Pair['preempt'];
	readonly onIsolation: Pair['onIsolation'];
	/** 16 bytes as hex. */
	readonly configDigest: string;
}
