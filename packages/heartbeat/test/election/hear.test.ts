import test from 'ava';
import {asMaster, makeBackup, makeMaster, Node} from '../helpers/node.ts';
import {ownBoot, sampleAdvertisement} from '../helpers/samples.ts';

const echoOf = (sequence: number, bootId = ownBoot) => ({bootId, sequence, ageMs: 0});

test('The peer’s first word begins the contact, its silence ends it, a new boot begins another', t => {
	const node = makeBackup();
	const since = node.state.peer?.contactSinceMs;
	node.runWith(asMaster, 400);
	t.is(node.state.peer?.contactSinceMs, since);
	node.hear({...asMaster, bootId: 'dead00000000beef'});
	t.is(node.state.peer?.contactSinceMs, node.nowMs);
	node.run(700).hear({...asMaster, term: 9, bootId: 'dead00000000beef'});
	t.is(node.state.peer?.contactSinceMs, node.nowMs);
});

test('An echo counts when it names this boot, never goes back and never runs ahead of what was sent', t => {
	const node = makeBackup();
	const {sequence} = node.state;
	node.hear({...asMaster, bootId: 'dead00000000beef', echo: echoOf(3, 'ffffffffffffffff')});
	t.is(node.state.peer?.echoSequence, 0);
	node.hear({...asMaster, bootId: 'dead00000000beef', echo: echoOf(3)});
	t.is(node.state.peer?.echoSequence, 3);
	node.hear({...asMaster, bootId: 'dead00000000beef', echo: echoOf(2)});
	t.is(node.state.peer?.echoSequence, 3);
	node.hear({...asMaster, bootId: 'dead00000000beef', echo: echoOf(sequence + 1000)});
	t.true((node.state.peer?.echoSequence ?? 0) <= node.state.sequence);
});

test('The highest term that was heard is remembered, whoever said it', t => {
	const node = makeBackup().hear({...asMaster, term: 41});
	t.is(node.state.term, 41);
	t.is(node.hear({...asMaster, term: 7}).state.term, 41);
	t.is(node.run(200).sent[0]?.term, 41);
});

test('A new peer is answered at once, so that it is heard in return', t => {
	const node = new Node().run(100);
	node.hear({state: 'initialize', eligible: false});
	t.is(node.sent.length, 1);
});

test('Two nodes that answer each other do not storm: at most one extra advertisement each quarter of an interval', t => {
	const node = makeBackup();
	let sent = 0;
	for (let count = 0; count < 100; count += 1) {
		sent += node.run(1).sent.length;
		sent += node.hear({...asMaster, bootId: 'dead00000000beef', echo: echoOf(1)}).sent.length;
	}
	t.true(sent <= 4, `${sent} in 100 ms`);
	t.true(sent >= 2, 'a peer that misses us hears more of us');
});

test('An unproven boot is answered, at the same measured pace', t => {
	const node = makeMaster().run(100);
	const stranger = {...node.compose(), bootId: 'dead00000000beef'};
	t.is(node.step({type: 'unproven', advertisement: stranger}).sent.length, 1);
	t.is(node.step({type: 'unproven', advertisement: stranger}).sent.length, 0);
	t.is(node.state.node, 'master');
});

test('A proven word of the peer ends the benefit of the doubt for an unproven one', t => {
	const node = makeBackup();
	node.step({type: 'unproven', advertisement: {...node.compose(asMaster), bootId: 'dead00000000beef'}});
	t.true(node.state.noClaimBeforeMs > node.nowMs);
	t.is(node.hear(asMaster).state.noClaimBeforeMs, 0);
});

test('Forged words of a peer that is known delay nothing', t => {
	const node = makeBackup();
	node.step({type: 'unbelieved', advertisement: {...node.compose(asMaster), bootId: 'dead00000000beef'}});
	t.is(node.state.noClaimBeforeMs, 0);
});

test('A node that was unfit for long is as patient when it is fit at last', t => {
	const node = new Node();
	const said = {...sampleAdvertisement, state: 'master', bootId: 'dead00000000beef'} as const;
	const listen = () => node.step({type: 'unbelieved', advertisement: said});
	for (let atMs = 0; atMs < 20_000; atMs += 200) listen().run(200);
	t.is(node.fit().of('claim').length, 0, 'at once');
	for (let atMs = 0; atMs < 6000; atMs += 200) t.is(listen().run(200).of('claim').length, 0, `after ${atMs} ms`);
});

test('A machine that nobody can believe, at the address of a peer never heard, holds a first claim back for a while', t => {
	const node = new Node().fit();
	const said = {...sampleAdvertisement, state: 'master', bootId: 'dead00000000beef'} as const;
	let claims = 0;
	let atMs = 0;
	for (; atMs <= 12_000 && claims === 0; atMs += 200) {
		claims += node.run(200).of('claim').length;
		node.step({type: 'unbelieved', advertisement: said});
	}
	t.is(claims, 1);
	t.true(atMs > 7000, `claimed after ${atMs} ms`);
});

test('Two that cannot believe each other and claimed in one moment: the one that is not preferred gives way, once', t => {
	const said = {...sampleAdvertisement, state: 'master', holdsAddress: true, bootId: 'dead00000000beef'} as const;
	const makeLone = (priority: number): Node => {
		const node = new Node({priority, peerPriority: 100}).fit().run(3000);
		node.step({type: 'claimSucceeded', term: 1});
		t.is(node.state.node, 'master');
		return node.step({type: 'unbelieved', advertisement: said});
	};
	t.is(makeLone(150).state.node, 'master');
	const other = makeLone(50);
	t.is(other.state.node, 'backup');
	t.is(other.of('release').length, 1);
	other.step({type: 'released'});
	for (let turns = 0; turns < 100 && other.state.claim === undefined; turns += 1) other.run(200);
	other.step({type: 'claimSucceeded', term: other.state.claim?.term ?? 0});
	t.is(other.step({type: 'unbelieved', advertisement: said}).state.node, 'master', 'forgery makes no habit of it');
});
