/**
 * A clock whose hours pass in a moment: timers fire in their order, and between two of them everything that was promised
 * settles.
 */
import {setImmediate as settle} from 'node:timers/promises';
import type {Clock} from '../../src/clock.ts';

interface Timer {
	readonly atMs: number;
	readonly order: number;
	readonly run: () => void;
}

export class VirtualClock implements Clock {
	#nowMs = 0;
	#order = 0;
	/** Sorted by time, then by the order of setting. */
	readonly #timers: Timer[] = [];

	now(): number {
		return this.#nowMs;
	}

	after(delayMs: number, run: () => void): () => void {
		const timer = {atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run};
		let low = 0;
		let high = this.#timers.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.#timers[middle]!.atMs <= timer.atMs) low = middle + 1;
			else high = middle;
		}
		this.#timers.splice(low, 0, timer);
		return () => {
			const index = this.#timers.indexOf(timer);
			if (index >= 0) this.#timers.splice(index, 1);
		};
	}

	/** Lets `ms` pass. */
	async pass(ms: number): Promise<void> {
		const untilMs = this.#nowMs + ms;
		await settle();
		for (let next = this.#timers[0]; next !== undefined && next.atMs <= untilMs; next = this.#timers[0]) {
			this.#timers.shift();
			this.#nowMs = next.atMs;
			next.run();
			await settle();
		}
		this.#nowMs = untilMs;
		await settle();
	}
}

/** A machine's view of a clock: while it is frozen nothing runs on it, and afterwards everything that is due does at once. */
export class MachineClock implements Clock {
	readonly #clock: VirtualClock;
	readonly #held: (() => void)[] = [];
	#frozen = false;

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	now(): number {
		return this.#clock.now();
	}

	after(delayMs: number, run: () => void): () => void {
		let cancelled = false;
		const guarded = (): void => {
			if (!cancelled) run();
		};
		const unset = this.#clock.after(delayMs, () => {
			if (this.#frozen) this.#held.push(guarded);
			else guarded();
		});
		return () => {
			cancelled = true;
			unset();
		};
	}

	freeze(forMs: number): void {
		if (this.#frozen) return;
		this.#frozen = true;
		this.#clock.after(forMs, () => {
			this.#frozen = false;
			for (const run of this.#held.splice(0)) run();
		});
	}
}
