/**
 * Outages of several rounds as a table, both programs side by side: median with smallest and largest, failed requests, double answers, moves.
 *
 * Pure.
 */
import {median} from '../../test/lab/figures.ts';
import {alignColumns} from '../align-columns.ts';
import type {Outage, Program} from './events.ts';

/** What all rounds have given for one event and one program. */
export interface Result {
	readonly program: Program;
	readonly event: string;
	readonly outages: readonly Outage[];
	/** Rounds that came to nothing: the pair did not do what the event waits for. */
	readonly spoilt: number;
}

const columns = ['ms (min–max)', 'failed', 'two answered', 'moves', 'rounds'] as const;
/** Of the eyes in `test/lab/probe-program.ts`. */
const lookEveryMs = 10;
const titles: Readonly<Record<Program, string>> = {hapair: 'hapair', keepalived: 'keepalived + haproxy'};

/** One line an event, in the order of the results; what costs were measured stands below. */
export function formatTable(results: readonly Result[]): string {
	const programs = (['hapair', 'keepalived'] as const).filter(program =>
		results.some(each => each.program === program),
	);
	const events = [...new Set(results.map(({event}) => event))];
	const find = (program: Program, event: string) =>
		results.find(each => each.program === program && each.event === event);
	const table = [
		['', ...programs.flatMap(program => [titles[program], ...columns.slice(1).map(() => '')])],
		['event', ...programs.flatMap(() => columns)],
		...events.map(event => [event, ...programs.flatMap(program => formatResult(find(program, event)))]),
	];
	return `${[...alignColumns(table), ...results.flatMap(formatLong), ...results.flatMap(formatCost)].join('\n')}\n`;
}

function formatResult(result: Result | undefined): string[] {
	if (result === undefined) return columns.map((_, index) => (index === 0 ? '–' : ''));
	const {outages, spoilt} = result;
	const rounds = spoilt === 0 ? String(outages.length) : `${outages.length} of ${outages.length + spoilt}`;
	if (outages.length === 0) return ['not measured', '', '', '', rounds];
	const gaps = outages.map(({gapMs}) => gapMs);
	const of = (value: (outage: Outage) => number) => median(outages.map(value));
	return [
		`${Math.round(median(gaps))} (${Math.min(...gaps)}–${Math.max(...gaps)})`,
		formatMedian(of(({failed}) => failed)),
		`${Math.round(of(({doubles}) => doubles) * lookEveryMs)} ms`,
		formatMedian(of(({moves}) => moves)),
		rounds,
	];
}

/** Of an even number of rounds it may lie between two. */
function formatMedian(value: number): string {
	return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

function formatLong({event, outages}: Result): string[] {
	const longs = outages.flatMap(({long}) => (long === undefined ? [] : [long]));
	if (longs.length === 0) return [];
	const of = (value: (long: NonNullable<Outage['long']>) => number) => median(longs.map(value));
	return [
		`${event}: of ${of(({sessions}) => sessions)} long connections ${formatMedian(of(({ended}) => ended))} ended; longest stall of one ${Math.round(of(({stallMs}) => stallMs))} ms, slowest new request ${Math.round(of(({slowestRequestMs}) => slowestRequestMs))} ms`,
	];
}

function formatCost({program, event, outages}: Result): string[] {
	const costs = outages.flatMap(({cost}) => (cost === undefined ? [] : [cost]));
	if (costs.length === 0) return [];
	const cpu = median(costs.map(({cpuPercent}) => cpuPercent));
	const memory = Math.round(median(costs.map(({residentMiB}) => residentMiB)));
	return [`${event}: what elects in ${program} takes ${cpu.toFixed(1)} % of a core and ${memory} MiB`];
}
