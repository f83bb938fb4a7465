/**
 * Outages of several rounds as a table: median, smallest and largest, failed requests, double answers, moves.
 *
 * Pure.
 */
import {median} from '../../test/lab/figures.ts';
import type {Outage} from './events.ts';

const columns = [
	'event',
	'rounds',
	'median ms',
	'min',
	'max',
	'failed requests',
	'two answered',
	'moves',
	'cost',
] as const;
/** Of the eyes in `test/lab/probe-program.ts`. */
const lookEveryMs = 10;

/** One line an event, in the order of the map. */
export function formatTable(outages: ReadonlyMap<string, readonly Outage[]>): string {
	const rows = [...outages].map(([name, list]) => {
		const gaps = list.map(({gapMs}) => gapMs);
		const sum = (value: (outage: Outage) => number) => list.reduce((total, outage) => total + value(outage), 0);
		return [
			name,
			String(list.length),
			String(Math.round(median(gaps))),
			String(Math.min(...gaps)),
			String(Math.max(...gaps)),
			`${sum(({failed}) => failed)} of ${sum(({requests}) => requests)}`,
			`${Math.round(median(list.map(({doubles}) => doubles)) * lookEveryMs)} ms`,
			String(median(list.map(({moves}) => moves))),
			formatCost(list),
		];
	});
	const table = [[...columns], ...rows];
	const widths = columns.map((_, index) => Math.max(...table.map(row => row[index]?.length ?? 0)));
	const line = (row: readonly string[]) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ');
	return `${table.map(row => line(row).trimEnd()).join('\n')}\n`;
}

function formatCost(list: readonly Outage[]): string {
	const costs = list.flatMap(({cost}) => (cost === undefined ? [] : [cost]));
	if (costs.length === 0) return '';
	const cpu = median(costs.map(({cpuPercent}) => cpuPercent));
	return `${cpu.toFixed(1)} % of a core, ${Math.round(median(costs.map(({residentMiB}) => residentMiB)))} MiB`;
}
