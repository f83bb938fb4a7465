/**
 * What `npm run simulate` tells: a progress line, the failures with the command that plays them again, what was seen.
 */
import {type Failure, replayCommand} from '../../packages/heartbeat/test/simulation/run.ts';
import type {BlockResult} from './block.ts';

export interface Totals {
	schedules: number;
	readonly failures: Failure[];
	readonly counts: Map<string, number>;
}

export function newTotals(): Totals {
	return {schedules: 0, failures: [], counts: new Map()};
}

export function mergeResult(totals: Totals, result: BlockResult): void {
	totals.schedules += result.schedules;
	totals.failures.push(...result.failures);
	for (const [what, count] of result.counts) totals.counts.set(what, (totals.counts.get(what) ?? 0) + count);
}

export function formatProgress(totals: Totals, schedules: number, elapsedMs: number): string {
	if (totals.schedules === 0) return `0 of ${schedules} schedules`;
	const perSecond = totals.schedules / (elapsedMs / 1000);
	const restS = Math.ceil((schedules - totals.schedules) / perSecond);
	const failed = totals.failures.length === 0 ? '' : `, ${totals.failures.length} failed`;
	return `${totals.schedules} of ${schedules} schedules${failed}, ${Math.round(perSecond)} a second, ${restS} s to go`;
}

/** In this order; what is not named here comes after, by its own name. */
const titles: readonly (readonly [string, string])[] = [
	['claims', 'claims of the address'],
	["claims by the peer's word", "  by the peer's word"],
	['claims by silence', '  by silence'],
	['transition backup → master', 'became master'],
	['handovers', 'planned handovers'],
	['wishes refused by the master', 'wishes refused by the master'],
	['event solo', 'solo'],
	['event stalled', 'own stalls noticed'],
	['event secondSpeaker', 'second speakers seen'],
	['overlap excused: partition', 'two answered, in a partition'],
	['overlap excused: stopped clock', 'two answered, after a stopped clock'],
];

export function formatReport(totals: Totals, elapsedMs: number, intervals?: number): string {
	const {schedules, failures, counts} = totals;
	const lines = failures.flatMap(({seed, kind, message}) => [
		`seed ${seed}: ${kind}: ${message}`,
		`    again: ${replayCommand(seed, intervals)}`,
	]);
	const known = new Set(titles.map(([name]) => name));
	const rest = [...counts.keys()].filter(name => !known.has(name)).sort();
	for (const [name, title] of [...titles, ...rest.map(name => [name, name] as const)]) {
		lines.push(`${String(counts.get(name) ?? 0).padStart(12)}  ${title}`);
	}
	lines.push(`${schedules} schedules in ${(elapsedMs / 1000).toFixed(1)} s: ${judge(failures)}`);
	return `${lines.join('\n')}\n`;
}

function judge(failures: readonly Failure[]): string {
	if (failures.length === 0) return 'nothing was violated';
	const kinds = (['safety', 'liveness', 'crash'] as const).map(kind => {
		const count = failures.filter(failure => failure.kind === kind).length;
		return count === 0 ? [] : [`${count} ${kind}`];
	});
	return `FAILED: ${kinds.flat().join(', ')}`;
}
