/**
 * What all hashing algorithms have in common: a hash leads to a server by a map or by a circle, a request without one takes
 * a turn (HAProxy manual, `hash-type`).
 *
 * Decides how a hash becomes a server. Leaves to each algorithm what is hashed. A full server keeps its clients: they
 * wait in its queue, or the hash would mean nothing under load.
 */
import type {Algorithm, KeyReader, Picker} from './algorithm.ts';
import {findOnCircle, type HashCircle, makeCircle} from './hash-circle.ts';
import {buildFixedMap, buildSchedule} from './schedule.ts';
import {
	ALL_FULL,
	MAX_TURNS_TRIED,
	NO_HASH,
	pickFirstFree,
	pickFromCycle,
	rampedWeight,
	type ServerView,
} from './view.ts';

/** The algorithm that hashes what `compileKey` reads. */
export function byHash(compileKey: NonNullable<Algorithm['compileKey']>): Algorithm {
	return {
		compileKey: (options, hashType): KeyReader => compileKey(options, hashType),
		arrange: (members, view, _options, {method}, factor) =>
			method === 'consistent' ? arrangeCircle(members, view, factor) : arrangeMap(members, view),
	};
}

/** The hash modulo the total weight: any change of the servers moves most clients. */
function arrangeMap(members: Uint16Array, view: ServerView): Picker {
	const weights = Array.from(members, server => view.weight(server));
	const map = buildFixedMap(weights).map(place => members[place]!);
	return (now, turn, hash, avoid) => {
		if (hash === NO_HASH) return pickFromCycle(map, members, now, turn, avoid);
		const {length} = map;
		const tries = Math.min(length, MAX_TURNS_TRIED);
		let position = hash % length;
		for (let k = 0; k < tries; k++) {
			const server = map[position]!;
			if (server !== avoid && now.usable(server)) return server;
			if (++position === length) position = 0;
		}
		return settle(pickFirstFree(members, now, 0, avoid), map[hash % length]!);
	};
}

/** The nearest point of a circle: when a server leaves, only its own clients move. */
function arrangeCircle(members: Uint16Array, view: ServerView, factor: number | undefined): Picker {
	const weights = Array.from(members, server => rampedWeight(view, server));
	const circle: HashCircle = makeCircle(members, weights, view);
	const cycle = buildSchedule(weights).map(place => members[place]!);
	return (now, turn, hash, avoid) => {
		if (hash === NO_HASH) return pickFromCycle(cycle, members, now, turn, avoid);
		const most = factor === undefined ? undefined : boundedLoads(members, weights, now, factor);
		const found = findOnCircle(
			circle,
			hash,
			server => server !== avoid && now.usable(server) && (most === undefined || now.slots(server) < most(server)),
		);
		return found >= 0 ? found : settle(pickFirstFree(members, now, 0, avoid), members[0]!);
	};
}

/**
 * `hash-balance-factor`: no server has more than this percentage of the mean load, by weight and with the request that is coming; each
 * has room for one (consistent hashing with bounded loads, Mirrokni and others, 2016).
 */
function boundedLoads(
	members: Uint16Array,
	weights: readonly number[],
	now: ServerView,
	factor: number,
): (server: number) => number {
	let load = 1;
	let total = 0;
	for (const [place, server] of members.entries()) {
		load += now.slots(server);
		total += weights[place]!;
	}
	const room = Math.ceil((load * factor) / 100);
	return wanted => {
		// Rounded where the shares meet, so that together they are exactly the room there is.
		let before = 0;
		for (const [place, server] of members.entries()) {
			const behind = before + weights[place]!;
			if (server === wanted)
				return Math.max(1, Math.floor((behind * room) / total) - Math.floor((before * room) / total));
			before = behind;
		}
		return 1;
	};
}

/** Full is no reason to leave the server of the hash. */
function settle(found: number, server: number): number {
	return found === ALL_FULL ? server : found;
}
