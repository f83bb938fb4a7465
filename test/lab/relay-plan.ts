/**
 * What a bad network does to one frame: how long it takes, whether the next one overtakes it, whether it comes twice.
 *
 * Pure, and drawn from a seed: the same frames at the same times have the same fate. Times are milliseconds of one clock. Leaves sockets
 * and waiting to `relay-program.ts`.
 */
import {createRandom, type Random} from '../../packages/heartbeat/test/simulation/random.ts';

export interface Impairment {
	readonly seed: number;
	/** Each frame is under way for 0 to so many milliseconds, evenly spread. */
	readonly delayMs: number;
	/** So many of a hundred frames are held back until the next one of their direction has left. */
	readonly reorderPercent: number;
	/** So many of a hundred leave twice. */
	readonly duplicatePercent: number;
}

/** How often each has happened, both directions together. */
export interface RelayCounts {
	readonly relayed: number;
	readonly reordered: number;
	readonly duplicated: number;
}

interface Departure<Frame> {
	readonly atMs: number;
	readonly frame: Frame;
}

/** A frame that no other one follows leaves after this time all the same. */
const longestHoldMs = 500;
/** The second copy leaves so much later at most. */
const longestEchoMs = 20;

/** Frames of one direction on their way. */
export class RelayPlan<Frame> {
	readonly #impairment: Impairment;
	readonly #random: Random;
	#waiting: Departure<Frame>[] = [];
	#held: Departure<Frame> | undefined;
	counts: RelayCounts = {relayed: 0, reordered: 0, duplicated: 0};

	/** @param direction tells two directions of one seed apart. */
	constructor(impairment: Impairment, direction: number) {
		this.#impairment = impairment;
		this.#random = createRandom(impairment.seed * 2 + direction);
	}

	/** When `takeDue` has something to give; `undefined` while nothing is under way. */
	get nextMs(): number | undefined {
		return this.#waiting[0]?.atMs;
	}

	/** A frame has come in at `nowMs`. */
	add(frame: Frame, nowMs: number): void {
		const {delayMs, reorderPercent, duplicatePercent} = this.#impairment;
		// Each frame draws the same number of times, so that one chance does not shift the others.
		const atMs = nowMs + this.#random.between(0, delayMs);
		const holds = this.#random.chance(reorderPercent / 100) && this.#held === undefined;
		const doubles = this.#random.chance(duplicatePercent / 100);
		const echoMs = this.#random.between(0, longestEchoMs);
		const {relayed, reordered, duplicated} = this.counts;
		this.counts = {
			relayed: relayed + 1,
			reordered: reordered + (holds ? 1 : 0),
			duplicated: duplicated + (doubles ? 1 : 0),
		};
		if (doubles) this.#depart({atMs: atMs + (holds ? longestHoldMs : echoMs), frame});
		if (holds) {
			this.#held = {atMs: nowMs + longestHoldMs, frame};
			this.#depart(this.#held);
			return;
		}
		this.#depart({atMs, frame});
		const held = this.#held;
		if (held === undefined || held.atMs <= atMs) return;
		this.#held = undefined;
		this.#waiting = this.#waiting.filter(departure => departure !== held);
		this.#depart({atMs, frame: held.frame});
	}

	/** What leaves now, in its order. */
	takeDue(nowMs: number): Frame[] {
		const due = this.#waiting.filter(({atMs}) => atMs <= nowMs);
		this.#waiting = this.#waiting.slice(due.length);
		if (this.#held !== undefined && due.includes(this.#held)) this.#held = undefined;
		return due.map(({frame}) => frame);
	}

	/** Equal times keep the order in which they came. */
	#depart(departure: Departure<Frame>): void {
		const before = this.#waiting.findLastIndex(({atMs}) => atMs <= departure.atMs);
		this.#waiting.splice(before + 1, 0, departure);
	}
}
