import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Fitness, HeartbeatStatus} from '@hapair/heartbeat';
import test from 'ava';
import {buildStatusReport, type PairReport, type StatusSources} from '../../src/daemon/status-report.ts';
import {samplePair, sampleSnapshot, sampleStatus, sampleTakeover} from '../helpers/samples.ts';

const fit: Fitness = {eligible: true, health: 255, reasons: []};
const [own, peer] = samplePair.nodes;
const base: StatusSources = {
	hapair: '0.1.0',
	pid: 4711,
	uptimeMs: 5000,
	configDigest: 'aa',
	loadedAt: '2026-11-27T12:00:00.000Z',
	proxy: {phase: 'serving', detail: '', snapshot: sampleSnapshot, retired: [], pid: 4712},
};

function reportPair(heartbeat: HeartbeatStatus | undefined, fitness: Fitness = fit): PairReport {
	const pair = {
		pair: samplePair,
		own,
		peer,
		fitness,
		verdictFacts: {carriers: [true], gatewaySilent: false},
		takeover: [],
		...(heartbeat === undefined ? {} : {heartbeat}),
	};
	const report = buildStatusReport({...base, pair}).pair;
	if (report === undefined) throw new Error('no pair in the report');
	return report;
}

/** The names and types of all fields, lists by their first element: what a monitoring script relies on. */
function shapeOf(value: unknown): unknown {
	if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
	if (typeof value !== 'object' || value === null) return typeof value;
	return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shapeOf(field)]));
}

test('the shape of --json is stable: fields are only ever added, here and in docs/json.md', t => {
	const node = {
		name: 'string',
		address: 'string',
		self: 'boolean',
		alive: 'boolean',
		state: 'string',
		holdsAddress: 'boolean',
		sinceMs: 'number',
		reason: 'string',
		term: 'number',
		priority: 'number',
		eligible: 'boolean',
		reasons: [],
		maintenance: 'boolean',
		configDigest: 'string',
		version: 'string',
	};
	const report = buildStatusReport({
		...base,
		pair: {
			pair: samplePair,
			own,
			peer,
			fitness: fit,
			verdictFacts: {carriers: [true], gatewaySilent: false},
			takeover: [sampleTakeover],
			heartbeat: sampleStatus,
		},
	});
	const {pair, proxy, ...rest} = shapeOf(report) as Record<string, Record<string, unknown>>;
	t.deepEqual(rest as unknown, {
		version: 'number',
		hapair: 'string',
		pid: 'number',
		uptimeMs: 'number',
		configDigest: 'string',
		loadedAt: 'string',
	});
	t.deepEqual(pair, {
		name: 'string',
		virtualAddresses: [{address: 'string', interface: 'string'}],
		solo: 'boolean',
		drift: 'boolean',
		verdict: 'string',
		heartbeat: 'string',
		lease: 'string',
		leaseMs: 'number',
		masterDownMs: 'number',
		nodes: [node],
		paths: [
			{
				local: 'string',
				remote: 'string',
				lastHeardMs: 'number',
				lossPercent: 'number',
				roundTripMs: 'number',
				worstRoundTripMs: 'number',
				sendErrors: 'number',
			},
		],
		takeover: [
			{
				driver: 'string',
				target: 'string',
				wanted: 'boolean',
				term: 'number',
				at: 'string',
				detail: 'string',
				lastReadMs: 'number',
				lastAssignMs: 'number',
				pending: 'string',
				trouble: 'string',
				counters: {reads: 'number', assigns: 'number', failures: 'number', staleWishes: 'number'},
			},
		],
		secondChance: {why: 'string', connections: 'number', keepsForMs: 'number', passing: 'boolean'},
		counters: {sent: 'number'},
		longestStallMs: 'number',
		storage: [],
		probes: [],
		contradictions: [],
	});
	t.deepEqual(Object.keys(proxy ?? {}), [
		'phase',
		'detail',
		'pid',
		'workers',
		'draining',
		'connections',
		'activeTransactions',
		'frontends',
		'backends',
		'retired',
	]);
	t.is(report.version, 1);
});

test('docs/json.md says what each field means', t => {
	const page = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'json.md'), 'utf8');
	const report = buildStatusReport({
		...base,
		pair: {
			pair: samplePair,
			own,
			peer,
			fitness: fit,
			verdictFacts: {carriers: [true], gatewaySilent: false},
			takeover: [sampleTakeover],
			heartbeat: sampleStatus,
		},
	});
	const documented = new Set([...page.matchAll(/`([A-Za-z]+)`/g)].map(match => match[1]));
	t.deepEqual(
		[...namesIn(report)].filter(name => !documented.has(name)),
		[],
	);
});

/** Every field name, without the counters, whose names are the heartbeat's. */
function namesIn(value: unknown): Set<string> {
	if (Array.isArray(value)) return new Set(value.flatMap(one => [...namesIn(one)]));
	if (typeof value !== 'object' || value === null) return new Set();
	return new Set(
		Object.entries(value).flatMap(([name, field]) => [name, ...(name === 'counters' ? [] : namesIn(field))]),
	);
}

test('both nodes are told as the heartbeat knows them, this one first', t => {
	const {nodes, drift, solo} = reportPair(sampleStatus);
	t.like(nodes[0], {
		name: 'lb1',
		self: true,
		state: 'master',
		holdsAddress: true,
		eligible: true,
		reason: 'lb2 was silent',
	});
	t.like(nodes[1], {
		name: 'lb2',
		self: false,
		alive: true,
		state: 'backup',
		eligible: true,
		lastHeardMs: 120,
		hearsUs: true,
	});
	t.false(drift);
	t.false(solo);
});

test('a peer that was never heard is unknown and never guessed', t => {
	const {lastHeardMs, ...unheard} = sampleStatus.peer;
	t.is(lastHeardMs, 120);
	const report = reportPair({...sampleStatus, peer: {...unheard, alive: false, configDigest: '', version: ''}});
	const [, node] = report.nodes;
	t.like(node, {alive: false, state: 'unknown', holdsAddress: false, eligible: false, reasons: ['never heard']});
	t.false('lastHeardMs' in node);
	t.false('drift' in report, 'two configurations that were never compared do not differ');
});

test('of a peer that has fallen silent the last word is not the present', t => {
	const gone = {...sampleStatus.peer, alive: false, state: 'master', holdsAddress: true, lastHeardMs: 9000} as const;
	const [, node] = reportPair({...sampleStatus, peer: gone}).nodes;
	t.like(node, {state: 'unknown', holdsAddress: false, eligible: false, reasons: ['silent'], lastHeardMs: 9000});
});

test('while the heartbeat is down nothing is claimed of either node', t => {
	const report = reportPair(undefined);
	t.is(report.heartbeat, 'down');
	t.is(report.lease, 'none');
	t.like(report.nodes[0], {alive: false, state: 'unknown', holdsAddress: false, eligible: false});
	t.deepEqual(report.nodes[0].reasons, ['the heartbeat process is down']);
	t.deepEqual(report.nodes[1].reasons, ['not known while the heartbeat is down here']);
	t.false('sinceMs' in report.nodes[0]);
});

test('a failed track makes the own node not eligible at once, with its reason', t => {
	const fitness: Fitness = {eligible: false, health: 0, reasons: ['interface eth0 has no carrier']};
	const [node] = reportPair(sampleStatus, fitness).nodes;
	t.false(node.eligible);
	t.deepEqual(node.reasons, ['interface eth0 has no carrier']);
});

test('a peer that cannot serve says why in its note', t => {
	const unfit = {...sampleStatus.peer, eligible: false, note: 'backend web has 0 of 1 servers up'};
	t.deepEqual(reportPair({...sampleStatus, peer: unfit}).nodes[1].reasons, ['backend web has 0 of 1 servers up']);
});

test('different digests are drift', t => {
	t.true(reportPair({...sampleStatus, peer: {...sampleStatus.peer, configDigest: 'bb'}}).drift);
});

test('a proxy that is starting or down says so and counts nothing', t => {
	const {proxy} = buildStatusReport({
		...base,
		proxy: {phase: 'starting', detail: 'the proxy is starting', retired: []},
	});
	t.like(proxy, {phase: 'starting', detail: 'the proxy is starting', workers: 0, connections: 0});
	t.false('pid' in proxy);
	t.false('pair' in buildStatusReport(base));
});
