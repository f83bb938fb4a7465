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

/** Messages with the entries that were used since `usedSinceMs`, or all. */
export function* describeEntries(
	configuration: Configuration,
	shared: SharedStickTable,
	nowMs: number,
	usedSinceMs = Number.NEGATIVE_INFINITY,
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
	for (const entry of shared.keep(nowMs, usedSinceMs)) {
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

/** What has come of tables, packed as it came until all is there: a million entries are 100 MB as objects of their own. */
export class EntryCollector {
	readonly #configuration: Configuration;
	readonly #tables: ReadonlyMap<string, SharedStickTable>;
	readonly #collected = new Map<SharedStickTable, CarriedEntries[]>();

	constructor(configuration: Configuration, tables: readonly SharedStickTable[]) {
		this.#configuration = configuration;
		this.#tables = new Map(tables.map(shared => [shared.table.name, shared]));
	}

	take(carried: CarriedEntries): void {
		const shared = this.#tables.get(carried.table);
		if (shared === undefined || carried.type !== shared.table.type || carried.keyBytes !== shared.table.keyBytes)
			return;
		const some = this.#collected.get(shared) ?? [];
		some.push(carried);
		this.#collected.set(shared, some);
	}

	/** Puts what has come into the tables, in place of what was there under the same key. The thread has other turns between pieces. */
	async settle(nowMs: number): Promise<void> {
		const collected = [...this.#collected];
		this.#collected.clear();
		for (const [shared, messages] of collected) {
			const ids = idsOfServers(this.#configuration, shared.table.name);
			const entries = unpackByAge(messages, shared.layout.columns, ids);
			while (shared.restore(entries, AT_ONCE, nowMs)) await new Promise(resolve => setImmediate(resolve));
		}
	}
}

/** All entries, those that expire first in front. */
function* unpackByAge(
	messages: readonly CarriedEntries[],
	columns: readonly TableColumn[],
	ids: ReadonlyMap<string, number>,
): Generator<KeptEntry> {
	const readers = messages.map(message => readerOf(message, columns, ids));
	const order = orderByAge(messages);
	const starts: number[] = [];
	let start = 0;
	for (const {lengths} of messages) {
		starts.push(start);
		start += lengths.length;
	}
	for (const entry of order) {
		let message = Math.min(messages.length - 1, Math.floor(entry / AT_ONCE));
		while (message > 0 && starts[message]! > entry) message--;
		while (message + 1 < messages.length && starts[message + 1]! <= entry) message++;
		yield readers[message]!(entry - starts[message]!);
	}
}

/** Where each entry stands among all, those that expire first in front. Numbers that hold both are sorted far faster than pairs. */
function orderByAge(messages: readonly CarriedEntries[]): Float64Array {
	const count = messages.reduce((sum, {leftMs}) => sum + leftMs.length, 0);
	const longestMs = messages.reduce((longest, {leftMs}) => leftMs.reduce((a, b) => Math.max(a, b), longest), 1);
	const scale = Math.max(1, (longestMs * count) / 2 ** 52);
	const order = new Float64Array(count);
	let at = 0;
	for (const {leftMs} of messages) {
		for (const left of leftMs) {
			order[at] = Math.floor(left / scale) * count + at;
			at++;
		}
	}
	return order.sort().map(both => both % count);
}

/** Reads one entry of a message, in the columns of the new table. */
function readerOf(
	{lengths, keys, leftMs, cells, columns: stored, servers}: CarriedEntries,
	columns: readonly TableColumn[],
	ids: ReadonlyMap<string, number>,
): (at: number) => KeptEntry {
	const from = placesOf(stored, columns);
	const width = stored.reduce((sum, column) => sum + column.cells, 0);
	const keyEnds = new Uint32Array(lengths.length);
	let end = 0;
	for (const [at, length] of lengths.entries()) {
		end += length;
		keyEnds[at] = end;
	}
	return at => {
		const row = cells.subarray(at * width, (at + 1) * width);
		return {
			key: keys.subarray(keyEnds[at]! - lengths[at]!, keyEnds[at]!),
			leftMs: leftMs[at]!,
			cells: columns.flatMap((column, place) => {
				const start = from[place]!;
				if (start < 0) return Array.from({length: cellsOf(column)}, () => 0);
				if (column.name === 'server_id') return ids.get(servers[row[start]!] ?? '') ?? 0;
				return [...row.subarray(start, start + cellsOf(column))];
			}),
		};
	};
}

/** For each column of this table where it begins in the rows that come; -1 when it begins anew. */
function placesOf(columns: CarriedEntries['columns'], own: readonly TableColumn[]): readonly number[] {
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
