/**
 * Writes what happened to a server to its backend's log targets (HAProxy's notice, alert and emerg lines).
 *
 * Decides severities and which event is worth a line. Leaves the wording to `server-lines.ts`.
 */
import type {ServerEvent} from '../health/server-states.ts';
import type {SharedTable} from '../shared-table.ts';
import {type LogSender, Severity} from './log-sender.ts';
import {
	formatCheckLine,
	formatNoServer,
	formatServerDown,
	formatServerDrain,
	formatServerMaintenance,
	formatServerReady,
	formatServerStopping,
	formatServerUp,
	isHealthMoved,
	type ServerChange,
} from './server-lines.ts';

interface Line {
	readonly severity: number;
	readonly text: string;
}

/** Sends the lines of one event, if any. */
export function logServerEvent(sender: Pick<LogSender, 'send'>, table: SharedTable, event: ServerEvent): void {
	const {backend} = event.tracked;
	if (backend.logTargets.length === 0) return;
	for (const {severity, text} of serverEventLines(event, table)) sender.send(backend.logTargets, severity, text);
}

function serverEventLines(event: ServerEvent, table: SharedTable): readonly Line[] {
	if (event.kind === 'checked') return checkLines(event);
	const change = describeChange(event, table);
	const line = changeLine(event, change);
	const {backend} = event.tracked;
	const isLast = ['down', 'maint', 'drain', 'nolb'].includes(event.kind) && change.active + change.backup === 0;
	if (!isLast) return [line];
	const text = formatNoServer(backend.name, backend.fromListen ? 'proxy' : 'backend');
	return [line, {severity: Severity.emerg, text}];
}

function changeLine({kind, previous}: ServerEvent, change: ServerChange): Line {
	switch (kind) {
		case 'down':
			// One that had been stopping takes nobody by surprise.
			return {severity: previous.health.nolb ? Severity.notice : Severity.alert, text: formatServerDown(change)};
		case 'nolb':
			return {severity: Severity.notice, text: formatServerStopping(change)};
		case 'maint':
			return {severity: Severity.alert, text: formatServerMaintenance(change)};
		case 'drain':
			return {severity: Severity.notice, text: formatServerDrain(change)};
		case 'ready':
			return {
				severity: Severity.notice,
				text: formatServerReady(change, previous.admin === 'maint' ? 'maint' : 'drain'),
			};
		default:
			return {severity: Severity.notice, text: formatServerUp(change)};
	}
}

/** `option log-health-checks`: a line for each check that moved the server's health. */
function checkLines({tracked, result, previous}: ServerEvent): readonly Line[] {
	const {backend, server, health} = tracked;
	if (!backend.logHealthChecks || result === undefined || server.check === undefined) return [];
	if (!isHealthMoved(previous.health, health)) return [];
	const {rise, fall} = server.check;
	const text = formatCheckLine({
		backend: backend.name,
		server: server.name,
		isBackup: server.backup,
		outcome: result.outcome,
		check: result,
		health,
		rise,
		fall,
	});
	return [{severity: Severity.notice, text}];
}

function describeChange({tracked, result, usable}: ServerEvent, table: SharedTable): ServerChange {
	const {backend, backendIndex, server} = tracked;
	return {
		backend: backend.name,
		server: server.name,
		isBackup: server.backup,
		active: usable.active,
		backup: usable.backup,
		sessions: table.serverSlots(server.index),
		// Those who wait for a server that goes away wait on in the backend's queue.
		requeued: table.serverQueued(server.index),
		queued: table.backendQueued(backendIndex),
		...(result === undefined || backend.logHealthChecks ? {} : {check: result}),
	};
}
