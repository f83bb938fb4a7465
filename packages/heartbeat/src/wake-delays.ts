/**
 * How late this process wakes up, for monitoring. Pure: times come in.
 *
 * Decides over how many wakings a figure is taken. Leaves what a long stall means to the election.
 */
import type {LoopDelay} from './messages.ts';

/** At the default interval, about the last half minute. */
const KEPT = 512;

export class WakeDelays {
	readonly #delaysMs = new Float64Array(KEPT);
	#count = 0;

	/** @param lateMs after the time that was asked for; less than nothing counts as nothing. */
	note(lateMs: number): void {
		this.#delaysMs[this.#count % KEPT] = Math.max(0, lateMs);
		this.#count++;
	}

	/** Of the last wakings; nothing before the first. */
	read(): LoopDelay | undefined {
		const count = Math.min(this.#count, KEPT);
		if (count === 0) return undefined;
		const sorted = this.#delaysMs.slice(0, count).sort();
		const meanMs = sorted.reduce((sum, delayMs) => sum + delayMs, 0) / count;
		return {meanMs, p99Ms: sorted[Math.ceil(count * 0.99) - 1]!, maxMs: sorted[count - 1]!};
	}
}
