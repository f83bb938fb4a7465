/**
 * The giving side: what a process tells the one that follows it, and when.
 *
 * Decides the two steps. Tables may be large, so they go first, while everything is served as ever. Then nothing is accepted any more, and what
 * is told is final: states, limits, counters, and the entries that were used since the first step. The new process accepts after that, so
 * that no number is ever counted from two sides. Leaves sending to `process-main.ts`.
 */
import type {Configuration} from '@hapair/config';
import type {ServerStates} from '../health/server-states.ts';
import type {Lookups} from '../patterns/lookups.ts';
import type {SharedTable} from '../shared-table.ts';
import type {SharedStickTable} from '../stick/shared-stick-table.ts';
import type {InheritedListener} from '../worker-messages.ts';
import type {WorkerSupervisor} from '../workers/supervisor.ts';
import type {CarriedState} from './carried-state.ts';
import {CounterReport} from './carry-counters.ts';
import {describeEntries} from './carry-entries.ts';
import {PatternReport} from './carry-patterns.ts';
import {describeBackends, describeFrontends, describeLimits, describeOrders, describeServers} from './carry-servers.ts';
import {keysOfBinds, type LentListener} from './lent-listeners.ts';

export interface BequestParts {
	/** As the files say. */
	readonly file: Configuration;
	readonly configuration: Configuration;
	readonly states: ServerStates;
	readonly table: SharedTable;
	readonly stickTables: readonly SharedStickTable[];
	readonly supervisor: WorkerSupervisor;
	readonly lookups: Lookups;
}

export class Bequest {
	readonly #parts: BequestParts;
	#counters: CounterReport;
	readonly #patterns: PatternReport;
	#tablesToldMs = Number.NEGATIVE_INFINITY;

	constructor(parts: BequestParts) {
		this.#parts = parts;
		this.#counters = new CounterReport(parts.configuration, parts.table);
		this.#patterns = new PatternReport(parts.lookups);
	}

	/**
	 * Sockets that listen; the descriptors stay this process's. From now on the new process may listen beside them, on an address that
	 * overlaps with one of theirs.
	 */
	lend(): readonly LentListener[] {
		this.#parts.supervisor.sharePorts(true);
		const keys = keysOfBinds(this.#parts.file);
		return this.#parts.supervisor.sockets.flatMap(socket => {
			const found = keys.find(key => isSamePlace(key, socket));
			return found === undefined ? [] : {key: found.key, fd: socket.fd};
		});
	}

	/** First step: all entries of all tables. */
	*tables(): Generator<CarriedState> {
		this.#tablesToldMs = nowMs();
		yield* this.#entries(Number.NEGATIVE_INFINITY);
	}

	/** Accepts nothing more where the new process listens (`keys`), or accepts again. */
	hold(on: boolean, keys: readonly string[]): Promise<void> {
		// The next process that follows has heard nothing yet.
		if (!on) this.#parts.supervisor.sharePorts(false);
		if (!on) this.#counters = new CounterReport(this.#parts.configuration, this.#parts.table);
		const binds = keysOfBinds(this.#parts.file).filter(({key}) => keys.includes(key));
		return this.#parts.supervisor.hold(
			on,
			binds.map(({frontend, bind}) => ({frontend, bind})),
		);
	}

	/** Second step, under `hold`. */
	*rest(): Generator<CarriedState> {
		const {file, configuration, states, table} = this.#parts;
		yield {kind: 'limits', process: describeLimits(file, table), frontends: describeFrontends(file, table)};
		yield {
			kind: 'servers',
			servers: describeServers(file, states, table),
			backends: describeBackends(configuration, states),
		};
		yield* this.#entries(this.#tablesToldMs - GRACE_MS);
		yield* this.counted();
	}

	/**
	 * For the standby, while everything goes on here: orders, lists of patterns that have changed, and the entries of tables that were used lately,
	 * or all. Of entries that never expire nobody knows when they were used: they come when the time is long, and large lists with them.
	 */
	*news(usedWithinMs: number): Generator<CarriedState> {
		const {file, states, table} = this.#parts;
		yield {kind: 'orders', servers: describeOrders(file, states, table)};
		const isLong = usedWithinMs >= LONG_MS;
		const isFirst = usedWithinMs === Number.POSITIVE_INFINITY;
		for (const patterns of this.#patterns.next(isFirst, isLong)) yield {kind: 'patterns', patterns};
		yield* this.#entries(nowMs() - usedWithinMs, ({table}) => isLong || (table.expireMs ?? 0) > 0);
	}

	/** What was counted since it was last asked. */
	*counted(): Generator<CarriedState> {
		const rows = this.#counters.next();
		if (rows.length > 0) yield {kind: 'counters', rows};
	}

	*#entries(usedSinceMs: number, isWanted: (table: SharedStickTable) => boolean = () => true): Generator<CarriedState> {
		const {configuration, stickTables} = this.#parts;
		for (const shared of stickTables.filter(isWanted)) {
			for (const entries of describeEntries(configuration, shared, nowMs(), usedSinceMs)) {
				yield {kind: 'entries', entries};
			}
		}
	}
}

/** From this on news are long, ms. */
const LONG_MS = 30_000;
/** An entry too often does no harm: it replaces itself. */
const GRACE_MS = 100;

function nowMs(): number {
	return performance.timeOrigin + performance.now();
}

function isSamePlace(a: {readonly frontend: number; readonly bind: number}, b: InheritedListener): boolean {
	return a.frontend === b.frontend && a.bind === b.bind;
}
