/**
 * `show info`: the process in figures, with HAProxy's names for them.
 *
 * Pure. Decides which are told: what there is no such thing of (pipes, TLS, compression) is 0, because programs look for the line.
 */
import {Counter} from '../shared-table.ts';
import {FrontendColumn, FrontendState, ProcessColumn} from '../status-board.ts';
import {INFO_COLUMNS} from './info-columns.ts';
import type {StatsSource} from './source.ts';
import type {Item} from './typed.ts';

/** What only the process itself can say. */
export interface ProcessFacts {
	readonly version: string;
	/** `node` of the global section, else this machine's name. */
	readonly node: string;
	/** `2026/11/27` */
	readonly releaseDate: string;
	readonly pid: number;
	/** Open files that the system allows, 0 for unknown. */
	readonly descriptorLimit: number;
	readonly isStopping: boolean;
}

export interface ProcessFigures extends ProcessFacts {
	/** Resident memory of the process, and what of the main thread's heap is in use. */
	readonly memoryBytes: number;
	readonly memoryUsedBytes: number;
	/** Of the last second: how much of their time the threads have slept, 0–100, and bytes to clients. */
	readonly idlePercent: number;
	readonly bytesOutRate: number;
}

const MEBIBYTE = 1024 * 1024;

export interface Totals {
	readonly connections: number;
	readonly requests: number;
	readonly bytesOut: number;
	readonly listeners: number;
}

/** Sums over all frontends. */
function sumFrontends({configuration, table}: StatsSource): Totals {
	const totals = {connections: 0, requests: 0, bytesOut: 0, listeners: 0};
	for (const [index, {binds}] of configuration.frontends.entries()) {
		const row = table.row('frontend', index);
		totals.connections += table.readSum(row, Counter.sessions);
		totals.requests += table.readSum(row, Counter.requests);
		totals.bytesOut += table.readSum(row, Counter.bytesOut);
		const isOpen = table.board.get(table.board.row('frontend', index), FrontendColumn.state) === FrontendState.open;
		if (isOpen) totals.listeners += binds.length;
	}
	return totals;
}

/** `0d 0h00m11s` */
export function formatUptime(seconds: number): string {
	const two = (value: number) => String(value).padStart(2, '0');
	const minutes = Math.floor(seconds / 60);
	const hours = Math.floor(minutes / 60);
	return `${Math.floor(hours / 24)}d ${hours % 24}h${two(minutes % 60)}m${two(seconds % 60)}s`;
}

export function uptimeSeconds({table, wallMs}: StatsSource): number {
	return Math.max(0, Math.floor((wallMs - table.board.get(0, ProcessColumn.startedWallMs)) / 1000));
}

type Values = Readonly<Record<string, string | number | undefined>>;

/** What is told, by name; all other lines are 0. */
function infoValues(source: StatsSource, facts: ProcessFigures): Values {
	const {table, configuration, nowMs} = source;
	const {rates, board} = table;
	const totals = sumFrontends(source);
	const uptime = uptimeSeconds(source);
	const rate = rates.read(rates.meter('process'), nowMs);
	const highest = rates.highest(rates.meter('process'), nowMs);
	return {
		// What programs look for; the version tells what it is.
		Name: 'HAProxy',
		Version: facts.version,
		Release_date: facts.releaseDate,
		Nbthread: table.workerCount,
		Nbproc: 1,
		Process_num: 1,
		Pid: facts.pid,
		Uptime: formatUptime(uptime),
		Uptime_sec: uptime,
		PoolAlloc_MB: Math.floor(facts.memoryBytes / MEBIBYTE),
		PoolUsed_MB: Math.floor(facts.memoryUsedBytes / MEBIBYTE),
		'Ulimit-n': facts.descriptorLimit,
		Maxsock: facts.descriptorLimit,
		Maxconn: board.get(0, ProcessColumn.maxconn),
		Hard_maxconn: board.get(0, ProcessColumn.hardMaxconn),
		CurrConns: table.connections,
		CumConns: totals.connections,
		CumReq: totals.requests,
		ConnRate: rate,
		ConnRateLimit: board.get(0, ProcessColumn.connectionRateLimit),
		MaxConnRate: highest,
		SessRate: rate,
		SessRateLimit: board.get(0, ProcessColumn.sessionRateLimit),
		MaxSessRate: highest,
		SslRateLimit: board.get(0, ProcessColumn.sslRateLimit),
		CompressBpsRateLim: board.get(0, ProcessColumn.compressionLimit),
		ZlibMemUsage: undefined,
		MaxZlibMemUsage: undefined,
		Tasks: table.transactions,
		Idle_pct: facts.idlePercent,
		node: facts.node,
		description: configuration.global.description,
		Stopping: Number(facts.isStopping),
		Jobs: table.connections + totals.listeners,
		Listeners: totals.listeners,
		TotalBytesOut: totals.bytesOut,
		BytesOutRate: facts.bytesOutRate,
		'Build info': facts.version,
		PoolAlloc_bytes: facts.memoryBytes,
		PoolUsed_bytes: facts.memoryUsedBytes,
		Start_time_sec: Math.floor(board.get(0, ProcessColumn.startedWallMs) / 1000),
		Tainted: '0',
	};
}

/** The lines, in HAProxy's order. */
export function infoItems(source: StatsSource, facts: ProcessFigures): readonly Item[] {
	const values = infoValues(source, facts);
	return INFO_COLUMNS.flatMap((column, place) => {
		const value = Object.hasOwn(values, column.name) ? values[column.name] : 0;
		return value === undefined ? [] : [{column, place, value}];
	});
}

/** `Name: value`, with `withMeaning` what it is behind it. */
export function formatInfo(source: StatsSource, facts: ProcessFigures, withMeaning = false): string {
	return infoItems(source, facts)
		.map(({column, value}) => `${column.name}: ${value}${withMeaning ? `:"${column.meaning}"` : ''}\n`)
		.join('');
}
