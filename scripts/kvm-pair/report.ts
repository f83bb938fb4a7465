/**
 * The measurements as a table, for a terminal and for the manual, each beside what was asked of it.
 *
 * Pure. Decides whether a bound was kept. `docs/acceptance.md` has a part between two comments that is written by `--write`; the rest of it
 * is written by hand.
 */
import {alignColumns} from '../align-columns.ts';
import {events, type PairEvent} from './events.ts';
import type {FirstMinutes} from './hapair.ts';
import type {Measured} from './measure.ts';

export interface Report {
	/** ISO, of the day. */
	readonly date: string;
	/** What the guests ran on, in a sentence. */
	readonly ground: string;
	readonly intervalMs: number;
	readonly firstMinutes: FirstMinutes | undefined;
	readonly memory: {readonly node: string; readonly proportional: number; readonly resident: number}[];
	readonly measured: readonly Measured[];
}

const mostMinutes = 5;
const mostTyped = 4;
const mostMiB = 200;
const begin = '<!-- measured -->';
const end = '<!-- end of measured -->';
const columns = ['event', 'outage', 'requests lost', 'both answered', 'moves', 'asked for'] as const;

export function formatTable(report: Report): string {
	const lines = alignColumns([columns, ...listRows(report)]);
	return `${[...describeFirst(report), ...describeMemory(report), '', ...lines].join('\n')}\n`;
}

/** The page with its measured part replaced; throws when the page has no such part. */
export function writePart(page: string, report: Report): string {
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`the page has no part between ${begin} and ${end}`);
	const quote = (cell: string) => cell.replaceAll('|', '\\|');
	const row = (cells: readonly string[]) => `| ${cells.map(quote).join(' | ')} |`;
	const table = [row(columns), '|---|--:|--:|--:|--:|---|', ...listRows(report).map(row)];
	const facts = [...describeFirst(report), ...describeMemory(report)].map(line => `- ${line}`);
	const part = [`Measured on ${report.date}: ${report.ground}`, '', ...facts, '', ...table];
	return `${page.slice(0, from + begin.length)}\n${part.join('\n')}\n${page.slice(to)}`;
}

function describeFirst({firstMinutes}: Report): string[] {
	if (firstMinutes === undefined) return [];
	const {typed, tookMs} = firstMinutes;
	const isKept = tookMs <= mostMinutes * 60_000 && typed.length <= mostTyped;
	const steps = typed.map(
		({node, command, tookMs: ms}) => `${node} \`${command.split(' ', 2).join(' ')}\` ${seconds(ms)}`,
	);
	return [
		`From two bare guests to a pair: ${seconds(tookMs)} with ${typed.length} typed commands (asked for: ${mostMinutes} min, ${mostTyped}): ${isKept ? 'yes' : 'NO'}. ${steps.join(', ')}; \`init\` waits while \`join\` runs.`,
	];
}

function describeMemory({memory}: Report): string[] {
	return memory.map(
		({node, proportional, resident}) =>
			`Resident memory of the whole service on ${node}: ${proportional} MiB, shared pages counted once (${resident} MiB with them counted for each process; asked for: ${mostMiB} MiB): ${proportional <= mostMiB ? 'yes' : 'NO'}.`,
	);
}

function listRows(report: Report): (readonly string[])[] {
	return report.measured.map(measured => {
		const {program, event, seen, note, failure} = measured;
		const title = program === 'hapair' ? event : `${event}: ${program}`;
		if (seen === undefined) return [title, 'not measured', '', '', '', (failure ?? '').split('\n')[0] ?? ''];
		const last = seen.lastDoubleMs === undefined ? '' : `, the last ${seen.lastDoubleMs} ms after the resume`;
		const notes = [judge(measured, report), ...(note === undefined ? [] : [note]), ...seen.errors];
		return [
			title,
			`${seen.gapMs} ms`,
			`${seen.failed} of ${seen.requests}`,
			seen.doubleMs === 0 ? '–' : `${seen.doubleMs} ms${last}`,
			String(seen.moves),
			notes.filter(Boolean).join('; '),
		];
	});
}

/** What was asked, and whether it came true. */
function judge({program, event, seen}: Measured, report: Report): string {
	const asked = events.find(({name}) => name === event);
	if (asked === undefined || seen === undefined || program !== 'hapair') return '';
	const verdicts = listVerdicts(asked, seen, report);
	return verdicts.map(({words, kept}) => `${words}: ${kept ? 'yes' : 'NO'}`).join(', ');
}

function listVerdicts(
	{name, goal, beside}: PairEvent,
	seen: NonNullable<Measured['seen']>,
	{measured, intervalMs}: Report,
): {words: string; kept: boolean}[] {
	const other = measured.find(({program, event}) => program !== 'hapair' && event === name)?.seen;
	// The lease is two and a half intervals (packages/heartbeat/src/timers.ts).
	const leaseMs = intervalMs * 2.5;
	return [
		...(goal.lost === undefined ? [] : [{words: 'none lost', kept: seen.failed === 0}]),
		...(goal.moves === undefined ? [] : [{words: `${goal.moves} moves`, kept: seen.moves === goal.moves}]),
		...(goal.lease === undefined
			? []
			: [{words: `both for a lease (${leaseMs} ms) at most`, kept: (seen.lastDoubleMs ?? 0) <= leaseMs}]),
		...(beside === undefined || other === undefined
			? []
			: [{words: `no longer than keepalived's ${other.gapMs} ms`, kept: seen.gapMs <= other.gapMs}]),
	];
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(0)} s`;
}
