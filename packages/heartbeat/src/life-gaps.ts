/**
 * Gaps in this process's own life: times in which it did not run although it had planned to. Pure: times come in.
 *
 * Decides which gap is a stall, after which nothing that was decided before may be said, and which one is late enough to be recorded. Leaves
 * what follows from a stall to the election.
 */
import type {LongestStall} from './bequest.ts';

export interface Gap {
	/** Since the last sign of life, ms. */
	readonly gapMs: number;
	/** Of it beyond what was planned, ms; less than nothing when it came sooner. */
	readonly lateMs: number;
	/** Worth an entry in the flight recorder. */
	readonly isLate: boolean;
	/** Longer than the lease. */
	readonly isStall: boolean;
}

/** The longest one is told for a minute. */
const tellForMs = 60_000;

export class LifeGaps {
	readonly #advertIntervalMs: number;
	readonly #leaseMs: number;
	#aliveMs: number;
	#longest: LongestStall = {gapMs: 0, atMs: 0};

	/** @param advertIntervalMs It plans to run at least once in so long. */
	constructor(advertIntervalMs: number, leaseMs: number, nowMs: number) {
		this.#advertIntervalMs = advertIntervalMs;
		this.#leaseMs = leaseMs;
		this.#aliveMs = nowMs;
	}

	/** Of the last minute, or the last one longer ago. */
	get longest(): LongestStall {
		return this.#longest;
	}

	/** The process runs. */
	note(nowMs: number): Gap {
		const gapMs = nowMs - this.#aliveMs;
		this.#aliveMs = nowMs;
		const lateMs = gapMs - this.#advertIntervalMs;
		if (lateMs > this.#longest.gapMs || nowMs - this.#longest.atMs > tellForMs) {
			this.#longest = {gapMs: Math.max(0, lateMs), atMs: nowMs};
		}
		return {gapMs, lateMs, isLate: lateMs > this.#advertIntervalMs / 4, isStall: gapMs > this.#leaseMs};
	}

	/** It begins to take part now. @param aliveMs last sign of life, which may be another process's. */
	begin(aliveMs: number, longest: LongestStall = this.#longest): void {
		this.#aliveMs = aliveMs;
		this.#longest = longest;
	}
}
