/**
 * A backend at work in one thread: who gets the next transaction, and who waits.
 *
 * Decides slots and queues over all threads through the shared table: a slot that becomes free goes to whoever has waited longest,
 * in whichever thread. Leaves the choice between usable servers to `balance/`, and what is done with a server to sessions.
 */
import type {Backend} from '@hapair/config';
import {ALL_FULL, type BalancePlan, buildPlan, NO_SERVER, pickServer, type ServerView} from '../balance/pick.ts';
import {type CookiePlan, compileCookie} from '../persistence/cookie.ts';
import {Counter, ServerState, type SharedTable} from '../shared-table.ts';
import {BackendColumn} from '../status-board.ts';
import {ServerRuntime, type Waiter} from './server-runtime.ts';

/** The session was put into a queue; `onSlot` follows or it gives up with `leaveQueue`. */
export const QUEUED = -3;

export class BackendRuntime implements ServerView {
	readonly backend: Backend;
	readonly index: number;
	readonly row: number;
	readonly servers: readonly ServerRuntime[];
	readonly cookie: CookiePlan | undefined;
	/** Its meter of sessions a second. */
	readonly meter: number;
	readonly queue: Set<Waiter> = new Set();
	readonly #table: SharedTable;
	readonly #fullconn: number;
	readonly #boardRow: number;
	#plan: BalancePlan;
	#generation: number;

	constructor(backend: Backend, index: number, table: SharedTable, frontendsMaxconn: number) {
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
		this.#plan = buildPlan(backend.balance, this, backend.allBackups);
	}

	/** Any server with a limit: without one nobody ever waits, and the queues are not looked at. */
	get hasLimits(): boolean {
		return this.#table.board.get(this.#boardRow, BackendColumn.hasLimits) !== 0;
	}

	// --- What balancing sees ------------------------------------------------------------------------------------------

	get count(): number {
		return this.servers.length;
	}

	usable(position: number): boolean {
		return this.#table.serverState(this.backend.servers[position]!.index) === ServerState.up;
	}

	weight(position: number): number {
		return this.#table.serverWeight(this.backend.servers[position]!.index);
	}

	backup(position: number): boolean {
		return this.backend.servers[position]!.backup;
	}

	slots(position: number): number {
		const {index} = this.backend.servers[position]!;
		return this.#table.serverSlots(index) + this.#table.serverQueued(index);
	}

	full(position: number): boolean {
		const server = this.servers[position]!;
		if (server.maxconn === 0) return false;
		return this.#table.serverQueued(server.index) > 0 || this.#table.serverSlots(server.index) >= this.limit(server);
	}

	/** `nbsrv`: servers that take traffic, the backups' number where no other does. */
	get usableServers(): number {
		let active = 0;
		let backup = 0;
		for (let position = 0; position < this.count; position++) {
			if (!this.usable(position) || this.weight(position) === 0) continue;
			if (this.backup(position)) backup++;
			else active++;
		}
		return active > 0 ? active : backup;
	}

	/** Is there a server to balance to besides this one? */
	hasOther(position: number): boolean {
		return this.servers.some(other => {
			const place = other.position;
			return place !== position && this.usable(place) && this.weight(place) > 0;
		});
	}

	/** May a cookie lead here: up, draining or NOLB. */
	isOperational = (position: number): boolean =>
		this.#table.serverState(this.backend.servers[position]!.index) >= ServerState.drain;

	/** The limit of the moment: between minconn and maxconn by the backend's load (HAProxy manual, `minconn`, `fullconn`). */
	limit(server: ServerRuntime): number {
		const {maxconn} = server;
		const {minconn, maxconn: configured} = server.server;
		if (maxconn === 0 || minconn === 0 || minconn >= Math.min(maxconn, configured)) return maxconn;
		const load = this.#table.backendConnections(this.index) / this.#fullconn;
		return load >= 1 ? maxconn : Math.max(minconn, Math.ceil(maxconn * load));
	}

	// --- Assigning ----------------------------------------------------------------------------------------------------

	/**
	 * Finds a server and takes a slot: returns its position, `QUEUED` or `NO_SERVER`.
	 * `wanted` (from a cookie) or -1; `avoid` just refused, or -1; `sourceHash` for `balance source`.
	 */
	assign(waiter: Waiter, wanted: number, sourceHash: number, avoid: number, nowMs: number): number {
		if (this.backend.disabled) return NO_SERVER;
		if (wanted >= 0) {
			const server = this.servers[wanted]!;
			if (this.#mayPass(server) && this.#table.claimSlot(server.index, this.limit(server))) return wanted;
			const {maxqueue} = server.server;
			if (maxqueue === 0 || this.#table.serverQueued(server.index) < maxqueue) {
				return this.#enqueue(waiter, server, nowMs);
			}
		}
		return this.#balance(waiter, sourceHash, avoid, nowMs);
	}

	/** Nobody of this server's queue would be overtaken. */
	#mayPass(server: ServerRuntime): boolean {
		return !this.hasLimits || this.#table.serverQueued(server.index) === 0;
	}

	#balance(waiter: Waiter, sourceHash: number, avoid: number, nowMs: number): number {
		const generation = this.#table.backendGeneration(this.index);
		if (generation !== this.#generation) {
			this.#generation = generation;
			this.#plan = buildPlan(this.backend.balance, this, this.backend.allBackups);
		}
		if (this.#plan.members.length === 0) return NO_SERVER;
		if (this.hasLimits && this.#table.backendQueued(this.index) > 0) return this.#enqueue(waiter, undefined, nowMs);
		const turn = this.#table.takeTurn(this.index);
		for (let tries = 0; tries <= this.count; tries++) {
			const picked = pickServer(this.#plan, this, turn, sourceHash, avoid);
			if (picked === NO_SERVER) return NO_SERVER;
			if (picked === ALL_FULL) break;
			const server = this.servers[picked]!;
			if (this.backend.balance === 'source' && this.full(picked)) return this.#enqueue(waiter, server, nowMs);
			if (this.#table.claimSlot(server.index, this.limit(server))) {
				this.#table.count(server.row, Counter.balanced);
				this.#table.count(this.row, Counter.balanced);
				return picked;
			}
		}
		return this.#enqueue(waiter, undefined, nowMs);
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
		let owner = this.#table.workerWithOldestWaiter('server', server.index);
		if (owner < 0) owner = this.#table.workerWithOldestWaiter('backend', this.index);
		if (owner >= 0 && owner !== this.#table.workerIndex) this.#table.ring(owner);
		else this.runQueue();
	}

	/** Serves this thread's waiters as far as slots are free, the oldest first. */
	runQueue(): void {
		for (const server of this.servers) {
			if (server.queue.size > 0 && !this.isOperational(server.position) && !this.backend.persist) {
				this.#redistribute(server);
			}
			while (this.#serveOne(server));
		}
	}

	#serveOne(server: ServerRuntime): boolean {
		const own = firstOf(server.queue);
		const general = this.usable(server.position) && this.weight(server.position) > 0 ? firstOf(this.queue) : undefined;
		const waiter = own === undefined || (general !== undefined && general.queuedAtMs < own.queuedAtMs) ? general : own;
		if (waiter === undefined || !this.#isInUse(server)) return false;
		if (!this.#table.claimSlot(server.index, this.limit(server))) return false;
		this.leaveQueue(waiter);
		waiter.onSlot(server);
		return true;
	}

	/** A backup takes waiters only while it takes part in balancing, or when they wait for it by name. */
	#isInUse(server: ServerRuntime): boolean {
		if (server.queue.size > 0 || !server.server.backup) return true;
		return this.#plan.members.includes(server.position);
	}

	/** The server is down: who waited for it waits for any. */
	#redistribute(server: ServerRuntime): void {
		for (const waiter of [...server.queue]) {
			this.leaveQueue(waiter);
			const since = waiter.queuedAtMs;
			this.#enqueue(waiter, undefined, since);
		}
	}

	get hasWaiters(): boolean {
		return this.queue.size > 0 || this.servers.some(server => server.queue.size > 0);
	}
}

function firstOf<T>(set: ReadonlySet<T>): T | undefined {
	for (const one of set) return one;
	return undefined;
}
