/**
 * How long the way to the peer and back takes, from the echoes in its advertisements (pure, in ms of this node's clock).
 *
 * Decides which echo counts: one that names an advertisement whose sending is still known. The peer says how long it kept the
 * echo, so the two clocks are never compared. The way there is the fastest path's, the way back the one it was heard on.
 */
import type {Echo} from './advertisement.ts';

/** Advertisements whose sending is remembered: 64 as in the replay guard, more than any echo that proves anything. */
const rememberedSends = 64;
/** Echoes that count: their median is the figure. */
const windowLength = 32;

/** When the newest advertisements left. */
export class SentTimes {
	readonly #atMs = new Float64Array(rememberedSends).fill(Number.NaN);
	#newest = 0;

	record(sequence: number, nowMs: number): void {
		this.#newest = sequence;
		this.#atMs[sequence % rememberedSends] = nowMs;
	}

	/** The way to the peer and back; nothing for an echo of an older advertisement, or of another boot's. */
	roundTripMs({sequence, ageMs}: Echo, nowMs: number): number | undefined {
		if (sequence > this.#newest || sequence <= this.#newest - rememberedSends) return undefined;
		const tookMs = nowMs - this.#atMs[sequence % rememberedSends]! - ageMs;
		// The peer rounds its age to a millisecond, so a fast way can come out below nothing.
		return Number.isNaN(tookMs) ? undefined : Math.max(0, tookMs);
	}
}

export interface RoundTrips {
	readonly medianMs: number;
	readonly worstMs: number;
}

/** The newest round trips of one path. */
export class RoundTripWindow {
	readonly #ms = new Float64Array(windowLength);
	#count = 0;

	record(ms: number): void {
		this.#ms[this.#count++ % windowLength] = ms;
	}

	/** Nothing before the first. */
	summarize(): RoundTrips | undefined {
		if (this.#count === 0) return undefined;
		const sorted = this.#ms.slice(0, Math.min(this.#count, windowLength)).sort();
		return {medianMs: sorted[sorted.length >> 1]!, worstMs: sorted.at(-1)!};
	}
}
