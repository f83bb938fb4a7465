/**
 * What the daemon and the proxy process say to each other over the child's IPC channel.
 *
 * Decides the shape of the conversation only. At a reload two proxy processes talk through the daemon (docs/ARCHITECTURE.md, "Reload"). The daemon never touches a socket of the data path; the proxy
 * process never knows that there is a pair.
 */
import type {Configuration} from '@hapair/config';
import type {Identity} from './privileges/plan.ts';
import type {CarriedState} from './reload/carried-state.ts';

export type ToProxy =
	/** The first message. With `follows`, `lent` sockets come next and nothing is accepted before `begin`. */
	| {
			readonly type: 'start';
			readonly configuration: Configuration;
			readonly options: ProxyOptions;
			readonly follows?: boolean;
	  }
	/** A listening socket of the process before; its handle comes with the message. */
	| {readonly type: 'lent'; readonly key: string}
	/** That were all sockets. */
	| {readonly type: 'allLent'}
	/** What the process before knew; after `begin` what it has counted since. */
	| {readonly type: 'inherit'; readonly state: CarriedState}
	/** All of a batch has come. */
	| {readonly type: 'settle'}
	/** All is told: serve. */
	| {readonly type: 'begin'}
	/** To the process before: hand on your listening sockets, with `lent` for each and `allLent`. */
	| {readonly type: 'lend'}
	/** Tell your tables, which may take a while, then `told`. */
	| {readonly type: 'tell'}
	/** Accept nothing more on these sockets and tell all the rest, then `told`. */
	| {readonly type: 'tellRest'; readonly keys: readonly string[]}
	/** It came to nothing: accept again. */
	| {readonly type: 'resume'}
	/** For the standby: orders, and the entries used within this time (all when it is absent), as `news` and `allNews`. */
	| {readonly type: 'tellNews'; readonly usedWithinMs?: number}
	/** On the standby: all of the news has come with `inherit`. */
	| {readonly type: 'settleNews'}
	/** Another process serves: end with the last connection. */
	| {readonly type: 'retire'}
	/** While draining, every response closes its connection; new connections are still served. */
	| {readonly type: 'drain'; readonly on: boolean}
	/** Client connections on which nothing is asked are closed now: their next request would go to the other node. */
	| {readonly type: 'closeIdle'}
	/** Client connections to these addresses of this machine end now, whatever is asked on them. */
	| {readonly type: 'endAt'; readonly addresses: readonly string[]}
	/** `soft` stops listening and ends with the last connection or after `graceMs`; `hard` ends now. */
	| {readonly type: 'stop'; readonly mode: 'soft' | 'hard'; readonly graceMs: number}
	/** Answered by `figures`. */
	| {readonly type: 'figures'; readonly requestId: number}
	| {
			readonly type: 'server';
			readonly requestId: number;
			readonly backend: string;
			readonly server: string;
			readonly admin: 'ready' | 'drain' | 'maint';
	  };

export interface ProxyOptions {
	/** Bytes of each error file, by path. */
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	/** Program name in syslog messages unless `log-tag` says otherwise; HAProxy's readers expect `haproxy`. */
	readonly logTag: string;
	/** The pid written in syslog messages: the process that was started, not a worker's. */
	readonly logPid: number;
	/** How often a snapshot is sent even when nothing changed. */
	readonly snapshotIntervalMs: number;
	/** Become this user once the binds listen (`PrivilegePlan.inProcess`); where setpriv cannot do it. */
	readonly switchTo?: Identity;
	/** Enter this directory once all is open (`PrivilegePlan.rootDirectory`). */
	readonly rootDirectory?: string;
}

export type FromProxy =
	/** All listeners accept. */
	| {readonly type: 'ready'; readonly workers: number}
	/** Holds these sockets of the process before, listens, and waits for `begin`. */
	| {readonly type: 'prepared'; readonly taken: readonly string[]}
	| {readonly type: 'settled'}
	| {readonly type: 'lent'; readonly key: string}
	| {readonly type: 'allLent'}
	| {readonly type: 'carried'; readonly state: CarriedState}
	| {readonly type: 'told'}
	| {readonly type: 'news'; readonly state: CarriedState}
	| {readonly type: 'allNews'}
	/** Cannot start; the process exits after it. One sentence and what to do. */
	| {readonly type: 'failed'; readonly message: string; readonly hint?: string}
	/** Sent at once when a server or listener changes state, else every `snapshotIntervalMs`, faster while draining. */
	| {readonly type: 'snapshot'; readonly snapshot: ProxySnapshot}
	| {readonly type: 'result'; readonly requestId: number; readonly ok: boolean; readonly message: string}
	| {readonly type: 'figures'; readonly requestId: number; readonly figures: ProxyFigures}
	| {
			readonly type: 'log';
			readonly level: 'debug' | 'info' | 'warn' | 'error';
			readonly message: string;
			readonly fields?: Readonly<Record<string, unknown>>;
	  };

export interface ProxySnapshot {
	readonly workers: number;
	readonly draining: boolean;
	/** Client connections now, over all frontends. */
	readonly connections: number;
	/** Transactions that have begun and not ended: what a drain waits for. */
	readonly activeTransactions: number;
	/** How often every worker has closed idle connections on request. Who had come before the last request is counted above. */
	readonly idleClosings: number;
	readonly traffic: TrafficSnapshot;
	readonly frontends: readonly FrontendSnapshot[];
	readonly backends: readonly BackendSnapshot[];
}

export interface FrontendSnapshot {
	readonly name: string;
	/** Every bind accepts. */
	readonly listening: boolean;
	readonly connections: number;
	readonly totalConnections: number;
	readonly totalRequests: number;
	readonly bytesIn: number;
	readonly bytesOut: number;
}

export interface BackendSnapshot {
	readonly name: string;
	/** Servers that take traffic: UP, or without a check. */
	readonly up: number;
	readonly queued: number;
	readonly servers: readonly ServerSnapshot[];
}

export interface ServerSnapshot {
	readonly name: string;
	readonly address: string;
	/** HAProxy's words: `UP`, `UP 2/3`, `DOWN`, `DOWN 1/2`, `MAINT`, `DRAIN`, `NOLB`, `no check`. */
	readonly status: string;
	readonly weight: number;
	readonly backup: boolean;
	readonly connections: number;
	readonly queued: number;
	readonly totalSessions: number;
	/** `L7OK/200 in 1ms` and the like; absent before the first check. */
	readonly lastCheck?: string;
	/** Since the last change of state. */
	readonly sinceMs: number;
}

/** Sums since the start over all frontends and backends. */
export interface TrafficSnapshot {
	readonly requests: number;
	/** Answers 4xx and 5xx, our own included. */
	readonly clientErrors: number;
	readonly serverErrors: number;
	readonly connectErrors: number;
	/** Upper bounds of the buckets of `totalTimes`. */
	readonly boundsMs: readonly number[];
	/** Transactions by how long they took: each bucket, the one above all bounds, and the sum of milliseconds. */
	readonly totalTimes: readonly number[];
}

/** Every counter since the start; what `columns` name is in `counters` at the same place. */
export interface ProxyFigures {
	readonly columns: readonly string[];
	readonly boundsMs: readonly number[];
	readonly classes: readonly string[];
	readonly times: readonly string[];
	readonly frontends: readonly FigureRow[];
	readonly backends: readonly BackendFigures[];
	/** Of the main thread, since the last time that figures were taken; absent at the first. */
	readonly loopDelay?: LoopDelay;
}

export interface FigureRow {
	readonly name: string;
	readonly counters: Float64Array;
}

export interface BackendFigures extends FigureRow {
	readonly connections: number;
	/** By class, then by time: a cell for each bound, one for what is above, one for the sum of milliseconds. */
	readonly histograms: Float64Array;
	readonly servers: readonly ServerFigures[];
}

export interface ServerFigures extends FigureRow {
	readonly checkFailures: number;
	/** Changes from UP to DOWN. */
	readonly downs: number;
	readonly downtimeMs: number;
}

/** Milliseconds that a loop came late in the last interval. */
export interface LoopDelay {
	readonly meanMs: number;
	readonly p99Ms: number;
	readonly maxMs: number;
}
