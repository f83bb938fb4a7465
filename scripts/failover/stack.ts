/**
 * What is broken in a measurement: a pair, whatever program it is of. The verbs are those of `events.ts`.
 */
import type {Lab} from '../../test/lab/lab.ts';

export interface PairSettings {
	/** `200ms` or `fast` (50 ms). */
	readonly interval: '200ms' | 'fast';
	/** The preferred node gets the address back by itself. */
	readonly preempt?: boolean;
	readonly witness?: boolean;
}

export interface Stack {
	readonly lab: Lab;
	/** Resolves when lb1 holds the address and lb2 could take it. */
	start(settings: PairSettings): Promise<void>;
	/** Who holds the address, as far as the kernels say. */
	waitForHolder(node: 'lb1' | 'lb2'): Promise<void>;
	/** To what speaks for lb1, without what proxies. */
	signalElection(signal: NodeJS.Signals): void;
	/** To what proxies on lb1. */
	signalProxy(signal: NodeJS.Signals): void;
	/** Keeps the main thread of what proxies on lb1 busy; absent where one thread does everything. */
	blockProxy?(durationMs: number): Promise<void>;
	/** Ends lb1 as an administrator does. */
	stop(): Promise<unknown>;
	/** Moves the address to lb2, or to the node named, as an administrator does; absent where there is no such order. */
	failover?(to?: 'lb1' | 'lb2'): Promise<void>;
	/** lb1 boots after a power cut. */
	boot?(): Promise<void>;
	/** Pids of what speaks for lb1. */
	electionPids(): number[];
}
