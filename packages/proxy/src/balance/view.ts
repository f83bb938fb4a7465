/**
 * What balancing sees of the servers of one backend, and the searches that all algorithms share.
 *
 * Decides nothing about order or preference. Servers are numbered from 0 in their backend.
 */

/** No server of the backend may be used: 503 at once. */
export const NO_SERVER = -1;
/** Servers may be used, but none has a free slot: wait in the backend's queue. */
export const ALL_FULL = -2;
/** The request has nothing to hash: it takes a turn. */
export const NO_HASH = -1;

/** Entries of a cycle or circle that are tried before a plain search: it may be long, and most servers full. */
export const MAX_TURNS_TRIED = 64;

/** A server that has come back reaches its weight in so many steps (`slowstart`). */
export const FULL_RAMP = 16;

export interface ServerView {
	readonly count: number;
	/** May take new work by its state: UP or unchecked, not MAINT, DRAIN or NOLB. */
	usable(server: number): boolean;
	/** 0–256; 0 means persistence only. */
	weight(server: number): number;
	/** 1 … `FULL_RAMP`: how much of its weight a server has under `slowstart`. */
	ramp(server: number): number;
	/** `Server.id`: its place on a hash circle stays when others come and go. */
	id(server: number): number;
	backup(server: number): boolean;
	/** Transactions it serves or that wait in its own queue. */
	slots(server: number): number;
	/** Its maxconn is reached or its own queue is not empty; false without maxconn. */
	full(server: number): boolean;
}

/** Weight in sixteenths: whole once `slowstart` is over. */
export function rampedWeight(view: ServerView, server: number): number {
	return view.weight(server) * view.ramp(server);
}

export function isFree(view: ServerView, server: number, avoid: number): boolean {
	return server !== avoid && view.usable(server) && !view.full(server);
}

/** The first free member from `start` on; the avoided server when it is the only free one. */
export function pickFirstFree(members: Uint16Array, view: ServerView, start: number, avoid: number): number {
	let anyUsable = false;
	for (let k = 0; k < members.length; k++) {
		const server = members[(start + k) % members.length]!;
		if (isFree(view, server, avoid)) return server;
		if (view.usable(server)) anyUsable = true;
	}
	if (avoid >= 0 && members.includes(avoid) && isFree(view, avoid, -1)) return avoid;
	return anyUsable ? ALL_FULL : NO_SERVER;
}

/** The next free server of a cycle of turns, else any free member. */
export function pickFromCycle(
	cycle: Uint16Array,
	members: Uint16Array,
	view: ServerView,
	turn: number,
	avoid: number,
): number {
	const {length} = cycle;
	const tries = Math.min(length, MAX_TURNS_TRIED);
	let position = turn % length;
	for (let k = 0; k < tries; k++) {
		const server = cycle[position]!;
		if (isFree(view, server, avoid)) return server;
		if (++position === length) position = 0;
	}
	return pickFirstFree(members, view, turn % members.length, avoid);
}

/** Load a server would have with one transaction more, by weight; an idle server always goes first. */
export function loadOf(view: ServerView, server: number): number {
	const slots = view.slots(server);
	return slots === 0 ? 0 : (slots + 1) / rampedWeight(view, server);
}
