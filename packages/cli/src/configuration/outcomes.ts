/**
 * Who would hold the address, situation by situation: the rank's answers for this configuration. Pure.
 *
 * Decides with the rank that the election uses. What a network does to that, and how long it takes, is in docs/protocol.md.
 */
import type {Pair, PairNode} from '@hapair/config';
import {addressIdOf, compareRank, masterDownMs, type Rank} from '@hapair/heartbeat';
import {formatDuration} from '../terminal.ts';

export interface Outcome {
	readonly situation: string;
	readonly outcome: string;
}

/** In the order in which people ask. */
export function listOutcomes(pair: Pair): readonly Outcome[] {
	const [first, second] = pair.nodes;
	const start = choose(pair, first, second, {});
	const other = start === first ? second : first;
	const downMs = masterDownMs(pair.advertIntervalMs, other === findPreferred(pair));
	return [
		{situation: 'both start and can serve', outcome: start.name},
		{situation: `${start.name} cannot serve (a track fails)`, outcome: `${other.name}, at once`},
		{situation: `${start.name} can serve again`, outcome: describeReturn(pair, start, other)},
		{situation: `${start.name} is in maintenance`, outcome: `${other.name}, after draining`},
		{situation: 'neither can serve', outcome: 'whoever had it last, so that clients get an answer'},
		{
			situation: `${start.name} dies or stands still`,
			outcome: `${other.name}, after ${formatDuration(downMs)}${describeConsent(pair)}`,
		},
		{situation: 'the nodes lose each other, both live', outcome: describeIsolation(pair)},
	];
}

interface Facts {
	readonly incumbent?: PairNode;
}

/** @returns the node that the rank prefers when both can serve. */
function choose(pair: Pair, one: PairNode, two: PairNode, facts: Facts): PairNode {
	return compareRank(rankOf(pair, one, facts), rankOf(pair, two, facts)) > 0 ? one : two;
}

/** The node that stands first when both can serve and neither was master: priority, then address. */
export function findPreferred(pair: Pair): PairNode {
	return choose(pair, pair.nodes[0], pair.nodes[1], {});
}

function rankOf({preempt}: Pair, node: PairNode, {incumbent}: Facts): Rank {
	return {
		eligible: true,
		maintenance: false,
		health: 255,
		incumbent: incumbent === node && preempt.mode !== 'on',
		priority: node.priority,
		address: addressIdOf(node.address),
	};
}

function describeReturn(pair: Pair, start: PairNode, holder: PairNode): string {
	const {preempt} = pair;
	if (preempt.mode === 'off') return `stays at ${choose(pair, start, holder, {incumbent: holder}).name} (preempt off)`;
	const when = preempt.mode === 'after' ? `after ${formatDuration(preempt.delayMs)}` : 'after draining';
	return `back at ${start.name}, ${when} (preempt ${preempt.mode}; later when it fails again and again)`;
}

function describeConsent({witness, onIsolation}: Pair): string {
	if (witness !== undefined) return ', when the witness consents';
	return onIsolation === 'hold' ? ' if it took its leave; else nobody (on isolation hold)' : '';
}

function describeIsolation({witness, onIsolation}: Pair): string {
	if (witness !== undefined) return 'at the one that the witness consents to; the other falls mute first';
	return onIsolation === 'hold'
		? 'stays where it is; nobody takes over (on isolation hold)'
		: 'AT BOTH until they meet again (on isolation claim); a witness prevents that';
}
