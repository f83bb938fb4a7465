/**
 * What wrk prints, as numbers.
 *
 * Pure. Decides the units: milliseconds, whatever wrk found fitting.
 */

/** What a load generator has seen. */
export interface Counted {
	readonly requests: number;
	readonly perSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Connections that failed and answers that were not 2xx. */
	readonly errors: number;
}

/** What wrk has printed, as numbers. */
export function readWrk(text: string): Counted {
	const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
	const percentile = (percent: number) => {
		const [, value, unit] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text) ?? [];
		const factors: Readonly<Record<string, number>> = {us: 0.001, ms: 1, s: 1000, m: 60_000};
		return Number(value) * (factors[unit ?? ''] ?? Number.NaN);
	};
	const socketErrors =
		/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
	return {
		requests: number(/^\s*(\d+) requests in/m),
		perSecond: number(/^Requests\/sec:\s+([\d.]+)/m),
		p50Ms: percentile(50),
		p99Ms: percentile(99),
		errors: socketErrors.reduce((sum, count) => sum + Number(count), number(/Non-2xx or 3xx responses: (\d+)/)),
	};
}
