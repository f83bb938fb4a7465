/**
 * The global section: what holds for the whole process, and where log lines go.
 *
 * A part of the model (`../model.ts`).
 */
import type {SampleExpression} from './acl.ts';
import type {Position} from './position.ts';

/** A `log` line. `level` drops what is less severe, `minLevel` caps severity (HAProxy manual, `log`). 0 emerg … 7 debug. */
export interface LogTarget {
	readonly address: SocketAddress;
	readonly facility: number;
	readonly level: number;
	readonly minLevel: number;
	/** Longest message in bytes, 80–65535; 1024 by default. */
	readonly lengthBytes: number;
	/** `format raw`: the text alone, without priority, date and tag. `journal`: the native protocol of journald. Absent: RFC 3164. */
	readonly format?: 'raw' | 'rfc5424' | 'priority' | 'short' | 'timed' | 'iso' | 'journal';
	/** `sample RANGES:SIZE`: of every SIZE messages those whose number from 1 on lies in a range. */
	readonly sample?: LogSampling;
}

export interface LogSampling {
	readonly size: number;
	readonly ranges: readonly {readonly from: number; readonly to: number}[];
}

/** Where to connect or listen. `fd` is an inherited, already listening descriptor (`fd@N`). */
export type SocketAddress =
	| {readonly kind: 'ip'; readonly host: string; readonly port: number}
	| {readonly kind: 'unix'; readonly path: string}
	| {readonly kind: 'fd'; readonly fd: number}
	| {readonly kind: 'stream'; readonly name: 'stdout' | 'stderr'};

export interface GlobalSettings {
	readonly logTargets: readonly LogTarget[];
	readonly logTag?: string;
	/** `log-send-hostname`: the name to send; the empty string means this machine's. */
	readonly logSendHostname?: string;
	/** Connections over all frontends of the process. */
	readonly maxconn: number;
	readonly user?: string;
	readonly group?: string;
	readonly uid?: number;
	readonly gid?: number;
	readonly daemon: boolean;
	readonly pidfile?: string;
	readonly chroot?: string;
	/** Worker threads; absent means one per processor. */
	readonly nbthread?: number;
	readonly statsSockets: readonly StatsSocket[];
	/** `stats timeout`: how long a connection to a stats socket may be silent. */
	readonly statsTimeoutMs: number;
	/** `stats maxconn`: connections that the stats sockets serve at a time. */
	readonly statsMaxconn: number;
	/** `spread-checks`: percent of jitter added to check intervals, 0–50. */
	readonly spreadChecksPercent: number;
	/** `tune.bufsize`: bytes; the head of a message must fit in it less `tune.maxrewrite`. */
	readonly bufsizeBytes: number;
	readonly maxrewriteBytes: number;
	/** `hard-stop-after`: longest soft stop; absent for ever. */
	readonly hardStopAfterMs?: number;
	/** `maxconnrate`, `maxsessrate`: a second over all frontends; absent or 0 no limit. */
	readonly connectionRate?: number;
	readonly sessionRate?: number;
	/** `h1-case-adjust`: spellings by lower-case name. */
	readonly headerCases?: Readonly<Record<string, string>>;
	/** `setenv`, `unsetenv` and their kin: what they leave of the environment; null for what is gone. */
	readonly environment: Readonly<Record<string, string | null>>;
	/** `set-var`, `set-var-fmt`: variables of the process (`proc.…`) at the start. */
	readonly variables: readonly GlobalVariable[];
	/** `tune.maxaccept`, `node`, `description` and the like that are only shown. */
	readonly node?: string;
	readonly description?: string;
}

/** With a sample, or with a text that has variables. */
export type GlobalVariable =
	| {readonly kind: 'set-var'; readonly name: string; readonly sample: SampleExpression}
	| {readonly kind: 'set-var-fmt'; readonly name: string; readonly value: string};

export interface StatsSocket {
	readonly address: SocketAddress;
	readonly level: 'user' | 'operator' | 'admin';
	readonly mode?: number;
	/** Who owns the socket's file, by name or by number. */
	readonly user?: string;
	readonly group?: string;
	readonly uid?: number;
	readonly gid?: number;
	readonly position: Position;
}
