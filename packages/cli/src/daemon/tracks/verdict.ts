/**
 * Folds the results of a repeated test into a track's state (keepalived's `rise` and `fall`).
 *
 * Decides that the first result counts at once: until then a track is `unknown`, and a node is not eligible on a guess.
 * Afterwards only consecutive results turn the state. Pure.
 */
export interface TrackVerdict {
	readonly state: 'unknown' | 'ok' | 'failed';
	/** Results in a row that contradict the state. */
	readonly streak: number;
}

/** Before the first result. */
export const unknownVerdict: TrackVerdict = {state: 'unknown', streak: 0};

export function foldResult(
	verdict: TrackVerdict,
	passed: boolean,
	limits: {readonly rise: number; readonly fall: number},
): TrackVerdict {
	const heard = passed ? 'ok' : 'failed';
	if (verdict.state === 'unknown') return {state: heard, streak: 0};
	if (verdict.state === heard) return {state: heard, streak: 0};
	const streak = verdict.streak + 1;
	const limit = passed ? limits.rise : limits.fall;
	return streak < limit ? {state: verdict.state, streak} : {state: heard, streak: 0};
}
