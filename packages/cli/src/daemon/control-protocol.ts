/**
 * What commands say to the daemon: one JSON object a line, both ways.
 *
 * Decides the shapes and reads them strictly: an unknown command or a wrong type is answered with a sentence. Pure.
 * Leaves the socket to `control-socket.ts`.
 */
import type {Diagnostic} from '@hapair/config';
import type {PairEvent, Transition} from '@hapair/heartbeat';
import type {DrillRecord} from '../drill/record.ts';
import type {ExitCode} from '../exit-codes.ts';
import type {HookOccasion} from '../hooks/events.ts';
import type {HookRecord} from '../hooks/queue.ts';
import type {Difference} from '../sync/coordinator.ts';
import type {StatusReport} from './status-report.ts';

export type ControlRequest =
	| {readonly command: 'ping'}
	| {readonly command: 'status'}
	| {readonly command: 'watch'}
	/** `dryRun`: only what it would do. */
	| {readonly command: 'reload'; readonly dryRun?: true}
	/** The program that is installed now takes the place of the one that runs. */
	| {readonly command: 'upgrade'}
	| {
			readonly command: 'failover';
			readonly force: boolean;
			/** Longest time for connections to end by themselves, ms; absent: as the daemon thinks right. */
			readonly drainMs?: number;
			readonly timeoutMs: number;
	  }
	| {
			readonly command: 'maintenance';
			readonly on: boolean;
			readonly force: boolean;
			/** It ends by itself after this long, ms. */
			readonly forMs?: number;
	  }
	| {
			readonly command: 'drill';
			/** Only whether it could begin. */
			readonly dryRun: boolean;
			/** Instead of what the drill line says, ms. */
			readonly settleMs?: number;
	  }
	/** The files of both nodes: shown, or made those of this node (`push`) or of the other one (`pull`). */
	| {readonly command: 'sync'; readonly action: 'diff' | 'push' | 'pull'}
	| ServerRequest;

/** Takes a server of this node's proxy out of service by hand, or puts it back. The other node is not touched. */
export interface ServerRequest {
	readonly command: 'server';
	readonly backend: string;
	readonly server: string;
	/** `drain`: no new clients; `maint`: nobody, and no checks. */
	readonly state: 'ready' | 'drain' | 'maint';
}

/** A request is answered by any number of lines and one `result`, or by an endless stream for `watch`. */
export type ControlReply =
	| {readonly type: 'progress'; readonly message: string}
	| {
			readonly type: 'result';
			readonly code: ExitCode;
			readonly message: string;
			readonly durationMs?: number;
			readonly drill?: DrillRecord;
	  }
	/** What a check of the files has found: `text` for people, with lines and carets. */
	| {readonly type: 'findings'; readonly diagnostics: readonly Diagnostic[]; readonly text: string}
	| {readonly type: 'pong'; readonly pid: number; readonly version: string}
	| {readonly type: 'status'; readonly status: StatusReport}
	/** Of files: of the two nodes, or of what runs and what a reload would read. */
	| {readonly type: 'difference'; readonly difference: Difference}
	| {readonly type: 'transition'; readonly time: string; readonly node: string; readonly transition: Transition}
	| {readonly type: 'event'; readonly time: string; readonly node: string; readonly event: PairEvent}
	| {
			readonly type: 'hook';
			readonly time: string;
			readonly node: string;
			readonly event: HookOccasion['event'];
			/** Of the event that the hook was told. */
			readonly reason: string;
			readonly outcome: HookRecord['outcome'];
			/** The program's path, or `webhook`. */
			readonly hook: string;
			readonly detail: string;
	  };

/** Longest request, bytes. */
export const requestLimitBytes = 4096;

/** Longest maintenance that ends by itself: a week. */
export const longestMaintenanceMs = 604_800_000;

/** Longest drain and failover that can be asked for. */
const longestDrainMs = 3_600_000;

/** The request, or what is wrong with the line. */
export function readRequest(line: string): ControlRequest | {readonly problem: string} {
	const value = parseObject(line);
	if (value === undefined) return {problem: 'a request is one JSON object on one line'};
	switch (value.command) {
		case 'ping':
		case 'status':
		case 'watch':
		case 'upgrade':
			return {command: value.command};
		case 'reload': {
			const {dryRun = false} = value;
			if (typeof dryRun !== 'boolean') return {problem: 'reload: dryRun is true or false'};
			return dryRun ? {command: 'reload', dryRun} : {command: 'reload'};
		}
		case 'failover': {
			const {force = false, drainMs, timeoutMs = 15_000} = value;
			if (typeof force !== 'boolean') return {problem: 'failover: force is true or false'};
			if (drainMs !== undefined && !isDuration(drainMs)) return {problem: `failover: drainMs is 0–${longestDrainMs}`};
			if (!isDuration(timeoutMs)) return {problem: `failover: timeoutMs is 0–${longestDrainMs}`};
			return {command: 'failover', force, timeoutMs, ...(drainMs === undefined ? {} : {drainMs})};
		}
		case 'maintenance':
			return readMaintenance(value);
		case 'server': {
			const {backend, server, state} = value;
			if (typeof backend !== 'string' || typeof server !== 'string')
				return {problem: 'server: backend and server are names'};
			if (state !== 'ready' && state !== 'drain' && state !== 'maint')
				return {problem: 'server: state is ready, drain or maint'};
			return {command: 'server', backend, server, state};
		}
		case 'drill': {
			const {dryRun = false, settleMs} = value;
			if (typeof dryRun !== 'boolean') return {problem: 'drill: dryRun is true or false'};
			if (settleMs === undefined) return {command: 'drill', dryRun};
			if (!isDuration(settleMs)) return {problem: `drill: settleMs is 0–${longestDrainMs}`};
			return {command: 'drill', dryRun, settleMs};
		}
		case 'sync': {
			const {action} = value;
			if (action === 'diff' || action === 'push' || action === 'pull') return {command: 'sync', action};
			return {problem: 'sync: action is diff, push or pull'};
		}
		default:
			return {
				problem:
					'unknown command: ping, status, watch, reload, upgrade, failover, maintenance, server, drill and sync are known',
			};
	}
}

function readMaintenance({
	on,
	force = false,
	forMs,
}: Readonly<Record<string, unknown>>): ControlRequest | {readonly problem: string} {
	if (typeof on !== 'boolean' || typeof force !== 'boolean')
		return {problem: 'maintenance: on and force are true or false'};
	if (forMs === undefined) return {command: 'maintenance', on, force};
	const isTime = typeof forMs === 'number' && Number.isInteger(forMs) && forMs >= 1 && forMs <= longestMaintenanceMs;
	if (!isTime || !on) return {problem: `maintenance: forMs is 1–${longestMaintenanceMs}, with on: true`};
	return {command: 'maintenance', on, force, forMs};
}

function isDuration(value: unknown): value is number {
	return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= longestDrainMs;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return isRecord(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
