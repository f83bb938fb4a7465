/**
 * Counters that go on when a process follows another: totals, highest values, mean times, histograms of times.
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
import {TIME_CELLS} from '../time-histograms.ts';
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
	/** Cells of the histograms, by backend. */
	readonly #toldTimes = new Map<string, Float64Array>();

	constructor(configuration: Configuration, table: SharedTable) {
		this.#configuration = configuration;
		this.#table = table;
	}

	/** Rows in which something was counted; the first time with the mean times, which do not add up. */
	next(): readonly CarriedCounters[] {
		const isFirst = this.#told.size === 0;
		const rows = nameRows(this.#configuration).map(row => ({of: row.of, values: this.#valuesOf(row, isFirst)}));
		const times = this.#configuration.backends.map(({name}, index) => ({
			of: timesOf(name),
			values: this.#timesOf(name, index),
		}));
		return [...rows, ...times].filter(({values}) => Object.keys(values).length > 0);
	}

	#timesOf(name: string, index: number): Record<string, number> {
		const now = this.#table.times.read(index);
		const before = this.#toldTimes.get(name);
		this.#toldTimes.set(name, now);
		const values: Record<string, number> = {};
		for (const [at, cell] of TIME_CELLS.entries()) {
			const added = now[at]! - (before?.[at] ?? 0);
			if (added > 0) values[cell] = added;
		}
		return values;
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
	const times = new Map(configuration.backends.map(({name}, index) => [timesOf(name), index]));
	for (const {of, values} of carried) {
		const backend = times.get(of);
		if (backend !== undefined) addTimes(table, backend, values);
		const named = rows.get(of);
		if (named === undefined) continue;
		const row = table.row(named.kind, named.index);
		for (const [name, column] of COLUMNS) {
			const value = values[name];
			if (value !== undefined && Number.isFinite(value)) table.addCarried(row, column, value);
		}
	}
}

function timesOf(backend: string): string {
	return `times ${backend}`;
}

function addTimes(table: SharedTable, backend: number, values: CarriedCounters['values']): void {
	for (const [cell, value] of Object.entries(values)) {
		if (Number.isFinite(value) && value > 0) table.times.addCarried(backend, cell, value);
	}
}
