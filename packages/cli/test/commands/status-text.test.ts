import type {Fitness, HeartbeatStatus} from '@hapair/heartbeat';
import test from 'ava';
import {formatStatus} from '../../src/commands/status-text.ts';
import {buildStatusReport, type StatusSources} from '../../src/daemon/status-report.ts';
import type {Paint} from '../../src/terminal.ts';
import {samplePair, sampleSnapshot, sampleStatus, sampleTakeover} from '../helpers/samples.ts';

const plain: Paint = (_, text) => text;
const [own, peer] = samplePair.nodes;
const fit: Fitness = {eligible: true, health: 255, reasons: []};
const loadedAt = '2026-11-27T12:00:00.000Z';
const serving: StatusSources['proxy'] = {phase: 'serving', detail: '', snapshot: sampleSnapshot, retired: []};

function format(
	heartbeat: HeartbeatStatus | undefined,
	fitness: Fitness = fit,
	proxy: StatusSources['proxy'] = serving,
): string[] {
	const pair = {
		pair: samplePair,
		own,
		peer,
		fitness,
		verdictFacts: {carriers: [true], gatewaySilent: false},
		takeover: [],
		...(heartbeat === undefined ? {} : {heartbeat}),
	};
	return formatStatus(
		buildStatusReport({hapair: '1', pid: 1, uptimeMs: 1, configDigest: 'aa', loadedAt, proxy, pair}),
		plain,
	);
}

test('a healthy pair on one screen', t => {
	t.deepEqual(format(sampleStatus), [
		'pair oslo  10.0.0.100/24 on eth0',
		'NODE             ADDRESS    STATE   HOLDS  SINCE      ELIGIBLE  PRIORITY  TERM  HEARD',
		'lb1 (this node)  10.0.0.11  master  yes    1 min 5 s  yes       150       3     -',
		'lb2              10.0.0.12  backup  no     -          yes       100       3     120 ms ago',
		'  lb1: lb2 was silent',
		'path 10.0.0.11 to 10.0.0.12: heard 120 ms ago, 0 % lost, 0.4 ms there and back (worst 2.1)',
		'lease 500 ms, kept by the kernel; a silent master is replaced after 682 ms',
		'',
		'proxy  serving, 2 workers, 4 connections, 1 in work',
		'configuration aa since 2026-11-27T12:00:00.000Z',
		'FRONTEND  LISTENS  CONNECTIONS  REQUESTS',
		'http-in   yes      4            30',
		'BACKEND/SERVER    ADDRESS      STATUS  SINCE      WEIGHT  CONNECTIONS  SESSIONS  LAST CHECK',
		'web_servers/web1  10.0.0.1:80  UP      1 min 1 s  1       1            30        L7OK/200 in 1ms',
		'web_servers/web2  10.0.0.2:80  DOWN    5 s        1       0            0         L4CON in 0ms',
	]);
});

test('what was refused at the port and restored in the firewall stands below, once there is any', t => {
	const counters = {
		refusedMac: 2,
		refusedFlood: 1200,
		refusedTtl: 0,
		leaseRestored: 1,
		guardRestored: 1,
		routingRestored: 3,
	};
	const lines = format({...sampleStatus, counters});
	t.true(lines.includes('datagrams refused since the start: 2 wrongly signed, 1200 of strangers, in a flood'));
	t.true(lines.includes('somebody removed the rules of this pair from nftables; restored 2 times'));
	t.true(lines.some(line => /routing rules or routes of this pair .* restored 3 times/.test(line)));
});

test('each driver has a line, and its trouble stands above', t => {
	const {pending, trouble, ...calm} = sampleTakeover;
	const takeover = [sampleTakeover, {...calm, wanted: false, at: 'peer', detail: 'server 4712'} as const];
	const pair = {
		pair: samplePair,
		own,
		peer,
		fitness: fit,
		takeover,
		verdictFacts: {carriers: [true], gatewaySilent: false},
		heartbeat: sampleStatus,
	};
	const report = buildStatusReport({
		hapair: '1',
		pid: 1,
		uptimeMs: 1,
		configDigest: 'aa',
		loadedAt,
		proxy: serving,
		pair,
	});
	const lines = formatStatus(report, plain);
	t.is(lines[1], '! takeover hetzner-cloud 203.0.113.7: read failed: the Hetzner Cloud API answered 401');
	t.deepEqual(lines.slice(8, 10), [
		'takeover hetzner-cloud 203.0.113.7: at this node (server 4711), read 3.2 s ago, ordered here 1 min 5 s ago, action 12 runs for 1.5 s',
		'takeover hetzner-cloud 203.0.113.7: at the peer (server 4712), read 3.2 s ago, ordered here 1 min 5 s ago',
	]);
});

test('a peer that was never heard is silent, and nobody could take over', t => {
	const {lastHeardMs, ...unheard} = sampleStatus.peer;
	const lines = format({...sampleStatus, solo: lastHeardMs !== undefined, peer: {...unheard, alive: false}});
	t.true(lines.includes('! solo: lb2 is silent (unknown), nobody could take over'));
	t.regex(lines.find(line => line.startsWith('lb2 ')) ?? '', /silent .* never$/);
	t.true(lines.includes('  lb2 is not eligible: never heard'));
});

test('a heartbeat that is down is said first', t => {
	const lines = format(undefined);
	t.is(lines[1], '! the heartbeat process is down, or still starting: this node cannot hold the address yet');
	t.deepEqual(
		lines.filter(line => line.startsWith('lease')),
		['lease not known while the heartbeat is down here'],
	);
});

test('without a lease it is told what a frozen heartbeat would do', t => {
	const line = format({...sampleStatus, lease: 'none'}).find(text => text.startsWith('lease')) ?? '';
	t.regex(
		line,
		/^lease none \(nft is missing or refused it\): a killed or frozen heartbeat goes on answering .*; a silent master/,
	);
});

test('drift, one-way hearing and two holders are warnings', t => {
	const odd = {...sampleStatus.peer, configDigest: 'bb', hearsUs: false, holdsAddress: true};
	t.deepEqual(format({...sampleStatus, peer: odd}).slice(1, 4), [
		'! drift: the two nodes have different configurations; hapair sync shows how',
		'! one-way: lb2 does not hear this node',
		'! both nodes say that they hold the address',
	]);
});

test('a proxy that is starting and a track that fails are told with their reason', t => {
	const starting = {phase: 'starting', detail: 'the proxy is starting', retired: []} as const;
	const lines = format(sampleStatus, {eligible: false, health: 0, reasons: ['the proxy is starting']}, starting);
	t.true(lines.includes('  lb1 is not eligible: the proxy is starting'));
	t.true(lines.some(line => line.startsWith('proxy  starting: the proxy is starting')));
});

test('maintenance stands in the place of eligible', t => {
	const lines = format({...sampleStatus, maintenance: true});
	t.regex(lines.find(line => line.startsWith('lb1 ')) ?? '', / maintenance /);
});

test('a terminal obeys control characters, so a peer’s words are cleaned of them', t => {
	const evil = {...sampleStatus.peer, eligible: false, note: 'no\x1b[2J\x07route\nto host'};
	const lines = format({...sampleStatus, reason: 'a\x1b]0;b', peer: evil});
	t.true(lines.includes('  lb2 is not eligible: no [2J route to host'));
	t.true(lines.includes('  lb1: a ]0;b'));
});

test('without a pair the proxy is told alone', t => {
	const report = buildStatusReport({hapair: '1', pid: 1, uptimeMs: 1, configDigest: 'aa', loadedAt, proxy: serving});
	t.is(formatStatus(report, plain)[0], 'no pair section: this proxy runs alone');
});
