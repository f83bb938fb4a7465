/**
 * How long the reconciler pauses after a failure or before the same order again. Pure.
 *
 * Decides that pauses double from half a second, to a limit. Leaves what counts as a failure to `reconciler.ts`.
 */
import type {ReconcilerState} from './reconciler-state.ts';

const firstPauseMs = 500;
export const longestPauseMs = 30_000;
/** The provider is at work on another order: that is over soon. */
export const longestBusyPauseMs = 4000;

/** ms; differs between the nodes. None before the first repetition. */
export function backOffMs({settings}: Pick<ReconcilerState, 'settings'>, times: number, mostMs: number): number {
	if (times === 0) return 0;
	return Math.min(mostMs, firstPauseMs * 2 ** Math.min(times - 1, 20)) * (1 - settings.jitter / 4);
}
