/**
 * What the main thread of the proxy process and its worker threads say to each other.
 *
 * Decides the shape of `workerData` and of the messages on the parent port. Numbers that change (states, counts,
 * draining) are not sent: they live in the shared table.
 */
import type {Configuration, Server} from '@hapair/config';
import type {LogIdentity} from './log/log-sender.ts';
import type {SharedFeed} from './patterns/change-feed.ts';
import type {LookupsSnapshot} from './patterns/lookups.ts';

/** What an engine is built from, in whichever thread. */
export interface WorkerSetup {
	readonly configuration: Configuration;
	/** `SharedTable.buffer`. */
	readonly table: SharedArrayBuffer;
	/** From 0 to the table's `workerCount` - 1; a replacement takes the index of the worker that died, after `reclaim`. */
	readonly workerIndex: number;
	/** `SharedStickTable.buffer` of each stick table of the configuration; absent when it has none. */
	readonly stickTables?: readonly SharedArrayBuffer[];
	/** Carries changes of patterns and variables; without it this thread is alone. */
	readonly feed?: SharedFeed;
	/** Bytes of each error file, by path. */
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	/** Sockets that listen already, in place of a bind of the same frontend and line; the worker owns the descriptors. */
	readonly listeners?: readonly InheritedListener[];
	/** Nothing is accepted before `hold` ends. */
	readonly isHeld?: boolean;
	/** False when this is the only worker: then the port is not shared with strangers. */
	readonly reusePort: boolean;
}

/** `workerData` of `worker.ts`. */
export interface WorkerData extends WorkerSetup {
	/** Under which name its lines are sent. */
	readonly log: LogIdentity;
	/** The worker notes its open descriptors here, a bit each, so that they can be closed when it ends without doing so. */
	readonly descriptors: SharedArrayBuffer;
	/** It practises once it listens (`engine/warm-up.ts`). */
	readonly warmsUp: boolean;
}

export type ToWorker =
	/** While draining every response closes its connection. */
	| {readonly type: 'drain'; readonly on: boolean}
	/** Connections on which nothing is asked are closed now. */
	/** Answered when whoever had come before is accepted. */
	| {readonly type: 'closeIdle'; readonly requestId: number}
	| {readonly type: 'endAt'; readonly addresses: readonly string[]}
	/**
	 * `soft`: no new connections, idle ones closed, `stopped` when the last has ended. `finish`: the same, but idle clients may ask once more
	 * and are told then. `hard`: everything ends now.
	 */
	| {readonly type: 'stop'; readonly mode: StopMode}
	/** Accept nothing, keep the sockets: who comes waits in them for another process, or until the end of the hold. */
	| {readonly type: 'hold'; readonly requestId: number; readonly on: boolean; readonly binds?: readonly BindPlace[]}
	/** Pause and resume listening (HAProxy's TTOU and TTIN). */
	| {readonly type: 'listen'; readonly on: boolean}
	/**
	 * The sessions of a server are to be ended: it went down (`D`, `on-marked-down shutdown-sessions`), a better one came up (`U`,
	 * `on-marked-up shutdown-backup-sessions`), an administrator wants it (`K`). The letter goes into their log lines.
	 */
	| {readonly type: 'endSessions'; readonly server: number; readonly cause: EndCause}
	/** One session, by the name that `inspect` gave it. */
	| {readonly type: 'endSession'; readonly requestId: number; readonly session: string}
	/** Open or close listeners as the status board says now. */
	| {readonly type: 'obeyBoard'; readonly requestId: number}
	| {readonly type: 'inspect'; readonly requestId: number}
	/** The servers of a backend from now on (`add server`, `del server`). */
	| {
			readonly type: 'setServers';
			readonly requestId: number;
			readonly backend: number;
			readonly servers: readonly Server[];
	  }
	/** The answer to `wantLookups`. */
	| {readonly type: 'lookups'; readonly snapshot: LookupsSnapshot}
	/** The answer to `order`. */
	| {readonly type: 'ordered'; readonly requestId: number; readonly outcome: PageOutcome};

/** What a user of the statistics page wants done with servers of a backend. */
export interface PageOrder {
	/** Place in the configuration. */
	readonly backend: number;
	readonly servers: readonly string[];
	readonly action: string;
}

/** `st=` of the page: done, nothing to do, done for some, wrong parameters. */
export type PageOutcome = 'DONE' | 'NONE' | 'PART' | 'ERRP';

/** A client connection, for `show sess`. */
export interface SessionFacts {
	/** `0x…`, unique in the process as long as the session lives. */
	readonly session: string;
	readonly proto: 'tcpv4' | 'tcpv6' | 'unix_stream';
	readonly source: string;
	readonly frontend: string;
	readonly backend: string;
	readonly server: string;
	readonly ageMs: number;
	/** Where it is: waiting for a request, in a queue, connecting, talking to a server. */
	readonly state: 'idle' | 'queued' | 'connecting' | 'connected';
	/** Of the transaction. */
	readonly bytesIn: number;
	readonly bytesOut: number;
	/** Until its deadline, absent when it waits for ever. */
	readonly expiresMs?: number;
}

/** The last message that a proxy could not accept, for `show errors`. */
export interface BadMessage {
	readonly kind: 'request' | 'response';
	/** Counted over the process from 0. */
	readonly event: number;
	readonly wallMs: number;
	readonly source: string;
	/** Places in the configuration, -1 for none. */
	readonly frontend: number;
	readonly backend: number;
	readonly server: string;
	/** latin1; what is longer than `tune.bufsize` was not read. */
	readonly text: string;
	/** Where it ceases to be a message, as far as that is a place. */
	readonly faultAt: number;
}

export type StopMode = 'soft' | 'finish' | 'hard';

/** Places of a frontend and of one of its binds in the configuration. */
export interface BindPlace {
	readonly frontend: number;
	readonly bind: number;
}

export type EndCause = 'D' | 'U' | 'K';

export type FromWorker =
	/** All binds accept. */
	| {readonly type: 'listening'; readonly ports: readonly BoundPort[]}
	/** A bind failed; the worker has closed what it had and ends. */
	| {readonly type: 'bindFailed'; readonly frontend: string; readonly bind: string; readonly code: string}
	/** `observe`: the server has failed `error-limit` times in a row, the last time as `lastError` says. */
	| {readonly type: 'trafficErrors'; readonly server: number; readonly lastError: string}
	| {readonly type: 'stopped'}
	/** Patterns or variables have changed before this thread began to listen for changes. */
	| {readonly type: 'wantLookups'}
	/** To `inspect`. */
	| {
			readonly type: 'inspected';
			readonly requestId: number;
			readonly sessions: readonly SessionFacts[];
			readonly badMessages: readonly BadMessage[];
	  }
	/** To `obeyBoard`, `endSession`, `setServers` and `hold`. */
	| {readonly type: 'obeyed'; readonly requestId: number; readonly ok: boolean}
	| {readonly type: 'order'; readonly requestId: number; readonly order: PageOrder};

export interface InheritedListener extends BindPlace {
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
	/** `log-format-sd`. */
	readonly structuredData?: string | undefined;
}
