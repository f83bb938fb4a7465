/**
 * Where statistics come from: the configuration, the shared table and the time of the question.
 *
 * Pure. Decides which proxies are shown, in which order, and what holds for all kinds of rows. Any thread can ask.
 */
import type {Backend, Configuration, Frontend, ProxyCommon} from '@hapair/config';
import {Counter, type SharedTable} from '../shared-table.ts';
import type {Row} from './fields.ts';

export interface StatsSource {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	/** Of the clock that all threads share. */
	readonly nowMs: number;
	/** Since 1970. */
	readonly wallMs: number;
	/** Shows addresses, cookie values and algorithms, which are nobody's business but the operators'. */
	readonly showsLegends: boolean;
}

/** A section of the configuration; both halves of a `listen` together. */
export interface ShownProxy {
	readonly name: string;
	readonly iid: number;
	readonly frontendIndex: number;
	readonly backendIndex: number;
}

/** Sections in the order of the files. A disabled one does not exist. */
export function listProxies({frontends, backends}: Configuration): readonly ShownProxy[] {
	const proxies: ShownProxy[] = [];
	let f = 0;
	let b = 0;
	while (f < frontends.length || b < backends.length) {
		const frontend = frontends[f];
		const backend = backends[b];
		const isListen = frontend?.fromListen && backend?.fromListen && frontend.name === backend.name;
		const takesFrontend = isListen || isBefore(frontend, backend);
		const takesBackend = isListen || !takesFrontend;
		const {name, id, disabled} = (takesFrontend ? frontend : backend) as Frontend | Backend;
		const place = {frontendIndex: takesFrontend ? f++ : -1, backendIndex: takesBackend ? b++ : -1};
		if (!disabled) proxies.push({name, iid: id, ...place});
	}
	return proxies;
}

function isBefore(frontend: ProxyCommon | undefined, backend: ProxyCommon | undefined): boolean {
	if (frontend === undefined || backend === undefined) return frontend !== undefined;
	if (frontend.position.file !== backend.position.file) return frontend.id < backend.id;
	return frontend.position.line <= backend.position.line;
}

/** The counters of answers by class, in mode http only. */
export function statusCounts({table}: StatsSource, row: number, mode: string): Row['values'] {
	if (mode !== 'http') return {};
	return {
		hrsp_1xx: table.readSum(row, Counter.status1xx),
		hrsp_2xx: table.readSum(row, Counter.status2xx),
		hrsp_3xx: table.readSum(row, Counter.status3xx),
		hrsp_4xx: table.readSum(row, Counter.status4xx),
		hrsp_5xx: table.readSum(row, Counter.status5xx),
		hrsp_other: table.readSum(row, Counter.statusOther),
	};
}

/** Mean and longest times of the last transactions, milliseconds. */
export function times({table}: StatsSource, row: number): Row['values'] {
	return {
		qtime: table.readMean(row, Counter.queueTimes),
		ctime: table.readMean(row, Counter.connectTimes),
		rtime: table.readMean(row, Counter.responseTimes),
		ttime: table.readMean(row, Counter.totalTimes),
		qtime_max: Math.round(table.readMax(row, Counter.longestQueue)),
		ctime_max: Math.round(table.readMax(row, Counter.longestConnect)),
		rtime_max: Math.round(table.readMax(row, Counter.longestResponse)),
		ttime_max: Math.round(table.readMax(row, Counter.longestTotal)),
	};
}

/** Seconds since the last session, -1 when there was none. */
export function secondsSinceSession({table, wallMs}: StatsSource, row: number): number {
	const last = table.readMax(row, Counter.lastSessionMs);
	return last === 0 ? -1 : Math.max(0, Math.floor((wallMs - last) / 1000));
}

/** Whole seconds from `sinceMs` to now. */
export function secondsSince({nowMs}: StatsSource, sinceMs: number): number {
	return Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
}
