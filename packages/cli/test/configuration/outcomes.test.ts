import test from 'ava';
import {listOutcomes} from '../../src/configuration/outcomes.ts';
import {samplePair} from '../helpers/samples.ts';

const outcomes = (changes: Partial<typeof samplePair> = {}) =>
	Object.fromEntries(listOutcomes({...samplePair, ...changes}).map(({situation, outcome}) => [situation, outcome]));

test('The preferred node has it first; without preemption it stays where it went', t => {
	const all = outcomes();
	t.is(all['both start and can serve'], 'lb1');
	t.is(all['lb1 cannot serve (a track fails)'], 'lb2, at once');
	t.is(all['lb1 can serve again'], 'stays at lb2 (preempt off)');
	t.is(all['lb1 dies or stands still'], 'lb2, after 725 ms');
	t.regex(all['the nodes lose each other, both live'] ?? '', /^AT BOTH/);
});

test('Preemption, hold and a witness change what they are for', t => {
	t.regex(outcomes({preempt: {mode: 'on'}})['lb1 can serve again'] ?? '', /^back at lb1, after draining/);
	t.regex(
		outcomes({preempt: {mode: 'after', delayMs: 30_000}})['lb1 can serve again'] ?? '',
		/^back at lb1, after 30 s/,
	);
	t.regex(outcomes({onIsolation: 'hold'})['the nodes lose each other, both live'] ?? '', /^stays where it is/);
	const witnessed = outcomes({witness: {host: '10.0.0.13', port: 3695}});
	t.is(witnessed['lb1 dies or stands still'], 'lb2, after 725 ms, when the witness consents');
	t.regex(witnessed['the nodes lose each other, both live'] ?? '', /falls mute first$/);
});

test('Of equal priorities the higher address', t => {
	const [one, two] = samplePair.nodes;
	t.is(outcomes({nodes: [{...one, priority: 100}, two]})['both start and can serve'], 'lb2');
});
