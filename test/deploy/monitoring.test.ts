import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {Metrics} from '../../packages/cli/src/admin/metrics/metrics.ts';
import {buildStatusReport} from '../../packages/cli/src/daemon/status-report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const rules = read('deploy/prometheus/hapair.rules.yml');
const grafana = read('deploy/grafana/hapair.json');
const page = read('docs/admin.md');

/** Every metric that there is, from the text of a node that knows nothing yet. */
async function listMetrics(): Promise<ReadonlySet<string>> {
	const proxy = {phase: 'starting', detail: '', retired: []} as const;
	const status = buildStatusReport({hapair: '1', pid: 1, uptimeMs: 1, configDigest: '', loadedAt: '', proxy});
	const none = new Map<string, number>();
	const metrics = new Metrics({
		figures: async () => undefined,
		daemonDelay: () => undefined,
		collect: () => ({
			status,
			proxy: status.proxy,
			snapshot: undefined,
			heartbeat: undefined,
			node: '',
			version: '',
			pair: undefined,
			uptimeMs: 1,
			residentBytes: 1,
			stolenSeconds: undefined,
			plannedMoveAgeMs: undefined,
			drills: none,
			transitions: none,
			events: none,
			hooks: none,
		}),
	});
	return new Set([...(await metrics.text()).matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
}

function namesIn(text: string): string[] {
	return [...new Set([...text.matchAll(/\bhapair_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')))];
}

test('Alert rules and the Grafana dashboard use metrics that there are', async t => {
	const known = await listMetrics();
	for (const text of [rules, grafana]) {
		const names = namesIn(text);
		t.true(names.length > 10);
		t.deepEqual(
			names.filter(name => !known.has(name)),
			[],
		);
	}
});

test('The page tells of every metric and every alert', async t => {
	const words = new Set([...page.matchAll(/\w+/g)].map(([word]) => word));
	const isTold = (name: string) => words.has(name) || words.has(name.replace(/^hapair_(frontend|backend|server)_/, ''));
	t.deepEqual(
		[...(await listMetrics())].filter(name => !isTold(name)),
		[],
	);
	const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name = '']) => name);
	t.true(alerts.length > 20);
	t.deepEqual(
		alerts.filter(name => !words.has(name)),
		[],
	);
});

/** The set-up of the tests installs it; where it could not, the test counts as skipped. */
const testWithPromtool = spawnSync('promtool', ['--version']).error === undefined ? test : test.skip;

testWithPromtool(
	'Prometheus takes the rules and the scrape configuration, and the rules do what their test says',
	t => {
		const directory = join(root, 'deploy/prometheus');
		for (const argv of [
			['check', 'rules', 'hapair.rules.yml'],
			['check', 'config', '--syntax-only', 'scrape.yml'],
			['test', 'rules', 'hapair.rules.test.yml'],
		]) {
			const {status, stdout, stderr} = spawnSync('promtool', argv, {cwd: directory, encoding: 'utf8'});
			t.is(status, 0, `${argv.join(' ')}\n${stdout}${stderr}`);
		}
	},
);
