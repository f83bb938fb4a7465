/**
 * The state of every server as the main thread knows it: health, what an administrator ordered, the last check.
 *
 * Decides what a server may be used for now and writes that to the shared table, where the workers read it. Says what
 * changed to `onEvent`; the words of log lines are made elsewhere.
 */
import type {Backend, Configuration, Server} from '@hapair/config';
import {ServerState, type ServerStateValue, type SharedTable} from '../shared-table.ts';
import {ServerColumn, ServerText} from '../status-board.ts';
import type {CheckResult} from './check-result.ts';
import {type BackendTimes, publishBackend, publishServer} from './publish-states.ts';
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
	/** With the address of the moment. */
	server: Server;
	/** As ordered: the configured one, until somebody sets another. */
	weight: number;
	health: Health;
	admin: AdminState;
	/** Monotonic, of the last change between usable, persistent-only and unusable. */
	changedAtMs: number;
	lastCheck?: CheckResult;
	/** Checks that failed while it was up, and changes to down. */
	failures: number;
	downs: number;
	/** Down or in maintenance so far, the present time not included. */
	downtimeMs: number;
	/** Its checks are switched off by hand. */
	isUnchecked: boolean;
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
	/** Monotonic; by default the clock that all threads share. */
	readonly nowMs?: () => number;
}

export class ServerStates {
	/** In the order of the configuration. */
	readonly all: readonly TrackedServer[];
	readonly #options: ServerStatesOptions;
	readonly #byIndex: ReadonlyMap<number, TrackedServer>;
	readonly #backends: readonly BackendTimes[];
	readonly #nowMs: () => number;

	constructor(options: ServerStatesOptions) {
		this.#options = options;
		this.#nowMs = options.nowMs ?? (() => performance.timeOrigin + performance.now());
		const startedAtMs = this.#nowMs();
		this.all = options.configuration.backends.flatMap((backend, backendIndex) =>
			backend.servers.map(server => ({
				backendIndex,
				backend,
				server,
				health: startHealth(),
				admin: startAdmin(server),
				weight: server.weight,
				changedAtMs: startedAtMs,
				failures: 0,
				downs: 0,
				downtimeMs: 0,
				isUnchecked: false,
			})),
		);
		this.#byIndex = new Map(this.all.map(tracked => [tracked.server.index, tracked]));
		this.#backends = options.configuration.backends.map(({servers}, index) => ({
			isUp: servers.length === 0 || this.#isBackendUp(index),
			changedAtMs: startedAtMs,
			downs: 0,
			downtimeMs: 0,
		}));
		for (const tracked of this.all) publishServer(options.table.board, tracked);
		for (const [index, times] of this.#backends.entries()) publishBackend(options.table.board, index, times);
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
		if (result.outcome === 'failed' && previous.health.up) tracked.failures++;
		publishServer(this.#options.table.board, tracked);
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

	/** `set weight`, 0–256: 0 leaves the server to persistent clients. */
	setWeight(tracked: TrackedServer, weight: number): void {
		if (tracked.weight === weight) return;
		tracked.weight = weight;
		this.#apply(tracked, this.#nowMs());
	}

	/** `set server … health`: as if the checks had found it so; they go on from there. True when it changed something. */
	setHealth(tracked: TrackedServer, to: 'up' | 'nolb' | 'down'): boolean {
		const {up, nolb} = tracked.health;
		if (to === (up ? (nolb ? 'nolb' : 'up') : 'down')) return false;
		const previous = {health: tracked.health, admin: tracked.admin};
		const fall = tracked.server.check?.fall ?? 1;
		tracked.health = {up: to !== 'down', count: to === 'down' ? 0 : fall, nolb: to === 'nolb'};
		this.#change(tracked, to, previous, undefined);
		return true;
	}

	/** `set server … addr`: from the next connection and check on. */
	setAddress(tracked: TrackedServer, host: string, port: number): void {
		const {board} = this.#options.table;
		const {index} = tracked.server;
		tracked.server = {...tracked.server, address: {kind: 'ip', host, port}};
		const row = board.row('server', index);
		board.setText(index, ServerText.host, host);
		board.set(row, ServerColumn.port, port);
		board.set(row, ServerColumn.moves, board.get(row, ServerColumn.moves) + 1);
	}

	/** `enable health`, `disable health`: what is shown; the scheduler is the caller's. */
	setUnchecked(tracked: TrackedServer, isUnchecked: boolean): void {
		tracked.isUnchecked = isUnchecked;
		publishServer(this.#options.table.board, tracked);
	}

	/** `clear counters all` */
	clearCounters(): void {
		for (const tracked of this.all) {
			tracked.failures = 0;
			tracked.downs = 0;
			publishServer(this.#options.table.board, tracked);
		}
		for (const [index, times] of this.#backends.entries()) {
			times.downs = 0;
			publishBackend(this.#options.table.board, index, times);
		}
	}

	/** Servers that balancing may use, in the words of the log line: active and backup ones. */
	countUsable(backendIndex: number): UsableServers {
		let active = 0;
		let backup = 0;
		for (const tracked of this.all) {
			if (tracked.backendIndex !== backendIndex || !isUsable(tracked.health, tracked.admin)) continue;
			if (tracked.weight === 0) continue;
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
		const nowMs = this.#nowMs();
		if (!isOperational(previous.health, previous.admin)) tracked.downtimeMs += nowMs - tracked.changedAtMs;
		tracked.changedAtMs = nowMs;
		if (kind === 'down') tracked.downs++;
		this.#apply(tracked, nowMs);
		const {backendIndex} = tracked;
		const usable = this.countUsable(backendIndex);
		this.#options.onEvent({kind, tracked, previous, usable, ...(result ? {result} : {})});
	}

	/** Lets the workers and the statistics see what the server and its backend are now. */
	#apply(tracked: TrackedServer, nowMs: number): void {
		const {backendIndex, server, weight} = tracked;
		const {table} = this.#options;
		table.setServer(backendIndex, server.index, tableState(tracked), weight);
		publishServer(table.board, tracked);
		const times = this.#backends[backendIndex]!;
		const isUp = this.#isBackendUp(backendIndex);
		if (isUp !== times.isUp) {
			if (isUp) times.downtimeMs += nowMs - times.changedAtMs;
			else times.downs++;
			times.isUp = isUp;
			times.changedAtMs = nowMs;
			publishBackend(table.board, backendIndex, times);
		}
		// Requests that wait for this server must look again: it may never be theirs now, or it is free at last.
		table.ringAll();
	}

	#isBackendUp(backendIndex: number): boolean {
		const {active, backup} = this.countUsable(backendIndex);
		return active + backup > 0;
	}
}

function tableState({health, admin}: TrackedServer): ServerStateValue {
	if (admin === 'maint') return ServerState.maint;
	if (!isOperational(health, admin)) return ServerState.down;
	return isUsable(health, admin) ? ServerState.up : ServerState.drain;
}
