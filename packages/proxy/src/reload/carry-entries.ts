/**
 * The entries of stick tables, for the process that follows this one.
 *
 * Decides what of an entry is still true there: its key as long as the table has the same type, its columns as long as they count over the
 * same period, its server by name, since `server_id` may be another's in the new configuration. `conn_cur` stays behind with the
 * connections. Entries come in the order of the old table and are put in by age, which is the order that expiry needs.
 */
import type {Configuration} from '@hapair/config';
import type {Column} from '../stick/layout.ts';
import type {KeptEntry, SharedStickTable} from '../stick/shared-stick-table.ts';
import {RATE_CELLS} from '../stick/sliding-rate.ts';
import type {CarriedEntries} from './carried-state.ts';

/** Entries in one message: about 100 KiB. */
const AT_ONCE = 1024;

type TableColumn = Pick<Column, 'name' | 'periodMs' | 'kind'>;

function cellsOf({kind}: TableColumn): number {
	return kind === 'rate' ? RATE_CELLS : 1;
}

/** Messages with the entries that were used in the last `usedWithinMs`, or all. */
export function* describeEntries(
	configuration: Configuration,
	shared: SharedStickTable,
	nowMs: number,
	usedWithinMs = Number.POSITIVE_INFINITY,
): Generator<CarriedEntries> {
	const columns = shared.layout.columns.map(column => ({
		name: column.name,
		periodMs: column.periodMs,
		cells: cellsOf(column),
	}));
	const servers = namesOfServers(configuration, shared.table.name);
	let some: KeptEntry[] = [];
	const pack = (): CarriedEntries => {
		const {name: table, type, keyBytes} = shared.table;
		return {table, type, keyBytes, columns, servers, ...packEntries(some)};
	};
	for (const entry of shared.keep(nowMs)) {
		const idleMs = (shared.table.expireMs ?? 0) - entry.leftMs;
		if (entry.leftMs > 0 && idleMs > usedWithinMs) continue;
		some.push(entry);
		if (some.length < AT_ONCE) continue;
		yield pack();
		some = [];
	}
	if (some.length > 0) yield pack();
}

function packEntries(entries: readonly KeptEntry[]): Pick<CarriedEntries, 'lengths' | 'keys' | 'leftMs' | 'cells'> {
	return {
		lengths: Uint16Array.from(entries, ({key}) => key.length),
		keys: Buffer.concat(entries.map(({key}) => key)),
		leftMs: Float64Array.from(entries, ({leftMs}) => leftMs),
		cells: Float64Array.from(entries.flatMap(({cells}) => cells)),
	};
}

/** Whose servers the ids of a table mean: the backend's of that name, else those of the backends that stick to it. */
function namesOfServers({backends}: Configuration, table: string): Record<number, string> {
	const own = backends.filter(({name}) => name === table);
	const users = backends.filter(
		({stickRules = [], appSession}) => appSession?.table === table || stickRules.some(rule => rule.table === table),
	);
	const names: Record<number, string> = {};
	for (const {servers} of [...own, ...users]) {
		for (const {id, name} of servers) names[id] ??= name;
	}
	return names;
}

/** The same the other way round. */
function idsOfServers(configuration: Configuration, table: string): ReadonlyMap<string, number> {
	const names = namesOfServers(configuration, table);
	return new Map(Object.entries(names).map(([id, name]) => [name, Number(id)]));
}

/** What has come of one table, until all is there. */
export class EntryCollector {
	readonly #configuration: Configuration;
	readonly #tables: ReadonlyMap<string, SharedStickTable>;
	readonly #collected = new Map<SharedStickTable, KeptEntry[]>();

	constructor(configuration: Configuration, tables: readonly SharedStickTable[]) {
		this.#configuration = configuration;
		this.#tables = new Map(tables.map(shared => [shared.table.name, shared]));
	}

	take(carried: CarriedEntries): void {
		const shared = this.#tables.get(carried.table);
		if (shared === undefined || carried.type !== shared.table.type || carried.keyBytes !== shared.table.keyBytes)
			return;
		const entries = this.#collected.get(shared) ?? [];
		this.#collected.set(shared, entries);
		const from = placesOf(carried, shared.layout.columns);
		const width = carried.columns.reduce((sum, {cells}) => sum + cells, 0);
		const ids = idsOfServers(this.#configuration, carried.table);
		let keyAt = 0;
		for (const [at, length] of carried.lengths.entries()) {
			const key = carried.keys.slice(keyAt, keyAt + length);
			keyAt += length;
			const row = carried.cells.subarray(at * width, (at + 1) * width);
			const cells = shared.layout.columns.flatMap((column, place) => {
				const start = from[place]!;
				if (start < 0) return Array.from({length: cellsOf(column)}, () => 0);
				if (column.name === 'server_id') return ids.get(carried.servers[row[start]!] ?? '') ?? 0;
				return [...row.subarray(start, start + cellsOf(column))];
			});
			entries.push({key, leftMs: carried.leftMs[at]!, cells});
		}
	}

	/** Puts what has come into the tables, in place of what was there under the same key. */
	settle(nowMs: number): void {
		for (const [shared, entries] of this.#collected) {
			entries.sort((a, b) => a.leftMs - b.leftMs);
			shared.restore(entries, nowMs);
		}
		this.#collected.clear();
	}
}

/** For each column of this table where it begins in the rows that come; -1 when it begins anew. */
function placesOf({columns}: CarriedEntries, own: readonly TableColumn[]): readonly number[] {
	const places = new Map<string, number[]>();
	let at = 0;
	for (const {name, periodMs, cells} of columns) {
		const key = `${name} ${periodMs}`;
		places.set(key, [...(places.get(key) ?? []), at]);
		at += cells;
	}
	// Elements of an array have one name and follow each other.
	return own.map(({name, periodMs}) => places.get(`${name} ${periodMs}`)?.shift() ?? -1);
}
