/**
 * What a proxy process tells the one that follows it, through the daemon: its servers, frontends, counters and stick tables.
 *
 * Decides the shape only. Everything has a name, not a number: the new configuration may have other things in other places, and the new
 * process may be of a newer version. Times are ages, since no two processes count from the same moment.
 */
import type {CheckResult} from '../health/check-result.ts';
import type {AdminState, Health} from '../health/tracker.ts';

export type CarriedState =
	| {readonly kind: 'servers'; readonly servers: readonly CarriedServer[]; readonly backends: readonly CarriedBackend[]}
	| {readonly kind: 'limits'; readonly process: CarriedLimits; readonly frontends: readonly CarriedFrontend[]}
	/** The first time all there is, later what was added since. */
	| {readonly kind: 'counters'; readonly rows: readonly CarriedCounters[]}
	| {readonly kind: 'entries'; readonly entries: CarriedEntries}
	/** For a process that serves by itself, on the standby: what people have ordered. */
	| {readonly kind: 'orders'; readonly servers: readonly CarriedOrder[]}
	/** Likewise: a list of patterns or map that was changed. */
	| {readonly kind: 'patterns'; readonly patterns: CarriedPatterns};

/** A node of an older version tells no limit and no address. */
export type CarriedOrder = Pick<CarriedServer, 'backend' | 'server' | 'configured' | 'admin' | 'weight' | 'place'> &
	Partial<Pick<CarriedServer, 'maxconn'>>;

/** All of a list, or with `goesOn` the next part of it. */
export interface CarriedPatterns {
	/** Place and digest of what the file says. */
	readonly list: string;
	/** It is what the file says; no entries then. */
	readonly isAsInFile: boolean;
	/** In their order. */
	readonly entries: readonly (readonly [key: string, value: string])[];
	readonly goesOn: boolean;
}

export interface CarriedServer {
	readonly backend: string;
	readonly server: string;
	/** As configured: an order holds on only while the file says the same as before. */
	readonly configured: {
		readonly weight: number;
		readonly maxconn: number;
		readonly disabled: boolean;
		readonly address: string;
	};
	readonly admin: AdminState;
	readonly weight: number;
	readonly maxconn: number;
	/** Absent for a server that is not reached by IP. */
	readonly place?: {readonly host: string; readonly port: number};
	/** Absent without a check of its own. */
	readonly health?: Health;
	readonly lastCheck?: CheckResult;
	readonly lastAgent?: CheckResult;
	readonly isUnchecked: boolean;
	readonly isDownByAgent: boolean;
	readonly isAgentOff: boolean;
	/** Since the last change of use, and under `slowstart`. */
	readonly sinceMs: number;
	readonly growsForMs?: number;
	readonly failures: number;
	readonly downs: number;
	readonly observedFailures: number;
	readonly downtimeMs: number;
}

export interface CarriedBackend {
	readonly backend: string;
	readonly isUp: boolean;
	readonly sinceMs: number;
	readonly downs: number;
	readonly downtimeMs: number;
}

/** Each limit as it stands in the file and as it holds now. */
export type CarriedLimits = Readonly<Record<string, {readonly configured: number; readonly now: number}>>;

export interface CarriedFrontend {
	readonly frontend: string;
	/** `FrontendColumn.state`. */
	readonly state: number;
	readonly maxconn: {readonly configured: number; readonly now: number};
}

export interface CarriedCounters {
	/** Of what, and its name: `frontend www`, `server web/s1`, `times web` for the histograms of a backend. */
	readonly of: string;
	/** By the names of `Counter`, or `TIME_CELLS`; zeros are left out. */
	readonly values: Readonly<Record<string, number>>;
}

/** Some entries of one stick table, in four columns. */
export interface CarriedEntries {
	readonly table: string;
	readonly type: string;
	readonly keyBytes: number;
	readonly columns: readonly {readonly name: string; readonly periodMs: number; readonly cells: number}[];
	/** Names of servers by their ids, as `server_id` means them. */
	readonly servers: Readonly<Record<number, string>>;
	readonly lengths: Uint16Array;
	/** The keys one behind the other. */
	readonly keys: Uint8Array;
	/** Until each expires; 0 for never. */
	readonly leftMs: Float64Array;
	/** All columns of the first entry, then of the next. */
	readonly cells: Float64Array;
}
