/**
 * What the main thread does when a server changes, beside the log: sessions that end, weights that grow, the header of checks.
 *
 * Decides who is told. Leaves states to `health/server-states.ts` and sessions to the workers.
 */
import {hostname} from 'node:os';
import type {Configuration} from '@hapair/config';
import {FULL_RAMP} from './balance/view.ts';
import {formatStateLine} from './health/send-state.ts';
import type {ServerEvent, ServerStates, TrackedServer} from './health/server-states.ts';
import type {AdminState} from './health/tracker.ts';
import type {SharedTable} from './shared-table.ts';
import type {Runtime} from './stats/runtime.ts';
import type {WorkerSupervisor} from './workers/supervisor.ts';

/** Sessions that end with a change of a server (`on-marked-down`, `on-marked-up`). */
export function followEvent({kind, tracked}: ServerEvent, states: ServerStates, supervisor: WorkerSupervisor): void {
	const {server, backendIndex, use} = tracked;
	if (server.endSessionsWhenDown && (use === 'down' || use === 'maint')) {
		supervisor.tell({type: 'endSessions', server: server.index, cause: 'D'}, false);
	}
	if (!server.endBackupSessionsWhenUp || server.backup || use !== 'up' || kind === 'checked') return;
	for (const other of states.all) {
		if (other.backendIndex !== backendIndex || !other.server.backup) continue;
		supervisor.tell({type: 'endSessions', server: other.server.index, cause: 'U'}, false);
	}
}

/** Runs `slowstart` while any server grows. */
export class Growth {
	readonly #states: ServerStates;
	#timer: NodeJS.Timeout | undefined;

	constructor(states: ServerStates) {
		this.#states = states;
	}

	run(): void {
		clearTimeout(this.#timer);
		const nextMs = this.#states.grow();
		if (nextMs !== undefined) this.#timer = setTimeout(() => this.run(), nextMs);
	}

	stop(): void {
		clearTimeout(this.#timer);
	}
}

export function stateLineOf(states: ServerStates, table: SharedTable, {global}: Configuration, index: number): string {
	const tracked = states.byIndex(index)!;
	const {server, backend, backendIndex} = tracked;
	const {address} = server;
	const usable = states.all.filter(other => other.backendIndex === backendIndex && other.use === 'up');
	const part = usable.some(other => !other.server.backup) ? usable.filter(other => !other.server.backup) : usable;
	return formatStateLine({
		status: states.statusOf(tracked),
		...(address.kind === 'ip' ? {address: address.host, port: address.port} : {}),
		backend: backend.name,
		server: server.name,
		node: global.node ?? hostname(),
		weight: weightInForce(table, tracked),
		totalWeight: part.reduce((sum, other) => sum + weightInForce(table, other), 0),
		sessions: table.serverSlots(index),
		backendSessions: table.backendConnections(backendIndex),
		queued: table.serverQueued(index),
		throttle: table.serverThrottle(index),
	});
}

/** What `slowstart` leaves of a weight, at least 1. */
function weightInForce(table: SharedTable, {weight, server}: TrackedServer): number {
	return Math.ceil((weight * table.serverRamp(server.index)) / FULL_RAMP);
}

export interface OrderResult {
	readonly ok: boolean;
	readonly message: string;
}

/** An administrator's order. */
export function orderAdmin(runtime: Runtime, backend: string, server: string, admin: AdminState): OrderResult {
	const {states} = runtime;
	const tracked = states.find(backend, server);
	if (!tracked) return {ok: false, message: `There is no server ${backend}/${server}.`};
	if (!runtime.setAdmin(tracked, admin)) return {ok: true, message: `${backend}/${server} is already ${admin}.`};
	return {ok: true, message: `${backend}/${server} is now ${states.statusOf(tracked)}.`};
}

/** A weight of 0–256. */
export function orderWeight(states: ServerStates, backend: string, server: string, weight: number): OrderResult {
	const tracked = states.find(backend, server);
	if (!tracked) return {ok: false, message: `There is no server ${backend}/${server}.`};
	states.setWeight(tracked, weight);
	return {ok: true, message: `${backend}/${server} has weight ${weight}.`};
}
