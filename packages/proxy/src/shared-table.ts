/**
 * What all threads of the proxy process know together, in one SharedArrayBuffer.
 *
 * Decides where each number lives and how it may change. Gauges (connections, slots, queues) are Int32 changed with
 * Atomics, so `maxconn` is exact over threads; every worker also notes what it holds itself, so that `reclaim` can give
 * back what a dead worker held. Counters are Float64 rows with a single writer each (the worker), summed by readers. Rates and what
 * the main thread alone writes lie in the same buffer: `rates`, `times`, `board`. It is longer than other files because all layouts hang together.
 * Leaves to others: health transitions (they write states and weights), balance (reads them), statistics (reads all).
 * Frontends and backends are addressed by their place in the configuration, servers by `Server.index`.
 */
import type {Configuration, Server} from '@hapair/config';
import {FULL_RAMP} from './balance/view.ts';
import {RateMeters} from './rate-meters.ts';
import {addSession} from './session-rate.ts';
import {countSockets} from './socket-numbers.ts';
import {BackendColumn, FrontendColumn, ProcessColumn, ServerColumn, ServerText, StatusBoard} from './status-board.ts';
import {TimeHistograms} from './time-histograms.ts';

/** What a server may be used for. `drain` is HAProxy's NOLB, DRAIN and weight 0: only sessions that a cookie sends there. */
export const ServerState = {down: 0, maint: 1, drain: 2, up: 3} as const;
export type ServerStateValue = (typeof ServerState)[keyof typeof ServerState];

/** Columns of a counter row; the same for frontends, backends and servers, unused ones stay 0. */
export const Counter = {
	/** Connections accepted (frontend), sessions that reached it (backend, server): `stot`. */
	sessions: 0,
	/** Requests parsed (frontend), requests processed (backend, server): `req_tot`. */
	requests: 1,
	bytesIn: 2,
	bytesOut: 3,
	status1xx: 4,
	status2xx: 5,
	status3xx: 6,
	status4xx: 7,
	status5xx: 8,
	statusOther: 9,
	/** `ereq`: client errors before the end of the request head. */
	requestErrors: 10,
	/** `dreq` */
	requestsDenied: 11,
	/** `econ` */
	connectErrors: 12,
	/** `eresp` */
	responseErrors: 13,
	/** `wretr` */
	retries: 14,
	/** `wredis` */
	redispatches: 15,
	/** `cli_abrt` */
	clientAborts: 16,
	/** `srv_abrt` */
	serverAborts: 17,
	/** `lbtot`: times chosen by the balance algorithm. */
	balanced: 18,
	/** TCP connections made to the server: `connect`. */
	connects: 19,
	/** Server connections used again: `reuse`. */
	reuses: 20,
	/** Highest gauge seen: `smax`, read with `readMax`. */
	maxConnections: 21,
	/** Highest queue seen: `qmax`, read with `readMax`. */
	maxQueued: 22,
	/** `lastsess`: wall clock of the last session, milliseconds since 1970, read with `readMax`. */
	lastSessionMs: 23,
	/** `dresp` */
	responsesDenied: 24,
	/** `intercepted`: requests that the proxy itself has answered. */
	intercepted: 25,
	/** Transactions that `queueTimes` … `totalTimes` stand for, at most `TIME_SAMPLES`. */
	timeSamples: 26,
	/** Sliding sums over the last transactions, milliseconds: `qtime`, `ctime`, `rtime`, `ttime` are their means. */
	queueTimes: 27,
	connectTimes: 28,
	responseTimes: 29,
	totalTimes: 30,
	/** The longest, milliseconds, read with `readMax`. */
	longestQueue: 31,
	longestConnect: 32,
	longestResponse: 33,
	longestTotal: 34,
	/** `ProcessColumn.clearings` when the sliding sums began. */
	timesBegan: 35,
	/** `dcon`, `dses`: connections that `tcp-request connection` and `session` have refused. */
	connectionsDenied: 36,
	sessionsDenied: 37,
} as const;
export type CounterColumn = (typeof Counter)[keyof typeof Counter];

/** Columns whose highest value counts: adding them up says nothing. */
const MAX_COLUMNS: ReadonlySet<number> = new Set([
	Counter.maxConnections,
	Counter.maxQueued,
	Counter.longestQueue,
	Counter.longestConnect,
	Counter.longestResponse,
	Counter.longestTotal,
]);

/** Columns that `countTimes` keeps as sliding sums. */
const MEAN_COLUMNS: ReadonlySet<number> = new Set([
	Counter.timeSamples,
	Counter.queueTimes,
	Counter.connectTimes,
	Counter.responseTimes,
	Counter.totalTimes,
]);

/** The highest of all values counts, not their sum. */
export function isHighestValue(column: CounterColumn): boolean {
	return MAX_COLUMNS.has(column) || column === Counter.lastSessionMs;
}

export function isMeanTime(column: CounterColumn): boolean {
	return MEAN_COLUMNS.has(column);
}

/** Transactions over which mean times are taken; HAProxy's number. */
const TIME_SAMPLES = 1024;

export type RowKind = 'frontend' | 'backend' | 'server' | 'socket';

const COUNTER_COLUMNS = 38;
const MAGIC = 0x68617072;

// Int32 header. What follows it are the gauges, then what each worker holds of them, then states.
const HEADER = {magic: 0, draining: 1, stopping: 2, workers: 3, badMessages: 4, servers: 5} as const;
const HEADER_WORDS = 16;

/** Servers that can be added while the engine runs, at a time. */
const SPARE_SERVERS = 256;

/** Gauges of the process, then `FRONTEND` a frontend, `BACKEND` a backend, `SERVER` a server, `SOCKET` a socket with statistics. */
const PROCESS_GAUGES = 4;
const FRONTEND_GAUGES = 2;
const BACKEND_GAUGES = 2;
const SERVER_GAUGES = 4;
const SOCKET_GAUGES = 1;

/** Plain shared words (not given back when a worker dies). */
const BACKEND_WORDS = 2;
const SERVER_WORDS = 6;
/** State, weight and generation are words 0 to 2. */
const SERVER_RAMP = 3;
const SERVER_THROTTLE = 4;
const SERVER_ERRORS = 5;

interface Layout {
	readonly frontends: number;
	readonly backends: number;
	readonly servers: number;
	/** Binds of frontends with `option socket-stats`. */
	readonly sockets: number;
	readonly gauges: number;
	readonly heldAt: number;
	readonly backendWordsAt: number;
	readonly serverWordsAt: number;
	readonly doorbellsAt: number;
	readonly ratesAtBytes: number;
	readonly oldestAtBytes: number;
	readonly countersAtBytes: number;
	readonly countersPerWorker: number;
	/** What the counters were when they were cleared; their only writer could not be stopped. */
	readonly clearedAtBytes: number;
	readonly boardAtBytes: number;
	readonly metersAtBytes: number;
	readonly timesAtBytes: number;
	readonly totalBytes: number;
}

/** Rows for servers: those of the configuration, and spare ones for `add server`. */
function countServers({backends, global}: Configuration): number {
	const last = backends.flatMap(({servers}) => servers).reduce((most, {index}) => Math.max(most, index + 1), 0);
	return global.statsSockets.length === 0 || backends.length === 0 ? last : last + SPARE_SERVERS;
}

function planLayout(configuration: Configuration, workerCount: number, servers: number): Layout {
	const frontends = configuration.frontends.length;
	const backends = configuration.backends.length;
	const sockets = countSockets(configuration);
	const gauges =
		PROCESS_GAUGES +
		frontends * FRONTEND_GAUGES +
		backends * BACKEND_GAUGES +
		servers * SERVER_GAUGES +
		sockets * SOCKET_GAUGES;
	const heldAt = HEADER_WORDS + gauges;
	const backendWordsAt = heldAt + gauges * workerCount;
	const serverWordsAt = backendWordsAt + backends * BACKEND_WORDS;
	const doorbellsAt = serverWordsAt + servers * SERVER_WORDS;
	// One doorbell a worker, one for the main thread.
	const ratesAtBytes = alignTo8((doorbellsAt + workerCount + 1) * 4);
	// One a frontend, then the process's connections and sessions.
	const oldestAtBytes = ratesAtBytes + (frontends + 2) * 8;
	const countersAtBytes = oldestAtBytes + workerCount * (backends + servers + frontends) * 8;
	const countersPerWorker = (frontends + backends + servers + sockets) * COUNTER_COLUMNS;
	const clearedAtBytes = countersAtBytes + countersPerWorker * workerCount * 8;
	const boardAtBytes = clearedAtBytes + countersPerWorker * 8;
	const size = {frontends, backends, servers, workers: workerCount};
	const metersAtBytes = boardAtBytes + StatusBoard.bytes(size);
	const timesAtBytes = metersAtBytes + RateMeters.bytes(size);
	return {
		frontends,
		backends,
		servers,
		sockets,
		gauges,
		heldAt,
		backendWordsAt,
		serverWordsAt,
		doorbellsAt,
		ratesAtBytes,
		oldestAtBytes,
		countersAtBytes,
		countersPerWorker,
		clearedAtBytes,
		boardAtBytes,
		metersAtBytes,
		timesAtBytes,
		totalBytes: timesAtBytes + TimeHistograms.bytes(size),
	};
}

function alignTo8(bytes: number): number {
	return Math.ceil(bytes / 8) * 8;
}

/** One thread's view of the table. Methods that count (`add…`, `claim…`, `count…`) are for workers only. */
export class SharedTable {
	readonly buffer: SharedArrayBuffer;
	readonly workerCount: number;
	/** -1 in the main thread, which reads counters and writes server states. */
	readonly workerIndex: number;
	readonly board: StatusBoard;
	readonly rates: RateMeters;
	readonly times: TimeHistograms;
	readonly #cleared: Float64Array;
	readonly #layout: Layout;
	readonly #words: Int32Array;
	readonly #rates: BigInt64Array;
	readonly #oldest: Float64Array;
	readonly #counters: Float64Array;
	/** Where this worker's own share of the gauges begins; gauge `g` lies at `HEADER_WORDS + g`. */
	readonly #heldOffset: number;
	readonly #countersOffset: number;

	constructor(buffer: SharedArrayBuffer, layout: Layout, workerCount: number, workerIndex: number) {
		this.buffer = buffer;
		this.workerCount = workerCount;
		this.workerIndex = workerIndex;
		this.#layout = layout;
		this.#words = new Int32Array(buffer, 0, layout.ratesAtBytes / 4);
		this.#rates = new BigInt64Array(buffer, layout.ratesAtBytes, layout.frontends + 2);
		this.#oldest = new Float64Array(buffer, layout.oldestAtBytes, (layout.countersAtBytes - layout.oldestAtBytes) / 8);
		this.#counters = new Float64Array(buffer, layout.countersAtBytes, layout.countersPerWorker * workerCount);
		this.#heldOffset = layout.heldAt - HEADER_WORDS + Math.max(0, workerIndex) * layout.gauges;
		this.#countersOffset = Math.max(0, workerIndex) * layout.countersPerWorker;
		this.#cleared = new Float64Array(buffer, layout.clearedAtBytes, layout.countersPerWorker);
		this.board = new StatusBoard(buffer, layout.boardAtBytes, layout);
		const size = {...layout, workers: workerCount};
		this.rates = new RateMeters(buffer, layout.metersAtBytes, size, workerIndex);
		this.times = new TimeHistograms(buffer, layout.timesAtBytes, size, workerIndex);
	}

	/** Made once by the main thread. Servers start up, or in maintenance when `disabled`, with their configured weights. */
	static create(configuration: Configuration, workerCount: number): SharedTable {
		const layout = planLayout(configuration, workerCount, countServers(configuration));
		const table = new SharedTable(new SharedArrayBuffer(layout.totalBytes), layout, workerCount, -1);
		table.#words[HEADER.magic] = MAGIC;
		table.#words[HEADER.workers] = workerCount;
		table.#words[HEADER.servers] = layout.servers;
		table.#oldest.fill(Number.POSITIVE_INFINITY);
		configuration.backends.forEach((backend, backendIndex) => {
			for (const server of backend.servers) {
				const state = server.disabled ? ServerState.maint : ServerState.up;
				table.setServer(backendIndex, server.index, state, server.weight);
				table.setRamp(backendIndex, server.index, FULL_RAMP, 100);
			}
		});
		fillBoard(table.board, configuration);
		return table;
	}

	/** A view for worker `workerIndex` (or -1). Throws when the buffer was made for another configuration. */
	static attach(buffer: SharedArrayBuffer, configuration: Configuration, workerIndex: number): SharedTable {
		const header = new Int32Array(buffer, 0, HEADER_WORDS);
		const workerCount = header[HEADER.workers]!;
		const layout = planLayout(configuration, workerCount, header[HEADER.servers]!);
		if (header[HEADER.magic] !== MAGIC || layout.totalBytes !== buffer.byteLength || workerIndex >= workerCount) {
			throw new Error('The shared table belongs to another configuration.');
		}
		return new SharedTable(buffer, layout, workerCount, workerIndex);
	}

	// --- Flags of the process -----------------------------------------------------------------------------------------

	get draining(): boolean {
		return this.#words[HEADER.draining] !== 0;
	}

	setDraining(on: boolean): void {
		Atomics.store(this.#words, HEADER.draining, on ? 1 : 0);
	}

	/** Messages that no proxy could accept, since the start. */
	get badMessages(): number {
		return Atomics.load(this.#words, HEADER.badMessages);
	}

	/** The number of one more, from 0. Such messages are rare: an atomic is cheap enough. */
	countBadMessage(): number {
		return Atomics.add(this.#words, HEADER.badMessages, 1);
	}

	// --- Gauges -------------------------------------------------------------------------------------------------------

	/** Where a gauge lies; gauge 0 is the process's connections, 1 its transactions. */
	#frontendGauge(frontend: number): number {
		return HEADER_WORDS + PROCESS_GAUGES + frontend * FRONTEND_GAUGES;
	}

	#backendGauge(backend: number): number {
		return HEADER_WORDS + PROCESS_GAUGES + this.#layout.frontends * FRONTEND_GAUGES + backend * BACKEND_GAUGES;
	}

	#serverGauge(server: number): number {
		return (
			HEADER_WORDS +
			PROCESS_GAUGES +
			this.#layout.frontends * FRONTEND_GAUGES +
			this.#layout.backends * BACKEND_GAUGES +
			server * SERVER_GAUGES
		);
	}

	#socketGauge(socket: number): number {
		return this.#serverGauge(this.#layout.servers) + socket * SOCKET_GAUGES;
	}

	/** Changes a gauge and what this worker holds of it; returns the value after. */
	#add(gauge: number, delta: number): number {
		this.#words[gauge + this.#heldOffset]! += delta;
		return Atomics.add(this.#words, gauge, delta) + delta;
	}

	/** Adds 1 unless `limit` (0 = none) is reached. */
	#claim(gauge: number, limit: number): boolean {
		if (limit <= 0) {
			this.#add(gauge, 1);
			return true;
		}
		let seen = Atomics.load(this.#words, gauge);
		while (seen < limit) {
			const before = Atomics.compareExchange(this.#words, gauge, seen, seen + 1);
			if (before === seen) {
				this.#words[gauge + this.#heldOffset]! += 1;
				return true;
			}
			seen = before;
		}
		return false;
	}

	/** A client connection, if neither the frontend nor the process is at its limit. */
	claimConnection(frontend: number, frontendLimit: number, processLimit: number): boolean {
		if (!this.#claim(HEADER_WORDS, processLimit)) return false;
		if (this.#claim(this.#frontendGauge(frontend), frontendLimit)) return true;
		this.#add(HEADER_WORDS, -1);
		return false;
	}

	releaseConnection(frontend: number): void {
		this.#add(this.#frontendGauge(frontend), -1);
		this.#add(HEADER_WORDS, -1);
	}

	/** Client connections of the process. */
	get connections(): number {
		return Atomics.load(this.#words, HEADER_WORDS);
	}

	/** Transactions (and tcp sessions) that have begun and not ended. */
	get transactions(): number {
		return Atomics.load(this.#words, HEADER_WORDS + 1);
	}

	addTransaction(delta: 1 | -1): void {
		this.#add(HEADER_WORDS + 1, delta);
	}

	/** A new session of the frontend, if `limit` did not begin within a second before `nowMs`; exact over threads. */
	claimSessionRate(frontend: number, limit: number, nowMs: number): boolean {
		let seen = Atomics.load(this.#rates, frontend);
		for (;;) {
			const next = addSession(seen, limit, nowMs);
			if (next === undefined) return false;
			const before = Atomics.compareExchange(this.#rates, frontend, seen, next);
			if (before === seen) return true;
			seen = before;
		}
	}

	/** The same over all frontends: `set rate-limit connections global` and `sessions global`; 0 for no limit. */
	claimProcessRate(of: 'connections' | 'sessions', limit: number, nowMs: number): boolean {
		return limit === 0 || this.claimSessionRate(this.#layout.frontends + (of === 'connections' ? 0 : 1), limit, nowMs);
	}

	frontendConnections(frontend: number): number {
		return Atomics.load(this.#words, this.#frontendGauge(frontend));
	}

	/** Binds of this frontend that listen, over all workers. */
	frontendListeners(frontend: number): number {
		return Atomics.load(this.#words, this.#frontendGauge(frontend) + 1);
	}

	addFrontendListener(frontend: number, delta: 1 | -1): void {
		this.#add(this.#frontendGauge(frontend) + 1, delta);
	}

	backendConnections(backend: number): number {
		return Atomics.load(this.#words, this.#backendGauge(backend));
	}

	addBackendConnection(backend: number, delta: 1 | -1): number {
		return this.#add(this.#backendGauge(backend), delta);
	}

	/** Requests in the backend's own queue (those in servers' queues not counted). */
	backendQueued(backend: number): number {
		return Atomics.load(this.#words, this.#backendGauge(backend) + 1);
	}

	addBackendQueued(backend: number, delta: 1 | -1): number {
		return this.#add(this.#backendGauge(backend) + 1, delta);
	}

	/** Requests and connections that the server is working on. */
	serverSlots(server: number): number {
		return Atomics.load(this.#words, this.#serverGauge(server));
	}

	/** Takes a slot unless `maxconn` (0 = no limit) are taken. */
	claimSlot(server: number, maxconn: number): boolean {
		return this.#claim(this.#serverGauge(server), maxconn);
	}

	/** Returns the slots still in use. */
	releaseSlot(server: number): number {
		return this.#add(this.#serverGauge(server), -1);
	}

	serverQueued(server: number): number {
		return Atomics.load(this.#words, this.#serverGauge(server) + 1);
	}

	addServerQueued(server: number, delta: 1 | -1): number {
		return this.#add(this.#serverGauge(server) + 1, delta);
	}

	/** Connections to the server that nobody uses now; those that were used again before are safe to use again. */
	serverIdle(server: number, isSafe: boolean): number {
		return Atomics.load(this.#words, this.#serverGauge(server) + (isSafe ? 3 : 2));
	}

	addServerIdle(server: number, isSafe: boolean, delta: 1 | -1): void {
		this.#add(this.#serverGauge(server) + (isSafe ? 3 : 2), delta);
	}

	/** What one thread holds of these. */
	serverIdleOf(server: number, worker: number): number {
		const at = this.#serverGauge(server) - HEADER_WORDS + this.#layout.heldAt + worker * this.#layout.gauges;
		return this.#words[at + 2]! + this.#words[at + 3]!;
	}

	connectionsOf(worker: number): number {
		return this.#words[this.#layout.heldAt + worker * this.#layout.gauges]!;
	}

	transactionsOf(worker: number): number {
		return this.#words[this.#layout.heldAt + worker * this.#layout.gauges + 1]!;
	}

	/** Client connections that came in by this socket; its number is that of `socketNumber`. */
	socketConnections(socket: number): number {
		return Atomics.load(this.#words, this.#socketGauge(socket));
	}

	addSocketConnection(socket: number, delta: 1 | -1): number {
		return this.#add(this.#socketGauge(socket), delta);
	}

	/** Main thread, after worker `workerIndex` has died: gives back everything it held. */
	reclaim(workerIndex: number): void {
		const held = this.#layout.heldAt + workerIndex * this.#layout.gauges;
		for (let gauge = 0; gauge < this.#layout.gauges; gauge++) {
			Atomics.sub(this.#words, HEADER_WORDS + gauge, this.#words[held + gauge]!);
			this.#words[held + gauge] = 0;
		}
		const rows = this.#oldest.length / this.workerCount;
		this.#oldest.fill(Number.POSITIVE_INFINITY, workerIndex * rows, (workerIndex + 1) * rows);
		this.ringAll();
	}

	// --- Servers ------------------------------------------------------------------------------------------------------

	/** Rows for servers, used or not. */
	get serverRows(): number {
		return this.#layout.servers;
	}

	/** Main thread: the row begins anew, for a server in maintenance. Nobody may count in it any more. */
	resetServer(backend: number, server: Server): void {
		const row = this.row('server', server.index);
		const {countersPerWorker} = this.#layout;
		for (let column = 0; column < COUNTER_COLUMNS; column++) {
			this.#cleared[row + column] = 0;
			for (let worker = 0; worker < this.workerCount; worker++)
				this.#counters[worker * countersPerWorker + row + column] = 0;
		}
		fillServer(this.board, server);
		this.setServer(backend, server.index, ServerState.maint, server.weight);
		this.setRamp(backend, server.index, FULL_RAMP, 100);
	}

	/** State and effective weight (0–256), written by the main thread only; raises both generations. */
	setServer(backend: number, server: number, state: ServerStateValue, weight: number): void {
		const at = this.#layout.serverWordsAt + server * SERVER_WORDS;
		Atomics.store(this.#words, at, state);
		Atomics.store(this.#words, at + 1, weight);
		Atomics.add(this.#words, at + 2, 1);
		Atomics.add(this.#words, this.#layout.backendWordsAt + backend * BACKEND_WORDS + 1, 1);
	}

	serverState(server: number): ServerStateValue {
		return this.#words[this.#layout.serverWordsAt + server * SERVER_WORDS] as ServerStateValue;
	}

	serverWeight(server: number): number {
		return this.#words[this.#layout.serverWordsAt + server * SERVER_WORDS + 1]!;
	}

	/**
	 * `slowstart`, written by the main thread only: `ramp` sixteenths of the weight (1–16) and `percent` of maxconn (0–100) are in
	 * force. Whole ones are 16 and 100.
	 */
	setRamp(backend: number, server: number, ramp: number, percent: number): void {
		const at = this.#layout.serverWordsAt + server * SERVER_WORDS;
		Atomics.store(this.#words, at + SERVER_RAMP, ramp);
		Atomics.store(this.#words, at + SERVER_THROTTLE, percent);
		Atomics.add(this.#words, this.#layout.backendWordsAt + backend * BACKEND_WORDS + 1, 1);
	}

	/** Sixteenths of the weight in force. */
	serverRamp(server: number): number {
		return this.#words[this.#layout.serverWordsAt + server * SERVER_WORDS + SERVER_RAMP]!;
	}

	/** Percent of the time of `slowstart` that has passed; 100 when it is over: `throttle`. */
	serverThrottle(server: number): number {
		return this.#words[this.#layout.serverWordsAt + server * SERVER_WORDS + SERVER_THROTTLE]!;
	}

	/** `observe`: one error more in a row. True for the one that reaches `limit`; counting then begins anew. */
	addObservedError(server: number, limit: number): boolean {
		const at = this.#layout.serverWordsAt + server * SERVER_WORDS + SERVER_ERRORS;
		let seen = Atomics.load(this.#words, at);
		for (;;) {
			const isLast = seen + 1 >= limit;
			const before = Atomics.compareExchange(this.#words, at, seen, isLast ? 0 : seen + 1);
			if (before === seen) return isLast;
			seen = before;
		}
	}

	/** `observe`: a success ends the row of errors. */
	clearObservedErrors(server: number): void {
		const at = this.#layout.serverWordsAt + server * SERVER_WORDS + SERVER_ERRORS;
		if (this.#words[at] !== 0) Atomics.store(this.#words, at, 0);
	}

	/** Changes whenever this server's state or weight does. */
	serverGeneration(server: number): number {
		return this.#words[this.#layout.serverWordsAt + server * SERVER_WORDS + 2]!;
	}

	/** Changes whenever a state or weight in the backend does: what is computed from them is then computed again. */
	backendGeneration(backend: number): number {
		return this.#words[this.#layout.backendWordsAt + backend * BACKEND_WORDS + 1]!;
	}

	/** The next turn of the round, 0 to 2^32-1, wrapping; exact over threads. */
	takeTurn(backend: number): number {
		return Atomics.add(this.#words, this.#layout.backendWordsAt + backend * BACKEND_WORDS, 1) >>> 0;
	}

	// --- Waiters ------------------------------------------------------------------------------------------------------

	#oldestAt(kind: RowKind, index: number, worker: number): number {
		const {frontends, backends, servers} = this.#layout;
		const row = kind === 'backend' ? index : kind === 'server' ? backends + index : backends + servers + index;
		return worker * (frontends + backends + servers) + row;
	}

	/** Since when this worker's oldest waiter waits (process-wide monotonic ms), Infinity for none. */
	setOldestWaiter(kind: RowKind, index: number, sinceMs: number): void {
		this.#oldest[this.#oldestAt(kind, index, this.workerIndex)] = sinceMs;
	}

	/** The worker whose waiter has waited longest, -1 for none. */
	workerWithOldestWaiter(kind: RowKind, index: number): number {
		let best = -1;
		let bestSince = Number.POSITIVE_INFINITY;
		for (let worker = 0; worker < this.workerCount; worker++) {
			const since = this.#oldest[this.#oldestAt(kind, index, worker)]!;
			if (since < bestSince) {
				bestSince = since;
				best = worker;
			}
		}
		return best;
	}

	/** Since when the oldest waiter of `worker` waits, Infinity for none. */
	waitingSince(kind: RowKind, index: number, worker: number): number {
		return this.#oldest[this.#oldestAt(kind, index, worker)]!;
	}

	/** Wakes worker `worker`, which waits in `waitForBell`. */
	ring(worker: number): void {
		const at = this.#layout.doorbellsAt + worker;
		Atomics.add(this.#words, at, 1);
		Atomics.notify(this.#words, at);
	}

	ringAll(): void {
		for (let worker = 0; worker < this.workerCount; worker++) this.ring(worker);
	}

	/** How often the own bell has rung; pass it to `waitForBell`. */
	get bellCount(): number {
		return Atomics.load(this.#words, this.#layout.doorbellsAt + this.workerIndex);
	}

	/** Resolves when the bell has rung since `seen`; undefined when it already has. */
	waitForBell(seen: number): Promise<unknown> | undefined {
		const waiting = Atomics.waitAsync(this.#words, this.#layout.doorbellsAt + this.workerIndex, seen);
		return waiting.async ? waiting.value : undefined;
	}

	// --- Counters -----------------------------------------------------------------------------------------------------

	/** Where the row of a frontend, backend or server begins in this worker's own counters. */
	row(kind: RowKind, index: number): number {
		const {frontends, backends, servers} = this.#layout;
		if (kind === 'frontend') return index * COUNTER_COLUMNS;
		if (kind === 'backend') return (frontends + index) * COUNTER_COLUMNS;
		if (kind === 'server') return (frontends + backends + index) * COUNTER_COLUMNS;
		return (frontends + backends + servers + index) * COUNTER_COLUMNS;
	}

	/** Adds to one of this worker's counters; `row` from `row()`. A plain store: nobody else writes it. */
	count(row: number, column: CounterColumn, amount = 1): void {
		this.#counters[this.#countersOffset + row + column]! += amount;
	}

	/** Keeps the highest value in one of this worker's columns. */
	countMax(row: number, column: CounterColumn, value: number): void {
		const at = this.#countersOffset + row + column;
		if (value > this.#counters[at]!) this.#counters[at] = value;
	}

	/**
	 * Workers only: the times of a transaction that has ended, -1 for those it did not reach. Older ones fade, as in HAProxy: each sum
	 * loses one mean value a transaction once it is full.
	 */
	countTimes(row: number, queueMs: number, connectMs: number, responseMs: number, totalMs: number): void {
		const counters = this.#counters;
		const at = this.#countersOffset + row;
		const clearings = this.board.get(0, ProcessColumn.clearings);
		if (counters[at + Counter.timesBegan] !== clearings) {
			counters.fill(0, at + Counter.timeSamples, at + Counter.totalTimes + 1);
			counters[at + Counter.timesBegan] = clearings;
		}
		const isFull = counters[at + Counter.timeSamples]! >= TIME_SAMPLES;
		if (!isFull) counters[at + Counter.timeSamples]! += 1;
		const keep = isFull ? 1 - 1 / TIME_SAMPLES : 1;
		this.#addTime(at + Counter.queueTimes, at + Counter.longestQueue, queueMs, keep);
		this.#addTime(at + Counter.connectTimes, at + Counter.longestConnect, connectMs, keep);
		this.#addTime(at + Counter.responseTimes, at + Counter.longestResponse, responseMs, keep);
		this.#addTime(at + Counter.totalTimes, at + Counter.longestTotal, totalMs, keep);
	}

	#addTime(sumAt: number, longestAt: number, timeMs: number, keep: number): void {
		const counters = this.#counters;
		const spent = Math.max(0, timeMs);
		counters[sumAt] = counters[sumAt]! * keep + spent;
		if (spent > counters[longestAt]!) counters[longestAt] = spent;
	}

	/** The mean of one of the sliding sums over all workers, whole milliseconds. */
	readMean(row: number, column: CounterColumn): number {
		const clearings = this.board.get(0, ProcessColumn.clearings);
		let sum = 0;
		let samples = 0;
		for (let worker = 0; worker < this.workerCount; worker++) {
			const at = worker * this.#layout.countersPerWorker + row;
			if (this.#counters[at + Counter.timesBegan] !== clearings) continue;
			sum += this.#counters[at + column]!;
			samples += this.#counters[at + Counter.timeSamples]!;
		}
		return samples === 0 ? 0 : Math.round(sum / samples);
	}

	/** Main thread: the sliding sums over all workers, as one worker would have them. */
	readTimes(row: number): ReadonlyMap<number, number> {
		const clearings = this.board.get(0, ProcessColumn.clearings);
		const sums = new Map<number, number>();
		for (let worker = 0; worker < this.workerCount; worker++) {
			const at = worker * this.#layout.countersPerWorker + row;
			if (this.#counters[at + Counter.timesBegan] !== clearings) continue;
			for (const column of MEAN_COLUMNS) sums.set(column, (sums.get(column) ?? 0) + this.#counters[at + column]!);
		}
		const scale = Math.min(1, TIME_SAMPLES / (sums.get(Counter.timeSamples) || 1));
		return new Map([...sums].map(([column, sum]) => [column, sum * scale]));
	}

	/**
	 * Main thread: adds what another process has counted. Sums are taken from what was cleared, which no worker writes. A worker that
	 * notes a maximum in this very moment may win: both were maxima. Sliding sums only while no worker counts.
	 */
	addCarried(row: number, column: CounterColumn, value: number): void {
		if (isHighestValue(column)) this.#counters[row + column] = Math.max(this.#counters[row + column]!, value);
		else if (isMeanTime(column)) this.#counters[row + column]! += value;
		else if (column !== Counter.timesBegan) this.#cleared[row + column]! -= value;
	}

	/** Main thread: the highest values begin anew; with `all`, every counter does. */
	clearCounters(all: boolean): void {
		const {countersPerWorker} = this.#layout;
		for (let at = 0; at < countersPerWorker; at++) {
			if (MAX_COLUMNS.has(at % COUNTER_COLUMNS)) {
				// A worker that notes a new maximum right now may be overwritten, or overwrite: both are maxima of this moment.
				for (let worker = 0; worker < this.workerCount; worker++) {
					this.#counters[worker * countersPerWorker + at] = 0;
				}
			} else if (all) {
				let sum = 0;
				for (let worker = 0; worker < this.workerCount; worker++) {
					sum += this.#counters[worker * countersPerWorker + at]!;
				}
				this.#cleared[at] = sum;
			}
		}
		this.rates.clearHighest();
		if (all) this.board.set(0, ProcessColumn.clearings, this.board.get(0, ProcessColumn.clearings) + 1);
	}

	/** The sum over workers, since the last `clearCounters(true)`. */
	readSum(row: number, column: CounterColumn): number {
		let sum = -this.#cleared[row + column]!;
		for (let worker = 0; worker < this.workerCount; worker++) {
			sum += this.#counters[worker * this.#layout.countersPerWorker + row + column]!;
		}
		return sum;
	}

	/** The highest over workers. */
	readMax(row: number, column: CounterColumn): number {
		let max = 0;
		for (let worker = 0; worker < this.workerCount; worker++) {
			max = Math.max(max, this.#counters[worker * this.#layout.countersPerWorker + row + column]!);
		}
		return max;
	}
}

/** The limits and times that hold until somebody changes them. */
function fillBoard(board: StatusBoard, configuration: Configuration): void {
	const {maxconn, connectionRate = 0, sessionRate = 0} = configuration.global;
	const process = board.row('process');
	board.set(process, ProcessColumn.maxconn, maxconn);
	board.set(process, ProcessColumn.hardMaxconn, maxconn);
	board.set(process, ProcessColumn.connectionRateLimit, connectionRate);
	board.set(process, ProcessColumn.sessionRateLimit, sessionRate);
	configuration.frontends.forEach((frontend, index) => {
		board.set(board.row('frontend', index), FrontendColumn.maxconn, frontend.maxconn);
	});
	configuration.backends.forEach(({servers}, index) => {
		const row = board.row('backend', index);
		board.set(row, BackendColumn.hasLimits, servers.some(server => server.maxconn > 0) ? 1 : 0);
		board.set(row, BackendColumn.isUp, 1);
		for (const server of servers) fillServer(board, server);
	});
}

function fillServer(board: StatusBoard, server: Server): void {
	const {address} = server;
	const at = board.row('server', server.index);
	board.set(at, ServerColumn.isUp, 1);
	board.set(at, ServerColumn.count, 1);
	board.set(at, ServerColumn.admin, server.disabled ? 2 : 0);
	board.set(at, ServerColumn.checkStatus, -1);
	board.set(at, ServerColumn.checkCode, -1);
	board.set(at, ServerColumn.weight, server.weight);
	board.set(at, ServerColumn.maxconn, server.maxconn);
	board.set(at, ServerColumn.port, address.kind === 'ip' ? address.port : 0);
	board.setText(server.index, ServerText.host, address.kind === 'ip' ? address.host : '');
}
