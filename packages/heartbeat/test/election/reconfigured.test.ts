import test from 'ava';
import {Duo} from '../helpers/duo.ts';

const live = ({settings}: Duo['states']['lb1'], change: object) => {
	const {priority, peerPriority, preempt, onIsolation, configDigest} = settings;
	return {priority, peerPriority, preempt, onIsolation, configDigest, ...change};
};

test('a configuration that is read again moves nothing by itself and pauses nothing', t => {
	const duo = new Duo().run(2000);
	const {term, sequence, settings} = duo.states.lb1;
	duo.log.length = 0;
	duo.step('lb1', {
		type: 'reconfigured',
		settings: live(duo.states.lb1, {priority: 200, configDigest: 'b'.repeat(32)}),
	});
	const [first] = duo.log;
	t.is(first?.atMs, duo.nowMs, 'the peer hears of it at once');
	t.is(duo.states.lb1.sequence, sequence + 1);
	duo.run(3000);
	t.is(duo.master, 'lb1');
	t.is(duo.states.lb1.term, term);
	t.true(duo.states.lb1.drift && duo.states.lb2.drift, 'until the other one is told too');
	t.is(duo.states.lb1.settings.advertIntervalMs, settings.advertIntervalMs);
	t.deepEqual(duo.story('release', 'claim'), []);
	duo.step('lb2', {
		type: 'reconfigured',
		settings: live(duo.states.lb2, {peerPriority: 200, configDigest: 'b'.repeat(32)}),
	});
	duo.run(1000);
	t.false(duo.states.lb1.drift || duo.states.lb2.drift);
	t.is(duo.states.lb2.peer?.said.priority, 200);
	t.is(duo.master, 'lb1');
});

test('a new preference holds once both nodes have it, with a planned move', t => {
	const duo = new Duo({preempt: {mode: 'on'}}).run(2000);
	t.is(duo.master, 'lb1');
	const file = {configDigest: 'b'.repeat(32)};
	duo.step('lb1', {type: 'reconfigured', settings: live(duo.states.lb1, {...file, priority: 50})});
	duo.run(5000);
	t.is(duo.master, 'lb1', 'the other node still has the old file');
	duo.step('lb2', {type: 'reconfigured', settings: live(duo.states.lb2, {...file, peerPriority: 50})});
	duo.run(5000);
	t.is(duo.master, 'lb2');
});
