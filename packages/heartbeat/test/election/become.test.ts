import test from 'ava';
import {becomeBackup, becomeFault, becomeListener, becomeMaster, becomeStopped} from '../../src/election/become.ts';
import {beginWork, type Work} from '../../src/election/work.ts';
import type {ElectionState, NodeState} from '../../src/index.ts';
import {makeBackup} from '../helpers/node.ts';

function workOn(changes: Partial<ElectionState>): Work {
	return beginWork({...makeBackup().state, ...changes}, 10_000);
}

const become: Readonly<Record<Exclude<NodeState, 'initialize'>, (work: Work) => void>> = {
	backup: work => becomeBackup(work, 'test'),
	fault: work => becomeFault(work, 'test'),
	master: becomeMaster,
	stopped: work => becomeStopped(work, 'test'),
};
const claim = {term: 4, startedMs: 9990, deadlineMs: 13_000, reason: 'test'};

/** The diagram in election.ts, as a table; what is not in it stops the process. */
const legal: Readonly<Record<NodeState, readonly NodeState[]>> = {
	initialize: ['backup', 'fault', 'stopped'],
	backup: ['master', 'fault', 'stopped'],
	master: ['backup', 'fault', 'stopped'],
	fault: ['backup', 'master', 'stopped'],
	stopped: [],
};

for (const [from, targets] of Object.entries(legal) as [NodeState, readonly NodeState[]][]) {
	for (const to of ['backup', 'fault', 'master', 'stopped'] as const) {
		const allowed = targets.includes(to);
		test(`${from} → ${to} is ${allowed ? 'possible' : 'a bug of ours'}`, t => {
			const work = workOn({node: from, address: to === 'master' ? 'held' : 'none', claim});
			if (!allowed) {
				t.throws(() => become[to](work), {message: `a node in state ${from} cannot become ${to}`});
				return;
			}
			become[to](work);
			t.is(work.state.node, to);
			const transitions = work.effects.filter(({type}) => type === 'transition');
			t.is(transitions.length, 1);
		});
	}
}

test('There is no master without its address, and no listener with it', t => {
	for (const address of ['none', 'claiming', 'releasing'] as const) {
		t.throws(() => becomeMaster(workOn({address, claim})), {message: 'there is no master without its address'});
	}
	t.throws(() => becomeMaster(workOn({address: 'held', claim: undefined})));
	t.throws(() => becomeBackup(workOn({node: 'fault', address: 'held'}), 'x'));
	t.throws(() => becomeFault(workOn({address: 'held'}), 'x'));
});

test('A listener is backup or fault, as the fitness says', t => {
	const unfit = workOn({node: 'master', address: 'releasing', fitness: {eligible: false, health: 0, note: ''}});
	becomeListener(unfit, 'x');
	t.is(unfit.state.node, 'fault');
	const resting = workOn({node: 'master', address: 'releasing', retryAtMs: 20_000});
	becomeListener(resting, 'x');
	t.is(resting.state.node, 'fault', 'after a failed takeover nothing is offered until the pause is over');
});

test('Ids of transitions and events are unique over boots', t => {
	const work = workOn({});
	becomeFault(work, 'x');
	becomeBackup(work, 'y');
	const ids = work.effects.map(effect => (effect.type === 'transition' ? effect.transition.id : ''));
	t.is(new Set(ids).size, 2);
	t.true(ids.every(id => id.startsWith('lb1-a1a1a1a1a1a1a1a1-')));
});
