/**
 * What clients got in a span of time: throughput, latency, failures.
 *
 * Pure. Decides what is counted where: the rate of answers by when they came, all else by when the request was due. An unanswered request
 * waits longer than every answered one; leaving it out would praise a server for those it never served.
 */
import {quantile} from '../../test/lab/figures.ts';
import type {Outcome} from '../../test/lab/http-client.ts';

export interface Span {
	readonly fromMs: number;
	readonly toMs: number;
}

export interface Summary {
	/** Requests that were due in the span. */
	readonly requests: number;
	/** Of these, those without a complete answer of status 200. */
	readonly failed: number;
	/** Complete answers of status 200 that came in the span, a second. */
	readonly answersPerSecond: number;
	/** Infinity when more than half of the requests were not answered. */
	readonly medianMs: number;
	readonly p99Ms: number;
	/** How often each failure happened, the most frequent first. */
	readonly failures: ReadonlyMap<string, number>;
}

export function summarize(outcomes: readonly Outcome[], span: Span): Summary {
	const isIn = (ms: number) => ms >= span.fromMs && ms < span.toMs;
	const due = outcomes.filter(({startMs}) => isIn(startMs));
	const answers = outcomes.filter(({ok, endMs}) => ok && isIn(endMs)).length;
	const waits = due.map(({ok, startMs, endMs}) => (ok ? endMs - startMs : Number.POSITIVE_INFINITY));
	return {
		requests: due.length,
		failed: due.filter(({ok}) => !ok).length,
		answersPerSecond: (answers * 1000) / (span.toMs - span.fromMs),
		medianMs: quantile(waits, 0.5),
		p99Ms: quantile(waits, 0.99),
		failures: countFailures(due),
	};
}

/** By its words; a deadline is called what it is for a person. */
export function countFailures(outcomes: readonly Outcome[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const {ok, error = 'unknown'} of outcomes) {
		if (ok) continue;
		const kind = /^nothing for \d+ ms/.test(error) ? 'gave up' : error;
		counts.set(kind, (counts.get(kind) ?? 0) + 1);
	}
	return new Map([...counts].sort(([, a], [, b]) => b - a));
}

/** Arithmetic mean. No value: NaN. */
export function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
