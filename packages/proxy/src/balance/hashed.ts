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
		arrange: (members, view, _options, {method}) =>
			method === 'consistent' ? arrangeCircle(members, view) : arrangeMap(members, view),
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
function arrangeCircle(members: Uint16Array, view: ServerView): Picker {
	const weights = Array.from(members, server => rampedWeight(view, server));
	const circle: HashCircle = makeCircle(members, weights, view);
	const cycle = buildSchedule(weights).map(place => members[place]!);
	return (now, turn, hash, avoid) => {
		if (hash === NO_HASH) return pickFromCycle(cycle, members, now, turn, avoid);
		const found = findOnCircle(circle, hash, server => server !== avoid && now.usable(server));
		return found >= 0 ? found : settle(pickFirstFree(members, now, 0, avoid), members[0]!);
	};
}

/** Full is no reason to leave the server of the hash. */
function settle(found: number, server: number): number {
	return found === ALL_FULL ? server : found;
}
