/**
 * The rows of frontends and backends (HAProxy manual, "CSV format"; blanks as HAProxy 2.6 leaves them).
 *
 * Pure. Decides their values. Leaves servers to `server-row.ts`.
 */
import type {Backend, Frontend} from '@hapair/config';
import {Counter, type CounterColumn} from '../shared-table.ts';
import {BackendColumn, FrontendColumn, FrontendState} from '../status-board.ts';
import {type Row, RowType} from './fields.ts';
import {backendLoad} from './server-row.ts';
import {type StatsSource, secondsSince, secondsSinceSession, statusCounts, times} from './source.ts';

export function frontendRow(source: StatsSource, index: number): Row {
	const {configuration, table, nowMs} = source;
	const {rates} = table;
	const frontend = configuration.frontends[index] as Frontend;
	const isHttp = frontend.mode === 'http';
	const row = table.row('frontend', index);
	const sum = (column: CounterColumn) => table.readSum(row, column);
	const sessions = rates.meter('sessions', index);
	const requests = rates.meter('requests', index);
	return {
		type: RowType.frontend,
		iid: frontend.id,
		sid: 0,
		proxy: frontend.name,
		name: 'FRONTEND',
		values: {
			scur: table.frontendConnections(index),
			smax: table.readMax(row, Counter.maxConnections),
			slim: table.board.get(table.board.row('frontend', index), FrontendColumn.maxconn),
			stot: sum(Counter.sessions),
			bin: sum(Counter.bytesIn),
			bout: sum(Counter.bytesOut),
			dreq: sum(Counter.requestsDenied),
			dresp: sum(Counter.responsesDenied),
			ereq: sum(Counter.requestErrors),
			status: frontendStatus(source, index),
			...place(frontend.id, 0, RowType.frontend),
			rate: rates.read(sessions, nowMs),
			rate_lim: frontend.sessionRate ?? 0,
			rate_max: rates.highest(sessions, nowMs),
			...statusCounts(source, row, frontend.mode),
			req_rate: rates.read(requests, nowMs),
			req_rate_max: rates.highest(requests, nowMs),
			req_tot: sum(Counter.requests),
			wrew: 0,
			...(isHttp ? {intercepted: sum(Counter.intercepted), cache_lookups: 0, cache_hits: 0} : {}),
			...noCompression,
			mode: frontend.mode,
			conn_rate: rates.read(sessions, nowMs),
			conn_rate_max: rates.highest(sessions, nowMs),
			conn_tot: sum(Counter.sessions) + sum(Counter.connectionsDenied) + sum(Counter.sessionsDenied),
			dcon: sum(Counter.connectionsDenied),
			dses: sum(Counter.sessionsDenied),
			eint: 0,
		},
	};
}

/** `OPEN` while it accepts; HAProxy 2.6 calls a full one open too. */
export function frontendStatus({table}: StatsSource, index: number): 'OPEN' | 'STOP' {
	const state = table.board.get(table.board.row('frontend', index), FrontendColumn.state);
	return state === FrontendState.open ? 'OPEN' : 'STOP';
}

/** `tellsServers`: the status says how many servers are up, for whoever leaves some out. */
export function backendRow(source: StatsSource, index: number, tellsServers = false): Row {
	const {configuration, table, nowMs} = source;
	const {rates, board} = table;
	const backend = configuration.backends[index] as Backend;
	const isHttp = backend.mode === 'http';
	const row = table.row('backend', index);
	const boardRow = board.row('backend', index);
	const sum = (column: CounterColumn) => table.readSum(row, column);
	const meter = rates.meter('backend', index);
	const load = backendLoad(source, backend);
	return {
		type: RowType.backend,
		iid: backend.id,
		sid: 0,
		proxy: backend.name,
		name: 'BACKEND',
		values: {
			qcur: table.backendQueued(index),
			qmax: table.readMax(row, Counter.maxQueued),
			scur: table.backendConnections(index),
			smax: table.readMax(row, Counter.maxConnections),
			slim: sessionLimit(source, backend),
			stot: sum(Counter.sessions),
			bin: sum(Counter.bytesIn),
			bout: sum(Counter.bytesOut),
			dreq: sum(Counter.requestsDenied),
			dresp: sum(Counter.responsesDenied),
			econ: sum(Counter.connectErrors),
			eresp: sum(Counter.responseErrors),
			wretr: sum(Counter.retries),
			wredis: sum(Counter.redispatches),
			status:
				(board.get(boardRow, BackendColumn.isUp) === 0 ? 'DOWN' : 'UP') +
				(tellsServers ? ` (${load.up}/${backend.servers.length})` : ''),
			weight: load.weight,
			act: load.active,
			bck: load.backup,
			chkdown: board.get(boardRow, BackendColumn.downs),
			lastchg: secondsSince(source, board.get(boardRow, BackendColumn.changedMs)),
			downtime: backend.servers.length === 0 ? undefined : backendDowntime(source, boardRow),
			...place(backend.id, 0, RowType.backend),
			lbtot: sum(Counter.balanced),
			rate: rates.read(meter, nowMs),
			rate_max: rates.highest(meter, nowMs),
			...statusCounts(source, row, backend.mode),
			...(isHttp ? {req_tot: sum(Counter.requests), cache_lookups: 0, cache_hits: 0} : {}),
			cli_abrt: sum(Counter.clientAborts),
			srv_abrt: sum(Counter.serverAborts),
			...noCompression,
			lastsess: secondsSinceSession(source, row),
			...times(source, row),
			mode: backend.mode,
			...(source.showsLegends ? {cookie: backend.cookie?.name, algo: backend.balance} : {}),
			...connectValues(source, backend),
			uweight: load.userWeight,
			...noAggregates,
		},
	};
}

function connectValues(source: StatsSource, backend: Backend): Row['values'] {
	return {
		connect: sumServers(source, backend, Counter.connects),
		reuse: sumServers(source, backend, Counter.reuses),
	};
}

/** What is counted for servers only: the backend's is their sum, and the data path need not count it twice. */
function sumServers({table}: StatsSource, {servers}: Backend, column: CounterColumn): number {
	return servers.reduce((total, {index}) => total + table.readSum(table.row('server', index), column), 0);
}

/** Nothing fails within, and what is summed up over servers only HAProxy's own exporter fills. */
const noAggregates: Row['values'] = {
	wrew: 0,
	eint: 0,
	agg_server_status: 0,
	agg_server_check_status: 0,
	agg_check_status: 0,
};
const noCompression: Row['values'] = {comp_in: 0, comp_out: 0, comp_byp: 0, comp_rsp: 0};

/** What every row says of itself. There is one process. */
function place(iid: number, sid: number, type: number): Row['values'] {
	return {pid: 1, iid, sid, type};
}

/** `fullconn`, or a tenth of what the frontends that lead here let in (HAProxy manual, `fullconn`). */
function sessionLimit({configuration}: StatsSource, backend: Backend): number {
	if (backend.fullconn !== undefined) return backend.fullconn;
	const leading = configuration.frontends.filter(
		({defaultBackend, useBackends}) =>
			defaultBackend === backend.name || useBackends.some(rule => rule.backend === backend.name),
	);
	return Math.max(1, Math.floor(leading.reduce((total, {maxconn}) => total + maxconn, 0) / 10));
}

function backendDowntime(source: StatsSource, boardRow: number): number {
	const {board} = source.table;
	const before = board.get(boardRow, BackendColumn.downtimeMs);
	if (board.get(boardRow, BackendColumn.isUp) !== 0) return Math.floor(before / 1000);
	return Math.floor((before + source.nowMs - board.get(boardRow, BackendColumn.changedMs)) / 1000);
}
