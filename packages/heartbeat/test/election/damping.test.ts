/** A peer that fails again and again gets the address back when it stays, and a pin ends. */
import test from 'ava';
import {makeMaster, type Node} from '../helpers/node.ts';

const preferred = {priority: 200, term: 1} as const;

/** The peer is off for 5 s and on for 5 s; says how often the address was to move meanwhile. */
function flap(node: Node, times: number): number {
	let moves = 0;
	for (let round = 0; round < times; round += 1) {
		node.run(5000);
		moves += node.of('handoverRequested').length;
		moves += node.runWith(preferred, 5000).of('handoverRequested').length;
	}
	return moves;
}

function prefersPeer(): Node {
	const node = makeMaster({peerPriority: 200, preempt: {mode: 'on'}});
	node.runWith({...preferred, stepsBack: true}, 1000);
	return node;
}

test('Five times off and on for five seconds each: the preferred peer does not get the address', t => {
	t.is(flap(prefersPeer(), 5), 0);
});

test('When it stays, it gets it; after more failures later', t => {
	const once = prefersPeer();
	flap(once, 1);
	t.is(once.runWith(preferred, 3000).of('handoverRequested').length, 0);
	t.is(once.runWith(preferred, 5000).of('handoverRequested').length, 1);
	const often = prefersPeer();
	flap(often, 3);
	t.is(often.runWith(preferred, 10_000).of('handoverRequested').length, 0);
	t.is(often.runWith(preferred, 60_000).of('handoverRequested').length, 1);
});

test('An alarm tells of the second failure, not of the first', t => {
	const node = prefersPeer();
	const alarms = () => node.of('event').filter(({event}) => event.kind === 'flap').length;
	node.run(5000);
	t.is(alarms(), 0);
	node.runWith(preferred, 5000);
	node.run(5000);
	t.is(alarms(), 1);
	t.regex(node.of('event').find(({event}) => event.kind === 'flap')!.event.reason, /when it has been fit for 2\d s/);
});

test('A peer that took its leave has not failed', t => {
	const node = prefersPeer();
	node.hear({...preferred, state: 'stopped', resigning: true}).run(5000);
	t.is(node.runWith(preferred, 2000).of('handoverRequested').length, 1);
});

test('A node that cannot serve leaves at once, however often its peer has failed', t => {
	const node = prefersPeer();
	flap(node, 4);
	node.fit({eligible: false, note: 'track'}).hear(preferred);
	t.not(node.state.handover, undefined);
});

test('What an operator forced is over after an hour', t => {
	const node = makeMaster();
	node.state = {...node.state, pinnedUntilMs: node.nowMs + 3_600_000};
	node.fit({eligible: false, note: 'no servers'});
	node.runWith({term: 1}, 3_599_000);
	t.is(node.state.handover, undefined);
	node.runWith({term: 1}, 2000);
	t.not(node.state.handover ?? (node.state.node === 'master' ? undefined : 'gone'), undefined);
});
