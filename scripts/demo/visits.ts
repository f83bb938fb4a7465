/**
 * Counts the demo's visits and finds the longest pause between two served ones of the last minute.
 *
 * Pure: times come with the outcomes and as `nowMs`, from one monotonic clock.
 */
import type {Outcome} from '../../test/lab/http-client.ts';
import type {VisitSummary} from './view.ts';

const windowMs = 60_000;

export class Visits {
	#total = 0;
	#failed = 0;
	#lastWeb: string | undefined;
	#lastNode: string | undefined;
	#lastServedMs: number | undefined;
	/** Pauses by the time at which they ended. */
	#pauses: {endMs: number; gapMs: number}[] = [];

	/** What fails before anything was served ever is the pair that starts, not a pause. */
	add(outcome: Outcome): void {
		if (!outcome.ok && this.#lastServedMs === undefined) return;
		this.#total++;
		if (!outcome.ok) {
			this.#failed++;
			return;
		}

		this.#lastWeb = outcome.web;
		this.#lastNode = outcome.via;
		if (this.#lastServedMs !== undefined && outcome.endMs > this.#lastServedMs) {
			this.#pauses.push({endMs: outcome.endMs, gapMs: outcome.endMs - this.#lastServedMs});
		}

		this.#lastServedMs = Math.max(this.#lastServedMs ?? 0, outcome.endMs);
	}

	summarize(nowMs: number): VisitSummary {
		this.#pauses = this.#pauses.filter(({endMs}) => endMs >= nowMs - windowMs);
		const openMs = this.#lastServedMs === undefined ? 0 : nowMs - this.#lastServedMs;
		const longestGapMs = Math.round(Math.max(openMs, ...this.#pauses.map(({gapMs}) => gapMs)));
		const last = {lastWeb: this.#lastWeb, lastNode: this.#lastNode};
		return {total: this.#total, failed: this.#failed, longestGapMs, ...last};
	}
}
