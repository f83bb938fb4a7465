/**
 * Times as HAProxy writes them: digits and one unit, `us ms s m h d`.
 *
 * Decides what a time is. Leaves ranges and wording to the caller. HAProxy manual, "Time format".
 */

const UNIT_MS: Readonly<Record<string, number>> = {us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** Milliseconds, microseconds rounded up so that a time is never 0 by accident; undefined when it is no time. */
export function parseDurationMs(text: string, defaultUnit: 'ms' | 's' = 'ms'): number | undefined {
	const found = /^(\d{1,15})(us|ms|s|m|h|d)?$/.exec(text);
	if (found === null) return undefined;
	return Math.ceil(Number(found[1]) * UNIT_MS[found[2] ?? defaultUnit]!);
}

/** The shortest way to write a time, for messages. */
export function formatDurationMs(ms: number): string {
	for (const unit of ['d', 'h', 'm', 's']) {
		const size = UNIT_MS[unit]!;
		if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
	}
	return `${ms}ms`;
}
