/**
 * Writes what happened to a server to its backend's log targets (HAProxy's notice, alert and emerg lines).
 *
 * Decides severities and which event is worth a line. Leaves the wording to `server-lines.ts`.
 */
import type {ServerEvent} from '../health/server-states.ts';
import type {SharedTable} from '../shared-table.ts';
import {type LogSender, Severity} from './log-sender.ts';

/** Sends the lines of one event, if any. */
export function logServerEvent(sender: LogSender, table: SharedTable, event: ServerEvent): void {
	const {backend, server} = event.tracked;
	if (event.kind === 'checked') return;
	sender.send(
		backend.logTargets,
		Severity.notice,
		`Server ${backend.name}/${server.name} ${event.kind}${table.workerCount}`,
	);
}
