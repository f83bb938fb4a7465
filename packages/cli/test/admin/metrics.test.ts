import {spawnSync} from 'node:child_process';
import type {ProxyFigures, ProxySnapshot, ServerFigures, ServerSnapshot} from '@hapair/proxy';
import test from 'ava';
import {Metrics, type MetricsSource} from '../../src/admin/metrics/metrics.ts';
import type {DrillRecord} from '../../src/drill/record.ts';
import {sampleReport} from '../helpers/admin-server.ts';
import {sampleSnapshot, sampleStatus} from '../helpers/samples.ts';

const columns = ['sessions', 'requests', 'status2xx', 'status5xx'];
const boundsMs = [1, 10];
const classes = ['2xx', '5xx'];
const times = ['queue', 'connect', 'response', 'total'];
/** Of `2xx` the total time only; nothing of `5xx`. */
const histograms = new Float64Array(classes.length * times.length * 4);
histograms.set([3, 2, 1, 1500], 3 * 4);

function figuresOf(servers: readonly string[]): ProxyFigures {
	const row = (name: string) => ({name, counters: Float64Array.of(4, 5, 6, 7)});
	const ofServer = (name: string): ServerFigures => ({...row(name), checkFailures: 1, downs: 2, downtimeMs: 3000});
	return {
		columns,
		boundsMs,
		classes,
		times,
		frontends: [row('http-in')],
		backends: [{...row('web_servers'), connections: 1, histograms, servers: servers.map(ofServer)}],
		loopDelay: {meanMs: 1, p99Ms: 2, maxMs: 3},
	};
}

function createMetrics(servers: readonly string[], changes: Partial<MetricsSource> = {}) {
	const [backend] = sampleSnapshot.backends;
	const [server] = backend?.servers ?? [];
	const named = servers.map(name => ({...server, name}) as ServerSnapshot);
	const snapshot = {...sampleSnapshot, backends: [{...backend, servers: named}]} as ProxySnapshot;
	const proxy = {...sampleReport.proxy, backends: snapshot.backends};
	return new Metrics({
		figures: async () => figuresOf(servers),
		daemonDelay: () => undefined,
		collect: () => ({
			status: {...sampleReport, proxy},
			proxy,
			snapshot,
			heartbeat: {...sampleStatus, leaseAgeMs: 150, loopDelay: {meanMs: 1, p99Ms: 4, maxMs: 5}},
			node: 'lb1',
			version: '1.2.3',
			pair: 'oslo',
			uptimeMs: 9000,
			residentBytes: 1e8,
			stolenSeconds: 12.5,
			plannedMoveAgeMs: 86_400_000,
			drills: new Map([['passed', 2]]),
			transitions: new Map([['master', 2]]),
			events: new Map([['drift', 1]]),
			hooks: new Map([['ok', 3]]),
			...changes,
		}),
	});
}

test('what the processes know is there under its names', async t => {
	const text = await createMetrics(['web1', 'we"b\\2']).text();
	for (const line of [
		'hapair_info{node="lb1",version="1.2.3",pair="oslo"} 1',
		'hapair_pair_state{node="lb1",state="master"} 1',
		'hapair_pair_state{node="lb2",state="backup"} 1',
		'hapair_pair_state{node="lb2",state="master"} 0',
		'hapair_holds_address{node="lb1"} 1',
		'hapair_verdict{verdict="healthy"} 1',
		'hapair_verdict{verdict="dead"} 0',
		'hapair_lease_age_seconds 0.15',
		'hapair_planned_move_age_seconds 86400',
		'hapair_drills_total{result="passed"} 2',
		'hapair_loop_delay_seconds{process="heartbeat",of="max"} 0.005',
		'hapair_loop_delay_seconds{process="proxy",of="p99"} 0.002',
		'hapair_cpu_stolen_seconds_total 12.5',
		'hapair_transitions_total{to="master"} 2',
		'hapair_proxy_connections 4',
		'hapair_server_state{state="UP",backend="web_servers",server="web1"} 1',
		'hapair_server_responses_total{code="5xx",backend="web_servers",server="web1"} 7',
		'hapair_server_requests_total{backend="web_servers",server="we\\"b\\\\2"} 5',
		'hapair_server_down_seconds_total{backend="web_servers",server="web1"} 3',
		'hapair_transaction_seconds_bucket{le="0.001",backend="web_servers",code="2xx"} 3',
		'hapair_transaction_seconds_bucket{le="0.01",backend="web_servers",code="2xx"} 5',
		'hapair_transaction_seconds_bucket{le="+Inf",backend="web_servers",code="2xx"} 6',
		'hapair_transaction_seconds_sum{backend="web_servers",code="2xx"} 1.5',
		'hapair_transaction_seconds_count{backend="web_servers",code="2xx"} 6',
	])
		t.true(text.split('\n').includes(line), line);
	t.notRegex(text, /hapair_queue_seconds_bucket|code="5xx".*le=/);
});

const passed: DrillRecord = {
	time: '2026-01-01T00:00:00.000Z',
	pair: 'oslo',
	node: 'lb1',
	kind: 'drill',
	id: '1',
	term: 1,
	reason: 'lb2 had the address and answered',
	result: 'passed',
	by: 'schedule',
	giver: 'lb1',
	taker: 'lb2',
	gapMs: 34,
	returnGapMs: 20,
};

test('drills: when the pair was last proven, how the last one ended, what it cost, when the next one comes', async t => {
	const {pair} = sampleReport;
	const drill = {
		running: false,
		overdue: true,
		next: '2026-01-04T04:00:00.000Z',
		last: {...passed, result: 'refused', reason: 'lb2 is silent'} as const,
		lastProven: passed,
		provenAgoMs: 60_000,
	};
	const warm = {role: 'tells', lagMs: 1500, entries: 3} as const;
	const channel = {address: '10.0.0.11', port: 3694, listening: true, refused: {'another pair': 2}};
	const text = await createMetrics([], {status: {...sampleReport, pair: {...pair!, drill, warm, channel}}}).text();
	for (const line of [
		'hapair_drill_age_seconds 60',
		'hapair_drill_last_result{result="passed"} 0',
		'hapair_drill_last_result{result="refused"} 1',
		'hapair_drill_gap_seconds{way="there"} 0.034',
		'hapair_drill_gap_seconds{way="back"} 0.02',
		'hapair_drill_overdue 1',
		'hapair_drill_running 0',
		'hapair_drill_next_timestamp_seconds 1767499200',
		'hapair_standby_lag_seconds 1.5',
		'hapair_peer_refused_total{reason="another pair"} 2',
	])
		t.true(text.split('\n').includes(line), line);
});

test('what is not known has no value', async t => {
	const {pair: _, ...alone} = sampleReport;
	const text = await createMetrics([], {status: alone, heartbeat: undefined, plannedMoveAgeMs: undefined}).text();
	t.notRegex(text, /^hapair_(pair_state|drill_\w+|planned_move_age_seconds|lease_age_seconds)/m);
	t.regex(text, /^hapair_proxy_up 1$/m);
});

/** The set-up of the tests installs it; where it could not, the test counts as skipped. */
const testWithPromtool = spawnSync('promtool', ['--version']).error === undefined ? test : test.skip;

testWithPromtool('Prometheus finds nothing wrong with the text', async t => {
	const text = await createMetrics(['web1']).text();
	const checked = spawnSync('promtool', ['check', 'metrics'], {input: text, encoding: 'utf8'});
	t.is(checked.stderr, '');
	t.is(checked.status, 0);
});

test('a thousand servers take a tenth of a second of one processor at most', async t => {
	const servers = Array.from({length: 1000}, (_, index) => `web${index}`);
	let shortestMs = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 5; round++) {
		const metrics = createMetrics(servers);
		const before = process.cpuUsage();
		const text = await metrics.text();
		const {user, system} = process.cpuUsage(before);
		shortestMs = Math.min(shortestMs, (user + system) / 1000);
		t.true(text.includes('server="web999"'));
	}
	t.log(`${shortestMs.toFixed(0)} ms`);
	t.true(shortestMs <= 100, `${shortestMs} ms`);
});

test('who asks again within a second gets the same text', async t => {
	let asked = 0;
	const metrics = createMetrics(['web1'], {});
	const counted = new Metrics({
		figures: async () => {
			asked += 1;
			return undefined;
		},
		daemonDelay: () => undefined,
		collect: () => {
			throw new Error('not now');
		},
	});
	t.is(await metrics.text(), await metrics.text());
	await t.throwsAsync(counted.text());
	await t.throwsAsync(Promise.all([counted.text(), counted.text()]));
	t.is(asked, 2);
});
