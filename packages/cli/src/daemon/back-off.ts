/**
 * How long a crashed child waits before it is started again. Pure.
 *
 * Decides: the first crash after a stable time restarts at once, because a single crash should cost nothing; then 100 ms,
 * doubling to 5 s, because a child that dies at every start must not occupy the machine.
 */
export interface BackOff {
	/** Crashes in a row. */
	readonly crashes: number;
}

export const restedBackOff: BackOff = {crashes: 0};

/** A child that lived this long has proven itself. */
export const stableAfterMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5000;

/** What follows a crash of a child that lived `livedMs`. */
export function backOffAfterCrash(backOff: BackOff, livedMs: number): {backOff: BackOff; pauseMs: number} {
	const crashes = livedMs >= stableAfterMs ? 1 : backOff.crashes + 1;
	const pauseMs = crashes === 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (crashes - 2));
	return {backOff: {crashes}, pauseMs};
}
