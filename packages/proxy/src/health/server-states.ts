/**
 * The state of every server as the main thread knows it: health, what an administrator ordered, the last check.
 *
 * Decides what a server may be used for now and writes that to the shared table, where the workers read it: from its own checks
 * or those of the server that it tracks, from what traffic showed (`observe`), and from orders. Says what changed to `onEvent`; the
 * words of log lines are made elsewhere. The file is longer than others because every way to change a server goes through `#settle`.
 */
import type {Backend, Configuration, Server, ServerAgent, ServerObserve} from '@hapair/config';
import {ServerState, type ServerStateValue, type SharedTable} from '../shared-table.ts';
import {BackendColumn, ServerColumn} from '../status-board.ts';
import type {CheckResult} from './check-result.ts';
import {type BackendTimes, publishBackend, publishMove, publishServer} from './publish-states.ts';
import {FULL, rampAt, rampStepMs} from './slow-start.ts';
import {
	type AdminState,
	formatStatus,
	type Health,
	nextCheckDelayMs,
	recordCheck,
	startAdmin,
	startHealth,
	stricterAdmin,
	type Use,
	useOf,
} from './tracker.ts';

export interface TrackedServer {
	readonly backendIndex: number;
	readonly backend: Backend;
	/** With the address of the moment. */
	server: Server;
	/** The server that this one follows (`track`). */
	readonly follows: TrackedServer | undefined;
	/** Its own; a server that follows another has that one's. */
	health: Health;
	/** Ordered for this server; it may be under another's order too. */
	admin: AdminState;
	/** 0–256, as configured or ordered since. */
	weight: number;
	/** What it was last said to be used for. */
	use: Use;
	/** Monotonic, of the last change of use. */
	changedAtMs: number;
	/** `slowstart` runs since then. */
	growsSinceMs?: number;
	lastCheck?: CheckResult;
	/** Checks that failed while it was up, and changes to down. */
	failures: number;
	downs: number;
	/** Times that observed traffic has failed too often. */
	observedFailures: number;
	/** Down or in maintenance so far, the present time not included. */
	downtimeMs: number;
	/** Its checks are switched off by hand. */
	isUnchecked: boolean;
	/** What its agent has said last, and whether that was that it is down; switched off by hand, it is not asked. */
	lastAgent?: CheckResult;
	isDownByAgent: boolean;
	isAgentOff: boolean;
}

/** `checked` comes with every check result; the others when the server's use changes. */
export type ServerEventKind = 'checked' | 'down' | 'up' | 'nolb' | 'maint' | 'drain' | 'ready';

export interface ServerEvent {
	readonly kind: ServerEventKind;
	readonly tracked: TrackedServer;
	readonly result?: CheckResult;
	/** The tracked server that changed first. */
	readonly via?: TrackedServer;
	/** What it was before. */
	readonly previous: {
		readonly health: Health;
		readonly admin: AdminState;
		readonly use: Use;
		readonly usable: UsableServers;
		readonly check?: CheckResult;
	};
	/** Usable servers of the backend after the change. */
	readonly usable: UsableServers;
	/** Requests that waited for this server and look for another one now. */
	readonly requeued: number;
}

export interface UsableServers {
	readonly active: number;
	readonly backup: number;
}

/** What is known of a server from the process before this one. Times are ages. */
export type RestoredServer = Pick<
	TrackedServer,
	| 'health'
	| 'admin'
	| 'weight'
	| 'lastCheck'
	| 'lastAgent'
	| 'isUnchecked'
	| 'isDownByAgent'
	| 'isAgentOff'
	| 'failures'
	| 'downs'
	| 'observedFailures'
	| 'downtimeMs'
> & {readonly sinceMs: number; readonly growsForMs?: number};

export interface ServerStatesOptions {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	onEvent(event: ServerEvent): void;
	/** Monotonic; by default the clock that all threads share. */
	readonly nowMs?: () => number;
}

export class ServerStates {
	/** In the order of the configuration. */
	readonly all: TrackedServer[];
	readonly #options: ServerStatesOptions;
	readonly #byIndex: Map<number, TrackedServer>;
	readonly #backends: readonly BackendTimes[];
	readonly #nowMs: () => number;

	constructor(options: ServerStatesOptions) {
		this.#options = options;
		this.#nowMs = options.nowMs ?? (() => performance.timeOrigin + performance.now());
		this.all = trackServers(options.configuration, this.#nowMs());
		this.#byIndex = new Map(this.all.map(tracked => [tracked.server.index, tracked]));
		const changedAtMs = this.#nowMs();
		this.#backends = options.configuration.backends.map(({servers}, index) => ({
			isUp: servers.length === 0 || this.#isBackendUp(index),
			changedAtMs,
			downs: 0,
			downtimeMs: 0,
		}));
		// The table was made from each server's own line; a follower may begin in another's maintenance.
		for (const tracked of this.all) {
			if (tracked.follows !== undefined) this.#write(tracked);
			else this.#publish(tracked);
		}
		for (const [index, times] of this.#backends.entries()) publishBackend(options.table.board, index, times);
	}

	byIndex(serverIndex: number): TrackedServer | undefined {
		return this.#byIndex.get(serverIndex);
	}

	find(backendName: string, serverName: string): TrackedServer | undefined {
		return this.all.find(({backend, server}) => backend.name === backendName && server.name === serverName);
	}

	/** `add server`: it begins in maintenance and unchecked. Its row of the table is new. */
	add(backendIndex: number, server: Server): TrackedServer {
		const backend = this.#options.configuration.backends[backendIndex]!;
		const follows = server.tracks === undefined ? undefined : this.#byIndex.get(server.tracks);
		const tracked = trackServer({backend, backendIndex, server, follows, nowMs: this.#nowMs()});
		tracked.isUnchecked = true;
		tracked.admin = 'maint';
		tracked.use = 'maint';
		this.all.push(tracked);
		this.#byIndex.set(server.index, tracked);
		this.#write(tracked);
		return tracked;
	}

	/** `del server`: in maintenance, and no other follows it. */
	remove(tracked: TrackedServer): void {
		this.all.splice(this.all.indexOf(tracked), 1);
		this.#byIndex.delete(tracked.server.index);
		this.#settleBackend(tracked.backendIndex);
	}

	/** How a backend has been, seen over all its servers. */
	backendTimes(index: number): Readonly<BackendTimes> {
		return this.#backends[index]!;
	}

	/** The age of a moment of this object's clock, and the moment of an age. */
	ageMs(momentMs: number): number {
		return this.#nowMs() - momentMs;
	}

	momentMs(ageMs: number): number {
		return this.#nowMs() - ageMs;
	}

	/** Takes over what the process before this one knew: nothing has changed by that, so nobody is told. */
	restore(servers: ReadonlyMap<TrackedServer, RestoredServer>, backends: ReadonlyMap<number, BackendTimes>): void {
		for (const [tracked, {sinceMs, growsForMs, ...known}] of servers) {
			Object.assign(tracked, known, {changedAtMs: this.momentMs(sinceMs)});
			if (growsForMs !== undefined) tracked.growsSinceMs = this.momentMs(growsForMs);
		}
		for (const tracked of this.all) {
			tracked.use = useOf(healthOf(rootOf(tracked)), adminOf(tracked));
			this.#write(tracked);
		}
		for (const [index, times] of backends) {
			const isUp = this.#isBackendUp(index);
			Object.assign(this.#backends[index]!, times, {isUp});
			publishBackend(this.#options.table.board, index, this.#backends[index]!);
		}
		this.grow();
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
		const previous = this.#previous(tracked);
		tracked.health = recordCheck(tracked.health, result.outcome, check).health;
		tracked.lastCheck = result;
		if (result.outcome === 'failed' && previous.health.up) tracked.failures++;
		this.#publish(tracked);
		// What is shown of followers is their tracked server's health.
		for (const follower of this.all) if (rootOf(follower) === tracked && follower !== tracked) this.#publish(follower);
		const usable = previous.usable;
		this.#options.onEvent({kind: 'checked', tracked, result, previous, usable, requeued: 0});
		this.#settle(tracked, previous, undefined, result);
		return nextCheckDelayMs(tracked.health, check);
	}

	/**
	 * Traffic to the server has failed `errorLimit` times in a row (`observe`), the last time as `lastError` says. Returns the
	 * milliseconds within which the next check must come, or undefined.
	 */
	recordTrafficErrors(serverIndex: number, lastError: string): number | undefined {
		const tracked = this.#byIndex.get(serverIndex);
		const {check, observe} = tracked?.server ?? {};
		if (!tracked || !check || !observe || tracked.use === 'down' || tracked.use === 'maint') return undefined;
		tracked.observedFailures++;
		this.#publish(tracked);
		if (observe.onError === 'fastinter') return check.fastinterMs ?? check.interMs;
		tracked.health = {...tracked.health, count: Math.min(tracked.health.count, failuresLeft(observe))};
		const info = `Detected ${observe.errorLimit} consecutive errors, last one was: ${lastError}`;
		this.record(serverIndex, {outcome: 'failed', status: 'HANA', info, durationMs: -1});
		// A server that traffic took down must not wait for the check that was due while it was up.
		return nextCheckDelayMs(tracked.health, check);
	}

	/** What an agent has said. Only its own words change the state: one that cannot be reached does not. */
	recordAgent(tracked: TrackedServer, result: CheckResult): void {
		tracked.lastAgent = result;
		const isAnswer = result.status === 'L7OK' || result.status === 'L7STS';
		this.#setDownByAgent(tracked, isAnswer ? result.status === 'L7STS' : tracked.isDownByAgent, result);
	}

	/** `set server … agent`: as if the agent had said so. */
	setAgent(tracked: TrackedServer, isUp: boolean): void {
		this.#setDownByAgent(tracked, !isUp, undefined);
	}

	#setDownByAgent(tracked: TrackedServer, isDown: boolean, result: CheckResult | undefined): void {
		const previous = this.#previous(tracked);
		tracked.isDownByAgent = isDown;
		this.#publish(tracked);
		this.#settle(tracked, previous, undefined, result);
	}

	/** `disable agent`, `enable agent`: what is shown; an agent that is not asked any more has nothing to say. */
	setAgentOff(tracked: TrackedServer, isOff: boolean): void {
		tracked.isAgentOff = isOff;
		this.#setDownByAgent(tracked, !isOff && tracked.isDownByAgent, undefined);
	}

	/** An administrator's order. True when it changed something. */
	setAdmin(tracked: TrackedServer, admin: AdminState): boolean {
		if (tracked.admin === admin) return false;
		const previous = this.#previous(tracked);
		// Back from maintenance nothing is known: as at start, up with one failure to go (HAProxy does the same).
		if (tracked.admin === 'maint' && tracked.server.check) tracked.health = startHealth();
		tracked.admin = admin;
		this.#publish(tracked);
		this.#settle(tracked, previous, undefined, undefined);
		return true;
	}

	/** An administrator's weight, 0–256: 0 leaves the server to persistent clients. */
	setWeight(tracked: TrackedServer, weight: number): void {
		tracked.weight = weight;
		this.#write(tracked);
		this.#options.table.ringAll();
	}

	/** `set server … maxconn`, 0 for no limit. */
	setMaxconn({server, backend, backendIndex}: TrackedServer, maxconn: number): void {
		const {board} = this.#options.table;
		board.set(board.row('server', server.index), ServerColumn.maxconn, maxconn);
		const limited = backend.servers.some(({index}) => board.get(board.row('server', index), ServerColumn.maxconn) > 0);
		// Once somebody waits, the queues must be looked at for ever: a limit that is taken away lets them all go.
		if (limited) board.set(board.row('backend', backendIndex), BackendColumn.hasLimits, 1);
		this.#options.table.ringAll();
	}

	/** `set server … health`: as if the checks had found it so; they go on from there. True when it changed something. */
	setHealth(tracked: TrackedServer, to: 'up' | 'nolb' | 'down'): boolean {
		const {up, nolb} = tracked.health;
		if (to === (up ? (nolb ? 'nolb' : 'up') : 'down')) return false;
		const previous = this.#previous(tracked);
		const fall = tracked.server.check?.fall ?? 1;
		tracked.health = {up: to !== 'down', count: to === 'down' ? 0 : fall, nolb: to === 'nolb'};
		this.#publish(tracked);
		this.#settle(tracked, previous, undefined, undefined);
		return true;
	}

	/** `set server … addr`: from the next connection and check on. */
	setAddress(tracked: TrackedServer, host: string, port: number): void {
		tracked.server = {...tracked.server, address: {kind: 'ip', host, port}};
		publishMove(this.#options.table.board, tracked.server.index, host, port);
	}

	/** `set server … check-addr`, `check-port`: from the next check on; a port of 0 is the service's. */
	setCheckTarget(tracked: TrackedServer, {address, port}: {readonly address?: string; readonly port?: number}): void {
		const {check} = tracked.server;
		if (check === undefined) return;
		const {port: _before, ...rest} = check;
		const nextPort = port ?? check.port ?? 0;
		const changed = {...rest, ...(address === undefined ? {} : {address}), ...(nextPort === 0 ? {} : {port: nextPort})};
		tracked.server = {...tracked.server, check: changed};
	}

	/** `set server … agent-addr`, `agent-port`, `agent-send`: from the next question on. */
	setAgentTarget(tracked: TrackedServer, where: Partial<ServerAgent>): void {
		const {agent} = tracked.server;
		if (agent !== undefined) tracked.server = {...tracked.server, agent: {...agent, ...where}};
	}

	/** The last change of use was so long ago. */
	backdate(tracked: TrackedServer, sinceMs: number): void {
		tracked.changedAtMs = this.#nowMs() - sinceMs;
		this.#publish(tracked);
	}

	/** `enable health`, `disable health`: what is shown; the scheduler is the caller's. */
	setUnchecked(tracked: TrackedServer, isUnchecked: boolean): void {
		tracked.isUnchecked = isUnchecked;
		this.#publish(tracked);
	}

	/** `clear counters all` */
	clearCounters(): void {
		for (const tracked of this.all) {
			tracked.failures = 0;
			tracked.downs = 0;
			tracked.observedFailures = 0;
			this.#publish(tracked);
		}
		for (const [index, times] of this.#backends.entries()) {
			times.downs = 0;
			publishBackend(this.#options.table.board, index, times);
		}
	}

	/** Lets servers under `slowstart` grow; returns the milliseconds until the next step, undefined when none grows. */
	grow(): number | undefined {
		let nextMs: number | undefined;
		for (const tracked of this.all) {
			if (tracked.growsSinceMs === undefined) continue;
			const slowstartMs = tracked.server.slowstartMs!;
			const ramp = rampAt(this.#nowMs() - tracked.growsSinceMs, slowstartMs);
			if (ramp === FULL) delete tracked.growsSinceMs;
			else nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, rampStepMs(slowstartMs));
			const {table} = this.#options;
			table.setRamp(tracked.backendIndex, tracked.server.index, ramp.sixteenths, ramp.percent);
			// More slots than before: waiting requests may go.
			table.ringAll();
		}
		return nextMs;
	}

	/** Servers that balancing may use, in the words of the log line: active and backup ones. */
	countUsable(backendIndex: number): UsableServers {
		let active = 0;
		let backup = 0;
		for (const tracked of this.all) {
			if (tracked.backendIndex !== backendIndex || tracked.use !== 'up' || tracked.weight === 0) continue;
			if (tracked.server.backup) backup++;
			else active++;
		}
		return {active, backup};
	}

	/** HAProxy's status word. */
	statusOf(tracked: TrackedServer): string {
		const root = rootOf(tracked);
		const admin = adminOf(tracked);
		if (root.isDownByAgent && admin !== 'maint') return 'DOWN (agent)';
		return formatStatus(root.health, admin, root.server.check);
	}

	#previous(tracked: TrackedServer): ServerEvent['previous'] {
		const {health, admin, use, lastCheck, backendIndex} = tracked;
		const usable = this.countUsable(backendIndex);
		return {health, admin, use, usable, ...(lastCheck ? {check: lastCheck} : {})};
	}

	/** The one place where a server's use changes: time, table, event, then those that follow it. */
	#settle(
		tracked: TrackedServer,
		previous: ServerEvent['previous'],
		via: TrackedServer | undefined,
		result: CheckResult | undefined,
	): void {
		const use = useOf(healthOf(rootOf(tracked)), adminOf(tracked));
		if (use === tracked.use) return;
		const {backendIndex, backend, server} = tracked;
		const {table} = this.#options;
		tracked.use = use;
		const nowMs = this.#nowMs();
		if (previous.use === 'down' || previous.use === 'maint') tracked.downtimeMs += nowMs - tracked.changedAtMs;
		if (use === 'down') tracked.downs++;
		tracked.changedAtMs = nowMs;
		this.#startGrowing(tracked, previous.use);
		const mustRequeue = (use === 'down' || use === 'maint') && backend.redispatch && !backend.persist;
		const requeued = mustRequeue ? table.serverQueued(server.index) : this.#countGrabbed(tracked);
		this.#write(tracked);
		// Requests that wait for this server must look again: it may never be theirs now, or it is free at last.
		table.ringAll();
		this.#options.onEvent({
			kind: kindOf(previous.use, use),
			tracked,
			previous,
			usable: this.countUsable(backendIndex),
			requeued,
			...(via ? {via} : {}),
			...(result ? {result} : {}),
		});
		for (const follower of this.all) {
			if (follower.follows === tracked) this.#settle(follower, this.#previous(follower), tracked, undefined);
		}
	}

	/** Requests of the backend's queue that a server that comes back has slots for. */
	#countGrabbed({use, backendIndex, server}: TrackedServer): number {
		if (use !== 'up') return 0;
		const waiting = this.#options.table.backendQueued(backendIndex);
		return server.maxconn === 0 ? waiting : Math.min(waiting, server.maxconn);
	}

	#startGrowing(tracked: TrackedServer, before: Use): void {
		const {server, backendIndex} = tracked;
		if (server.slowstartMs === undefined) return;
		const isBack = tracked.use === 'up' && (before === 'down' || before === 'maint');
		if (isBack) tracked.growsSinceMs = this.#nowMs();
		else if (tracked.use !== 'up') delete tracked.growsSinceMs;
		else return;
		const ramp = isBack ? rampAt(0, server.slowstartMs) : FULL;
		this.#options.table.setRamp(backendIndex, server.index, ramp.sixteenths, ramp.percent);
	}

	#write(tracked: TrackedServer): void {
		const {backendIndex, server, use, weight} = tracked;
		this.#options.table.setServer(backendIndex, server.index, TABLE_STATES[use], weight);
		this.#publish(tracked);
		this.#settleBackend(backendIndex);
	}

	#publish(tracked: TrackedServer): void {
		const health = healthOf(rootOf(tracked));
		publishServer(this.#options.table.board, tracked, health, adminOf(tracked), this.statusOf(tracked));
	}

	/** A backend is up while one of its servers takes new clients. */
	#settleBackend(backendIndex: number): void {
		const times = this.#backends[backendIndex];
		const isUp = this.#isBackendUp(backendIndex);
		if (times === undefined || isUp === times.isUp) return;
		const nowMs = this.#nowMs();
		if (isUp) times.downtimeMs += nowMs - times.changedAtMs;
		else times.downs++;
		times.isUp = isUp;
		times.changedAtMs = nowMs;
		publishBackend(this.#options.table.board, backendIndex, times);
	}

	#isBackendUp(backendIndex: number): boolean {
		const {active, backup} = this.countUsable(backendIndex);
		return active + backup > 0;
	}
}

const TABLE_STATES: Readonly<Record<Use, ServerStateValue>> = {
	up: ServerState.up,
	nolb: ServerState.drain,
	drain: ServerState.drain,
	down: ServerState.down,
	maint: ServerState.maint,
};

/** Failures to go before the one that is recorded: two leave the server up by a hair, one takes it down. */
function failuresLeft({onError}: ServerObserve): number {
	if (onError === 'mark-down') return 1;
	return onError === 'sudden-death' ? 2 : Number.POSITIVE_INFINITY;
}

function kindOf(before: Use, after: Use): ServerEventKind {
	if (after === 'maint' || after === 'down' || after === 'nolb') return before === 'maint' ? 'ready' : after;
	if (before === 'maint') return 'ready';
	if (after === 'drain') return before === 'down' ? 'up' : 'drain';
	return before === 'drain' ? 'ready' : 'up';
}

/** Whose checks decide. */
function rootOf(tracked: TrackedServer): TrackedServer {
	let root = tracked;
	while (root.follows !== undefined) root = root.follows;
	return root;
}

/** The checks' word, unless the agent says that it is down. */
function healthOf({health, isDownByAgent}: TrackedServer): Health {
	return isDownByAgent ? {up: false, count: 0, nolb: false} : health;
}

/** Orders hold for those that follow too. */
function adminOf(tracked: TrackedServer): AdminState {
	const {admin, follows} = tracked;
	return follows === undefined ? admin : stricterAdmin(admin, adminOf(follows));
}

function trackServer(
	start: Pick<TrackedServer, 'backend' | 'backendIndex' | 'server' | 'follows'> & {readonly nowMs: number},
): TrackedServer {
	const {nowMs, ...place} = start;
	const tracked: TrackedServer = {
		...place,
		health: startHealth(),
		admin: startAdmin(place.server),
		weight: place.server.weight,
		use: 'up',
		changedAtMs: nowMs,
		failures: 0,
		downs: 0,
		observedFailures: 0,
		downtimeMs: 0,
		isUnchecked: false,
		isDownByAgent: false,
		isAgentOff: false,
	};
	tracked.use = useOf(startHealth(), adminOf(tracked));
	return tracked;
}

/** One entry for each server, in the order of the configuration; a tracked one may stand behind its followers. */
function trackServers(configuration: Configuration, nowMs: number): TrackedServer[] {
	const places = new Map<number, {readonly backend: Backend; readonly backendIndex: number; readonly server: Server}>();
	for (const [backendIndex, backend] of configuration.backends.entries()) {
		for (const server of backend.servers) places.set(server.index, {backend, backendIndex, server});
	}
	const made = new Map<number, TrackedServer>();
	const make = (index: number): TrackedServer => {
		const known = made.get(index);
		if (known !== undefined) return known;
		const {backend, backendIndex, server} = places.get(index)!;
		const follows = server.tracks === undefined ? undefined : make(server.tracks);
		const tracked = trackServer({backend, backendIndex, server, follows, nowMs});
		made.set(index, tracked);
		return tracked;
	};
	return [...places.keys()].map(make);
}
