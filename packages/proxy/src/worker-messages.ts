/**
 * What the main thread of the proxy process and its worker threads say to each other.
 *
 * Decides the shape of `workerData` and of the messages on the parent port. Numbers that change (states, counts,
 * draining) are not sent: they live in the shared table.
 */
import type {Configuration} from '@hapair/config';
import type {LogIdentity} from './log/log-sender.ts';

/** What an engine is built from, in whichever thread. */
export interface WorkerSetup {
	readonly configuration: Configuration;
	/** `SharedTable.buffer`. */
	readonly table: SharedArrayBuffer;
	/** From 0 to the table's `workerCount` - 1; a replacement takes the index of the worker that died, after `reclaim`. */
	readonly workerIndex: number;
	/** Bytes of each error file, by path. */
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	/** Sockets that listen already, in place of a bind of the same frontend and line; the worker owns the descriptors. */
	readonly listeners?: readonly InheritedListener[];
	/** False when this is the only worker: then the port is not shared with strangers. */
	readonly reusePort: boolean;
}

/** `workerData` of `worker.ts`. */
export interface WorkerData extends WorkerSetup {
	/** Under which name its lines are sent. */
	readonly log: LogIdentity;
}

export type ToWorker =
	/** While draining every response closes its connection. */
	| {readonly type: 'drain'; readonly on: boolean}
	/** Connections on which nothing is asked are closed now. */
	| {readonly type: 'closeIdle'}
	/** `soft`: no new connections, idle ones closed, `stopped` when the last has ended. `hard`: everything ends now. */
	| {readonly type: 'stop'; readonly mode: 'soft' | 'hard'}
	/** Pause and resume listening (HAProxy's TTOU and TTIN). */
	| {readonly type: 'listen'; readonly on: boolean}
	/** A server's state became unusable and its sessions are to be ended (`on-marked-down shutdown-sessions`, admin). */
	| {readonly type: 'endSessions'; readonly server: number};

export type FromWorker =
	/** All binds accept. */
	| {readonly type: 'listening'; readonly ports: readonly BoundPort[]}
	/** A bind failed; the worker has closed what it had and ends. */
	| {readonly type: 'bindFailed'; readonly frontend: string; readonly bind: string; readonly code: string}
	| {readonly type: 'stopped'};

export interface InheritedListener {
	/** Places of the frontend and of the bind in the configuration. */
	readonly frontend: number;
	readonly bind: number;
	readonly fd: number;
}

export interface BoundPort {
	readonly frontend: number;
	readonly bind: number;
	/** 0 for a unix socket. */
	readonly port: number;
	/** The listening socket's descriptor, so that the main thread can keep a second one. */
	readonly fd?: number;
}

/** One line: the sender adds priority, date and tag for each of the frontend's log targets. */
export interface WorkerLogLine {
	/** Place of the frontend in the configuration. */
	readonly frontend: number;
	/** Syslog severity, 0–7. */
	readonly severity: number;
	/** Without a line feed. */
	readonly text: string;
}
