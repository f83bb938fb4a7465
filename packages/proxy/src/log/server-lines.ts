/**
 * What is logged when a server changes (HAProxy manual, `option log-health-checks`, `http-check disable-on-404`).
 *
 * Decides the texts, from plain data. Programs read them, so words and order are HAProxy's. Leaves severities' targets and
 * the syslog header to the sender.
 */
import type {Health, Use} from '../health/tracker.ts';

/** What the last check said. */
export interface CheckFacts {
	/** `L7STS` and the like. */
	readonly status: string;
	readonly code?: number;
	/** An error's text or a reason phrase; untrusted, control characters are made harmless here. */
	readonly info?: string;
	/** -1: no check was made. */
	readonly durationMs: number;
}

/** What happened to which server, and what the backend is left with. */
export interface ServerChange {
	readonly backend: string;
	readonly server: string;
	readonly isBackup: boolean;
	/** Absent when an administrator did it, or when the checks are logged one by one. */
	readonly check?: CheckFacts;
	/** The tracked server that changed first, `backend/server`. */
	readonly via?: string;
	/** Usable servers after the change. */
	readonly active: number;
	readonly backup: number;
	/** Transactions on the server now. */
	readonly sessions: number;
	readonly requeued: number;
	/** Requests left in the server's queue. */
	readonly queued: number;
}

/** Words for `check_status`, as they stand behind `reason:`. */
const REASONS: Readonly<Record<string, string>> = {
	SOCKERR: 'Socket error',
	L4OK: 'Layer4 check passed',
	L4TOUT: 'Layer4 timeout',
	L4CON: 'Layer4 connection problem',
	L6OK: 'Layer6 check passed',
	L6TOUT: 'Layer6 timeout',
	L6RSP: 'Layer6 invalid response',
	L7OK: 'Layer7 check passed',
	L7OKC: 'Layer7 check conditionally passed',
	L7TOUT: 'Layer7 timeout',
	L7RSP: 'Layer7 invalid response',
	L7STS: 'Layer7 wrong status',
	HANA: 'Health analyze',
};

const MAX_INFO = 120;

/** A failed check took it out. Alert, or notice when it had been stopping (NOLB). */
export function formatServerDown(change: ServerChange): string {
	return `${subject(change)} is DOWN${via(change)}${reason(change)}.${left(change)}`;
}

/** Checks pass again. Notice. */
export function formatServerUp(change: ServerChange): string {
	return `${subject(change)} is UP${via(change)}${reason(change)}.${online(change)}`;
}

/** 404 under `disable-on-404`: persistent clients only. Notice. */
export function formatServerStopping(change: ServerChange): string {
	return `${subject(change)} is stopping${via(change)}${reason(change)}.${online(change)}`;
}

/** Maintenance by hand. Alert. */
export function formatServerMaintenance(change: ServerChange): string {
	return `${subject(change)} is going DOWN for maintenance${via(change)}.${left(change)}`;
}

/** Maintenance of a server that was down already. Notice. */
export function formatServerDownInMaintenance(change: ServerChange): string {
	return `${subject(change)} was DOWN and now enters maintenance${via(change)}.`;
}

/** Drain by hand. Notice. */
export function formatServerDrain(change: ServerChange): string {
	return `${subject(change)} enters drain state${via(change)}.${online(change)}`;
}

/** The end of maintenance or drain. Notice. */
export function formatServerReady(
	change: Pick<ServerChange, 'backend' | 'server' | 'isBackup' | 'via'>,
	from: 'maint' | 'drain',
	use: Use,
): string {
	if (from === 'drain') return `${subject(change)} is UP (leaving forced drain).`;
	const health = use === 'down' ? 'DOWN' : 'UP';
	const admin = use === 'drain' ? 'DRAIN' : 'READY';
	const forced = change.via === undefined ? 'forced ' : '';
	return `${subject(change)} is ${health}/${admin} (leaving ${forced}maintenance).`;
}

/** The last usable server is gone. Emerg. `kind` is `backend`, or `proxy` for a `listen` section. */
export function formatNoServer(backend: string, kind: 'backend' | 'proxy' = 'backend'): string {
	return `${kind} ${backend} has no server available!`;
}

/** One check under `option log-health-checks`. Notice. */
export interface CheckLine {
	readonly backend: string;
	readonly server: string;
	readonly isBackup: boolean;
	readonly outcome: 'passed' | 'failed' | 'closing';
	readonly check: CheckFacts;
	/** After the check. */
	readonly health: Health;
	readonly rise: number;
	readonly fall: number;
}

/** The line of a check; wanted only when the check moved the server's health, see `isHealthMoved`. */
export function formatCheckLine(line: CheckLine): string {
	const verb = {passed: 'succeeded', failed: 'failed', closing: 'conditionally succeeded'}[line.outcome];
	const {health, rise, fall} = line;
	const status = health.up ? `${health.count}/${fall} UP` : `${health.count}/${rise} DOWN`;
	return (
		`Health check for ${line.isBackup ? 'backup ' : ''}server ${line.backend}/${line.server} ${verb}` +
		`${facts(line.check)}, status: ${status}.`
	);
}

/** Did a check move a server's health? Steady servers are not worth a line every two seconds. */
export function isHealthMoved(before: Health, after: Health): boolean {
	return before.up !== after.up || before.count !== after.count || before.nolb !== after.nolb;
}

function subject({backend, server, isBackup}: Pick<ServerChange, 'backend' | 'server' | 'isBackup'>): string {
	return `${isBackup ? 'Backup ' : ''}Server ${backend}/${server}`;
}

function reason(change: ServerChange): string {
	return change.check === undefined ? '' : facts(change.check);
}

function facts({status, code, info, durationMs}: CheckFacts): string {
	let text = `, reason: ${REASONS[status] ?? status}`;
	if (code !== undefined) text += `, code: ${code}`;
	if (info !== undefined && info !== '') text += `, info: "${clean(info)}"`;
	return durationMs < 0 ? text : `${text}, check duration: ${durationMs}ms`;
}

function via({via: name}: Pick<ServerChange, 'via'>): string {
	return name === undefined ? '' : ` via ${name}`;
}

function left(change: ServerChange): string {
	const {sessions, requeued, queued} = change;
	const ending = ` ${sessions} sessions active, ${requeued} requeued, ${queued} remaining in queue.`;
	return `${counts(change)} servers left.${onBackup(change)}${ending}`;
}

function online(change: ServerChange): string {
	const ending = ` ${change.requeued} sessions requeued, ${change.queued} total in queue.`;
	return `${counts(change)} servers online.${onBackup(change)}${ending}`;
}

function counts({active, backup}: ServerChange): string {
	return ` ${active} active and ${backup} backup`;
}

function onBackup({active, backup}: ServerChange): string {
	return active === 0 && backup > 0 ? ' Running on backup.' : '';
}

function clean(info: string): string {
	return info
		.slice(0, MAX_INFO)
		.replace(/[^\x20-\x7e]/g, '.')
		.replaceAll('"', "'");
}
