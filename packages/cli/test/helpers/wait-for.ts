/** Waits for a condition instead of for a time. */
import {setTimeout as sleep} from 'node:timers/promises';

export async function waitFor(
	what: string,
	condition: () => boolean | Promise<boolean>,
	limitMs = 60_000,
): Promise<void> {
	const endMs = performance.now() + limitMs;
	while (!(await condition())) {
		if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
		await sleep(5);
	}
}
