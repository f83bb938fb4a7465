/**
 * The circle of `hash-type consistent` (HAProxy manual, `hash-type`).
 *
 * Decides where each server has its points: sixteen for each unit of weight, at places that depend on its `id` alone. So a
 * server finds its clients again when it comes back, and while it is away the others share them. A weight that grows adds
 * points and moves none.
 */
import {mixInteger} from './hash-functions.ts';
import type {ServerView} from './view.ts';

/** Points of one server at most: weight 256 in sixteenths. Ids are spaced by it. */
const POINTS_PER_ID = 4096;

export interface HashCircle {
	/** Ascending. */
	readonly points: Uint32Array;
	/** The server of each point. */
	readonly owners: Uint16Array;
}

/** `weights` are in sixteenths, as many points each. */
export function makeCircle(members: Uint16Array, weights: readonly number[], view: Pick<ServerView, 'id'>): HashCircle {
	const total = weights.reduce((a, b) => a + b, 0);
	// Point and owner in one number: sorting numbers is much faster than sorting pairs.
	const keyed = new Float64Array(total);
	let next = 0;
	for (const [place, server] of members.entries()) {
		const base = view.id(server) * POINTS_PER_ID;
		for (let k = 0; k < weights[place]!; k++) keyed[next++] = mixInteger(base + k) * 65_536 + server;
	}
	keyed.sort();
	return {
		points: Uint32Array.from(keyed, key => Math.floor(key / 65_536)),
		owners: Uint16Array.from(keyed, key => key % 65_536),
	};
}

/** The usable server whose point is nearest to `hash`, the lower one between equals; -1 when there is none. */
export function findOnCircle(
	{points, owners}: HashCircle,
	hash: number,
	isUsable: (server: number) => boolean,
): number {
	const {length} = points;
	if (length === 0) return -1;
	const after = firstNotBelow(points, hash);
	const next = after % length;
	const previous = (after + length - 1) % length;
	const isNextNearer = (points[next]! - hash) >>> 0 < (hash - points[previous]!) >>> 0;
	const start = isNextNearer ? next : previous;
	for (let k = 0; k < length; k++) {
		const owner = owners[(start + k) % length]!;
		if (isUsable(owner)) return owner;
	}
	return -1;
}

function firstNotBelow(points: Uint32Array, hash: number): number {
	let low = 0;
	let high = points.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (points[middle]! < hash) low = middle + 1;
		else high = middle;
	}
	return low;
}
