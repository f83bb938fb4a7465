/**
 * `show info`: the process in lines of `Key: value`, with HAProxy's names for them.
 *
 * Pure. Decides which are told: what there is no such thing of (pipes, TLS, compression) is 0, because programs look for the line.
 */
import {Counter} from '../shared-table.ts';
import {FrontendColumn, FrontendState, ProcessColumn} from '../status-board.ts';
import type {StatsSource} from './source.ts';

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

export interface Totals {
	readonly connections: number;
	readonly requests: number;
	readonly bytesOut: number;
	readonly listeners: number;
}

/** Sums over all frontends. */
export function sumFrontends({configuration, table}: StatsSource): Totals {
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

/** The pairs, in HAProxy's order. */
export function infoPairs(source: StatsSource, facts: ProcessFacts): readonly (readonly [string, string | number])[] {
	const {table, configuration, nowMs} = source;
	const {rates, board} = table;
	const {description} = configuration.global;
	const totals = sumFrontends(source);
	const uptime = uptimeSeconds(source);
	const rate = rates.read(rates.meter('process'), nowMs);
	const highest = rates.highest(rates.meter('process'), nowMs);
	return [
		// What programs look for; the version tells what it is.
		['Name', 'HAProxy'],
		['Version', facts.version],
		['Release_date', facts.releaseDate],
		['Nbthread', table.workerCount],
		['Nbproc', 1],
		['Process_num', 1],
		['Pid', facts.pid],
		['Uptime', formatUptime(uptime)],
		['Uptime_sec', uptime],
		['Memmax_MB', 0],
		['Ulimit-n', facts.descriptorLimit],
		['Maxsock', facts.descriptorLimit],
		['Maxconn', board.get(0, ProcessColumn.maxconn)],
		['Hard_maxconn', board.get(0, ProcessColumn.hardMaxconn)],
		['CurrConns', table.connections],
		['CumConns', totals.connections],
		['CumReq', totals.requests],
		...zeros('MaxSslConns CurrSslConns CumSslConns Maxpipes PipesUsed PipesFree'),
		['ConnRate', rate],
		['ConnRateLimit', 0],
		['MaxConnRate', highest],
		['SessRate', rate],
		['SessRateLimit', 0],
		['MaxSessRate', highest],
		...zeros('SslRate SslRateLimit MaxSslRate CompressBpsIn CompressBpsOut CompressBpsRateLim'),
		['Tasks', table.transactions],
		['Run_queue', 0],
		['Idle_pct', 100],
		['node', facts.node],
		...(description === undefined ? [] : [['description', description] as const]),
		['Stopping', Number(facts.isStopping)],
		['Jobs', table.connections + totals.listeners],
		['Unstoppable Jobs', 0],
		['Listeners', totals.listeners],
		...zeros('ActivePeers ConnectedPeers DroppedLogs BusyPolling FailedResolutions'),
		['TotalBytesOut', totals.bytesOut],
		['Start_time_sec', Math.floor(board.get(0, ProcessColumn.startedWallMs) / 1000)],
	];
}

function zeros(names: string): readonly (readonly [string, number])[] {
	return names.split(' ').map(name => [name, 0]);
}

export function formatInfo(source: StatsSource, facts: ProcessFacts): string {
	return infoPairs(source, facts)
		.map(([name, value]) => `${name}: ${value}\n`)
		.join('');
}
