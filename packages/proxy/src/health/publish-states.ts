/**
 * Writes what the main thread knows of servers and backends to the status board, where any thread can show it.
 *
 * Decides nothing: the states are `server-states.ts`'s. The codes of words are their places in the lists here.
 */
import {BackendColumn, ServerColumn, ServerText, type StatusBoard} from '../status-board.ts';
import {CHECK_STATUSES} from './check-result.ts';
import type {TrackedServer} from './server-states.ts';
import type {AdminState, Health} from './tracker.ts';

/** Codes of `ServerColumn.admin`. */
export const ADMIN_STATES: readonly AdminState[] = ['ready', 'drain', 'maint'];

/** How a backend has been, seen over all its servers. */
export interface BackendTimes {
	isUp: boolean;
	changedAtMs: number;
	downs: number;
	downtimeMs: number;
}

/** `health` and `admin` as they hold for the server: those of the one that it follows, and of all orders. `status` in HAProxy's word. */
export function publishServer(
	board: StatusBoard,
	tracked: TrackedServer,
	health: Health,
	admin: AdminState,
	status: string,
): void {
	const {lastAgent, lastCheck, server} = tracked;
	const row = board.row('server', server.index);
	board.set(row, ServerColumn.isUp, Number(health.up));
	board.set(row, ServerColumn.count, health.count);
	board.set(row, ServerColumn.isNolb, Number(health.nolb));
	board.set(row, ServerColumn.admin, ADMIN_STATES.indexOf(admin));
	board.set(row, ServerColumn.changedMs, tracked.changedAtMs);
	board.set(row, ServerColumn.downs, tracked.downs);
	board.set(row, ServerColumn.failures, tracked.failures);
	board.set(row, ServerColumn.observedFailures, tracked.observedFailures);
	board.set(row, ServerColumn.downtimeMs, tracked.downtimeMs);
	board.set(row, ServerColumn.weight, tracked.weight);
	board.set(row, ServerColumn.isUnchecked, Number(tracked.isUnchecked));
	board.set(row, ServerColumn.checkStatus, lastCheck ? CHECK_STATUSES.indexOf(lastCheck.status) : -1);
	board.set(row, ServerColumn.checkCode, lastCheck?.code ?? -1);
	board.set(row, ServerColumn.checkDurationMs, lastCheck?.durationMs ?? 0);
	board.setText(server.index, ServerText.checkInfo, lastCheck?.info ?? '');
	board.set(row, ServerColumn.agentStatus, lastAgent ? CHECK_STATUSES.indexOf(lastAgent.status) : -1);
	board.set(row, ServerColumn.agentCode, lastAgent?.code ?? -1);
	board.set(row, ServerColumn.agentDurationMs, lastAgent?.durationMs ?? 0);
	board.set(row, ServerColumn.agentHealth, tracked.isDownByAgent ? 0 : 1);
	board.set(row, ServerColumn.isAgentOff, Number(tracked.isAgentOff));
	board.setText(server.index, ServerText.agentInfo, lastAgent?.info ?? '');
	board.setText(server.index, ServerText.status, status);
}

/** The server is somewhere else from now on. */
export function publishMove(board: StatusBoard, index: number, host: string, port: number): void {
	const row = board.row('server', index);
	board.setText(index, ServerText.host, host);
	board.set(row, ServerColumn.port, port);
	board.set(row, ServerColumn.moves, board.get(row, ServerColumn.moves) + 1);
}

export function publishBackend(board: StatusBoard, backendIndex: number, times: BackendTimes): void {
	const row = board.row('backend', backendIndex);
	board.set(row, BackendColumn.isUp, Number(times.isUp));
	board.set(row, BackendColumn.changedMs, times.changedAtMs);
	board.set(row, BackendColumn.downs, times.downs);
	board.set(row, BackendColumn.downtimeMs, times.downtimeMs);
}
