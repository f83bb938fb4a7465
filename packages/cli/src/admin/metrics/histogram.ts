/**
 * A backend's buckets as Prometheus's cumulative ones. Pure.
 *
 * Decides that a class of answers that never came has no lines: most backends have two or three.
 */
import type {BackendFigures, ProxyFigures} from '@hapair/proxy';
import type {Value} from './book.ts';

/** The values of one time (`queue`, `connect`, `response`, `total`) over all classes, in seconds. */
export function readHistogram(
	metric: string,
	{name, histograms}: BackendFigures,
	time: string,
	{boundsMs, classes, times}: Pick<ProxyFigures, 'boundsMs' | 'classes' | 'times'>,
): Value[] {
	const columns = boundsMs.length + 2;
	return classes.flatMap((code, index) => {
		const at = (index * times.length + times.indexOf(time)) * columns;
		const cells = histograms.subarray(at, at + columns);
		const buckets = cells.subarray(0, -1);
		if (buckets.every(count => count === 0)) return [];
		const sharedLabels = {backend: name, code};
		let below = 0;
		const lines: Value[] = [];
		for (const [bucket, count] of buckets.entries()) {
			below += count;
			const bound = boundsMs[bucket];
			const le = bound === undefined ? '+Inf' : String(bound / 1000);
			lines.push({metricName: `${metric}_bucket`, labels: {le}, sharedLabels, value: below});
		}
		lines.push({metricName: `${metric}_sum`, labels: {}, sharedLabels, value: (cells.at(-1) ?? 0) / 1000});
		lines.push({metricName: `${metric}_count`, labels: {}, sharedLabels, value: below});
		return lines;
	});
}
