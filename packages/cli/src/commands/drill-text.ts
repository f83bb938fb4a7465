/**
 * What is known of drills and windows, as lines for people. Pure.
 */
import {type DrillRecord, type DrillReport, describeMove} from '../drill/record.ts';
import type {WindowsReport} from '../schedule/windows.ts';
import {clean, formatDuration} from '../terminal.ts';

/** What somebody should look at. */
export function warnOfDrills(drill: DrillReport | undefined): string[] {
	if (drill === undefined) return [];
	const {last, overdue, provenAgoMs} = drill;
	const warnings: string[] = [];
	if (last !== undefined && last.result !== 'passed')
		warnings.push(`the last drill was ${last.result === 'refused' ? 'refused' : 'a failure'}: ${clean(last.reason)}`);
	if (overdue) {
		const proven = provenAgoMs === undefined ? 'never' : `last ${formatDuration(provenAgoMs)} ago`;
		warnings.push(`a drill is overdue: this pair was ${proven} proven to move its address`);
	}
	return warnings;
}

/** When the pair was last proven, and what the schedule says. */
export function describeDrills(drill: DrillReport | undefined): string[] {
	if (drill === undefined) return [];
	const {running, next, lastProven, provenAgoMs} = drill;
	const proven =
		lastProven === undefined || provenAgoMs === undefined
			? 'never proven by a drill'
			: `last proven ${formatDuration(provenAgoMs)} ago: ${describeProof(lastProven)}`;
	const coming = running ? '; a drill is running' : next === undefined ? '' : `; next drill ${next}`;
	return [`${proven}${coming}`];
}

function describeProof(record: DrillRecord): string {
	const back = record.returnGapMs === undefined ? '' : `, and back, ${record.returnGapMs} ms`;
	return `${describeMove(record)}${back}`;
}

export function describeWindows(windows: WindowsReport | undefined): string[] {
	if (windows === undefined) return [];
	const {maintenance, failover} = windows;
	return [
		...maintenance.map(({node, next, forMs}) => `maintenance of ${node}: next at ${next} for ${formatDuration(forMs)}`),
		...(failover === undefined
			? []
			: [
					failover.open
						? 'the failover window is open: a preferred node may take the address back'
						: `outside of the failover windows a preferred node waits; the next one opens at ${failover.next}`,
				]),
	];
}
