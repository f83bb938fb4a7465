/**
 * `balance first`: the first server with a free slot, by `id`, so that the others can be switched off
 * (HAProxy manual, `balance first`). Weights have no effect.
 */
import type {Algorithm} from './algorithm.ts';
import {pickFirstFree} from './view.ts';

export const first: Algorithm = {
	arrange(members, view) {
		const byId = members.toSorted((a, b) => view.id(a) - view.id(b));
		return (now, _turn, _hash, avoid) => pickFirstFree(byId, now, 0, avoid);
	},
};
