import test from 'ava';
import {asMaster, makeBackup, makeMaster, Node} from '../helpers/node.ts';

test('RFC 5798 §6.4.1: a node starts in initialize, promises to keep away and speaks at once', t => {
	const node = new Node();
	t.is(node.state.node, 'initialize');
	t.is(node.sent.length, 1);
	t.like(node.sent[0], {sequence: 1, state: 'initialize', yields: true, holdsAddress: false, eligible: false});
});

test('§5.8 hear before speak: a node that hears nobody claims only after its start delay', t => {
	const node = new Node().fit();
	t.is(node.runTo(999).of('claim').length, 0);
	t.is(node.state.node, 'initialize');
	node.runTo(1000);
	t.is(node.of('claim').length, 1);
	t.is(node.of('transition')[0]?.transition.reason, 'lb2 was not heard within the start delay');
});

test('§5.8: a master that is heard ends the start delay, and is left alone', t => {
	const node = new Node().fit().hear(asMaster);
	t.is(node.state.node, 'backup');
	t.is(node.state.reason, 'lb2 is master');
	t.is(node.runWith(asMaster, 3000).of('claim').length, 0);
});

test('§5.8: both start together: each waits until the other knows its own fitness', t => {
	const starting = {state: 'initialize', eligible: false} as const;
	const node = new Node().fit().hear(starting).hear(starting);
	t.is(node.state.node, 'initialize');
	node.hear({state: 'initialize', eligible: true});
	t.is(node.state.reason, 'lb2 starts too');
});

test('§5.8: a peer that never gets ready delays the start no longer than the start delay', t => {
	const node = new Node().fit();
	node.runWith({state: 'initialize', eligible: false}, 1000);
	t.is(node.state.reason, 'lb2 is not ready yet');
});

test('RFC 5798 §6.4.2 (420): a master that speaks each interval is never ousted, whatever its priority', t => {
	const node = makeBackup({preempt: {mode: 'on'}});
	t.is(node.runWith({...asMaster, priority: 1, health: 1, eligible: false}, 10_000).of('claim').length, 0);
});

test('RFC 5798 §6.4.2 (375): silence of a master-down interval, and not a moment less, lets a backup claim', t => {
	const node = makeBackup();
	const heardAtMs = node.state.peer?.heardAtMs ?? 0;
	t.is(node.runTo(heardAtMs + 624.9).of('claim').length, 0);
	const [claim] = node.runTo(heardAtMs + 625).of('claim');
	t.is(claim?.term, 4);
	t.is(node.state.address, 'claiming');
});

test('RFC 5798 §6.1: the master-down interval follows the interval of the master', t => {
	const node = makeBackup();
	node.hear({...asMaster, advertIntervalMs: 1000});
	const heardAtMs = node.nowMs;
	t.is(node.runTo(heardAtMs + 3124).of('claim').length, 0);
	t.is(node.runTo(heardAtMs + 3125).of('claim').length, 1);
});

test('§5.9 on isolation hold: silence alone permits nothing', t => {
	const node = makeBackup({onIsolation: 'hold'});
	t.is(node.run(60_000).of('claim').length, 0);
	t.is(node.state.node, 'backup');
});

test('§5.9 on isolation hold: a peer that resigned permits', t => {
	const node = makeBackup({onIsolation: 'hold'});
	node.hear({state: 'stopped', resigning: true, term: 3});
	t.is(node.of('claim').length, 1);
});

test('§5.3: a node that cannot serve does not want the address, a silent peer or not', t => {
	const node = makeBackup().fit({eligible: false, note: 'no carrier'});
	t.is(node.state.node, 'fault');
	t.is(node.state.reason, 'no carrier');
	t.is(node.run(5000).of('claim').length, 0);
	t.is(node.fit().state.node, 'backup');
	t.is(node.of('claim').length, 1, 'fit again it claims');
});

test('§5.3: the last master keeps its address when nobody else can serve either', t => {
	const node = makeMaster();
	node.fit({eligible: false, note: 'all servers are down'});
	node.runWith({term: 1, eligible: false, state: 'fault'}, 3000);
	t.is(node.state.node, 'master');
});

test('A node in maintenance claims only while nobody else is left', t => {
	const node = makeBackup().step({type: 'maintenance', requestId: 1, on: true});
	node.hear({term: 3, yields: true});
	t.true(node.state.yields, 'beside a peer that could serve it keeps away');
	t.is(node.run(700).of('claim').length, 1, 'alone it serves');
});

test('A promise to keep away binds until the peer has echoed its withdrawal', t => {
	const node = makeBackup();
	t.true(node.state.yields);
	const free = {term: 3, draining: true} as const;
	const before = node.state.sequence;
	node.hear(free);
	t.false(node.state.yields);
	t.is(node.of('claim').length, 0);
	t.is(node.sent.at(-1)?.yields, false);
	node.hear({...free, echo: {bootId: node.state.settings.bootId, sequence: before, ageMs: 0}});
	t.is(node.of('claim').length, 0, 'an older echo does not do');
	t.is(node.hear(free).of('claim').length, 1);
	t.is(node.state.claim?.reason, 'lb2 hands the address over');
});

test('Who is given the address by a node that cannot serve says so', t => {
	const node = makeBackup();
	const free = {term: 3, draining: true, eligible: false, note: 'the proxy is down'} as const;
	node.hear(free);
	node.hear(free);
	t.is(node.state.claim?.reason, 'lb2 hands the address over: it cannot serve (the proxy is down)');
});

test('A claim that is not answered in time counts as failed', t => {
	const node = makeBackup();
	node.run(700);
	t.is(node.state.address, 'claiming');
	node.run(3000);
	t.is(node.state.node, 'fault');
	t.regex(node.state.reason, /no answer in time/);
	t.is(node.of('release').length, 1);
});

test('An unproven boot of the peer that speaks for the address delays a claim, but never prevents it', t => {
	const node = makeBackup();
	const heardAtMs = node.nowMs;
	const stranger = {...node.compose(asMaster), bootId: 'dead00000000beef', echo: undefined};
	let claims = 0;
	for (let atMs = 200; atMs <= 8000 && claims === 0; atMs += 200) {
		claims += node.runTo(heardAtMs + atMs).of('claim').length;
		node.step({type: 'unproven', advertisement: {...stranger, sequence: atMs}});
		if (atMs < 6200) t.is(claims, 0, `at ${atMs} ms`);
	}
	t.is(claims, 1);
});

test('An unproven boot that neither is master nor claims delays nothing', t => {
	const node = makeBackup();
	const hello = {...node.compose(), state: 'initialize', bootId: 'dead00000000beef'} as const;
	node.run(300).step({type: 'unproven', advertisement: hello});
	t.is(node.run(400).of('claim').length, 1);
});
