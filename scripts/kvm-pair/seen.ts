/**
 * What clients and eyes saw of an event, as figures.
 *
 * Pure. Times are milliseconds of the clock that all programs on this machine share (`monotonicMs`).
 */

import {answeringRuns, type Sample} from '../../test/lab/figures.ts';
import {type EyeReport, type ProbeReport, summarizeClients} from '../../test/lab/probe.ts';
import {countMoves} from '../failover/moves.ts';

export interface Seen {
	/** Longest time between two served new connections. */
	readonly gapMs: number;
	readonly requests: number;
	readonly failed: number;
	/** What was wrong, each kind once, with its number. */
	readonly errors: readonly string[];
	/** How long both nodes answered for the address, by ARP or TCP: the sum of the looks that prove it. */
	readonly doubleMs: number;
	/** The last such look, after the moment that the event named; `undefined` when there was none. */
	readonly lastDoubleMs: number | undefined;
	/** How often clients were served by the other node than before. */
	readonly moves: number;
}

export function summarize(
	whole: ProbeReport,
	[one, other]: readonly [EyeReport, EyeReport],
	{
		fromMs,
		lookEveryMs = 10,
		markMs,
	}: {readonly fromMs: number; readonly lookEveryMs?: number; readonly markMs?: number | undefined},
): Seen {
	const since = (outcomes: ProbeReport['fresh']) => outcomes.filter(({startMs}) => startMs >= fromMs);
	const report: ProbeReport = {...whole, fresh: since(whole.fresh), kept: since(whole.kept)};
	const {gapMs, requests, failedFresh, failedKept} = summarizeClients(report);
	const failed = [...failedFresh, ...failedKept];
	const kinds = Map.groupBy(failed, ({error}) => error ?? 'unknown');
	const doubles = (['arp', 'tcp'] as const).map(kind => findDoubles(by(one, kind), by(other, kind)));
	const most = doubles.reduce((a, b) => (b.length > a.length ? b : a));
	const last = Math.max(...doubles.flat());
	return {
		gapMs,
		requests,
		failed: failed.length,
		errors: [...kinds].map(([error, {length}]) => `${length} × ${error}`),
		// Either eye's looks are among them.
		doubleMs: Math.round((most.length / 2) * lookEveryMs),
		lastDoubleMs: markMs === undefined || !Number.isFinite(last) ? undefined : Math.round(last - markMs),
		moves: countMoves(report.fresh),
	};
}

function by(report: EyeReport, kind: 'arp' | 'tcp'): Sample[] {
	return report.samples.map(sample => ({startMs: sample.startMs, endMs: sample.endMs, ok: sample[kind]}));
}

/** When looks ended that were answered by one node wholly inside a span in which the other one answered, both ways. */
function findDoubles(one: readonly Sample[], other: readonly Sample[]): number[] {
	const inside = (samples: readonly Sample[], others: readonly Sample[]): number[] => {
		const runs = answeringRuns(others);
		return samples
			.filter(({ok, startMs, endMs}) => ok && runs.some(run => startMs >= run.fromMs && endMs <= run.toMs))
			.map(({endMs}) => endMs);
	};
	return [...inside(one, other), ...inside(other, one)];
}
