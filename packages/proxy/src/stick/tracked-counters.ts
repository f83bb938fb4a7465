/**
 * What a client connection tracks: three counters, each an entry of some stick table (HAProxy manual, `track-sc0`).
 *
 * Decides what is counted when: connections and sessions when tracking begins, requests, errors and bytes as they come. What a rule for
 * connections tracks lasts as long as the connection, what a rule for contents or requests tracks as long as the transaction.
 */
import type {StickColumnName} from '@hapair/config';
import type {Hold} from './shared-stick-table.ts';
import type {KeySample} from './stick-key.ts';
import type {BoundTable, StickTables} from './stick-tables.ts';

export const COUNTERS = 3;

export type TrackScope = 'session' | 'transaction';

interface Tracked {
	readonly table: BoundTable;
	readonly hold: Hold;
	/** What was made a key: the same client in another table. */
	readonly sample: KeySample;
	readonly scope: TrackScope;
}

export class TrackedCounters {
	readonly tables: StickTables;
	readonly #tracked: (Tracked | undefined)[] = [undefined, undefined, undefined];

	constructor(tables: StickTables) {
		this.tables = tables;
	}

	/** A counter that tracks already goes on with what it has. True when it tracks now. */
	track(counter: number, tableName: string, sample: KeySample | undefined, scope: TrackScope): boolean {
		if (this.#tracked[counter] !== undefined) return false;
		const table = this.tables.get(tableName);
		const key = table?.keyOf(sample);
		if (table === undefined || key === undefined) return false;
		const nowMs = this.tables.nowMs();
		const hold = table.shared.hold(key, nowMs);
		if (hold === undefined) return false;
		const one: Tracked = {table, hold, sample: sample!, scope};
		this.#tracked[counter] = one;
		add(one, ['conn_cnt', 'conn_rate', 'conn_cur'], 1, nowMs);
		return true;
	}

	/** `http-request track-sc0`: the request has begun already, and counts. */
	trackRequest(counter: number, tableName: string, sample: KeySample | undefined): void {
		if (this.track(counter, tableName, sample, 'transaction'))
			this.#addTo(this.#tracked[counter], ['http_req_cnt', 'http_req_rate'], 1);
	}

	/** `http-response track-sc0`: the request counts, and so does what its answer says of it. */
	trackResponse(counter: number, tableName: string, sample: KeySample | undefined, status: number): void {
		if (!this.track(counter, tableName, sample, 'transaction')) return;
		const one = this.#tracked[counter];
		this.#addTo(one, ['http_req_cnt', 'http_req_rate'], 1);
		if (status >= 400 && status < 500) this.#addTo(one, ['http_err_cnt', 'http_err_rate'], 1);
		else if (isFailure(status)) this.#addTo(one, ['http_fail_cnt', 'http_fail_rate'], 1);
	}

	isTracked(counter: number): boolean {
		return this.#tracked[counter] !== undefined;
	}

	/** The connection was let in. */
	countSession(): void {
		this.#addToAll(['sess_cnt', 'sess_rate'], 1);
	}

	countRequest(): void {
		this.#addToAll(['http_req_cnt', 'http_req_rate'], 1);
	}

	/** A request that could not be understood or was refused, or an answer of the 4xx class. */
	countError(): void {
		this.#addToAll(['http_err_cnt', 'http_err_rate'], 1);
	}

	/** A server's answer that could not be understood, or of the 5xx class but for 501 and 505. */
	countFailure(): void {
		this.#addToAll(['http_fail_cnt', 'http_fail_rate'], 1);
	}

	countBytes(received: number, sent: number): void {
		if (received > 0) this.#addToAll(['bytes_in_cnt', 'bytes_in_rate'], received);
		if (sent > 0) this.#addToAll(['bytes_out_cnt', 'bytes_out_rate'], sent);
	}

	/** `sc-inc-gpc0`, `sc-inc-gpc`: the value and its rate. */
	increase(counter: number, column: `gpc${number}`, isElement: boolean): void {
		const one = this.#tracked[counter];
		if (one === undefined || (isElement && !isOfArray(one.table, column, `${column}_rate`))) return;
		this.#addTo(one, [column, `${column}_rate`], 1);
	}

	/** `sc-set-gpt0`, `sc-set-gpt`. */
	setTag(counter: number, column: `gpt${number}`, tag: number, isElement: boolean): void {
		const one = this.#tracked[counter];
		const found = one?.table.column(column);
		if (one === undefined || found === undefined || (isElement && !found.isElement)) return;
		one.table.shared.set(one.hold, found, tag, this.tables.nowMs());
	}

	/** The table and the sample of a counter, or the same sample in another table; undefined when it tracks nothing. */
	entryOf(counter: number, tableName: string | undefined): TrackedEntry | undefined {
		const one = this.#tracked[counter];
		if (one === undefined) return undefined;
		const table = tableName === undefined ? one.table : this.tables.get(tableName);
		return table === undefined ? undefined : {table, sample: one.sample};
	}

	endTransaction(): void {
		this.#end(scope => scope === 'transaction');
	}

	end(): void {
		this.#end(() => true);
	}

	#end(isOver: (scope: TrackScope) => boolean): void {
		for (const [counter, one] of this.#tracked.entries()) {
			if (one === undefined || !isOver(one.scope)) continue;
			const nowMs = this.tables.nowMs();
			add(one, ['conn_cur'], -1, nowMs);
			one.table.shared.letGo(one.hold, nowMs);
			this.#tracked[counter] = undefined;
		}
	}

	#addToAll(columns: readonly StickColumnName[], count: number): void {
		for (const one of this.#tracked) this.#addTo(one, columns, count);
	}

	#addTo(one: Tracked | undefined, columns: readonly StickColumnName[], count: number): void {
		if (one !== undefined) add(one, columns, count, this.tables.nowMs());
	}
}

export interface TrackedEntry {
	readonly table: BoundTable;
	readonly sample: KeySample;
}

function add({table, hold}: Tracked, names: readonly StickColumnName[], count: number, nowMs: number): void {
	const columns = names.map(name => table.column(name));
	if (columns.some(column => column !== undefined)) table.shared.add(hold, columns, count, nowMs);
}

/** Some of them is an element of an array. */
function isOfArray(table: BoundTable, ...names: readonly StickColumnName[]): boolean {
	return names.some(name => table.column(name)?.isElement === true);
}

/** What `http_fail_cnt` counts (HAProxy manual, `stick-table`). */
export function isFailure(status: number): boolean {
	return status >= 500 && status !== 501 && status !== 505;
}
