import test from 'ava';
import type {ElectionEvent} from '../../src/index.ts';
import {Duo, type Name} from '../helpers/duo.ts';
import {asMaster, makeBackup, makeMaster, Node} from '../helpers/node.ts';

test('failover on a backup: the master is asked, drains, hands over, and the asker hears of it', t => {
	const duo = new Duo().run(2000);
	duo.step('lb2', {type: 'failover', requestId: 5, force: false});
	duo.run(500);
	t.is(duo.master, 'lb2');
	t.deepEqual(duo.story('handoverRequested'), ['lb1 handoverRequested']);
	t.is(duo.results('lb2').length, 1);
	t.regex(duo.results('lb2')[0] ?? '', /^ok lb2 took the address from lb1 in \d+ ms \(term 2\)$/);
});

const decline = (reason: string) => (): ElectionEvent => ({type: 'declineHandover', reason});

test('The master’s daemon refuses: the asker hears its reason at once, and nothing moves', t => {
	const duo = new Duo().run(2000);
	duo.onDrain = decline('lb2 cannot serve: the proxy is starting');
	const askedMs = duo.nowMs;
	duo.step('lb2', {type: 'failover', requestId: 5, force: false});
	duo.run(100);
	const answer = duo.log.find(({effect}) => effect.type === 'result');
	t.deepEqual(duo.results('lb2'), ['no lb1 did not hand over: lb2 cannot serve: the proxy is starting']);
	t.true((answer?.atMs ?? Number.POSITIVE_INFINITY) - askedMs <= 10);
	t.is(duo.master, 'lb1');
	t.is(duo.states.lb1.drainAskedMs, undefined);
});

test('A refusal is repeated until it is heard: the loss of some datagrams only delays it', t => {
	const duo = new Duo().run(2000);
	duo.onDrain = () => {
		duo.cut.add('lb1');
		return {type: 'declineHandover', reason: 'not now'};
	};
	duo.step('lb2', {type: 'failover', requestId: 5, force: false});
	duo.run(450);
	t.deepEqual(duo.results('lb2'), []);
	duo.cut.clear();
	duo.run(250);
	t.deepEqual(duo.results('lb2'), ['no lb1 did not hand over: not now']);
});

test('A refusal answers one wish: the next one is a new question', t => {
	const duo = new Duo().run(2000);
	duo.onDrain = decline('not now');
	duo.step('lb2', {type: 'failover', requestId: 5, force: false});
	duo.run(300);
	duo.onDrain = () => ({type: 'failover', requestId: 0, force: false});
	duo.step('lb2', {type: 'failover', requestId: 6, force: false});
	duo.run(500);
	t.is(duo.master, 'lb2');
	t.is(duo.results('lb2').length, 2);
	t.is(duo.states.lb1.answeredWish?.refusal ?? '', '');
});

test('A refusal that was meant for a former boot of the asker is not taken for one’s own', t => {
	const node = makeBackup().failover();
	const wish = node.state.wants?.fromSequence ?? 0;
	const refusal = {wish, reason: 'not now'};
	const strange = {bootId: 'dead00000000beef', sequence: 9, ageMs: 0};
	t.is(node.hear({...asMaster, refusal, echo: strange}).result, undefined);
	t.is(node.hear({...asMaster, refusal: {...refusal, wish: wish - 1}}).result, undefined);
	t.like(node.hear({...asMaster, refusal}).result, {ok: false, message: 'lb2 did not hand over: not now'});
});

test('The heartbeat’s own refusal reaches the asker too', t => {
	const node = makeMaster();
	node.runWith({term: 1, wish: 40}, 100);
	node.hear({term: 1, wish: 40, configDigest: 'dd'.repeat(16)}).failover();
	t.false(node.result?.ok);
	t.deepEqual(node.sent.at(-1)?.refusal, {wish: 40, reason: node.result?.message});
});

test('A master whose handover rolled back says so to the peer that had asked', t => {
	const duo = new Duo().run(2000);
	duo.failing.add('lb2');
	duo.step('lb2', {type: 'failover', requestId: 5, force: false});
	duo.run(8000);
	t.is(duo.master, 'lb1');
	t.is(duo.results('lb2').length, 1);
	t.regex(duo.results('lb2')[0] ?? '', /^no .*takeover failed: ip exited with 2/);
});

test('An order of the peer’s operator does not wait for the pause after a move that failed', t => {
	const node = makeMaster();
	node.failover().runWith({term: 1, yields: true}, 1400);
	t.true(node.state.handoverRetryAtMs > node.nowMs + 1000);
	node.hear({term: 1, wish: 60});
	t.is(node.of('handoverRequested').length, 1);
});

test('A daemon that declines is asked again for a move by preference, after a pause', t => {
	const node = makeMaster().fit({health: 100});
	node.runWith({term: 1}, 900);
	node.step({type: 'declineHandover', reason: 'a failover is already under way'});
	t.is(node.runWith({term: 1}, 4900).of('handoverRequested').length, 0);
	t.is(node.runWith({term: 1}, 400).of('handoverRequested').length, 1);
});

test('To decline without having been asked is without effect', t => {
	const node = makeMaster().step({type: 'declineHandover', reason: 'late'});
	t.is(node.state.answeredWish, undefined);
	t.is(node.state.handoverRetryAtMs, 0);
	const moving = makeMaster().hear({term: 1, wish: 40}).failover().step({type: 'declineHandover', reason: 'late'});
	t.is(moving.state.handover?.phase, 'prepare');
	t.deepEqual(moving.state.answeredWish, {wish: 40, refusal: ''}, 'the wish is being fulfilled');
});

const wishRefusals: readonly (readonly [string, () => Node, RegExp])[] = [
	['twice', () => makeBackup().failover(), /^a failover to this node is under way already/],
	[
		'of a node that cannot serve',
		() => makeBackup().fit({eligible: false, note: 'x'}),
		/^lb1 cannot serve: x; --force/,
	],
	[
		'of a node in maintenance',
		() => makeBackup().step({type: 'maintenance', requestId: 1, on: true}),
		/^lb1 is in maintenance; --force/,
	],
	[
		'beside a backup',
		() => new Node({onIsolation: 'hold'}).fit().hear({priority: 254}),
		/^lb2 is not master \(backup\)/,
	],
	['under drift', () => makeBackup().hear({...asMaster, configDigest: 'dd'.repeat(16)}), /another configuration/],
];

for (const [what, prepare, message] of wishRefusals) {
	test(`failover on a backup is refused ${what}`, t => {
		const node = prepare().failover();
		t.false(node.result?.ok);
		t.regex(node.result?.message ?? '', message);
	});
}

test('failover on a node whose peer is silent is refused, --force or not', t => {
	const node = makeBackup({onIsolation: 'hold'}).run(1000).failover(true);
	t.like(node.result, {ok: false});
	t.regex(node.result?.message ?? '', /^lb2 is silent, so nobody can hand over/);
});

test('A wish ends when the master falls silent', t => {
	const node = makeBackup({onIsolation: 'hold'}).failover();
	node.run(1000);
	t.is(node.of('result')[0]?.message, 'lb2 went silent');
	t.is(node.sent.at(-1)?.wish, 0);
});

test('A wish ends when the asker cannot serve any more', t => {
	const node = makeBackup().failover().fit({eligible: false, note: 'no servers'});
	t.is(node.result?.message, 'lb1 cannot serve any more: no servers');
	const forced = makeBackup().failover(true).fit({eligible: false, note: 'no servers'});
	t.is(forced.result, undefined);
});

test('maintenance of a master hands over; without a fit peer it says that the address stays', t => {
	const node = makeMaster().step({type: 'maintenance', requestId: 1, on: true});
	t.is(node.result?.message, 'lb1 is in maintenance and hands over to lb2');
	t.is(node.of('handoverRequested')[0]?.reason, 'this node is in maintenance');
	const alone = makeMaster().run(700).step({type: 'maintenance', requestId: 1, on: true});
	t.regex(alone.result?.message ?? '', /it keeps the address: lb2 is silent/);
	t.is(alone.state.node, 'master');
});

test('maintenance ends: the node may serve again', t => {
	const node = makeBackup().step({type: 'maintenance', requestId: 1, on: true});
	t.true(node.sent.at(-1)?.maintenance);
	node.step({type: 'maintenance', requestId: 2, on: false});
	t.is(node.result?.message, 'maintenance of lb1 is over');
	t.false(node.sent.at(-1)?.maintenance);
});

test('RFC 5798 §6.4.3 (655) stop: release first, then the goodbye, three times, then the end', t => {
	const node = makeMaster().step({type: 'stop'});
	t.deepEqual(node.kinds, ['release', 'transition']);
	t.is(node.run(100).sent.length, 0, 'no goodbye while the address may be here');
	node.step({type: 'released'});
	const goodbyes = [...node.sent, ...node.run(1000).sent];
	t.is(goodbyes.length, 3);
	t.true(goodbyes.every(({resigning, holdsAddress, state}) => resigning && !holdsAddress && state === 'stopped'));
	t.is(node.of('stopped').length, 1);
	node.run(60_000);
	t.deepEqual(node.effects, []);
});

test('stop: a backup says goodbye at once', t => {
	const node = makeBackup().step({type: 'stop'});
	t.true(node.sent[0]?.resigning);
	t.is(node.of('release').length, 0);
});

test('stop: open requests are answered', t => {
	for (const node of [makeMaster().failover(), makeBackup().failover()]) {
		t.like(node.step({type: 'stop'}).result, {ok: false, message: 'the node is stopping'});
	}
});

test('A master that resigns is succeeded within milliseconds, not after a master-down interval', t => {
	const duo = new Duo().run(2000);
	const askedMs = duo.nowMs;
	duo.step('lb1', {type: 'stop'});
	duo.run(100);
	t.is(duo.master, 'lb2' satisfies Name);
	t.deepEqual(duo.story('release', 'claim', 'stopped').slice(1), ['lb1 release', 'lb2 claim', 'lb1 stopped']);
	t.true(duo.states.lb2.sinceMs - askedMs < 30);
});
