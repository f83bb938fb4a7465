import test from 'ava';
import {retryAfterMs} from '../../src/index.ts';
import {asMaster, makeBackup, makeMaster, type Node} from '../helpers/node.ts';

/** A backup whose peer has fallen silent, in the middle of its takeover under term 4. */
function makeClaimer(): Node {
	const node = makeBackup();
	node.run(625 - (node.nowMs - (node.state.peer?.heardAtMs ?? 0)));
	return node;
}

test('§5.2: a claim raises the term, and the peer hears of it before the address is asked for', t => {
	const node = makeClaimer();
	t.deepEqual(node.kinds.slice(-2), ['sendAdvertisement', 'claim']);
	t.like(node.sent.at(-1), {term: 4, claiming: true, holdsAddress: true, yields: false, state: 'backup'});
});

test('There is no master before the address was read back; then: advertise, announce, tell people', t => {
	const node = makeClaimer();
	t.is(node.state.node, 'backup');
	node.step({type: 'claimSucceeded', term: 4});
	t.deepEqual(node.kinds.slice(0, 3), ['sendAdvertisement', 'announce', 'transition']);
	t.true(node.of('sendAdvertisement')[0]?.renewsLease);
	t.like(node.of('transition')[0]?.transition, {from: 'backup', to: 'master', term: 4, takeoverMs: 0});
});

test('An answer to another claim than the present one changes nothing', t => {
	const node = makeClaimer();
	t.deepEqual(node.step({type: 'claimSucceeded', term: 3}).kinds, []);
	t.is(node.state.node, 'backup');
	t.deepEqual(node.step({type: 'claimFailed', term: 3, reason: 'x'}).kinds, []);
	t.is(node.state.address, 'claiming');
});

test('A takeover that fails is released, told to the peer, and ends in fault with the reason', t => {
	const node = makeClaimer().step({type: 'claimFailed', term: 4, reason: 'there is no such interface'});
	t.deepEqual(node.kinds, ['release', 'transition', 'sendAdvertisement']);
	t.is(node.state.node, 'fault');
	t.is(node.state.reason, 'takeover failed: there is no such interface');
	t.like(node.sent[0], {eligible: false, claiming: false, yields: false, holdsAddress: true});
	node.step({type: 'released'});
	t.like(node.sent[0], {yields: true, holdsAddress: false, note: 'takeover failed: there is no such interface'});
});

test('After a failed takeover the node waits, longer each time, and then tries again', t => {
	const node = makeClaimer();
	for (const pauseMs of [1000, 2000, 4000]) {
		const term = node.state.claim?.term ?? 0;
		node.step({type: 'claimFailed', term, reason: 'x'}).step({type: 'released'});
		t.is(node.run(pauseMs - 1).of('claim').length, 0, `not before ${pauseMs} ms`);
		t.is(node.run(1).of('claim').length, 1, `after ${pauseMs} ms`);
	}
	t.is(retryAfterMs(100), 60_000);
	node.step({type: 'claimSucceeded', term: node.state.claim?.term ?? 0});
	t.is(node.state.failures, 0);
});

test('§5.5: nothing is promised before the address is gone', t => {
	const node = makeMaster().hear({...asMaster, term: 2});
	t.like(node.sent.at(-1), {yields: false, holdsAddress: true, state: 'backup'});
	node.runWith(asMaster, 1000);
	t.false(node.state.yields);
	node.step({type: 'released'});
	t.like(node.sent.at(-1), {yields: true, holdsAddress: false});
});

test('A release that nobody confirms is over when its deadline and the lease have passed; the driver stays barred', t => {
	const node = makeMaster().hear({...asMaster, term: 2});
	const fromMs = node.nowMs;
	node.runWith(asMaster, 2999);
	t.is(node.state.address, 'releasing');
	node.runWith(asMaster, 201);
	t.is(node.state.address, 'none');
	t.is(node.state.driverBusyUntilMs, fromMs + 6000);
	t.is(node.run(2000).of('claim').length, 0);
	node.step({type: 'released'});
	t.is(node.state.driverBusyUntilMs, 0);
});

test('Two claims at once: the higher term goes on, the lower one is released', t => {
	const rival = {state: 'backup', claiming: true, holdsAddress: true, yields: false} as const;
	const winner = makeClaimer().hear({...rival, term: 3});
	t.is(winner.state.claim?.term, 4);
	const loser = makeClaimer().hear({...rival, term: 5});
	t.is(loser.state.claim, undefined);
	t.is(loser.of('release').length, 1);
	t.is(loser.state.term, 5);
});

test('Two claims of one term: the better rank goes on', t => {
	const rival = {state: 'backup', claiming: true, holdsAddress: true, yields: false, term: 4} as const;
	t.is(makeClaimer().hear({...rival, priority: 100}).state.claim?.term, 4);
	t.is(makeClaimer().hear({...rival, priority: 200}).state.claim, undefined);
	t.is(makeClaimer().hear({...rival, priority: 1, health: 254}).state.claim?.term, 4, 'health before priority');
});

test('A peer that yields but is still master or claims permits nothing', t => {
	for (const said of [asMaster, {state: 'backup', claiming: true, yields: false}] as const) {
		const node = makeBackup()
			.hear({...said, term: 3})
			.hear({...said, term: 3});
		t.is(node.of('claim').length, 0);
	}
});

test('A peer that resigned permits at once, and the reason says so', t => {
	const node = makeBackup().hear({state: 'stopped', resigning: true, yields: false, term: 3});
	t.is(node.of('claim').length, 1);
	t.is(node.state.claim?.reason, 'lb2 has resigned');
});

test('The reason of a claim by silence names how long the peer was silent', t => {
	t.is(makeClaimer().state.claim?.reason, 'lb2 has been silent for 625 ms');
});

test('After a stall an old resignation permits nothing until the peer answers anew', t => {
	const node = makeBackup({onIsolation: 'claim'});
	node.step({type: 'stalled', gapMs: 2000});
	const stale = {bootId: node.state.settings.bootId, sequence: node.state.sequence - 1, ageMs: 0};
	node.hear({state: 'stopped', resigning: true, term: 3, echo: stale});
	t.is(node.of('claim').length, 0);
});

test('A claimer that has said nothing for a lease gives the claim up, though the takeover has worked', t => {
	const node = makeClaimer();
	// Not run meanwhile, and for less than a stall is: the peer may have taken it for dead.
	node.nowMs += 501;
	node.step({type: 'claimSucceeded', term: 4});
	t.is(node.state.node, 'backup');
	t.is(node.of('release').length, 1);
	t.is(node.of('transition').length, 0);
	const punctual = makeClaimer();
	punctual.nowMs += 40;
	t.is(punctual.step({type: 'claimSucceeded', term: 4}).state.node, 'master');
});
