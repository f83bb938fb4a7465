/**
 * `balance leastconn`: the server with the fewest transactions for its weight, turns between equals
 * (HAProxy manual, `balance leastconn`). Exact over threads: what is compared are the gauges of all of them.
 */
import type {Algorithm} from './algorithm.ts';
import {isFree, loadOf, pickFirstFree, type ServerView} from './view.ts';

export const leastConnections: Algorithm = {
	arrange: members => (now, turn, _hash, avoid) => pickLeastLoaded(members, now, turn, avoid),
};

function pickLeastLoaded(members: Uint16Array, view: ServerView, turn: number, avoid: number): number {
	const {length} = members;
	let best = -1;
	let bestLoad = Number.POSITIVE_INFINITY;
	let position = turn % length;
	for (let k = 0; k < length; k++) {
		const server = members[position]!;
		if (++position === length) position = 0;
		if (!isFree(view, server, avoid)) continue;
		const load = loadOf(view, server);
		if (load >= bestLoad) continue;
		best = server;
		bestLoad = load;
	}
	return best >= 0 ? best : pickFirstFree(members, view, 0, avoid);
}
