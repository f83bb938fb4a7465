/** The figures of `bench:admin`, without and with the load side by side. Pure. */
import {median} from '../../test/lab/figures.ts';
import {alignColumns} from '../align-columns.ts';
import type {AdminEvent, AdminFigures} from './measure.ts';

export interface AdminResult {
	readonly event: AdminEvent['name'];
	readonly quiet: readonly AdminFigures[];
	readonly loaded: readonly AdminFigures[];
}

type Row = readonly [title: string, format: (rounds: readonly AdminFigures[]) => string];

const rows: readonly Row[] = [
	['without service, ms', rounds => span(rounds.map(({gapMs}) => gapMs))],
	['failed requests, all rounds', rounds => String(rounds.reduce((sum, {failed}) => sum + failed, 0))],
	['/metrics, ms', rounds => span(rounds.flatMap(({metricsMs}) => metricsMs))],
	['timers of the heartbeat late, 99 %, ms', rounds => span(rounds.map(({heartbeatLateMs}) => heartbeatLateMs[0]))],
	['the same at most, ms', rounds => span(rounds.map(({heartbeatLateMs}) => heartbeatLateMs[1]))],
	['event loop of the daemon late, 99 %, ms', rounds => span(rounds.map(({daemonLateMs}) => daemonLateMs[0]))],
	['the same at most, ms', rounds => span(rounds.map(({daemonLateMs}) => daemonLateMs[1]))],
	['answers a second, by status', formatAnswers],
	['rounds', rounds => String(rounds.length)],
];

export function formatAdminTable(results: readonly AdminResult[], perSecond: number): string {
	const table = results.flatMap(({event, quiet, loaded}) => [
		[event, 'alone', `with ${perSecond} requests/s`],
		...rows.map(([title, format]) => [`  ${title}`, format(quiet), format(loaded)]),
	]);
	return `${alignColumns(table).join('\n')}\n`;
}

/** `12 (10–15)`: the middle, the smallest, the largest. */
function span(values: readonly number[]): string {
	const known = values.filter(value => !Number.isNaN(value));
	if (known.length === 0) return '–';
	const show = (value: number) =>
		value < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
	return `${show(median(known))} (${show(Math.min(...known))}–${show(Math.max(...known))})`;
}

function formatAnswers(rounds: readonly AdminFigures[]): string {
	const statuses = [...new Set(rounds.flatMap(({answersPerSecond}) => Object.keys(answersPerSecond)))].toSorted();
	const of = (status: string) => median(rounds.map(({answersPerSecond}) => answersPerSecond[status] ?? 0));
	return statuses.length === 0 ? '–' : statuses.map(status => `${status}: ${Math.round(of(status))}`).join(', ');
}
