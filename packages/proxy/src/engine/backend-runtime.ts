/**
 * A backend at work in one thread: who gets the next transaction, and who waits.
 *
 * Decides slots and queues over all threads through the shared table: a slot that becomes free goes to whoever has waited longest,
 * in whichever thread. Leaves the choice between usable servers to `balance/`, and what is done with a server to sessions. It is longer
 * than other files because slots and queues are only exact where both are seen.
 */
import type {Backend, Server} from '@hapair/config';
import type {KeyReader} from '../balance/algorithm.ts';
import {
	ALL_FULL,
	type BalancePlan,
	buildPlan,
	compileKey,
	isBinding,
	NO_SERVER,
	type ServerView,
} from '../balance/pick.ts';
import {isSameServer, replaceServers} from '../live-servers.ts';
import {type CookiePlan, compileCookie} from '../persistence/cookie.ts';
import {findByRdpCookie} from '../persistence/rdp-persist.ts';
import type {SampleSource} from '../rules/sample-source.ts';
import {chooseServer, compileServerChoices, type ServerChoice} from '../rules/server-choices.ts';
import {Counter, ServerState, type SharedTable} from '../shared-table.ts';
import {BackendColumn} from '../status-board.ts';
import {type ContentRules, compileAnswerRules} from './content-rules.ts';
import {RetryPlan} from './l7-retries.ts';
import {limitOf} from './server-limit.ts';
import {ServerRuntime, type Waiter} from './server-runtime.ts';

export {ServerRuntime, type Waiter} from './server-runtime.ts';

/** The session was put into a queue; `onSlot` follows or it gives up with `leaveQueue`. */
export const QUEUED = -3;
/** The server that the cookie names has no room, not even in its queue (`maxqueue`), and no other one may be taken. */
export const QUEUE_FULL = -4;

export class BackendRuntime implements ServerView {
	readonly backend: Backend;
	readonly index: number;
	readonly row: number;
	/** A place stays a server's as long as it lives; of one that is gone, until another takes it. */
	readonly servers: ServerRuntime[];
	readonly cookie: CookiePlan | undefined;
	/** Its meter of sessions a second. */
	readonly meter: number;
	/** What `balance` tells requests apart by. */
	readonly keyOf: KeyReader;
	/** `balance url_param … check_post`: the body of a POST must be read before a server is chosen. */
	readonly readsBody: boolean;
	/** `balance rdp-cookie`: what a tcp client says first must be read. */
	readonly readsCookie: boolean;
	/** `tcp-response` */
	readonly answerRules: ContentRules | undefined;
	/** `use-server` */
	readonly choices: readonly ServerChoice[];
	/** `retry-on` */
	readonly retries: RetryPlan;
	readonly queue: Set<Waiter> = new Set();
	readonly #table: SharedTable;
	readonly #fullconn: number;
	readonly #boardRow: number;
	readonly #sendsOnward: boolean;
	#plan: BalancePlan;
	#generation: number;

	constructor(
		backend: Backend,
		index: number,
		table: SharedTable,
		{frontendsMaxconn, bufsizeBytes}: {readonly frontendsMaxconn: number; readonly bufsizeBytes: number},
	) {
		this.answerRules = compileAnswerRules(backend);
		this.choices = compileServerChoices(backend.useServers ?? []);
		this.retries = new RetryPlan(backend, bufsizeBytes);
		this.backend = backend;
		this.index = index;
		this.row = table.row('backend', index);
		this.#table = table;
		this.servers = backend.servers.map((server, position) => new ServerRuntime(server, this, position, table));
		this.cookie = compileCookie(backend);
		this.meter = table.rates.meter('backend', index);
		this.#boardRow = table.board.row('backend', index);
		this.#fullconn = backend.fullconn ?? Math.max(1, Math.floor(frontendsMaxconn / 10));
		this.#generation = table.backendGeneration(index);
		this.keyOf = compileKey(backend);
		this.readsCookie = backend.balance === 'rdp-cookie' || backend.persistCookie !== undefined;
		this.readsBody = backend.balance === 'url_param' && backend.balanceOptions?.checkPost === true;
		this.#sendsOnward = backend.sendsOnward === true;
		this.#plan = buildPlan(backend, this);
	}

	/** Any server with a limit: without one nobody ever waits, and the queues are not looked at. */
	get hasLimits(): boolean {
		return this.#table.board.get(this.#boardRow, BackendColumn.hasLimits) !== 0;
	}

	/** `add server`, `del server`: those of the moment. Nobody uses or waits for one that is left out. */
	setServers(now: readonly Server[]): void {
		for (const runtime of this.servers) {
			if (runtime.isGone || now.some(server => isSameServer(server, runtime.server))) continue;
			runtime.isGone = true;
			for (const connection of [...runtime.idle]) connection.discard();
		}
		for (const server of now) {
			if (this.servers.some(runtime => !runtime.isGone && isSameServer(server, runtime.server))) continue;
			const free = this.servers.findIndex(({isGone}) => isGone);
			const position = free < 0 ? this.servers.length : free;
			this.servers[position] = new ServerRuntime(server, this, position, this.#table);
		}
		replaceServers(this.backend, now);
		this.#plan = buildPlan(this.backend, this);
	}

	// --- What balancing sees ------------------------------------------------------------------------------------------

	get count(): number {
		return this.servers.length;
	}

	usable(position: number): boolean {
		const server = this.servers[position]!;
		return !server.isGone && this.#table.serverState(server.index) === ServerState.up;
	}

	/** Where a client is sent to its own destination, cookies alone lead elsewhere. */
	weight(position: number): number {
		if (this.#sendsOnward && this.servers[position]!.server.target === undefined) return 0;
		return this.#table.serverWeight(this.servers[position]!.index);
	}

	ramp(position: number): number {
		return this.#table.serverRamp(this.servers[position]!.index);
	}

	id(position: number): number {
		return this.servers[position]!.server.id;
	}

	backup(position: number): boolean {
		return this.servers[position]!.server.backup;
	}

	slots(position: number): number {
		const {index} = this.servers[position]!;
		return this.#table.serverSlots(index) + this.#table.serverQueued(index);
	}

	full(position: number): boolean {
		const server = this.servers[position]!;
		if (server.maxconn === 0) return false;
		return this.#table.serverQueued(server.index) > 0 || this.#table.serverSlots(server.index) >= this.limit(server);
	}

	/** Is there a server to balance to besides this one? */
	hasOther(position: number): boolean {
		return this.servers.some(other => {
			const place = other.position;
			return place !== position && this.usable(place) && this.weight(place) > 0;
		});
	}

	/** May a cookie lead here: up, draining or NOLB. */
	isOperational = (position: number): boolean => {
		const server = this.servers[position]!;
		return !server.isGone && this.#table.serverState(server.index) >= ServerState.drain;
	};

	/** The place of the server that a stick table names, if it may be used: `option persist` and `isForced` insist on one that is down. */
	findStuck(id: number, isForced: boolean): number {
		const position = this.servers.findIndex(({server, isGone}) => !isGone && server.id === id);
		if (position < 0 || isForced || this.backend.persist || this.isOperational(position)) return position;
		return -1;
	}

	/** `use-server`: the place of the server that a rule names, or -1. */
	chooseServer(source: SampleSource, isForced: boolean): number {
		return chooseServer(this.choices, source, name => {
			const position = this.servers.findIndex(({server, isGone}) => !isGone && server.name === name);
			if (position < 0) return undefined;
			return isForced || this.backend.persist || this.isOperational(position) ? position : -1;
		});
	}

	/** `persist rdp-cookie`: the place of the server that a client's first message names, or -1. */
	findByCookie(payload: string): number {
		const {persistCookie, persist} = this.backend;
		if (persistCookie === undefined) return -1;
		const servers = this.servers.map(({server}) => server);
		const position = findByRdpCookie(payload, persistCookie, servers);
		return position >= 0 && (persist || this.isOperational(position)) ? position : -1;
	}

	/** `nbsrv`: servers that take traffic; backups count while no active server does, as many as would be used. */
	get usableServers(): number {
		if (this.backend.disabled) return 0;
		return this.#currentPlan().members.length;
	}

	/** The limit of the moment; 0 is none. */
	limit(server: ServerRuntime): number {
		const table = this.#table;
		return limitOf(
			server.limits,
			table.backendConnections(this.index),
			this.#fullconn,
			table.serverThrottle(server.index),
		);
	}

	// --- Assigning ----------------------------------------------------------------------------------------------------

	/**
	 * Finds a server and takes a slot: returns its position, `QUEUED`, `QUEUE_FULL` or `NO_SERVER`.
	 * `wanted` (from a cookie) or -1; `avoid` just refused, or -1; `hash` from `keyOf`.
	 */
	assign(waiter: Waiter, wanted: number, hash: number, avoid: number, nowMs: number): number {
		if (this.backend.disabled) return NO_SERVER;
		if (wanted >= 0) {
			const server = this.servers[wanted]!;
			if (this.#mayPass(server) && this.#table.claimSlot(server.index, this.limit(server))) return wanted;
			const {maxqueue} = server.server;
			if (maxqueue === 0 || this.#table.serverQueued(server.index) < maxqueue) {
				return this.#enqueue(waiter, server, nowMs);
			}
			if (!this.backend.redispatch) return QUEUE_FULL;
		}
		return this.#balance(waiter, hash, avoid, nowMs);
	}

	/** Nobody of this server's queue would be overtaken. */
	#mayPass(server: ServerRuntime): boolean {
		return !this.hasLimits || this.#table.serverQueued(server.index) === 0;
	}

	#balance(waiter: Waiter, hash: number, avoid: number, nowMs: number): number {
		const plan = this.#currentPlan();
		if (plan.members.length === 0) return NO_SERVER;
		if (this.hasLimits && this.#table.backendQueued(this.index) > 0) return this.#enqueue(waiter, undefined, nowMs);
		const turn = this.#table.takeTurn(this.index);
		for (let tries = 0; tries <= this.count; tries++) {
			const picked = plan.pick(this, turn, hash, avoid);
			if (picked === NO_SERVER) return NO_SERVER;
			if (picked === ALL_FULL) break;
			const server = this.servers[picked]!;
			if (isBinding(hash) && this.full(picked)) return this.#enqueue(waiter, server, nowMs);
			if (this.#table.claimSlot(server.index, this.limit(server))) {
				this.#table.count(server.row, Counter.balanced);
				this.#table.count(this.row, Counter.balanced);
				return picked;
			}
		}
		return this.#enqueue(waiter, undefined, nowMs);
	}

	#currentPlan(): BalancePlan {
		const generation = this.#table.backendGeneration(this.index);
		if (generation !== this.#generation) {
			this.#generation = generation;
			this.#plan = buildPlan(this.backend, this);
		}
		return this.#plan;
	}

	// --- Queues -------------------------------------------------------------------------------------------------------

	/** How many wait before a newcomer. */
	queueLength(server: ServerRuntime | undefined): number {
		return server === undefined ? this.#table.backendQueued(this.index) : this.#table.serverQueued(server.index);
	}

	#enqueue(waiter: Waiter, server: ServerRuntime | undefined, nowMs: number): number {
		waiter.queuedAtMs = nowMs;
		if (server === undefined) {
			this.queue.add(waiter);
			const length = this.#table.addBackendQueued(this.index, 1);
			this.#table.countMax(this.row, Counter.maxQueued, length);
		} else {
			server.queue.add(waiter);
			const length = this.#table.addServerQueued(server.index, 1);
			this.#table.countMax(server.row, Counter.maxQueued, length);
		}
		this.#noteOldest(server);
		return QUEUED;
	}

	/** Gives up waiting (timeout, client gone). True if it did wait. */
	leaveQueue(waiter: Waiter): boolean {
		if (this.queue.delete(waiter)) {
			this.#table.addBackendQueued(this.index, -1);
			this.#noteOldest(undefined);
			return true;
		}
		for (const server of this.servers) {
			if (!server.queue.delete(waiter)) continue;
			this.#table.addServerQueued(server.index, -1);
			this.#noteOldest(server);
			return true;
		}
		return false;
	}

	#noteOldest(server: ServerRuntime | undefined): void {
		const queue = server === undefined ? this.queue : server.queue;
		const since = firstOf(queue)?.queuedAtMs ?? Number.POSITIVE_INFINITY;
		if (server === undefined) this.#table.setOldestWaiter('backend', this.index, since);
		else this.#table.setOldestWaiter('server', server.index, since);
	}

	/** Gives a slot back and hands it to whoever has waited longest. */
	releaseSlot(server: ServerRuntime): void {
		this.#table.releaseSlot(server.index);
		if (!this.hasLimits) return;
		if (this.#table.serverQueued(server.index) === 0 && this.#table.backendQueued(this.index) === 0) return;
		const owner = this.#ownerOfNext(server);
		if (owner >= 0 && owner !== this.#table.workerIndex) this.#table.ring(owner);
		else this.runQueue();
	}

	/** Serves this thread's waiters as far as slots are free, the oldest first. */
	runQueue(): void {
		for (const server of this.servers) {
			const {redispatch, persist} = this.backend;
			if (server.queue.size > 0 && redispatch && !persist && !this.isOperational(server.position)) {
				this.#redistribute(server);
			}
			while (this.#serveOne(server));
		}
	}

	#serveOne(server: ServerRuntime): boolean {
		const own = firstOf(server.queue);
		const general = this.#takesAnybody(server) ? firstOf(this.queue) : undefined;
		const waiter = own === undefined || (general !== undefined && general.queuedAtMs < own.queuedAtMs) ? general : own;
		if (waiter === undefined || !this.#isInUse(server)) return false;
		const owner = this.#ownerOfNext(server);
		if (owner !== this.#table.workerIndex) {
			// Another thread has been told, or is told now, that the slot is for one of its own.
			if (owner >= 0 && this.#table.serverSlots(server.index) < this.limit(server)) this.#table.ring(owner);
			return false;
		}
		if (!this.#table.claimSlot(server.index, this.limit(server))) return false;
		this.leaveQueue(waiter);
		waiter.onSlot(server);
		return true;
	}

	/** May those who wait for any server have this one? */
	#takesAnybody({position}: ServerRuntime): boolean {
		return this.usable(position) && this.weight(position) > 0;
	}

	/** The thread of whoever has waited longest for a slot of this server, by name or for any; -1 when nobody does. */
	#ownerOfNext(server: ServerRuntime): number {
		const table = this.#table;
		const byName = table.workerWithOldestWaiter('server', server.index);
		const forAny = this.#takesAnybody(server) ? table.workerWithOldestWaiter('backend', this.index) : -1;
		if (byName < 0 || forAny < 0) return Math.max(byName, forAny);
		const byNameSince = table.waitingSince('server', server.index, byName);
		return byNameSince <= table.waitingSince('backend', this.index, forAny) ? byName : forAny;
	}

	/** A backup takes waiters only while it takes part in balancing, or when they wait for it by name. */
	#isInUse(server: ServerRuntime): boolean {
		if (server.queue.size > 0 || !server.server.backup) return true;
		return this.#currentPlan().members.includes(server.position);
	}

	/** The server is down and `option redispatch` says so: who waited for it waits for any. */
	#redistribute(server: ServerRuntime): void {
		for (const waiter of [...server.queue]) {
			this.leaveQueue(waiter);
			const since = waiter.queuedAtMs;
			this.#enqueue(waiter, undefined, since);
		}
		// They have waited as long as they have: the place in the queue goes by that.
		const ordered = [...this.queue].sort((a, b) => a.queuedAtMs - b.queuedAtMs);
		this.queue.clear();
		for (const waiter of ordered) this.queue.add(waiter);
		this.#noteOldest(undefined);
	}

	get hasWaiters(): boolean {
		return this.queue.size > 0 || this.servers.some(server => server.queue.size > 0);
	}
}

function firstOf<T>(set: ReadonlySet<T>): T | undefined {
	for (const one of set) return one;
	return undefined;
}
