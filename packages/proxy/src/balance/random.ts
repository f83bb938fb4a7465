/**
 * `balance random(DRAWS)`: draws by weight, the least loaded of the drawn wins (HAProxy manual, `balance random`).
 *
 * Decides from the shared turn, scrambled: no randomness of its own, and two threads never draw alike.
 */
import type {Algorithm} from './algorithm.ts';
import {buildSchedule} from './schedule.ts';
import {isFree, loadOf, pickFirstFree, rampedWeight} from './view.ts';

export const random: Algorithm = {
	arrange(members, view, {draws}) {
		const weights = Array.from(members, server => rampedWeight(view, server));
		const urn = buildSchedule(weights).map(place => members[place]!);
		return (now, turn, _hash, avoid) => {
			let best = -1;
			let bestLoad = Number.POSITIVE_INFINITY;
			for (let draw = 0; draw < draws; draw++) {
				const server = urn[scramble(turn * draws + draw) % urn.length]!;
				if (!isFree(now, server, avoid)) continue;
				const load = loadOf(now, server);
				if (load >= bestLoad) continue;
				best = server;
				bestLoad = load;
			}
			return best >= 0 ? best : pickFirstFree(members, now, scramble(turn) % members.length, avoid);
		};
	},
};

/** Spreads consecutive turns over 32 bits, so that no request pattern can follow the cycle. */
function scramble(turn: number): number {
	let x = Math.imul(turn ^ (turn >>> 16), 0x7feb352d);
	x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
	return (x ^ (x >>> 16)) >>> 0;
}
