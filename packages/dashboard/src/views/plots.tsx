/** Requests, times and errors of the last ten minutes, and the figures of this moment as text. */
import {formatMs, formatNumber} from '../format.ts';
import type {Sample} from '../messages.ts';
import {Plot, type PlotLine} from './plot.tsx';

const REQUESTS: readonly PlotLine[] = [
	{label: 'requests', colour: '--plot-1', of: ({requestsPerSecond}) => requestsPerSecond, isFilled: true},
];
const TIMES: readonly PlotLine[] = [
	{label: 'median', colour: '--plot-1', of: ({p50Ms}) => p50Ms},
	{label: '95 %', colour: '--plot-2', of: ({p95Ms}) => p95Ms},
	{label: '99 %', colour: '--plot-3', of: ({p99Ms}) => p99Ms},
];
const ERRORS: readonly PlotLine[] = [
	{label: '4xx', colour: '--plot-2', of: ({clientErrorsPerSecond}) => clientErrorsPerSecond},
	{
		label: '5xx and failed connections',
		colour: '--plot-3',
		of: ({serverErrorsPerSecond}) => serverErrorsPerSecond,
		isFilled: true,
	},
];

export function Plots({samples}: {samples: readonly Sample[]}) {
	return (
		<section class="plots" aria-label="Traffic of the last ten minutes">
			<Plot title="Requests per second" samples={samples} lines={REQUESTS} format={formatNumber} />
			<Plot title="Time of a transaction" samples={samples} lines={TIMES} format={formatMs} />
			<Plot title="Errors per second" samples={samples} lines={ERRORS} format={formatNumber} />
		</section>
	);
}
