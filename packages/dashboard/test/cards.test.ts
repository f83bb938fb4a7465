import test from 'ava';
import {describeConfiguration, describeDrills} from '../src/cards.ts';
import type {DrillReport, Pair, PairNode, PairRecord} from '../src/messages.ts';

const own = {name: 'lb1', configDigest: 'aaaaaaaabbbb'} as PairNode;
const peer = {name: 'lb2', configDigest: ''} as PairNode;
const pairOf = (changes: Partial<Pair>): Pair => ({nodes: [own, peer], ...changes}) as Pair;

const nowMs = Date.parse('2026-01-03T04:00:00Z');
const passed: PairRecord = {
	time: '2026-01-01T04:00:00Z',
	node: 'lb1',
	kind: 'drill',
	id: '1',
	term: 1,
	reason: 'lb2 had the address and answered',
	result: 'passed',
	giver: 'lb1',
	taker: 'lb2',
	gapMs: 34,
};
const proven: DrillReport = {
	running: false,
	overdue: false,
	next: '2026-01-04T04:00:00Z',
	last: passed,
	lastProven: passed,
	provenAgoMs: 172_800_000,
};
const drillsOf = (drill?: DrillReport, changes: Partial<Pair> = {}) =>
	describeDrills(pairOf({...changes, ...(drill === undefined ? {} : {drill})}), nowMs);

test('a pair that was proven says when, how, and when again', t => {
	const {grade, headline, facts} = drillsOf(proven);
	t.deepEqual([grade, headline], ['good', 'proven']);
	const [last, next] = facts;
	t.deepEqual(last, ['Last proven', '2 d ago, lb1 to lb2, 34 ms']);
	t.is(next?.[0], 'Next drill');
	t.regex(next?.[1] ?? '', /^in 1 d, /);
});

test('the worst of what is known about drills comes first', t => {
	const say = (drill?: DrillReport) => {
		const {grade, headline} = drillsOf(drill);
		return `${grade}: ${headline}`;
	};
	t.is(say(), 'warn: never proven');
	t.deepEqual(drillsOf().facts, [
		['Last proven', 'never'],
		['Next drill', 'none is planned'],
	]);
	t.is(say({...proven, overdue: true}), 'warn: overdue');
	t.is(say({...proven, last: {...passed, result: 'refused'}}), 'warn: the last one could not begin');
	t.is(say({...proven, overdue: true, last: {...passed, result: 'failed'}}), 'bad: the last one failed');
	t.is(say({...proven, running: true}), 'warn: under way');
});

test('windows stand beside the drills; one that never comes says so', t => {
	const windows = {
		maintenance: [{node: 'lb2', next: '', forMs: 3_600_000}],
		failover: {open: false, next: '2026-01-03T05:00:00Z'},
	};
	const facts = new Map(drillsOf(proven, {windows}).facts);
	t.is(facts.get('Next maintenance of lb2'), 'never for 1 h');
	t.regex(facts.get('Failover window') ?? '', /^opens in 1 h, /);
	const open = {...windows, failover: {open: true, next: ''}};
	t.is(new Map(drillsOf(proven, {windows: open}).facts).get('Failover window'), 'open');
});

test('the same files, other files, files that are not known, files that contradict each other', t => {
	const say = (changes: Partial<Pair>) => {
		const {grade, headline} = describeConfiguration(pairOf(changes));
		return `${grade}: ${headline}`;
	};
	t.is(say({drift: false}), 'good: the same on both nodes');
	t.is(say({drift: true}), 'warn: the nodes differ (drift)');
	t.is(say({}), 'warn: that of lb2 is not known');
	t.is(say({drift: true, contradictions: ['another port']}), 'bad: the files contradict each other');
});

test('digests, the channel and what the standby knows', t => {
	const facts = (changes: Partial<Pair>) => new Map(describeConfiguration(pairOf(changes)).facts);
	t.deepEqual(
		[...facts({})],
		[
			['Digest of lb1', 'aaaaaaaa'],
			['Digest of lb2', 'not known'],
			['The daemons', 'do not talk: no secret file, or peer-channel off'],
		],
	);
	const channel = {address: '10.0.0.11', port: 3694, listening: true};
	const told = facts({channel, warm: {role: 'tells', lagMs: 800, entries: 3, trouble: 'lb2 is silent'}});
	t.is(told.get('lb2, the standby, knows'), 'what is 800 ms old, 3 table entries');
	t.is(told.get('It is not told'), 'lb2 is silent');
	t.is(
		facts({channel, warm: {role: 'learns', entries: 0}}).get('lb1, the standby, knows'),
		'nothing yet, 0 table entries',
	);
});
