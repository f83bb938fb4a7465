/**
 * `balance roundrobin`: turns by weight, smoothly; weights may change at any time (HAProxy manual, `balance roundrobin`).
 */
import type {Algorithm} from './algorithm.ts';
import {buildSchedule} from './schedule.ts';
import {pickFromCycle, rampedWeight} from './view.ts';

export const roundRobin: Algorithm = {
	arrange(members, view) {
		const weights = Array.from(members, server => rampedWeight(view, server));
		const cycle = buildSchedule(weights).map(place => members[place]!);
		return (now, turn, _hash, avoid) => pickFromCycle(cycle, members, now, turn, avoid);
	},
};
