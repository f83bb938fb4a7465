/**
 * How long a window that opens by schedule is open yet. Pure.
 */

const MINUTE_MS = 60_000;

/**
 * What is left of the window that is open at `nowMs`, ms; 0 when none is. Of several beginnings the newest counts.
 *
 * @param matches Does the schedule name the minute that begins at this time, ms since 1970?
 */
export function findRestMs(matches: (timeMs: number) => boolean, forMs: number, nowMs: number): number {
	for (let beginMs = nowMs - (nowMs % MINUTE_MS); beginMs > nowMs - forMs; beginMs -= MINUTE_MS) {
		if (matches(beginMs)) return beginMs + forMs - nowMs;
	}
	return 0;
}
