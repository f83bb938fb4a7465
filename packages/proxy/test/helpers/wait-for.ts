/** Waits for conditions in tests that have real sockets and processes. */
import {setTimeout as sleep} from 'node:timers/promises';

/** Resolves with the first value that is not undefined or false; throws `what` after the deadline. */
export async function waitFor<Value>(
	what: string,
	probe: () => Value | undefined | false | Promise<Value | undefined | false>,
	deadlineMs = 60_000,
): Promise<Value> {
	const endMs = performance.now() + deadlineMs;
	for (;;) {
		const value = await probe();
		if (value !== undefined && value !== false) return value;
		if (performance.now() > endMs) throw new Error(`Did not happen within ${deadlineMs} ms: ${what}`);
		await sleep(5);
	}
}
