/**
 * The pair section: nodes, addresses, paths, times, and what must be well for a node to hold the addresses.
 *
 * A part of the model (`../model.ts`).
 */
import type {Hook, WatchedCertificate} from './hooks.ts';
import type {Position} from './position.ts';
import type {TakeoverDriver} from './takeover.ts';

export interface Pair {
	readonly name: string;
	readonly position: Position;
	/** Exactly two. */
	readonly nodes: readonly [PairNode, PairNode];
	readonly virtualAddresses: readonly VirtualAddress[];
	/** Time between advertisements, 10–40000 ms; 200 by default. */
	readonly advertIntervalMs: number;
	/** UDP port of the heartbeat; 3694 by default. */
	readonly port: number;
	/** TCP port on which the nodes' daemons talk; the heartbeat's plus one by default. Absent: they do not. */
	readonly channelPort?: number;
	/** Open connections live on at the old master after a planned failover, where the kernels can do it; on by default. */
	readonly secondChance: boolean;
	readonly secretFiles: readonly string[];
	/** Further heartbeat paths, one address per node in the order of `nodes`. The first path is the nodes' own addresses. */
	readonly paths: readonly (readonly [string, string])[];
	readonly witness?: {readonly host: string; readonly port: number};
	readonly preempt: {readonly mode: 'off'} | {readonly mode: 'on'} | {readonly mode: 'after'; readonly delayMs: number};
	/** What a node does when its peer is silent on every path and no witness is configured. */
	readonly onIsolation: 'claim' | 'hold';
	/** No claim before this long after start, so that both nodes can find each other. */
	readonly startDelayMs: number;
	readonly tracks: readonly Track[];
	/** What delivers the virtual addresses besides `ip`, which every node does: adding and announcing them on its interface. */
	readonly drivers: readonly TakeoverDriver[];
	readonly hooks: readonly Hook[];
	/** Absent when it is off. */
	readonly admin?: AdminAddress;
	readonly certificates: readonly WatchedCertificate[];
	/** `keep-history`: days after which a line of the history goes; absent: when the file is full. */
	readonly historyDays?: number;
	/** When the address is moved to prove that it moves. */
	readonly drill?: DrillSchedule;
	/** When a node is in maintenance by itself. */
	readonly maintenanceWindows: readonly MaintenanceWindow[];
	/** The only times at which the address moves by preference; empty: at any time. */
	readonly failoverWindows: readonly TimeWindow[];
}

/** The five fields of crontab(5), read by `findCronProblem`, in this machine's time zone unless one is named. */
export interface Schedule {
	readonly cron: string;
	readonly timezone?: string;
	readonly position: Position;
}

export interface DrillSchedule extends Schedule {
	/** No drill sooner than this after the last move of the address, ms. */
	readonly settleMs: number;
	/** Does the address come back where nobody prefers a node (`preempt off`)? */
	readonly returns: boolean;
	/** What the probe asks the first frontend for. */
	readonly probePath: string;
}

/** Open from each time of the schedule on. */
export interface TimeWindow extends Schedule {
	readonly forMs: number;
}

export interface MaintenanceWindow extends TimeWindow {
	readonly node: string;
}

/** `admin`: where the daemon answers operators over HTTP. */
export interface AdminAddress {
	/** A literal unicast address, or `node` for the own address of each node. */
	readonly host: string;
	readonly port: number;
	/** Holds the token; absent: the daemon keeps one beside its state. */
	readonly tokenFile?: string;
	/** Further names under which it may be asked, as behind another proxy; lower case. */
	readonly hostNames: readonly string[];
}

export interface PairNode {
	readonly name: string;
	readonly address: string;
	/** 1–254; 100 by default. */
	readonly priority: number;
	readonly position: Position;
}

export interface VirtualAddress {
	readonly address: string;
	readonly prefixLength: number;
	readonly family: 4 | 6;
	readonly interface: string;
	readonly position: Position;
}

export type Track =
	| {readonly kind: 'frontend'; readonly frontend: string; readonly position: Position}
	| {readonly kind: 'backend'; readonly backend: string; readonly minUp: number; readonly position: Position}
	| ({
			readonly kind: 'script';
			readonly argv: readonly string[];
			readonly position: Position;
	  } & TrackTiming)
	| {readonly kind: 'interface'; readonly interface: string; readonly position: Position}
	| ({readonly kind: 'gateway'; readonly address: string; readonly position: Position} & TrackTiming)
	| ({readonly kind: 'process'; readonly process: string; readonly position: Position} & TrackTiming)
	/** `present`: fit while the file is there; else while it is not. */
	| ({
			readonly kind: 'file';
			readonly path: string;
			readonly present: boolean;
			readonly position: Position;
	  } & TrackTiming)
	/** Per cent of the CPU time that the hypervisor gave to others. */
	| ({readonly kind: 'steal'; readonly percent: number; readonly position: Position} & TrackTiming)
	/** How late the daemon's own timers are, ms. */
	| ({readonly kind: 'delay'; readonly delayMs: number; readonly position: Position} & TrackTiming);

export interface TrackTiming {
	readonly everyMs: number;
	readonly timeoutMs: number;
	readonly rise: number;
	readonly fall: number;
}
