/**
 * The lock of one stick table, over all threads.
 *
 * Decides how a thread waits: it tries a few times, then sleeps until the holder wakes it. The word names its holder, so that the lock of
 * a thread that died can be told from one that is held. The main thread never waits long: it is the one that notices deaths.
 */
import {HEADER} from './layout.ts';

/** Times that a thread looks again before it sleeps: a holder needs about a microsecond. */
const SPINS = 200;
/** A wake-up that was missed costs no more than this. */
const NAP_MS = 2;

export class TableLock {
	readonly #words: Int32Array;
	readonly #name: number;

	/** `holder` from 0. */
	constructor(words: Int32Array, holder: number) {
		this.#words = words;
		this.#name = holder + 1;
	}

	/** False when the lock could not be had within `patienceMs`. */
	acquire(patienceMs = Number.POSITIVE_INFINITY): boolean {
		const words = this.#words;
		for (let tries = 0; tries < SPINS; tries++) {
			if (Atomics.compareExchange(words, HEADER.lock, 0, this.#name) === 0) return true;
		}
		let leftMs = patienceMs;
		Atomics.add(words, HEADER.waiting, 1);
		for (;;) {
			const holder = Atomics.compareExchange(words, HEADER.lock, 0, this.#name);
			if (holder === 0 || leftMs <= 0) {
				Atomics.sub(words, HEADER.waiting, 1);
				return holder === 0;
			}
			if (Atomics.wait(words, HEADER.lock, holder, NAP_MS) === 'timed-out') leftMs -= NAP_MS;
		}
	}

	release(): void {
		const words = this.#words;
		Atomics.store(words, HEADER.lock, 0);
		if (Atomics.load(words, HEADER.waiting) > 0) Atomics.notify(words, HEADER.lock, 1);
	}

	/** Did `holder` have it? Only asked of the dead. */
	isHeldBy(holder: number): boolean {
		return Atomics.load(this.#words, HEADER.lock) === holder + 1;
	}
}
