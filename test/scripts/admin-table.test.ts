import test from 'ava';
import type {AdminFigures} from '../../scripts/admin/measure.ts';
import {formatAdminTable} from '../../scripts/admin/table.ts';

const figures = (gapMs: number, changes: Partial<AdminFigures> = {}): AdminFigures => ({
	gapMs,
	failed: 0,
	metricsMs: [40, 60],
	heartbeatLateMs: [0.4, 3],
	daemonLateMs: [Number.NaN, Number.NaN],
	answersPerSecond: {},
	...changes,
});

test('figures stand side by side: the middle, the smallest, the largest', t => {
	const quiet = [figures(10), figures(30), figures(20)];
	const loaded = [figures(25, {failed: 2, answersPerSecond: {200: 200.4, 429: 799.6}})];
	const text = formatAdminTable([{event: 'power cut', quiet, loaded}], 1000);
	const cells = text
		.trimEnd()
		.split('\n')
		.map(line => line.trim().split(/ {2,}/));
	t.deepEqual(cells, [
		['power cut', 'alone', 'with 1000 requests/s'],
		['without service, ms', '20 (10–30)', '25 (25–25)'],
		['failed requests, all rounds', '0', '2'],
		['/metrics, ms', '50 (40–60)', '50 (40–60)'],
		['timers of the heartbeat late, 99 %, ms', '0.4 (0.4–0.4)', '0.4 (0.4–0.4)'],
		['the same at most, ms', '3 (3–3)', '3 (3–3)'],
		['event loop of the daemon late, 99 %, ms', '–', '–'],
		['the same at most, ms', '–', '–'],
		['answers a second, by status', '–', '200: 200, 429: 800'],
		['rounds', '3', '1'],
	]);
});

test('what was not measured is a dash', t => {
	t.regex(formatAdminTable([{event: 'power cut', quiet: [], loaded: []}], 1), /without service, ms +– +–\n/);
});
