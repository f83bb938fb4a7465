/**
 * `balance static-rr`: turns by weight in a fixed map; `slowstart` has no effect (HAProxy manual, `balance static-rr`).
 */
import type {Algorithm} from './algorithm.ts';
import {buildFixedMap} from './schedule.ts';
import {pickFromCycle} from './view.ts';

export const staticRoundRobin: Algorithm = {
	arrange(members, view) {
		const weights = Array.from(members, server => view.weight(server));
		const map = buildFixedMap(weights).map(place => members[place]!);
		return (now, turn, _hash, avoid) => pickFromCycle(map, members, now, turn, avoid);
	},
};
