/**
 * Carries changes to all threads, so that each makes them in the same order and none sees an old state once a change is done.
 *
 * Decides the order: a lock over all threads, within which a thread first makes the changes of the others, then its own. A thread that
 * looks something up compares one shared number with what it has seen, and takes the messages in when it differs; it need not wait for
 * its event loop. Leaves the changes to `lookups.ts`.
 */
import {BroadcastChannel, receiveMessageOnPort} from 'node:worker_threads';
import {TableLock} from '../stick/table-lock.ts';
import type {Change} from './changes.ts';

/** What threads share. */
export interface SharedFeed {
	/** The lock's words, then at `COUNT` how many messages were sent. */
	readonly words: SharedArrayBuffer;
	/** Name of the channel, one for each engine. */
	readonly channel: string;
}

interface Message {
	/** From 1. */
	readonly number: number;
	readonly changes: readonly Change[];
}

const WORDS = 16;
const COUNT = WORDS - 1;

export function createFeed(name: string): SharedFeed {
	return {words: new SharedArrayBuffer(WORDS * 4), channel: name};
}

export class ChangeFeed {
	readonly #words: Int32Array;
	readonly #lock: TableLock;
	readonly #channel: BroadcastChannel;
	readonly #make: (changes: readonly Change[]) => void;
	#seen = 0;

	/** `holder` tells threads apart, from 0. */
	constructor({words, channel}: SharedFeed, holder: number, make: (changes: readonly Change[]) => void) {
		this.#words = new Int32Array(words);
		this.#lock = new TableLock(this.#words, holder);
		this.#channel = new BroadcastChannel(channel);
		this.#make = make;
		this.#channel.onmessage = event => this.#take((event as {data: Message}).data);
		this.#channel.unref();
	}

	/** Messages so far, over all threads. */
	get count(): number {
		return Atomics.load(this.#words, COUNT);
	}

	get seen(): number {
		return this.#seen;
	}

	/** What was made elsewhere up to message `number` has come in another way. */
	skipTo(number: number): void {
		this.#seen = number;
	}

	/** Makes every change that any thread has made. */
	catchUp(): void {
		if (Atomics.load(this.#words, COUNT) === this.#seen) return;
		for (;;) {
			const received = receiveMessageOnPort(this.#channel as never) as {message: Message} | undefined;
			if (received === undefined) return;
			this.#take(received.message);
		}
	}

	#take({number, changes}: Message): void {
		if (number <= this.#seen) return;
		this.#seen = number;
		this.#make(changes);
	}

	/**
	 * Makes changes in all threads: `decide` sees the newest state and says which; none is sent when it gives none. Throws what `decide`
	 * throws.
	 */
	change(decide: () => readonly Change[]): void {
		this.#lock.acquire();
		try {
			this.catchUp();
			const changes = decide();
			if (changes.length === 0) return;
			this.#make(changes);
			this.#seen += 1;
			this.#channel.postMessage({number: this.#seen, changes} satisfies Message);
			Atomics.store(this.#words, COUNT, this.#seen);
		} finally {
			this.#lock.release();
		}
	}

	/** After thread `holder` has died: the lock it may have held is free again. */
	reclaim(holder: number): void {
		if (!this.#lock.isHeldBy(holder)) return;
		for (;;) {
			const received = receiveMessageOnPort(this.#channel as never) as {message: Message} | undefined;
			if (received === undefined) break;
			this.#take(received.message);
		}
		Atomics.store(this.#words, COUNT, this.#seen);
		this.#lock.release();
	}

	close(): void {
		this.#channel.close();
	}
}
