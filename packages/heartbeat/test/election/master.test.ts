import test from 'ava';
import {addressIdOf} from '../../src/index.ts';
import {asMaster, makeBackup, makeMaster, Node} from '../helpers/node.ts';

test('§5.2: a higher term always wins, whatever the priority', t => {
	const node = makeMaster().hear({...asMaster, term: 2, priority: 1, health: 1});
	t.is(node.state.node, 'backup');
	t.deepEqual(node.kinds.slice(0, 3), ['event', 'release', 'transition']);
	t.regex(node.state.reason, /lb2 has claimed the address: term 2 over 1/);
	t.is(node.state.term, 2);
});

test('§5.2: a lower term loses, whatever the priority; the master answers at once and announces (RFC 9568 §6.4.3)', t => {
	const node = makeMaster().run(60);
	node.hear({...asMaster, term: 0, priority: 254});
	t.is(node.state.node, 'master');
	t.deepEqual(node.kinds, ['event', 'announce', 'sendAdvertisement']);
	t.is(node.of('event')[0]?.event.kind, 'secondSpeaker');
});

test('RFC 5798 §6.4.3 (735): of equal terms the higher priority wins', t => {
	const strong = makeMaster().hear({...asMaster, term: 1, incumbent: true});
	t.is(strong.state.node, 'master');
	const weak = makeMaster({priority: 100, peerPriority: 150, preempt: {mode: 'on'}});
	weak.hear({...asMaster, term: 1, incumbent: false, priority: 150});
	t.is(weak.state.node, 'backup');
});

test('RFC 5798 §6.4.3 (740): of equal terms and priorities the greater address wins', t => {
	const greater = makeMaster({priority: 100, address: addressIdOf('10.0.0.13')});
	t.is(greater.hear({...asMaster, term: 1}).state.node, 'master');
	const smaller = makeMaster({priority: 100, preempt: {mode: 'on'}});
	t.is(smaller.hear({...asMaster, term: 1}).state.node, 'backup');
});

test('A claim is heard as early as a master: the holder of the lower term steps down while it is under way', t => {
	const node = makeMaster().hear({state: 'backup', claiming: true, holdsAddress: true, yields: false, term: 2});
	t.is(node.state.node, 'backup');
	t.deepEqual(
		node.of('event').map(({event}) => event.kind),
		[],
		'nobody has spoken for the address yet',
	);
});

test('§5.6: when a second speaker has left, the master announces once more', t => {
	const node = makeMaster().hear({...asMaster, term: 0});
	t.true(node.state.secondSpeaker);
	t.is(node.hear({term: 1, holdsAddress: true, yields: false}).of('announce').length, 0, 'it still has the address');
	t.is(node.hear({term: 1}).of('announce').length, 1);
	t.is(node.hear({term: 1}).of('announce').length, 0);
});

test('The end of two masters is told on the node that stays one, once, whether the other one left or fell silent', t => {
	const kinds = (node: ReturnType<typeof makeMaster>) => node.of('event').map(({event}) => event.kind);
	const left = makeMaster().hear({...asMaster, term: 0});
	t.deepEqual(kinds(left.hear({term: 1})), ['soleSpeaker']);
	t.deepEqual(kinds(left.hear({term: 1})), []);
	const dead = makeMaster().hear({...asMaster, term: 0});
	t.deepEqual(kinds(dead.run(60_000)), ['solo', 'soleSpeaker']);
});

test('Terms only grow: a claim of the peer that came to nothing makes the holder renew its own above it', t => {
	const node = makeMaster().hear({term: 7});
	t.is(node.state.node, 'master');
	t.is(node.state.term, 8);
	t.is(node.sent[0]?.term, 8);
	t.is(node.state.masteredTerm, 8);
});

test('Solo is said once when the peer falls silent, and paired once when it is back', t => {
	const node = makeMaster();
	const kinds = node
		.run(5000)
		.of('event')
		.map(({event}) => event.kind);
	t.deepEqual(kinds, ['solo']);
	t.true(node.sent.at(-1)?.solo);
	node.hear({term: 1, bootId: 'f0f0f0f0f0f0f0f0'});
	t.deepEqual(
		node.of('event').map(({event}) => event.kind),
		['paired'],
	);
	t.false(node.state.solo);
});

test('A peer that was cut off alive may have been master: the end of that is told, unless it cannot have been', t => {
	const kinds = (settings: Parameters<typeof makeMaster>[0], said: Parameters<Node['hear']>[0]) =>
		makeMaster(settings)
			.run(5000)
			.hear(said)
			.of('event')
			.map(({event}) => event.kind);
	t.deepEqual(kinds({}, {term: 1}), ['paired', 'soleSpeaker']);
	t.deepEqual(kinds({}, {...asMaster, term: 0}), ['paired', 'secondSpeaker'], 'it still is master');
	t.deepEqual(kinds({onIsolation: 'hold'}, {term: 1}), ['paired']);
});

test('RFC 5798 §6.4.3 (715): a master advertises each interval, and each of them renews the lease', t => {
	const node = makeMaster();
	const before = node.state.sequence;
	const renewals = node
		.runWith({term: 1}, 2000)
		.of('sendAdvertisement')
		.map(({renewsLease}) => renewsLease);
	t.true(node.state.sequence - before >= 10);
	t.true(renewals.every(Boolean));
	t.is(node.state.leaseEndsMs - (node.state.advertiseAtMs - 200), 500);
});

test('§5.4: nobody but a master renews the lease', t => {
	const node = makeBackup();
	const all = [...node.runWith(asMaster, 1000).of('sendAdvertisement'), ...node.run(700).of('sendAdvertisement')];
	t.true(all.length > 5);
	t.false(all.some(({renewsLease}) => renewsLease));
});

test('§5.3: a master that cannot serve yields at once to a fit peer, sticky or not, without waiting for a drain', t => {
	const node = makeMaster({preempt: {mode: 'off'}}).fit({eligible: false, note: 'the proxy is gone'});
	t.is(node.state.handover?.phase, 'prepare');
	t.is(node.of('handoverRequested').length, 0);
	t.true(node.sent.at(-1)?.draining);
});

test('§5.3: a master that cannot serve keeps the address from a peer that cannot serve either', t => {
	const node = makeMaster();
	node.hear({term: 1, eligible: false, state: 'fault'}).fit({eligible: false});
	t.is(node.state.handover, undefined);
	t.is(node.runWith({term: 1, eligible: false, state: 'fault'}, 5000).of('release').length, 0);
});

test('§5.3: better health moves the address after a hold, through the daemon’s drain', t => {
	const node = makeMaster().fit({health: 100});
	t.is(node.runWith({term: 1}, 500).of('handoverRequested').length, 0);
	const asked = node.runWith({term: 1}, 400).of('handoverRequested');
	t.deepEqual(asked, [{type: 'handoverRequested', reason: 'lb2 is in better health', forced: false}]);
	t.is(node.state.node, 'master', 'the address stays until the daemon has drained');
});

test('§5.3: health that recovers within the hold moves nothing', t => {
	const node = makeMaster().fit({health: 100});
	node.runWith({term: 1}, 400).fit({health: 255});
	node.runWith({term: 1}, 100).fit({health: 100});
	t.is(node.runWith({term: 1}, 500).of('handoverRequested').length, 0);
});

const preferredPeer = {term: 1, priority: 200} as const;

test('Preempt off (sticky): a preferred peer does not get the address back', t => {
	const node = makeMaster({peerPriority: 200});
	t.is(node.runWith(preferredPeer, 60_000).of('handoverRequested').length, 0);
});

test('Preempt on: a preferred peer gets it after the voluntary hold', t => {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}});
	const [asked] = node.runWith(preferredPeer, 1000).of('handoverRequested');
	t.is(asked?.reason, 'lb2 is preferred');
});

test('Preempt after: a preferred peer gets it when it has been fit for the whole delay', t => {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'after', delayMs: 5000}});
	t.is(node.runWith(preferredPeer, 4900).of('handoverRequested').length, 0);
	t.is(node.runWith(preferredPeer, 400).of('handoverRequested').length, 1);
});

test('Preempt on: a peer that an operator moved the address away from does not get it back by itself', t => {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}});
	t.is(node.runWith({...preferredPeer, stepsBack: true}, 5000).of('handoverRequested').length, 0);
});

test('Outside of the failover windows a preferred peer waits, and a failure does not', t => {
	const waiting = {eligible: true, health: 255, note: '', preferenceWaits: true};
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}}).fit(waiting);
	t.is(node.runWith(preferredPeer, 5000).of('handoverRequested').length, 0);
	node.fit({...waiting, preferenceWaits: false});
	t.is(node.runWith(preferredPeer, 1000).of('handoverRequested').length, 1);
	const broken = makeMaster({peerPriority: 200, preempt: {mode: 'on'}}).fit(waiting);
	broken.fit({...waiting, eligible: false});
	t.is(broken.state.handover?.phase, 'prepare');
});

test('§5.1: drift is said once and stops voluntary moves, never the heartbeat', t => {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}});
	const drifted = {...preferredPeer, configDigest: 'dd'.repeat(16)};
	const all = node.runWith(drifted, 3000);
	t.deepEqual(
		all.of('event').map(({event}) => event.kind),
		['drift'],
	);
	t.is(all.of('handoverRequested').length, 0);
	t.true(all.sent.length >= 15);
	t.deepEqual(
		node
			.hear(preferredPeer)
			.of('event')
			.map(({event}) => event.kind),
		['agreed'],
	);
});

test('A peer that does not hear this node gets nothing handed over', t => {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}});
	t.is(node.runWith({...preferredPeer, echo: undefined}, 5000).of('handoverRequested').length, 0);
});

test('Two masters, the other one deaf: the one that hears gives way, after a link that healed had time for an echo', t => {
	const node = makeMaster();
	node.run(1000);
	const deaf = {...asMaster, term: 1, incumbent: false, echo: undefined};
	node.runWith(deaf, 1100);
	t.is(node.state.node, 'master');
	node.runWith(deaf, 200);
	t.is(node.state.node, 'backup');
	t.regex(node.state.reason, /does not hear this node: the one that hears gives way/);
});

test('§5.5: a daemon that hangs in its drain does not keep a move for ever', t => {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}, drainDeadlineMs: 2000});
	node.runWith(preferredPeer, 1000);
	t.true(node.state.drainAskedMs !== undefined);
	node.runWith(preferredPeer, 2200);
	t.is(node.state.handover?.phase, 'prepare');
});

test('§5.5: when the drain’s deadline passes and the peer cannot serve any more, nothing moves', t => {
	const node = makeMaster({drainDeadlineMs: 2000});
	node.runWith({term: 1, wish: 40}, 400);
	node.runWith({term: 1, wish: 40, eligible: false, note: 'no carrier'}, 2200);
	t.is(node.state.node, 'master');
	t.is(node.state.handover, undefined);
	t.is(node.state.answeredWish?.refusal, 'lb2 cannot serve: no carrier; --force hands over nevertheless');
});

test('A move is called off when its reason goes away while the daemon drains', t => {
	const node = makeMaster().fit({health: 100});
	node.runWith({term: 1}, 900);
	t.true(node.sent.at(-1)?.draining);
	node.fit({health: 255}).hear({term: 1});
	t.false(node.state.drainAskedMs !== undefined);
	t.false(node.run(200).sent.at(-1)?.draining);
});

test('A forced move pins the address: a fitter peer gets it only when this node is fit and less good', t => {
	const node = new Node({firstTerm: 3}).fit({eligible: false, note: 'no servers'});
	node.hear(asMaster).hear({state: 'backup', draining: true, forced: true, yields: true, term: 3});
	node.hear({state: 'backup', draining: true, forced: true, yields: true, term: 3});
	t.is(node.state.claim?.term, 4, 'forced: it claims though it cannot serve');
	node.step({type: 'claimSucceeded', term: 4});
	t.true(node.state.pinnedUntilMs > 0);
	node.runWith({term: 4}, 5000);
	t.is(node.state.node, 'master');
	t.is(node.state.handover, undefined);
});
