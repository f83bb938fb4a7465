/**
 * What the status board says of one server, read back into the words of `health/`.
 *
 * Pure. Decides the reading only.
 */
import type {Server} from '@hapair/config';
import {CHECK_STATUSES, type CheckStatus} from '../health/check-result.ts';
import {ADMIN_STATES} from '../health/publish-states.ts';
import {type AdminState, type Health, useOf} from '../health/tracker.ts';
import type {SharedTable} from '../shared-table.ts';
import {ServerColumn, ServerText} from '../status-board.ts';

export interface ServerFacts {
	readonly health: Health;
	readonly admin: AdminState;
	/** HAProxy's status word. */
	readonly status: string;
	readonly isOperational: boolean;
	/** Takes part in balancing, its weight aside. */
	readonly isUsable: boolean;
	/** What `slowstart` has reached, 100 when it does not run. */
	readonly throttlePercent: number;
	/** As ordered, and as balancing sees it. */
	readonly weight: number;
	readonly effectiveWeight: number;
	/** 0: no limit. */
	readonly maxconn: number;
	readonly changedMs: number;
	/** The present time included. */
	downtimeMs(nowMs: number): number;
	readonly downs: number;
	readonly failures: number;
	/** Undefined before the first check. */
	readonly checkStatus: CheckStatus | undefined;
	readonly checkCode: number | undefined;
	readonly checkDurationMs: number;
	readonly checkInfo: string;
	/** As HAProxy counts it: 0 … rise - 1 down, rise … rise + fall - 1 up. */
	readonly checkHealth: number;
	readonly isUnchecked: boolean;
	readonly isAgentOff: boolean;
	/** Host and port, or the path of a unix socket. */
	readonly host: string;
	readonly port: number;
}

export function readServerFacts(table: SharedTable, server: Server): ServerFacts {
	const {board} = table;
	const row = board.row('server', server.index);
	const get = (column: number) => board.get(row, column);
	const health: Health = {
		up: get(ServerColumn.isUp) !== 0,
		count: get(ServerColumn.count),
		nolb: get(ServerColumn.isNolb) !== 0,
	};
	const admin = ADMIN_STATES[get(ServerColumn.admin)] ?? 'ready';
	const {check, address} = server;
	const use = useOf(health, admin);
	const operational = use !== 'down' && use !== 'maint';
	const code = get(ServerColumn.checkCode);
	return {
		health,
		admin,
		status: board.text(server.index, ServerText.status),
		isOperational: operational,
		isUsable: use === 'up',
		throttlePercent: table.serverThrottle(server.index),
		weight: get(ServerColumn.weight),
		effectiveWeight: table.serverWeight(server.index),
		maxconn: get(ServerColumn.maxconn),
		changedMs: get(ServerColumn.changedMs),
		downtimeMs: nowMs => get(ServerColumn.downtimeMs) + (operational ? 0 : nowMs - get(ServerColumn.changedMs)),
		downs: get(ServerColumn.downs),
		failures: get(ServerColumn.failures),
		checkStatus: CHECK_STATUSES[get(ServerColumn.checkStatus)],
		checkCode: code < 0 ? undefined : code,
		checkDurationMs: get(ServerColumn.checkDurationMs),
		checkInfo: board.text(server.index, ServerText.checkInfo),
		checkHealth: health.up ? (check?.rise ?? 1) + health.count - 1 : health.count,
		isUnchecked: get(ServerColumn.isUnchecked) !== 0,
		isAgentOff: get(ServerColumn.isAgentOff) !== 0,
		host: address.kind === 'unix' ? address.path : board.text(server.index, ServerText.host),
		port: get(ServerColumn.port),
	};
}

/** `1.2.3.4:80`, `[::1]:80` or `unix`: paths are not told. */
export function formatAddress({host, port}: Pick<ServerFacts, 'host' | 'port'>): string {
	if (host.startsWith('/')) return 'unix';
	return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
