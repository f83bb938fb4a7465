import test from 'ava';
import {passesOnNow} from '../../src/status.ts';
import {Duo} from '../helpers/duo.ts';
import {makeMaster} from '../helpers/node.ts';

test('§5.5: prepare, release, confirm, claim: the old master is mute before the new one asks for the address', t => {
	const duo = new Duo().run(2000);
	t.is(duo.master, 'lb1');
	duo.log.length = 0;
	duo.step('lb1', {type: 'failover', requestId: 1, force: false});
	duo.run(500);
	t.is(duo.master, 'lb2');
	t.deepEqual(duo.story('release', 'claim', 'announce'), ['lb1 release', 'lb2 claim', 'lb2 announce']);
	t.deepEqual(duo.results('lb1'), ['ok lb2 took the address in 14 ms (term 2)']);
	t.is(duo.states.lb1.node, 'backup');
	t.true(duo.states.lb1.stepsBack, 'an operator’s move is not undone by preemption');
	const other = new Duo().run(2000);
	other.step('lb1', {type: 'failover', requestId: 1, force: false, mayReturn: true});
	other.run(500);
	t.is(other.master, 'lb2');
	t.false(other.states.lb1.stepsBack, 'one that only made room for maintenance is');
});

test('§5.5: the address stays on the master until the peer has said that it is ready', t => {
	const node = makeMaster().failover();
	t.is(node.state.handover?.phase, 'prepare');
	const early = {bootId: node.state.settings.bootId, sequence: (node.state.handover?.fromSequence ?? 1) - 1, ageMs: 0};
	node.hear({term: 1, yields: false, echo: early});
	t.is(node.of('release').length, 0, 'it has not heard of the handover');
	node.hear({term: 1, yields: true});
	t.is(node.of('release').length, 0, 'it still promises to keep away');
	node.hear({term: 1, yields: false});
	t.is(node.of('release').length, 1);
	t.is(node.state.node, 'backup');
});

test('§5.5: the permission is given only when the address is gone', t => {
	const node = makeMaster().failover().hear({term: 1, yields: false});
	t.like(node.sent.at(-1), {draining: true, yields: false, holdsAddress: true});
	t.is(node.run(100).state.handover?.phase, 'release');
	node.step({type: 'released'});
	t.like(node.sent.at(-1), {draining: true, yields: true, holdsAddress: false});
	t.is(node.state.handover?.phase, 'yield');
});

test('§5.5: the move is done when the peer speaks as master', t => {
	const node = makeMaster().failover().hear({term: 1, yields: false}).step({type: 'released'});
	t.is(node.hear({term: 2, claiming: true, yields: false, holdsAddress: true}).result, undefined);
	node.hear({state: 'master', term: 2, yields: false, holdsAddress: true});
	t.true(node.result?.ok);
	t.is(node.state.handover, undefined);
});

test('§5.5 roll back: a peer that does not get ready changes nothing', t => {
	const node = makeMaster().failover();
	node.runWith({term: 1, yields: true}, 1400);
	t.is(node.state.node, 'master');
	const results = node.of('result');
	t.deepEqual(
		results.map(({ok, message}) => [ok, message]),
		[[false, 'lb2 did not get ready in time; the address has not moved']],
	);
});

test('§5.5 roll back: a peer that falls silent in prepare changes nothing', t => {
	const node = makeMaster().failover();
	node.run(700);
	t.is(node.state.node, 'master');
	t.is(node.of('result')[0]?.message, 'lb2 went silent; the address has not moved');
});

test('§5.5 roll back: the peer’s takeover fails, the address comes back, and both operators hear why', t => {
	const duo = new Duo().run(2000);
	duo.failing.add('lb2');
	duo.step('lb1', {type: 'failover', requestId: 1, force: false});
	duo.run(8000);
	t.is(duo.master, 'lb1');
	t.deepEqual(duo.results('lb1'), [
		'no lb2 declined: takeover failed: ip exited with 2; the address is back on lb1 (term 3)',
	]);
	t.is(duo.states.lb1.handover, undefined);
});

test('§5.5 roll back: a peer that falls silent after the release loses the address again', t => {
	const duo = new Duo().run(2000);
	duo.step('lb1', {type: 'failover', requestId: 1, force: false});
	duo.run(4);
	t.is(duo.states.lb1.node, 'backup');
	duo.cut.add('lb1').add('lb2');
	duo.run(700);
	t.is(duo.states.lb1.node, 'master');
	t.deepEqual(duo.results('lb1'), ['no lb2 did not confirm in time; the address is back on lb1 (term 2)']);
});

test('A second order while a handover is under way is refused', t => {
	const node = makeMaster().failover();
	node.step({type: 'failover', requestId: 10, force: false});
	t.like(node.result, {ok: false, message: 'a handover is under way already; wait for its end'});
});

const refusals = [
	['a silent peer', {}, 700, false, /^lb2 is silent/],
	['a deaf peer', {echo: undefined}, 0, false, /^lb2 does not hear this node \(one-way loss\)/],
	[
		'a peer that cannot serve',
		{eligible: false, note: 'no servers'},
		0,
		true,
		/^lb2 cannot serve: no servers; --force/,
	],
	['a peer in maintenance', {maintenance: true}, 0, true, /^lb2 is in maintenance; --force/],
	['drift', {configDigest: 'dd'.repeat(16)}, 0, true, /^lb2 runs another configuration; .* --force/],
] as const;

for (const [what, said, silentMs, overridable, message] of refusals) {
	test(`§5.5 preflight: ${what} refuses a handover${overridable ? ', --force overrides it' : ', --force or not'}`, t => {
		const prepare = (): ReturnType<typeof makeMaster> => {
			const node = makeMaster();
			return silentMs > 0 ? node.run(silentMs) : node.runWith({term: 1, ...said}, 1000);
		};
		const node = prepare().failover();
		t.false(node.result?.ok);
		t.regex(node.result?.message ?? '', message);
		t.is(node.state.handover, undefined);
		const forced = prepare().failover(true);
		t.is(forced.state.handover !== undefined, overridable);
	});
}

test('§5.5: a forced move reaches a peer that cannot serve', t => {
	const duo = new Duo().run(2000);
	duo.step('lb2', {type: 'fitness', fitness: {eligible: false, health: 0, note: 'no servers'}});
	duo.run(50);
	duo.step('lb1', {type: 'failover', requestId: 1, force: true});
	duo.run(5000);
	t.is(duo.master, 'lb2');
	t.true(duo.results('lb1')[0]?.startsWith('ok '));
});

test('§5.3: preemption gives the address back with a planned move, and only one', t => {
	const duo = new Duo({preempt: {mode: 'on'}}).run(2000);
	duo.cut.add('lb1').add('lb2');
	duo.run(500);
	duo.step('lb1', {type: 'stalled', gapMs: 1000});
	duo.run(1500);
	duo.cut.clear();
	duo.run(5000);
	t.is(duo.master, 'lb1');
	duo.log.length = 0;
	duo.run(30_000);
	t.deepEqual(duo.story('claim', 'release'), []);
});

test('Connections live on after a move where both nodes can pass them on: told before it, for as long as it was said', t => {
	const duo = new Duo().run(2000);
	for (const node of ['lb1', 'lb2'] as const) duo.step(node, {type: 'passesOn', able: true});
	duo.run(500);
	duo.log.length = 0;
	duo.step('lb1', {type: 'failover', requestId: 1, force: false, keepMs: 3000});
	duo.run(300);
	t.like(duo.states.lb2.peer?.said, {keeps: true, draining: true, state: 'master'}, 'the peer can make itself ready');
	t.is(duo.story('release').length, 0, 'and gets the time to');
	duo.step('lb2', {type: 'ajar'});
	duo.run(10);
	t.is(duo.story('release').length, 1, 'no longer than it needs');
	duo.run(500);
	t.false(duo.states.lb2.ajar);
	t.is(duo.master, 'lb2');
	const [release] = duo.log.flatMap(({effect}) => (effect.type === 'release' ? [effect] : []));
	t.is(release?.keepMs, 3000);
	t.true(passesOnNow(duo.states.lb2));
	duo.run(2000);
	t.true(duo.states.lb2.peer?.said.keeps);
	duo.run(1500);
	t.false(passesOnNow(duo.states.lb2), 'the time is over');
});

test('Connections that have ended are not passed on any more, nor is anything to a peer that is gone', t => {
	const duo = new Duo().run(2000);
	for (const node of ['lb1', 'lb2'] as const) duo.step(node, {type: 'passesOn', able: true});
	duo.run(500).step('lb1', {type: 'failover', requestId: 1, force: false, keepMs: 60_000});
	duo.run(800);
	t.true(passesOnNow(duo.states.lb2));
	duo.cut.add('lb1');
	duo.run(1000);
	t.true(duo.states.lb2.solo && passesOnNow(duo.states.lb2), 'some lost datagrams end no connection');
	duo.run(3000);
	t.false(passesOnNow(duo.states.lb2));
	duo.cut.delete('lb1');
	duo.run(500);
	t.true(passesOnNow(duo.states.lb2), 'it is back and still keeps them');
	duo.step('lb1', {type: 'endKeeping'});
	duo.run(100);
	t.false(passesOnNow(duo.states.lb2));
});

test('A peer that cannot pass on gets no connections to pass on', t => {
	const duo = new Duo().run(2000);
	duo.step('lb1', {type: 'passesOn', able: true});
	duo.run(500).step('lb1', {type: 'failover', requestId: 1, force: false, keepMs: 3000});
	duo.run(800);
	t.is(duo.master, 'lb2');
	t.false(duo.states.lb2.peer?.said.keeps);
});

test('A node that keeps connections and becomes master has them as its own', t => {
	const duo = new Duo().run(2000);
	for (const node of ['lb1', 'lb2'] as const) duo.step(node, {type: 'passesOn', able: true});
	duo.run(500).step('lb1', {type: 'failover', requestId: 1, force: false, keepMs: 60_000});
	duo.run(800).step('lb2', {type: 'failover', requestId: 2, force: false, keepMs: 60_000});
	duo.run(800);
	t.is(duo.master, 'lb1');
	t.is(duo.states.lb1.keepsUntilMs, 0);
	t.true(passesOnNow(duo.states.lb1), 'what lives on the other one is given to it');
	t.false(passesOnNow(duo.states.lb2));
});
