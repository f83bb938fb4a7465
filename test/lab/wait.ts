/**
 * Waiting for a condition with a deadline, and the clock that all processes of a lab share.
 */
import {setTimeout as sleepMs} from 'node:timers/promises';

/** Milliseconds of the machine's monotonic clock: comparable between processes, unlike `performance.now()`. */
export function monotonicMs(): number {
	const [seconds, nanoseconds] = process.hrtime();
	return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * Asks until the answer is neither `undefined` nor `false`, and returns it.
 *
 * Throws a sentence with `what` when `deadlineMs` have passed; an error of the last attempt is its cause.
 */
export async function waitFor<Answer>(
	what: string,
	ask: () => Answer | undefined | false | Promise<Answer | undefined | false>,
	{deadlineMs = 10_000, everyMs = 20}: {deadlineMs?: number; everyMs?: number} = {},
): Promise<Answer> {
	const endMs = monotonicMs() + deadlineMs;
	let cause: unknown;
	for (;;) {
		try {
			const answer = await ask();
			if (answer !== undefined && answer !== false) return answer;
			cause = undefined;
		} catch (error) {
			cause = error;
		}

		if (monotonicMs() > endMs) {
			const because = cause instanceof Error ? ` (${cause.message})` : '';
			throw new Error(`Waited ${deadlineMs} ms in vain for: ${what}${because}`, {cause});
		}

		await sleepMs(everyMs);
	}
}

/** Lets time pass, where a figure needs a span of time and no condition ends it. */
export async function letPassMs(durationMs: number): Promise<void> {
	await sleepMs(Math.max(0, durationMs));
}
