/**
 * Notices that the time of day was set: by NTP after a boot, by hand, or because the machine slept.
 *
 * Decides what counts as set: against the clock that only counts, the time of day has moved by more than either is ever slewed between two looks.
 * Leaves what follows to whoever waits for a time of day.
 */

const LOOK_EVERY_MS = 1000;
const STEP_MS = 500;

/** Calls after each step until the answer is called. */
export function watchClockSteps(onStep: () => void): () => void {
	let offsetMs = Date.now() - performance.now();
	const timer = setInterval(() => {
		const nowOffsetMs = Date.now() - performance.now();
		if (Math.abs(nowOffsetMs - offsetMs) < STEP_MS) return;
		offsetMs = nowOffsetMs;
		onStep();
	}, LOOK_EVERY_MS);
	timer.unref();
	return () => clearInterval(timer);
}
