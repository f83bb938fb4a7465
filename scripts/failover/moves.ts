/** How often the address has moved, as clients saw it. Pure. */
import type {Outcome} from '../../test/lab/http-client.ts';

/** So many clients in a row see the same node before it counts: answers overtake each other. */
const enough = 5;

/** @param fresh new clients of one run, with the node that each was served by. */
export function countMoves(fresh: readonly Pick<Outcome, 'startMs' | 'via'>[]): number {
	let [holder, candidate, seen, moves] = ['', '', 0, 0];
	for (const {via} of [...fresh].sort((a, b) => a.startMs - b.startMs)) {
		if (via === undefined) continue;
		seen = via === candidate ? seen + 1 : 1;
		candidate = via;
		if (seen < enough || candidate === holder) continue;
		if (holder !== '') moves++;
		holder = candidate;
	}
	return moves;
}
