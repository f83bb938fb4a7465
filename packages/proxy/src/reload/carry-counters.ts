/**
 * Counters that go on when a process follows another: totals, highest values, mean times.
 *
 * Decides that totals only ever add up: the old process first tells all it has, its own inheritance included, and then, while its last
 * connections end, what came on top. So no request is counted twice or not at all. Leaves carrying to the daemon.
 */
import type {Configuration} from '@hapair/config';
import {
	Counter,
	type CounterColumn,
	isHighestValue,
	isMeanTime,
	type RowKind,
	type SharedTable,
} from '../shared-table.ts';
import type {CarriedCounters} from './carried-state.ts';

interface NamedRow {
	readonly of: string;
	readonly kind: RowKind;
	readonly index: number;
}

const COLUMNS = Object.entries(Counter) as [string, CounterColumn][];

/** Everything that is counted, by a name that the next configuration may have too. */
function nameRows({frontends, backends}: Configuration): readonly NamedRow[] {
	let sockets = 0;
	return [
		...frontends.map(({name}, index): NamedRow => ({of: `frontend ${name}`, kind: 'frontend', index})),
		...frontends.flatMap(({name, binds, socketStats, countsSockets}) =>
			(socketStats || countsSockets ? binds : []).map(
				({text}): NamedRow => ({of: `socket ${name}/${text}`, kind: 'socket', index: sockets++}),
			),
		),
		...backends.map(({name}, index): NamedRow => ({of: `backend ${name}`, kind: 'backend', index})),
		...backends.flatMap(({name, servers}) =>
			servers.map((server): NamedRow => ({of: `server ${name}/${server.name}`, kind: 'server', index: server.index})),
		),
	];
}

/** Tells what was counted since it was last asked. */
export class CounterReport {
	readonly #configuration: Configuration;
	readonly #table: SharedTable;
	readonly #told = new Map<string, number>();

	constructor(configuration: Configuration, table: SharedTable) {
		this.#configuration = configuration;
		this.#table = table;
	}

	/** Rows in which something was counted; the first time with the mean times, which do not add up. */
	next(): readonly CarriedCounters[] {
		const isFirst = this.#told.size === 0;
		return nameRows(this.#configuration).flatMap(row => {
			const values = this.#valuesOf(row, isFirst);
			return Object.keys(values).length === 0 ? [] : {of: row.of, values};
		});
	}

	#valuesOf({of, kind, index}: NamedRow, isFirst: boolean): Record<string, number> {
		const table = this.#table;
		const row = table.row(kind, index);
		const times = isFirst ? table.readTimes(row) : undefined;
		const values: Record<string, number> = {};
		for (const [name, column] of COLUMNS) {
			const value = this.#valueOf(`${of} ${name}`, row, column, times);
			if (value !== 0) values[name] = value;
		}
		return values;
	}

	#valueOf(key: string, row: number, column: CounterColumn, times: ReadonlyMap<number, number> | undefined): number {
		if (column === Counter.timesBegan) return 0;
		if (isMeanTime(column)) return times?.get(column) ?? 0;
		if (isHighestValue(column)) return this.#table.readMax(row, column);
		const now = this.#table.readSum(row, column);
		const before = this.#told.get(key) ?? 0;
		this.#told.set(key, now);
		// Somebody cleared them in between: what counted before is gone with it.
		return Math.max(0, now - before);
	}
}

/** Adds what another process has counted; mean times only before anything is counted here. */
export function addCounters(
	configuration: Configuration,
	table: SharedTable,
	carried: readonly CarriedCounters[],
): void {
	const rows = new Map(nameRows(configuration).map(row => [row.of, row]));
	for (const {of, values} of carried) {
		const named = rows.get(of);
		if (named === undefined) continue;
		const row = table.row(named.kind, named.index);
		for (const [name, column] of COLUMNS) {
			const value = values[name];
			if (value !== undefined && Number.isFinite(value)) table.addCarried(row, column, value);
		}
	}
}
