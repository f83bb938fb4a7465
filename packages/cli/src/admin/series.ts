/**
 * The last minutes as plots want them: a sample a second, made from sums that only grow. Pure: time comes in as `nowMs`.
 *
 * Decides rates and quantiles. A proxy that was started again has sums below the last ones: that second is left out, not shown as a fall.
 */
import type {ProxySnapshot, TrafficSnapshot} from '@hapair/proxy';

export interface Sample {
	/** Milliseconds since 1970, of this node's clock. */
	readonly wallMs: number;
	readonly connections: number;
	readonly requestsPerSecond: number;
	/** Answers 4xx, and answers 5xx with connections to servers that failed. */
	readonly clientErrorsPerSecond: number;
	readonly serverErrorsPerSecond: number;
	/** Times of transactions that ended in this second, milliseconds; absent when none did. */
	readonly p50Ms?: number;
	readonly p95Ms?: number;
	readonly p99Ms?: number;
}

/** Ten minutes. */
export const MOST_SAMPLES = 600;

export class Series {
	readonly #samples: Sample[] = [];
	#last: {readonly traffic: TrafficSnapshot; readonly atMs: number} | undefined;

	get samples(): readonly Sample[] {
		return this.#samples;
	}

	/** The new sample, unless this was the first look at these sums. */
	add(snapshot: ProxySnapshot, nowMs: number, wallMs: number): Sample | undefined {
		const last = this.#last;
		const {traffic, connections} = snapshot;
		this.#last = {traffic, atMs: nowMs};
		if (last === undefined || nowMs <= last.atMs || traffic.requests < last.traffic.requests) return undefined;
		const seconds = (nowMs - last.atMs) / 1000;
		const rate = (of: (sums: TrafficSnapshot) => number): number =>
			round(Math.max(0, of(traffic) - of(last.traffic)) / seconds);
		const counts = traffic.totalTimes.slice(0, -1).map((count, index) => count - (last.traffic.totalTimes[index] ?? 0));
		const sample: Sample = {
			wallMs,
			connections,
			requestsPerSecond: rate(({requests}) => requests),
			clientErrorsPerSecond: rate(({clientErrors}) => clientErrors),
			serverErrorsPerSecond: rate(({serverErrors, connectErrors}) => serverErrors + connectErrors),
			...quantiles(counts, traffic.boundsMs),
		};
		this.#samples.push(sample);
		if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
		return sample;
	}
}

function quantiles(counts: readonly number[], boundsMs: readonly number[]): Pick<Sample, 'p50Ms' | 'p95Ms' | 'p99Ms'> {
	if (counts.every(count => count <= 0)) return {};
	const at = (share: number): number => round(findQuantile(counts, boundsMs, share));
	return {p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99)};
}

/** Within its bucket a value is taken to lie evenly, as Prometheus's `histogram_quantile` does; beyond the last bound it is that bound. */
export function findQuantile(counts: readonly number[], boundsMs: readonly number[], share: number): number {
	const wanted = share * counts.reduce((sum, count) => sum + count, 0);
	let below = 0;
	for (const [index, count] of counts.entries()) {
		const upper = boundsMs[index];
		if (upper === undefined) break;
		if (count > 0 && below + count >= wanted) {
			const lower = boundsMs[index - 1] ?? 0;
			return lower + ((upper - lower) * (wanted - below)) / count;
		}
		below += count;
	}
	return boundsMs.at(-1) ?? 0;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
