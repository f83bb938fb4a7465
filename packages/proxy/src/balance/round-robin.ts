/**
 * `balance roundrobin`: turns by weight, smoothly; weights may change at any time (HAProxy manual, `balance roundrobin`).
 */
import type {Algorithm} from './algorithm.ts';
import {buildTurns} from './turns.ts';
import {pickFromCycle, rampedWeight} from './view.ts';

export const roundRobin: Algorithm = {
	arrange(members, view) {
		const weights = Array.from(members, server => rampedWeight(view, server));
		const {first, steady} = buildTurns(weights);
		const begin = first.map(place => members[place]!);
		const cycle = steady.map(place => members[place]!);
		return (now, turn, _hash, avoid) => pickFromCycle(turn < begin.length ? begin : cycle, members, now, turn, avoid);
	},
};
