import {createHash} from 'node:crypto';
import {clusterIdOf, encode, nodeIdOf, sign} from '@hapair/heartbeat';
import type {CallContext, Observation} from '@hapair/takeover';
import test from 'ava';
import {describeContradictions} from '../../src/daemon/contradictions.ts';
import {buildStatusReport, type PairReport} from '../../src/daemon/status-report.ts';
import {judgeAgreement, judgeOverheardAgreement} from '../../src/doctor/checks/agreement.ts';
import {judgeDuplicates} from '../../src/doctor/checks/duplicate.ts';
import {digestOfPeer, judgeDigests, judgeListened, judgePaths} from '../../src/doctor/checks/peer.ts';
import {judgeProvider, probeProvider} from '../../src/doctor/checks/provider.ts';
import {listeningMs, type Overheard, readOverheard} from '../../src/doctor/eavesdrop.ts';
import {readRoute} from '../../src/doctor/routes.ts';
import type {Subject} from '../../src/doctor/subject.ts';
import {sampleAdvertisement, samplePair, sampleStatus} from '../helpers/samples.ts';

const [own, peer] = samplePair.nodes;
const makeKey = (text: string) => {
	const secret = Uint8Array.from(Buffer.from(text));
	return {id: createHash('sha256').update(secret).digest()[0] ?? 0, secret};
};
const key = makeKey('a key of sixteen bytes');
const subject = {pair: samplePair, own, peer, keys: [key]} as unknown as Subject;

function speak(source: string, {name = 'oslo', node = 'lb2', by = key} = {}): Overheard {
	const bytes = encode({
		keyId: by.id,
		clusterId: clusterIdOf(name),
		nodeId: nodeIdOf(node),
		advertisement: {
			...sampleAdvertisement,
			bootId: '0102030405060708',
			term: 1,
			yields: false,
			configDigest: 'ab'.repeat(16),
		},
	});
	sign(bytes, by);
	return {source, destination: '224.0.0.18', bytes};
}

function pairReport(changes: Partial<PairReport> = {}): PairReport {
	const report = buildStatusReport({
		hapair: '0.1.0',
		pid: 1,
		uptimeMs: 1,
		configDigest: 'aa',
		loadedAt: '2026-11-27T12:00:00.000Z',
		proxy: {phase: 'down', detail: 'x'} as never,
		pair: {
			pair: samplePair,
			own,
			peer,
			fitness: {eligible: true, health: 255, reasons: []},
			verdictFacts: {carriers: [], gatewaySilent: false},
			takeover: [],
			heartbeat: sampleStatus,
		},
	});
	return {...report.pair!, ...changes};
}

test('with a daemon: every path, and what the peer says that it hears', t => {
	t.deepEqual(
		judgePaths(pairReport(), 3694).map(({grade}) => grade),
		['ok', 'ok'],
	);
	const {paths, nodes} = pairReport();
	const lossy = pairReport({paths: [{...paths[0]!, lossPercent: 30}]});
	t.is(judgePaths(lossy, 3694)[0]?.grade, 'warn');
	// Reports come each second: no path is silent for being as old as one.
	const old = {...paths[0]!, lastHeardMs: 1600};
	t.is(judgePaths(pairReport({paths: [old]}), 3694)[0]?.grade, 'ok');
	const late = {...paths[0]!, lastHeardMs: 5000};
	t.is(judgePaths(pairReport({paths: [late]}), 3694)[0]?.grade, 'fail');
	t.is(judgePaths(pairReport({paths: [late, paths[0]!]}), 3694)[0]?.grade, 'warn', 'another path is left');
	const deaf = pairReport({nodes: [nodes[0], {...nodes[1], hearsUs: false}]});
	t.regex(judgePaths(deaf, 3694).at(-1)?.message ?? '', /^one-way: lb2 does not hear/);
	t.is(judgePaths(pairReport({heartbeat: 'down'}), 3694)[0]?.grade, 'fail');
});

test('without a daemon: what arrives on the wire, and whose key signed it', t => {
	const judge = (heard: readonly Overheard[] | undefined, echo?: boolean) =>
		judgeListened({heard, ...(echo === undefined ? {} : {echo})}, subject);
	t.is(judge([speak('10.0.0.12')]).grade, 'ok');
	t.regex(judge([speak('10.0.0.12', {by: makeKey('some other key, longer')})]).message, /signed with another key/);
	t.is(judge([speak('10.0.0.99')], true).grade, 'unknown');
	t.is(judge([], false).grade, 'warn');
	t.is(judge(undefined).grade, 'unknown');
});

test('digests: of the files, of the daemon, of the peer', t => {
	const grades = (daemon?: string, other?: string) =>
		judgeDigests(
			{files: 'aa', ...(daemon === undefined ? {} : {daemon}), ...(other === undefined ? {} : {peer: other})},
			'lb2',
		).map(({grade}) => grade);
	t.deepEqual(grades('aa', 'aa'), ['ok']);
	t.deepEqual(grades('aa', 'bb'), ['warn']);
	t.deepEqual(grades('bb', 'bb'), ['warn', 'ok']);
	t.deepEqual(grades(undefined, 'bb'), ['warn']);
	t.deepEqual(grades('aa'), ['unknown']);
	t.is(digestOfPeer([speak('10.0.0.12')], subject), 'ab'.repeat(16));
	t.is(digestOfPeer([speak('10.0.0.12', {by: makeKey('some other key, longer')})], subject), undefined);
	t.is(digestOfPeer([speak('10.0.0.99')], subject), undefined);
});

test('another pair of the name: a copy fails, a namesake with another key warns, other names are told', t => {
	const judge = (...heard: Overheard[]) => judgeDuplicates(heard, samplePair, [key])[0]!;
	t.is(judge(speak('10.0.0.12'), speak('10.0.0.11', {node: 'lb1'})).grade, 'ok');
	t.is(judge(speak('10.0.0.77')).grade, 'fail');
	t.is(judge(speak('10.0.0.77', {by: makeKey('some other key, longer')})).grade, 'warn');
	const other = judge(speak('10.0.0.77', {name: 'bergen'}));
	t.is(other.grade, 'ok');
	t.regex(other.message, /other names speak from 10\.0\.0\.77/);
	const noise = {source: '10.0.0.78', destination: '10.0.0.11', bytes: new Uint8Array(40)};
	t.notRegex(judge(noise).message, /10\.0\.0\.78/);
	t.is(judgeDuplicates(undefined, samplePair, [key])[0]?.grade, 'unknown');
});

test('what the listener prints, and for how long it listens', t => {
	const heard = readOverheard('listening\n10.0.0.1 224.0.0.18 48415052\nodd line\n');
	t.deepEqual(heard, [{source: '10.0.0.1', destination: '224.0.0.18', bytes: Uint8Array.from([72, 65, 80, 82])}]);
	t.deepEqual([10, 200, 1000, 40_000].map(listeningMs), [1000, 1000, 4000, 5000]);
});

test('routes of ip: the interface, and the router in between', t => {
	t.deepEqual(readRoute('10.0.0.12 from 10.0.0.11 dev eth0 uid 0 \\    cache'), {device: 'eth0'});
	t.deepEqual(readRoute('10.1.0.2 from 10.0.0.11 via 10.0.0.1 dev eth1'), {device: 'eth1', gateway: '10.0.0.1'});
	t.deepEqual(readRoute('fd00::2 from fd00::1 via fe80::1 dev eth0 metric 1'), {device: 'eth0', gateway: 'fe80::1'});
	t.deepEqual(readRoute(''), {});
});

test('providers: what was read, and what the token may do', async t => {
	const facts = {driver: 'hetzner-cloud', target: '203.0.113.7'};
	t.is(judgeProvider({...facts, at: 'peer', mayWrite: true}).grade, 'ok');
	t.is(judgeProvider({...facts, at: 'peer', mayWrite: false}).grade, 'fail');
	t.is(judgeProvider({...facts, at: 'here'}).grade, 'ok');
	t.is(judgeProvider({...facts, at: 'elsewhere'}).grade, 'warn');
	t.is(judgeProvider({...facts, trouble: 'answered 401'}).grade, 'fail');
	const driver = {
		name: 'exec',
		target: 'x',
		watchEveryMs: 1,
		assign: async () => undefined,
		poll: async () => 'done' as const,
	};
	t.deepEqual(await probeProvider({...driver, read: async () => ({at: 'here'})}), {
		driver: 'exec',
		target: 'x',
		at: 'here',
	});
	const failing = await probeProvider({...driver, read: () => Promise.reject(new Error('no token'))});
	t.is(failing.trouble, 'no token');
	// An examination gives no driver the right to change anything.
	const read = async ({mayChange}: CallContext): Promise<Observation> => {
		mayChange();
		return {at: 'here'};
	};
	const ordering = await probeProvider({...driver, read});
	t.is(ordering.trouble, 'an examination changes nothing');
});

test('agreement: what the daemon found contradictory is said, else what is heard', t => {
	t.is(judgeAgreement(pairReport())[0]?.grade, 'ok');
	const slow = pairReport();
	const unequal = describeContradictions(samplePair, {
		...sampleStatus,
		peer: {...sampleStatus.peer, advertIntervalMs: 1000},
	});
	t.deepEqual(unequal.length, 1);
	t.regex(unequal[0] ?? '', /^lb2 advertises every 1 s and this node every 200 ms/);
	t.like(judgeAgreement({...slow, contradictions: unequal})[0], {grade: 'fail', message: unequal[0]});
	const judged = (overheard: Overheard) => judgeOverheardAgreement([overheard], subject)[0];
	t.is(judged(speak('10.0.0.12'))?.grade, 'ok');
	t.regex(judged(speak('10.0.0.12', {by: makeKey('another key of bytes')}))?.message ?? '', /does not have/);
	t.regex(judged(speak('10.0.0.12', {name: 'bergen'}))?.message ?? '', /another name/);
	t.regex(judged(speak('10.0.0.12', {node: 'lb1'}))?.message ?? '', /it is this node/);
	t.is(judgeOverheardAgreement([], subject)[0]?.grade, 'unknown');
});
