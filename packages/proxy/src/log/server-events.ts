/**
 * Writes what happened to a server to its backend's log targets (HAProxy's notice, alert and emerg lines).
 *
 * Decides severities and which event is worth a line. Leaves the wording to `server-lines.ts`.
 */
import type {CheckResult} from '../health/check-result.ts';
import type {ServerEvent} from '../health/server-states.ts';
import type {SharedTable} from '../shared-table.ts';
import {type LogSender, Severity} from './log-sender.ts';
import {
	type CheckFacts,
	formatCheckLine,
	formatNoServer,
	formatServerDown,
	formatServerDownInMaintenance,
	formatServerDrain,
	formatServerMaintenance,
	formatServerReady,
	formatServerStopping,
	formatServerUp,
	isHealthMoved,
	type ServerChange,
} from './server-lines.ts';

/** Sends the lines of one event, if any. */
export function logServerEvent(sender: Pick<LogSender, 'send'>, table: SharedTable, event: ServerEvent): void {
	const {backend} = event.tracked;
	const line = event.kind === 'checked' ? checkLine(event) : changeLine(event, table);
	if (line !== undefined) sender.send(backend.logTargets, line.severity, line.text);
	if (event.kind === 'checked') return;
	const before = event.previous.usable;
	const {active, backup} = event.usable;
	if (before.active + before.backup > 0 && active + backup === 0) {
		const kind = backend.fromListen ? 'proxy' : 'backend';
		sender.send(backend.logTargets, Severity.emerg, formatNoServer(backend.name, kind));
	}
}

interface Line {
	readonly severity: number;
	readonly text: string;
}

/** `option log-health-checks`: a check that moved the server's health, or found something else than the one before. */
function checkLine({tracked, result, previous}: ServerEvent): Line | undefined {
	const {backend, server, health} = tracked;
	if (!backend.logHealthChecks || result === undefined || server.check === undefined) return undefined;
	if (!isHealthMoved(previous.health, health) && previous.check?.status === result.status) return undefined;
	const {rise, fall} = server.check;
	const text = formatCheckLine({
		backend: backend.name,
		server: server.name,
		isBackup: server.backup,
		outcome: result.outcome,
		check: factsOf(result),
		health,
		rise,
		fall,
	});
	return {severity: Severity.notice, text};
}

function changeLine(event: ServerEvent, table: SharedTable): Line {
	const {kind, tracked, previous} = event;
	const change = changeOf(event, table);
	switch (kind) {
		case 'down': {
			const severity = previous.use === 'nolb' ? Severity.notice : Severity.alert;
			return {severity, text: formatServerDown(change)};
		}
		case 'maint':
			if (previous.use === 'down') return {severity: Severity.notice, text: formatServerDownInMaintenance(change)};
			return {severity: Severity.alert, text: formatServerMaintenance(change)};
		case 'nolb':
			return {severity: Severity.notice, text: formatServerStopping(change)};
		case 'drain':
			return {severity: Severity.notice, text: formatServerDrain(change)};
		case 'ready':
			return {
				severity: Severity.notice,
				text: formatServerReady(change, previous.use === 'maint' ? 'maint' : 'drain', tracked.use),
			};
		default:
			return {severity: Severity.notice, text: formatServerUp(change)};
	}
}

function changeOf(event: ServerEvent, table: SharedTable): ServerChange {
	const {tracked, result, via, usable, requeued} = event;
	const {backend, server} = tracked;
	return {
		backend: backend.name,
		server: server.name,
		isBackup: server.backup,
		active: usable.active,
		backup: usable.backup,
		sessions: table.serverSlots(server.index),
		requeued,
		queued: Math.max(0, table.serverQueued(server.index) - requeued),
		// Checks that have their own lines are not told twice.
		...(result === undefined || backend.logHealthChecks ? {} : {check: factsOf(result)}),
		...(via === undefined ? {} : {via: `${via.backend.name}/${via.server.name}`}),
	};
}

function factsOf({status, code, info, durationMs}: CheckResult): CheckFacts {
	return {status, durationMs, ...(code === undefined ? {} : {code}), ...(info === undefined ? {} : {info})};
}
