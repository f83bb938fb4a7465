/**
 * The row of a server, and what the servers of a backend are worth together.
 *
 * Pure. Decides their values; blanks as HAProxy 2.6 leaves them: nothing of checks for a server without one or in maintenance.
 */
import type {Backend, Server} from '@hapair/config';
import {CHECK_STATUSES} from '../health/check-result.ts';
import {Counter, type CounterColumn} from '../shared-table.ts';
import {ServerColumn, ServerText} from '../status-board.ts';
import {type Row, RowType} from './fields.ts';
import {formatAddress, readServerFacts, type ServerFacts} from './server-facts.ts';
import {type StatsSource, secondsSince, secondsSinceSession, statusCounts, times} from './source.ts';

/** `check_desc`. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
	INI: 'Not checked yet',
	SOCKERR: 'No socket for the check',
	L4OK: 'Layer4: connected',
	L4TOUT: 'Layer4: no connection in time',
	L4CON: 'Layer4: connection failed',
	L6OK: 'Layer6: passed',
	L6TOUT: 'Layer6: no answer in time',
	L6RSP: 'Layer6: answer not understood',
	L7OK: 'Layer7: passed',
	L7OKC: 'Layer7: passed, asks for no new clients',
	L7TOUT: 'Layer7: no answer in time',
	L7RSP: 'Layer7: answer not understood',
	L7STS: 'Layer7: wrong status',
	CHECKED: 'No state was told',
	HANA: 'Traffic has failed too often',
};

export function serverRow(source: StatsSource, backend: Backend, server: Server): Row {
	const {table, nowMs} = source;
	const {rates} = table;
	const row = table.row('server', server.index);
	const sum = (column: CounterColumn) => table.readSum(row, column);
	const meter = rates.meter('server', server.index);
	const facts = readServerFacts(table, server);
	return {
		type: RowType.server,
		iid: backend.id,
		sid: server.id,
		proxy: backend.name,
		name: server.name,
		values: {
			qcur: table.serverQueued(server.index),
			qmax: table.readMax(row, Counter.maxQueued),
			scur: table.serverSlots(server.index),
			smax: table.readMax(row, Counter.maxConnections),
			slim: orBlank(facts.maxconn),
			stot: sum(Counter.sessions),
			bin: sum(Counter.bytesIn),
			bout: sum(Counter.bytesOut),
			dresp: sum(Counter.responsesDenied),
			econ: sum(Counter.connectErrors),
			eresp: sum(Counter.responseErrors),
			wretr: sum(Counter.retries),
			wredis: sum(Counter.redispatches),
			status: facts.status,
			weight: facts.effectiveWeight,
			act: server.backup ? 0 : 1,
			bck: server.backup ? 1 : 0,
			lastchg: secondsSince(source, facts.changedMs),
			qlimit: orBlank(server.maxqueue),
			pid: 1,
			iid: backend.id,
			sid: server.id,
			throttle: facts.throttlePercent < 100 ? facts.throttlePercent : undefined,
			lbtot: sum(Counter.balanced),
			tracked: trackedName(source, server),
			type: RowType.server,
			rate: rates.read(meter, nowMs),
			rate_max: rates.highest(meter, nowMs),
			...statusCounts(source, row, backend.mode),
			...(backend.mode === 'http' ? {req_tot: sum(Counter.requests)} : {}),
			cli_abrt: sum(Counter.clientAborts),
			srv_abrt: sum(Counter.serverAborts),
			lastsess: secondsSinceSession(source, row),
			...times(source, row),
			...checkValues(source, server, facts),
			mode: backend.mode,
			...(source.showsLegends ? {addr: formatAddress(facts), cookie: server.cookie} : {}),
			wrew: 0,
			connect: sum(Counter.connects),
			reuse: sum(Counter.reuses),
			...runtimeValues(source, server),
			eint: 0,
			uweight: facts.weight,
		},
	};
}

/** By itself, or through the server that it follows. */
function isObserved(source: StatsSource, server: Server): boolean {
	if (server.tracks === undefined) return server.observe !== undefined;
	const tracked = findTracked(source, server.tracks);
	return tracked !== undefined && isObserved(source, tracked.server);
}

function observedFailures({table}: StatsSource, {index}: Server): number {
	return table.board.get(table.board.row('server', index), ServerColumn.observedFailures);
}

/** What traffic showed, and kept connections: `http-reuse` has no limit but what each thread may keep. */
function runtimeValues(source: StatsSource, server: Server): Row['values'] {
	const {table} = source;
	const {index} = server;
	const [unproven, safe] = [table.serverIdle(index, false), table.serverIdle(index, true)];
	return {
		hanafail: isObserved(source, server) ? observedFailures(source, server) : undefined,
		srv_icur: unproven + safe,
		idle_conn_cur: unproven,
		safe_conn_cur: safe,
		used_conn_cur: table.serverSlots(index),
		need_conn_est: table.board.get(table.board.row('server', index), ServerColumn.neededConnections),
	};
}

/** `backend/server` of the server whose state this one has (`track`). */
function trackedName(source: StatsSource, {tracks}: Server): string | undefined {
	const found = tracks === undefined ? undefined : findTracked(source, tracks);
	return found && `${found.backend}/${found.server.name}`;
}

function findTracked({configuration}: StatsSource, tracks: number): {backend: string; server: Server} | undefined {
	for (const {name, servers} of configuration.backends) {
		const server = servers.find(({index}) => index === tracks);
		if (server !== undefined) return {backend: name, server};
	}
	return undefined;
}

function orBlank(limit: number): number | undefined {
	return limit === 0 ? undefined : limit;
}

function checkValues(source: StatsSource, server: Server, facts: ServerFacts): Row['values'] {
	const {nowMs} = source;
	const {check} = server;
	if (check === undefined) return agentValues(source, server);
	const counts = {
		...agentValues(source, server),
		chkfail: facts.failures,
		chkdown: facts.downs,
		downtime: Math.floor(facts.downtimeMs(nowMs) / 1000),
	};
	if (facts.admin === 'maint') return counts;
	const status = facts.checkStatus ?? 'INI';
	return {
		...counts,
		check_status: status,
		check_code: facts.checkCode,
		check_duration:
			facts.checkDurationMs < 0 || facts.checkStatus === undefined ? undefined : Math.round(facts.checkDurationMs),
		last_chk: facts.checkInfo,
		check_desc: DESCRIPTIONS[status],
		check_rise: check.rise,
		check_fall: check.fall,
		check_health: facts.checkHealth,
	};
}

/** In force, and as ordered. */
type Weights = readonly [number, number];

/** An agent that is asked. It brings a server up and down with one answer. */
function agentValues({table}: StatsSource, {agent, index}: Server): Row['values'] {
	const {board} = table;
	const row = board.row('server', index);
	if (agent === undefined || board.get(row, ServerColumn.isAgentOff) !== 0) return {};
	const status = CHECK_STATUSES[board.get(row, ServerColumn.agentStatus)];
	const code = board.get(row, ServerColumn.agentCode);
	return {
		agent_status: status ?? 'INI',
		agent_code: code < 0 ? undefined : code,
		agent_duration: status === undefined ? undefined : Math.round(board.get(row, ServerColumn.agentDurationMs)),
		agent_desc: DESCRIPTIONS[status ?? 'INI'],
		last_agt: board.text(index, ServerText.agentInfo),
		agent_rise: 1,
		agent_fall: 1,
		agent_health: board.get(row, ServerColumn.agentHealth),
	};
}

export interface BackendLoad {
	/** Servers that take new clients. */
	readonly active: number;
	readonly backup: number;
	/** Of those that are in use: the active ones, or backups when there is no active one. */
	readonly weight: number;
	/** The same as ordered, before slow start takes its part. */
	readonly userWeight: number;
	/** Servers that are up, draining ones included. */
	readonly up: number;
}

export function backendLoad({table}: StatsSource, backend: Backend): BackendLoad {
	let active = 0;
	let backup = 0;
	let up = 0;
	const activeWeights: Weights[] = [];
	const backupWeights: Weights[] = [];
	for (const server of backend.servers) {
		const {isUsable, isOperational, effectiveWeight, weight} = readServerFacts(table, server);
		if (isOperational) up++;
		if (!isUsable || effectiveWeight === 0) continue;
		if (server.backup) {
			backup++;
			backupWeights.push([effectiveWeight, weight]);
		} else {
			active++;
			activeWeights.push([effectiveWeight, weight]);
		}
	}
	const backups = backend.allBackups ? backupWeights : backupWeights.slice(0, 1);
	const inUse = active > 0 ? activeWeights : backups;
	const sum = (which: 0 | 1) => inUse.reduce((total, weights) => total + weights[which], 0);
	return {active, backup, weight: sum(0), userWeight: sum(1), up};
}
