/**
 * The state of every server as the main thread knows it: health, what an administrator ordered, the last check.
 *
 * Decides what a server may be used for now and writes that to the shared table, where the workers read it. Says what
 * changed to `onEvent`; the words of log lines are made elsewhere.
 */
import type {Backend, Configuration, Server} from '@hapair/config';
import {ServerState, type ServerStateValue, type SharedTable} from '../shared-table.ts';
import type {CheckResult} from './check-result.ts';
import {
	type AdminState,
	formatStatus,
	type Health,
	isOperational,
	isUsable,
	nextCheckDelayMs,
	recordCheck,
	startAdmin,
	startHealth,
} from './tracker.ts';

export interface TrackedServer {
	readonly backendIndex: number;
	readonly backend: Backend;
	readonly server: Server;
	health: Health;
	admin: AdminState;
	/** Monotonic, of the last change between usable, persistent-only and unusable. */
	changedAtMs: number;
	lastCheck?: CheckResult;
}

/** `checked` comes with every check result; the others when the server's use changes. */
export type ServerEventKind = 'checked' | 'down' | 'up' | 'nolb' | 'maint' | 'drain' | 'ready';

export interface ServerEvent {
	readonly kind: ServerEventKind;
	readonly tracked: TrackedServer;
	readonly result?: CheckResult;
	/** What it was before. */
	readonly previous: {readonly health: Health; readonly admin: AdminState};
	/** Usable servers of the backend after the change. */
	readonly usable: UsableServers;
}

export interface UsableServers {
	readonly active: number;
	readonly backup: number;
}

export interface ServerStatesOptions {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	onEvent(event: ServerEvent): void;
	/** Monotonic. */
	readonly nowMs?: () => number;
}

export class ServerStates {
	/** In the order of the configuration. */
	readonly all: readonly TrackedServer[];
	readonly #options: ServerStatesOptions;
	readonly #byIndex: ReadonlyMap<number, TrackedServer>;
	readonly #nowMs: () => number;

	constructor(options: ServerStatesOptions) {
		this.#options = options;
		this.#nowMs = options.nowMs ?? (() => performance.now());
		const startedAtMs = this.#nowMs();
		this.all = options.configuration.backends.flatMap((backend, backendIndex) =>
			backend.servers.map(server => ({
				backendIndex,
				backend,
				server,
				health: startHealth(),
				admin: startAdmin(server),
				changedAtMs: startedAtMs,
			})),
		);
		this.#byIndex = new Map(this.all.map(tracked => [tracked.server.index, tracked]));
	}

	byIndex(serverIndex: number): TrackedServer | undefined {
		return this.#byIndex.get(serverIndex);
	}

	find(backendName: string, serverName: string): TrackedServer | undefined {
		return this.all.find(({backend, server}) => backend.name === backendName && server.name === serverName);
	}

	/** Milliseconds since the last change of use. */
	sinceMs(tracked: TrackedServer): number {
		return Math.round(this.#nowMs() - tracked.changedAtMs);
	}

	/** Takes a check's result in; returns the milliseconds until the next check. */
	record(serverIndex: number, result: CheckResult): number {
		const tracked = this.#byIndex.get(serverIndex);
		const check = tracked?.server.check;
		if (!tracked || !check) return Number.POSITIVE_INFINITY;
		const previous = {health: tracked.health, admin: tracked.admin};
		const {health, transition} = recordCheck(tracked.health, result.outcome, check);
		tracked.health = health;
		tracked.lastCheck = result;
		this.#options.onEvent({kind: 'checked', tracked, result, previous, usable: this.countUsable(tracked.backendIndex)});
		if (transition !== 'none') this.#change(tracked, transition, previous, result);
		return nextCheckDelayMs(health, check);
	}

	/** An administrator's order. True when it changed something. */
	setAdmin(tracked: TrackedServer, admin: AdminState): boolean {
		if (tracked.admin === admin) return false;
		const previous = {health: tracked.health, admin: tracked.admin};
		// Back from maintenance nothing is known: as at start, up with one failure to go (HAProxy does the same).
		if (previous.admin === 'maint' && tracked.server.check) tracked.health = startHealth();
		tracked.admin = admin;
		this.#change(tracked, admin, previous, undefined);
		return true;
	}

	/** Servers that balancing may use, in the words of the log line: active and backup ones. */
	countUsable(backendIndex: number): UsableServers {
		let active = 0;
		let backup = 0;
		for (const tracked of this.all) {
			if (tracked.backendIndex !== backendIndex || !isUsable(tracked.health, tracked.admin)) continue;
			if (tracked.server.weight === 0) continue;
			if (tracked.server.backup) backup++;
			else active++;
		}
		return {active, backup};
	}

	/** HAProxy's status word. */
	statusOf(tracked: TrackedServer): string {
		return formatStatus(tracked.health, tracked.admin, tracked.server.check);
	}

	/** The one place where a server's use changes: time, table, event. */
	#change(
		tracked: TrackedServer,
		kind: ServerEventKind,
		previous: ServerEvent['previous'],
		result: CheckResult | undefined,
	): void {
		tracked.changedAtMs = this.#nowMs();
		const {backendIndex, server} = tracked;
		this.#options.table.setServer(backendIndex, server.index, tableState(tracked), server.weight);
		// Requests that wait for this server must look again: it may never be theirs now, or it is free at last.
		this.#options.table.ringAll();
		const usable = this.countUsable(backendIndex);
		this.#options.onEvent({kind, tracked, previous, usable, ...(result ? {result} : {})});
	}
}

function tableState({health, admin}: TrackedServer): ServerStateValue {
	if (admin === 'maint') return ServerState.maint;
	if (!isOperational(health, admin)) return ServerState.down;
	return isUsable(health, admin) ? ServerState.up : ServerState.drain;
}
