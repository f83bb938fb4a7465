/**
 * What the samples of a probe say: how long clients were without service, and whether two nodes answered at once.
 *
 * Pure. Times are milliseconds of one shared monotonic clock. Leaves sampling to `probe-program.ts`.
 */

/** One attempt to reach the virtual address. */
export interface Sample {
	readonly startMs: number;
	readonly endMs: number;
	readonly ok: boolean;
}

/** A span in which somebody answered for certain: from the end of the first answer to the start of the last. */
export interface Run {
	readonly fromMs: number;
	readonly toMs: number;
}

/**
 * Longest time between two successes that follow each other, over all samples of all clients.
 *
 * The span before the first success and after the last one counts too, from the first sample's start to the last
 * sample's start: an outage that never ended is not overlooked, and a lone failure that ends by its deadline when sampling
 * is over makes none. No sample at all: 0.
 */
export function longestGapMs(samples: readonly Sample[]): number {
	const firstMs = Math.min(...samples.map(sample => sample.startMs));
	const lastMs = Math.max(...samples.map(sample => (sample.ok ? sample.endMs : sample.startMs)));
	if (samples.length === 0) return 0;
	const successes = samples.filter(sample => sample.ok).map(sample => sample.endMs);
	const instants = [firstMs, ...successes.sort((a, b) => a - b), lastMs];
	let longest = 0;
	for (const [index, instant] of instants.entries()) {
		longest = Math.max(longest, instant - (instants[index - 1] ?? instant));
	}

	return longest;
}

/** The spans in which one node answered without a failed sample in between; a lone answer is a span of no length. */
export function answeringRuns(samples: readonly Sample[]): Run[] {
	const runs: {fromMs: number; toMs: number}[] = [];
	let current: {fromMs: number; toMs: number} | undefined;
	for (const sample of [...samples].sort((a, b) => a.startMs - b.startMs)) {
		if (!sample.ok) {
			current = undefined;
		} else if (current === undefined) {
			current = {fromMs: sample.endMs, toMs: sample.endMs};
			runs.push(current);
		} else {
			current.toMs = Math.max(current.fromMs, sample.startMs);
		}
	}

	return runs;
}

/**
 * Answers of one node that lie wholly inside a span in which the other one answered, both ways.
 *
 * More than none proves that two nodes answered at the same time. A handover without overlap gives none, however
 * close the two are, because an answer must begin after the other's first and end before the other's last.
 */
export function countDoubleAnswers(one: readonly Sample[], other: readonly Sample[]): number {
	return countInside(one, answeringRuns(other)) + countInside(other, answeringRuns(one));
}

function countInside(samples: readonly Sample[], runs: readonly Run[]): number {
	return samples.filter(({ok, startMs, endMs}) => ok && runs.some(run => startMs >= run.fromMs && endMs <= run.toMs))
		.length;
}

/** The middle value; of an even number the mean of the two in the middle. No value: NaN. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
	return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value that `share` (0–1) of the values do not exceed; nearest rank. No value: NaN. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}
