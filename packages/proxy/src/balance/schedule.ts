/**
 * The order in which servers take turns where HAProxy's own need not be kept (`weight`).
 *
 * Decides a cycle in which every server appears exactly as often as its weight says, spread out as evenly as
 * possible. Leaves to the caller which servers take part and who counts the turns.
 */

/** Longest cycle. 256 servers of weight 256 fit exactly; see `boundWeights` for what happens beyond. */
const MAX_CYCLE = 65_536;

/** Above this many steps the quadratic method would be felt by the traffic of the thread; the other one sorts. */
const MAX_SMOOTH_STEPS = 1 << 20;

/**
 * Builds one cycle of turns as indexes into `weights`.
 *
 * Weights (0–256) are divided by their greatest common divisor, so equal weights give a cycle of one turn each.
 * Weight 0 never gets a turn; no positive weight gives an empty cycle. A cycle is at most 65,536 turns long: only with
 * more than 256 servers of unrelated weights can it be inexact, and then each keeps at least one turn.
 */
export function buildSchedule(weights: readonly number[]): Uint16Array {
	const turns = boundWeights(reduceWeights(weights));
	const total = sum(turns);
	return turns.length * total <= MAX_SMOOTH_STEPS ? scheduleSmoothly(turns, total) : scheduleByDeadline(turns, total);
}

/**
 * Builds the fixed map of `balance source` and `static-rr`, bounded as `buildSchedule` is.
 *
 * The same shares in the order that HAProxy gives them, so that a client keeps its server when HAProxy is replaced
 * (measured on 2.6: weights 5 1 1 give a a a b a a c).
 */
export function buildFixedMap(weights: readonly number[]): Uint16Array {
	const turns = boundWeights(reduceWeights(weights));
	const total = sum(turns);
	return turns.length * total <= MAX_SMOOTH_STEPS ? mapInFileOrder(turns, total) : scheduleByDeadline(turns, total);
}

/** Credit counts in whole cycles only: the first in the file goes, unless another one is a whole cycle ahead. */
function mapInFileOrder(turns: readonly number[], total: number): Uint16Array {
	const map = new Uint16Array(total);
	const credit = new Float64Array(turns.length);
	for (let turn = 0; turn < total; turn++) {
		let best = -1;
		let bestCycles = Number.NEGATIVE_INFINITY;
		for (let i = 0; i < turns.length; i++) {
			const weight = turns[i]!;
			if (weight === 0) continue;
			credit[i]! += weight;
			const cycles = Math.floor(credit[i]! / total);
			if (cycles <= bestCycles) continue;
			best = i;
			bestCycles = cycles;
		}
		credit[best]! -= total;
		map[turn] = best;
	}
	return map;
}

/** Smooth weighted round robin: whoever has waited longest for its share goes next, the earlier one between equals. */
function scheduleSmoothly(turns: readonly number[], total: number): Uint16Array {
	const schedule = new Uint16Array(total);
	const credit = new Float64Array(turns.length);
	for (let turn = 0; turn < total; turn++) {
		let best = -1;
		for (let i = 0; i < turns.length; i++) {
			const weight = turns[i]!;
			if (weight === 0) continue;
			credit[i]! += weight;
			if (best === -1 || credit[i]! > credit[best]!) best = i;
		}
		credit[best]! -= total;
		schedule[turn] = best;
	}
	return schedule;
}

/** The same shares in n log n: the k-th of a server's w turns is due in the middle of the k-th of w equal parts. */
function scheduleByDeadline(turns: readonly number[], total: number): Uint16Array {
	const due = new Float64Array(total);
	const owner = new Uint16Array(total);
	const order = new Uint32Array(total);
	let next = 0;
	turns.forEach((weight, i) => {
		for (let k = 0; k < weight; k++, next++) {
			due[next] = (2 * k + 1) / (2 * weight);
			owner[next] = i;
			order[next] = next;
		}
	});
	order.sort((a, b) => due[a]! - due[b]! || a - b);
	return Uint16Array.from(order, position => owner[position]!);
}

export function reduceWeights(weights: readonly number[]): number[] {
	let divisor = 0;
	for (const weight of weights) divisor = greatestCommonDivisor(divisor, weight);
	return divisor <= 1 ? [...weights] : weights.map(weight => weight / divisor);
}

export function boundWeights(weights: number[]): number[] {
	const total = sum(weights);
	if (total <= MAX_CYCLE) return weights;
	return weights.map(weight => (weight === 0 ? 0 : Math.max(1, Math.floor((weight * MAX_CYCLE) / total))));
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((a, b) => a + b, 0);
}

function greatestCommonDivisor(a: number, b: number): number {
	while (b !== 0) [a, b] = [b, a % b];
	return a;
}
