/**
 * What monitoring is told of the engine when it asks: every counter of every frontend, backend and server, and the histograms of times.
 *
 * Decides the rows. Numbers travel in arrays whose columns are named once, so that a thousand servers are few bytes. What changes from moment to moment
 * and is wanted without asking is in `snapshot.ts`.
 */
import type {Configuration, Server} from '@hapair/config';
import type {BackendFigures, FigureRow, ProxyFigures, ServerFigures, TrafficSnapshot} from './messages.ts';
import {Counter, type CounterColumn, type SharedTable} from './shared-table.ts';
import {readServerFacts} from './stats/server-facts.ts';
import {LoopDelayMeter} from './system/loop-delay.ts';
import {ANSWER_CLASSES, TIME_BOUNDS_MS, TIME_KINDS} from './time-histograms.ts';

const NAMES = Object.keys(Counter);
const COLUMNS: readonly CounterColumn[] = Object.values(Counter);

export class FiguresReader {
	readonly #configuration: Configuration;
	readonly #table: SharedTable;
	readonly #loopDelay = new LoopDelayMeter();

	constructor(configuration: Configuration, table: SharedTable) {
		this.#configuration = configuration;
		this.#table = table;
	}

	read(): ProxyFigures {
		const figures = takeFigures(this.#configuration, this.#table, performance.timeOrigin + performance.now());
		const loopDelay = this.#loopDelay.read();
		return loopDelay === undefined ? figures : {...figures, loopDelay};
	}

	close(): void {
		this.#loopDelay.close();
	}
}

/** `nowMs` is of the clock that all threads share. */
function takeFigures({frontends, backends}: Configuration, table: SharedTable, nowMs: number): ProxyFigures {
	const row = (name: string, at: number): FigureRow => ({
		name,
		counters: Float64Array.from(COLUMNS, column => table.readSum(at, column)),
	});
	const ofServer = (server: Server): ServerFigures => {
		const facts = readServerFacts(table, server);
		return {
			...row(server.name, table.row('server', server.index)),
			checkFailures: facts.failures,
			downs: facts.downs,
			downtimeMs: facts.downtimeMs(nowMs),
		};
	};
	return {
		columns: NAMES,
		boundsMs: TIME_BOUNDS_MS,
		classes: ANSWER_CLASSES,
		times: TIME_KINDS,
		frontends: frontends.map(({name}, index) => row(name, table.row('frontend', index))),
		backends: backends.map(
			({name, servers}, index): BackendFigures => ({
				...row(name, table.row('backend', index)),
				connections: table.backendConnections(index),
				histograms: table.times.read(index),
				servers: servers.map(ofServer),
			}),
		),
	};
}

/** The whole of it in a few numbers, for plots. */
export function takeTraffic({frontends, backends}: Configuration, table: SharedTable): TrafficSnapshot {
	const sum = (kind: 'frontend' | 'backend', count: number, column: CounterColumn): number => {
		let total = 0;
		for (let index = 0; index < count; index++) total += table.readSum(table.row(kind, index), column);
		return total;
	};
	const ofFrontends = (column: CounterColumn) => sum('frontend', frontends.length, column);
	return {
		requests: ofFrontends(Counter.requests),
		clientErrors: ofFrontends(Counter.status4xx),
		serverErrors: ofFrontends(Counter.status5xx),
		connectErrors: sum('backend', backends.length, Counter.connectErrors),
		boundsMs: TIME_BOUNDS_MS,
		totalTimes: Array.from(table.times.readTotals()),
	};
}
