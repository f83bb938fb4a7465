/**
 * The order in which HAProxy's `roundrobin` serves servers of different weights (measured on 2.6: weights 2 and 1 give a a b).
 *
 * Pure. Decides the first cycle, which begins with the heaviest, and the one that is repeated for ever behind it. Servers stand on a line
 * as long as all weights: who was served moves on by its share of it, and its rest is carried over. Leaves shares that do not come out
 * even to `schedule.ts`.
 */
import {boundWeights, buildSchedule, reduceWeights} from './schedule.ts';

export interface Turns {
	readonly first: Uint16Array;
	readonly steady: Uint16Array;
}

/** Beyond this many steps the thread's traffic would feel it. */
const MAX_STEPS = 1 << 20;
const NOWHERE = -1;

/** Indexes into `weights` (0–256, sixteen times as much under `slowstart`). */
export function buildTurns(weights: readonly number[]): Turns {
	const turns = boundWeights(reduceWeights(weights));
	const total = turns.reduce((sum, weight) => sum + weight, 0);
	if (turns.length * total * 2 <= MAX_STEPS && total > 0) {
		const line = new Line(turns, total);
		const first = Uint16Array.from({length: total}, () => line.next());
		const steady = Uint16Array.from({length: total}, () => line.next());
		if (hasShares(steady, turns)) return {first, steady};
	}
	const schedule = buildSchedule(weights);
	return {first: schedule, steady: schedule};
}

function hasShares(order: Uint16Array, weights: readonly number[]): boolean {
	const left = [...weights];
	for (const server of order) left[server]! -= 1;
	return left.every(count => count === 0);
}

class Line {
	readonly #weights: readonly number[];
	readonly #total: number;
	/** Where each stands; negative before its first turn. */
	readonly #places: number[];
	readonly #rests: number[];
	/** In the order of their last turns. */
	readonly #served: number[];
	/** Not served yet, the heaviest first. */
	readonly #fresh: number[];
	#now = 0;
	#count = 0;

	constructor(weights: readonly number[], total: number) {
		this.#weights = weights;
		this.#total = total;
		this.#places = weights.map(() => NOWHERE);
		this.#rests = weights.map(() => 0);
		this.#served = weights.map(() => 0);
		const fresh = weights.flatMap((weight, server) => (weight > 0 ? [server] : []));
		this.#fresh = fresh.sort((a, b) => weights[b]! - weights[a]! || a - b);
	}

	next(): number {
		let server = this.#findDue();
		if ((server === NOWHERE || this.#places[server]! > this.#now) && this.#fresh.length > 0) {
			server = this.#fresh.shift()!;
			this.#places[server] = this.#now;
		} else if (server === NOWHERE) {
			this.#wrap();
			server = this.#findDue();
		}
		this.#moveOn(server);
		return server;
	}

	/** The first on the line; of equals the one with more of its share left. */
	#findDue(): number {
		let best = NOWHERE;
		for (const [server, place] of this.#places.entries()) {
			if (place < 0 || place >= this.#total) continue;
			if (best === NOWHERE || this.#compare(server, best) < 0) best = server;
		}
		return best;
	}

	#compare(a: number, b: number): number {
		return (
			this.#places[a]! - this.#places[b]! ||
			this.#rests[a]! - this.#weights[a]! - this.#rests[b]! + this.#weights[b]! ||
			this.#served[a]! - this.#served[b]!
		);
	}

	#moveOn(server: number): void {
		const weight = this.#weights[server]!;
		const rest = this.#rests[server]! + (this.#total % weight);
		this.#places[server]! += Math.floor(this.#total / weight) + (rest >= weight ? 1 : 0);
		this.#rests[server] = rest >= weight ? rest - weight : rest;
		this.#served[server] = ++this.#count;
		this.#now++;
	}

	/** Everybody is behind the end of the line, which begins anew there. */
	#wrap(): void {
		for (const [server, place] of this.#places.entries()) if (place >= 0) this.#places[server] = place - this.#total;
		this.#now = 0;
	}
}
