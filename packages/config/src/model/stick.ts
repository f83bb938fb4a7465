/**
 * What is remembered of clients: stick tables, rules that fill them, and `appsession`.
 *
 * A part of the model (`../model.ts`).
 */
import type {Condition, SampleExpression} from './acl.ts';
import type {Position} from './position.ts';

/** What a table may store of each key (HAProxy manual, `stick-table … store`). */
export type StickColumnName =
	| 'server_id'
	| `gpt${number}`
	| `gpc${number}`
	| `gpc${number}_rate`
	| 'conn_cnt'
	| 'conn_rate'
	| 'conn_cur'
	| 'sess_cnt'
	| 'sess_rate'
	| 'http_req_cnt'
	| 'http_req_rate'
	| 'http_err_cnt'
	| 'http_err_rate'
	| 'bytes_in_cnt'
	| 'bytes_in_rate'
	| 'bytes_out_cnt'
	| 'bytes_out_rate'
	| 'http_fail_cnt'
	| 'http_fail_rate';

export interface StickColumn {
	readonly name: StickColumnName;
	/** Of a rate: over how long it is taken. */
	readonly periodMs?: number;
	/** It is an element of `gpc(N)`, `gpt(N)` or `gpc_rate(N,T)`. */
	readonly isElement?: boolean;
}

export interface StickTable {
	/** That of its section. */
	readonly name: string;
	readonly type: 'ip' | 'ipv6' | 'integer' | 'string' | 'binary';
	/** Longest key. */
	readonly keyBytes: number;
	/** Most entries. */
	readonly size: number;
	/** How long an entry lives after its last use; absent for ever. */
	readonly expireMs?: number;
	/** `srvkey addr`: servers are shown by their address. */
	readonly showsAddresses?: boolean;
	/** When full, no new entry is made; else the oldest goes. */
	readonly nopurge: boolean;
	/** `stick` rules use it: then `server_id` is stored whether it was asked for or not. */
	readonly holdsServers: boolean;
	/** In the order in which `show table` writes them. */
	readonly columns: readonly StickColumn[];
	readonly position: Position;
}

/** `appsession`: a client stays on the server that set its application's cookie (HAProxy 1.4 manual). */
export interface AppSession {
	readonly cookie: string;
	/** Characters of the value that count, 1–4096. */
	readonly lengthBytes: number;
	/** A value that is not used for this long is forgotten. */
	readonly holdMs: number;
	/** What a request shows is learned too, when the response sets nothing. */
	readonly requestLearn: boolean;
	/** The name only begins so: the rest of it is part of the value. */
	readonly prefix: boolean;
	/** Where a URL may carry the value: `/path;NAME=VALUE` or `?NAME=VALUE`. */
	readonly mode: 'path-parameters' | 'query-string';
	/** The stick table that remembers. */
	readonly table: string;
	readonly position: Position;
}

/** `stick …`: `on` matches and stores what the request shows. */
export interface StickRule {
	readonly kind: 'on' | 'match' | 'store-request' | 'store-response';
	readonly key: SampleExpression;
	readonly table: string;
	readonly condition?: Condition;
	readonly position: Position;
}
