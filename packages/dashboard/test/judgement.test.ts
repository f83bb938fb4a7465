import test from 'ava';
import {gradeServer, judgePair} from '../src/judgement.ts';
import type {Pair, PairNode, PairRecord} from '../src/messages.ts';

const own: PairNode = {
	name: 'lb1',
	address: '10.0.0.11',
	self: true,
	alive: true,
	state: 'master',
	holdsAddress: true,
	sinceMs: 65_000,
	term: 1,
	priority: 150,
	eligible: true,
	reasons: [],
	maintenance: false,
	version: '1',
	configDigest: 'aaaaaaaaaaaa',
};
const peer: PairNode = {...own, name: 'lb2', self: false, state: 'backup', holdsAddress: false, lastHeardMs: 120};

function pairOf(
	ownChanges: Partial<PairNode> = {},
	peerChanges: Partial<PairNode> = {},
	changes: Partial<Pair> = {},
): Pair {
	return {
		name: 'oslo',
		virtualAddresses: [{address: '10.0.0.100/24', interface: 'eth0'}],
		solo: false,
		heartbeat: 'running',
		lease: 'kernel',
		leaseMs: 500,
		nodes: [
			{...own, ...ownChanges},
			{...peer, ...peerChanges},
		],
		paths: [],
		...changes,
	};
}

test('a healthy pair, from either side', t => {
	t.deepEqual(judgePair(pairOf()), {
		grade: 'good',
		headline: 'lb1 holds 10.0.0.100 for 1 min 5 s',
		detail: 'lb2 is ready to take over.',
	});
	const other = pairOf({state: 'backup', holdsAddress: false}, {state: 'master', holdsAddress: true});
	t.is(judgePair(other).headline, 'lb2 holds 10.0.0.100 for 1 min 5 s at least');
	const given: PairRecord = {
		time: '2026-01-01T00:00:00Z',
		node: 'lb1',
		kind: 'transition',
		id: '1',
		term: 2,
		from: 'master',
		to: 'backup',
		reason: '',
	};
	t.is(judgePair(other, [given], Date.parse(given.time) + 5000).headline, 'lb2 holds 10.0.0.100 for 5 s');
});

test('what is wrong is said, the worst first', t => {
	const say = (pair: Pair) => {
		const {grade, headline, detail} = judgePair(pair);
		return `${grade}: ${headline}. ${detail}`;
	};
	t.regex(say(pairOf({}, {holdsAddress: true, alive: false})), /^bad: Both nodes hold 10\.0\.0\.100\./);
	t.is(
		say(pairOf({holdsAddress: false, reasons: ['no server is up']})),
		'bad: Nobody holds 10.0.0.100. lb1: no server is up.',
	);
	t.regex(say(pairOf({}, {}, {heartbeat: 'down'})), /^bad: The heartbeat of lb1 is down/);
	t.regex(say(pairOf({}, {alive: false}, {verdict: 'dead'})), /^warn: .*lb2 is silent, last heard 120 ms ago \(dead\)/);
	t.regex(say(pairOf({}, {maintenance: true, eligible: false})), /^warn: .*lb2 is in maintenance/);
	t.regex(say(pairOf({}, {eligible: false, reasons: ['track']})), /^warn: .*lb2 cannot serve \(track\)/);
	t.regex(say(pairOf({}, {}, {drift: true})), /^warn: .*differ/);
	t.regex(say(pairOf({}, {}, {drift: true, contradictions: ['another port']})), /contradict each other: another port/);
	t.regex(say(pairOf({}, {}, {verdict: 'one-way'})), /^warn: .*does not hear us/);
	t.regex(say(pairOf({}, {}, {lease: 'none'})), /^warn: .*no lease/);
});

test('servers by the words of HAProxy', t => {
	t.deepEqual(['UP', 'no check', 'UP 2/3', 'DRAIN', 'MAINT', 'NOLB', 'DOWN', 'DOWN 1/2'].map(gradeServer), [
		'good',
		'good',
		'warn',
		'warn',
		'warn',
		'warn',
		'bad',
		'bad',
	]);
});
