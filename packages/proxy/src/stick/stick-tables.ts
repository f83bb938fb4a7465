/**
 * All stick tables of the process as one thread sees them.
 *
 * Decides how a rule finds its table and turns a sample into an entry. Keys are written into one buffer a table: a thread does one thing
 * at a time.
 */
import type {StickTable} from '@hapair/config';
import type {Column} from './layout.ts';
import {SharedStickTable, type StickKey} from './shared-stick-table.ts';
import {KeyBuffer, type KeySample} from './stick-key.ts';

/** A table and the buffer for its keys. */
export class BoundTable {
	readonly shared: SharedStickTable;
	readonly #key: KeyBuffer;

	constructor(shared: SharedStickTable) {
		this.shared = shared;
		this.#key = new KeyBuffer(shared.table);
	}

	/** Undefined when the sample is no key here. Holds until the next call. */
	keyOf(sample: KeySample | undefined): StickKey | undefined {
		return this.#key.fill(sample);
	}

	column(name: Column['name']): Column | undefined {
		return this.shared.column(name);
	}
}

export class StickTables {
	readonly #tables: ReadonlyMap<string, BoundTable>;
	/** Of the clock that all threads share. */
	readonly nowMs: () => number;

	constructor(tables: readonly SharedStickTable[], nowMs: () => number) {
		this.#tables = new Map(tables.map(shared => [shared.table.name, new BoundTable(shared)]));
		this.nowMs = nowMs;
	}

	/** In a worker: `buffers` in the order of `tables`. */
	static attach(
		tables: readonly StickTable[],
		buffers: readonly SharedArrayBuffer[],
		workerCount: number,
		workerIndex: number,
		nowMs: () => number,
	): StickTables {
		const shared = tables.map((table, at) => new SharedStickTable(table, buffers[at]!, workerCount, workerIndex));
		return new StickTables(shared, nowMs);
	}

	get(name: string): BoundTable | undefined {
		return this.#tables.get(name);
	}
}
