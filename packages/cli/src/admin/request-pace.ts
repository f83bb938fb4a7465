/**
 * How many requests the admin address answers in a second. Pure: time comes in as `nowMs`.
 *
 * Decides that a flood costs its sender, not this node: beyond the pace a request gets the shortest answer there is.
 */

/** Requests at once, and a second afterwards. */
const BURST = 400;
const PER_SECOND = 200;

export class RequestPace {
	#left = BURST;
	#seenMs = 0;

	/** Takes one; false when there is none left. */
	take(nowMs: number): boolean {
		this.#left = Math.min(BURST, this.#left + ((nowMs - this.#seenMs) / 1000) * PER_SECOND);
		this.#seenMs = nowMs;
		if (this.#left < 1) return false;
		this.#left -= 1;
		return true;
	}
}
