/**
 * Is a window that opens by schedule open, and since when? Pure.
 */

const MINUTE_MS = 60_000;

/** Of a wall-clock time, ms since 1970. */
export function beginOfMinute(timeMs: number): number {
	return timeMs - (timeMs % MINUTE_MS);
}

/**
 * When the window that is open at `nowMs` has opened, ms since 1970; nothing when none is open. Of several beginnings the newest counts.
 *
 * @param matches Does the schedule name the minute that begins at this time, ms since 1970?
 */
export function findBeginMs(matches: (timeMs: number) => boolean, forMs: number, nowMs: number): number | undefined {
	for (let beginMs = beginOfMinute(nowMs); beginMs > nowMs - forMs; beginMs -= MINUTE_MS) {
		if (matches(beginMs)) return beginMs;
	}
	return undefined;
}
