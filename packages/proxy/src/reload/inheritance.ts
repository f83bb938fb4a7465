/**
 * The receiving side: what the process before this one knew, put where it belongs.
 *
 * Decides the order: limits and servers at once, counters as they come, entries of tables when `settle` says that all of a batch is here.
 */
import type {Configuration} from '@hapair/config';
import type {ServerStates} from '../health/server-states.ts';
import type {Lookups} from '../patterns/lookups.ts';
import type {SharedTable} from '../shared-table.ts';
import type {SharedStickTable} from '../stick/shared-stick-table.ts';
import type {CarriedState} from './carried-state.ts';
import {addCounters} from './carry-counters.ts';
import {EntryCollector} from './carry-entries.ts';
import {PatternCollector} from './carry-patterns.ts';
import {restoreLimits, restoreOrders, restoreServers} from './carry-servers.ts';

export interface InheritanceParts {
	/** As the files say. */
	readonly file: Configuration;
	readonly configuration: Configuration;
	readonly states: ServerStates;
	readonly table: SharedTable;
	readonly stickTables: readonly SharedStickTable[];
	readonly lookups: Lookups;
}

export class Inheritance {
	/** Some frontend was stopped by order. */
	hasStoppedFrontends = false;
	readonly #parts: InheritanceParts;
	readonly #entries: EntryCollector;
	readonly #patterns: PatternCollector;
	#settling: Promise<void> = Promise.resolve();

	constructor(parts: InheritanceParts) {
		this.#parts = parts;
		this.#entries = new EntryCollector(parts.configuration, parts.stickTables);
		this.#patterns = new PatternCollector(parts.lookups);
	}

	take(state: CarriedState): void {
		const {file, configuration, states, table} = this.#parts;
		switch (state.kind) {
			case 'servers':
				restoreServers(configuration, states, table, state);
				break;
			case 'limits':
				this.hasStoppedFrontends = restoreLimits(configuration, table, state);
				break;
			case 'counters':
				addCounters(configuration, table, state.rows);
				break;
			case 'entries':
				this.#entries.take(state.entries);
				break;
			case 'orders':
				restoreOrders(file, states, table, state.servers);
				break;
			case 'patterns':
				this.#patterns.take(state.patterns);
				break;
		}
	}

	/** One batch after the other. */
	settle(): Promise<void> {
		this.#settling = this.#settling.then(() => this.#entries.settle(performance.timeOrigin + performance.now()));
		return this.#settling;
	}
}
