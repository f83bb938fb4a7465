/**
 * A thread's own loop over epoll(7), beside Node's.
 *
 * Decides how the two share the thread: this one waits, and Node's descriptor is among those it waits for; after each batch of events
 * Node has its turn. What Node alone knows of, its timers, waits `BLOCK_MS` at most, `REST_MS` while nothing happens, `SLEEP_MS` once no deadline is set
 * either. Leaves connections to `raw-wire.ts`.
 */
import {isMainThread} from 'node:worker_threads';
import {loadSocketCalls, type SocketCalls} from '../system/socket-calls.ts';
import {RawMemory} from './raw-memory.ts';

// sys/epoll.h
export const IN = 1;
export const OUT = 4;
export const ERR = 8;
export const HUP = 0x10;
export const PEER_ENDED = 0x2000;
export const EDGE = 0x80000000;
const ADD = 1;
const REMOVE = 2;
const MODIFY = 3;
const CLOSE_ON_EXEC = 0o2000000;
/** `struct epoll_event` has no padding on x64 only. */
const DATA_AT = process.arch === 'x64' ? 4 : 8;
const EVENT_BYTES = DATA_AT + 8;
const MOST_EVENTS = 256;
/** In a worker there is little that only Node knows of. In a main thread there may be anything, so it waits less, and later. */
const BLOCK_MS = isMainThread ? 1 : 5;
const QUIET_TURNS = isMainThread ? 50 : 0;
/** Once nothing has happened for some turns: a tick of the timer wheel. Five times fewer turns of an idle worker. */
const REST_MS = isMainThread ? 1 : 20;
const TURNS_UNTIL_REST = 4;
/** A worker without a connection, after half a second: 10 turns a second instead of 50, which were 5 ms of processor time a second. */
const SLEEP_MS = 100;
const TURNS_UNTIL_SLEEP = 30;

export interface Watcher {
	onEvents(events: number): void;
}

export interface Turn {
	/** Work put off until no caller is in the way. */
	onTurn(): void;
}

export interface Deadlines {
	readonly isEmpty: boolean;
}

export class RawLoop {
	readonly calls: SocketCalls;
	readonly memory: RawMemory;
	/** The descriptors that are open, a bit each; the thread's parent may give one that outlives it. */
	journal: Int32Array = new Int32Array(0);
	/** What else waits in this thread; without it nothing is known of deadlines, and they are looked at often. */
	deadlines: Deadlines | undefined;
	readonly #epoll: number;
	readonly #watchers: (Watcher | undefined)[] = [];
	readonly #events = Buffer.alloc(MOST_EVENTS * EVENT_BYTES);
	readonly #eventsAt: bigint;
	readonly #view = new DataView(this.#events.buffer, this.#events.byteOffset, this.#events.length);
	readonly #control = Buffer.alloc(EVENT_BYTES);
	readonly #controlAt: bigint;
	#put: Turn[] = [];
	#watched = 0;
	#isRunning = false;
	/** Turns since something happened. */
	#quietTurns = 0;
	readonly #turn = () => this.#run();

	constructor(calls: SocketCalls) {
		this.calls = calls;
		this.memory = new RawMemory(calls);
		this.#eventsAt = calls.addressOf(this.#events);
		this.#controlAt = calls.addressOf(this.#control);
		this.#epoll = calls.epoll_create1(CLOSE_ON_EXEC);
		this.#order(ADD, calls.nodeEvents, IN);
	}

	/** `descriptor` is watched until `forget`, or until it is closed. */
	watch(descriptor: number, watcher: Watcher, mask: number): void {
		this.#watchers[descriptor] = watcher;
		this.#watched++;
		this.#order(ADD, descriptor, mask);
		this.#start();
	}

	change(descriptor: number, mask: number): void {
		this.#order(MODIFY, descriptor, mask);
	}

	/** Before it is closed: events that are already here must not reach it. */
	forget(descriptor: number): void {
		if (this.#watchers[descriptor] === undefined) return;
		this.#watchers[descriptor] = undefined;
		this.#watched--;
	}

	/** For a socket that others have open too: closing it would not end its events, which would then wake this thread for nothing. */
	leave(descriptor: number): void {
		this.forget(descriptor);
		this.#order(REMOVE, descriptor, 0);
	}

	putOff(turn: Turn): void {
		this.#put.push(turn);
		this.#start();
	}

	/** Notes a new descriptor, so that it can be closed when this thread ends without a word. */
	own(descriptor: number): number {
		const word = descriptor >> 5;
		if (word < this.journal.length) this.journal[word]! |= 1 << (descriptor & 31);
		return descriptor;
	}

	close(descriptor: number): void {
		if (descriptor < 0) return;
		this.forget(descriptor);
		const word = descriptor >> 5;
		// Before the call: the number may be another thread's a moment later.
		if (word < this.journal.length) this.journal[word]! &= ~(1 << (descriptor & 31));
		this.calls.close(descriptor);
	}

	#order(operation: number, descriptor: number, mask: number): void {
		this.#control.writeUInt32LE(mask >>> 0, 0);
		this.#control.writeInt32LE(descriptor, DATA_AT);
		this.calls.epoll_ctl(this.#epoll, operation, descriptor, this.#controlAt);
	}

	#start(): void {
		if (this.#isRunning) return;
		this.#isRunning = true;
		setImmediate(this.#turn);
	}

	#run(): void {
		this.#runPut();
		const count = this.calls.epoll_wait(this.#epoll, this.#eventsAt, MOST_EVENTS, this.#waitMs);
		this.#quietTurns = count > 0 ? 0 : this.#quietTurns + 1;
		for (let i = 0; i < count; i++) {
			const at = i * EVENT_BYTES;
			const descriptor = this.#view.getInt32(at + DATA_AT, true);
			this.#watchers[descriptor]?.onEvents(this.#view.getUint32(at, true));
		}
		this.#runPut();
		this.#isRunning = this.#watched > 0 || this.#put.length > 0;
		if (this.#isRunning) setImmediate(this.#turn);
	}

	get #waitMs(): number {
		if (this.#watched === 0 || this.#put.length > 0 || this.#quietTurns < QUIET_TURNS) return 0;
		if (this.#quietTurns < TURNS_UNTIL_REST) return BLOCK_MS;
		return this.#quietTurns < TURNS_UNTIL_SLEEP || this.deadlines?.isEmpty !== true ? REST_MS : SLEEP_MS;
	}

	/** What a turn puts off has the next one: one connection that always has more to read must not keep the others waiting. */
	#runPut(): void {
		const put = this.#put;
		if (put.length === 0) return;
		this.#put = [];
		for (const one of put) one.onTurn();
	}
}

let loaded: {readonly loop: RawLoop | undefined} | undefined;

/** This thread's; undefined where the calls cannot be made, and where `HAPAIR_NODE_SOCKETS=1` leaves connections to Node. */
export function rawLoop(): RawLoop | undefined {
	if (loaded === undefined) {
		const calls = process.env.HAPAIR_NODE_SOCKETS === '1' ? undefined : loadSocketCalls();
		loaded = {loop: calls && new RawLoop(calls)};
	}
	return loaded.loop;
}
