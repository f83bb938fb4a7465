/**
 * Which server takes the next transaction (HAProxy manual, `balance`, `backup`, `option allbackups`).
 *
 * Decides from a plan that is rebuilt when a server changes state or weight, and from the load of the moment.
 * Leaves counting turns, taking slots, queues and cookies to the caller. Servers are numbered from 0 in their backend.
 */
import type {BalanceAlgorithm} from '@hapair/config';
import {buildFixedMap, buildSchedule} from './schedule.ts';

/** No server of the backend may be used: 503 at once. */
export const NO_SERVER = -1;
/** Servers may be used, but none has a free slot: wait in the backend's queue. */
export const ALL_FULL = -2;

/** Entries of the schedule that are tried before a plain search: a cycle may be long, and most servers full. */
const MAX_TURNS_TRIED = 64;

/** What balancing needs to know of the servers of one backend. */
export interface ServerView {
	readonly count: number;
	/** May take new work by its state: UP or unchecked, not MAINT, DRAIN or NOLB. */
	usable(server: number): boolean;
	/** 0–256; 0 means persistence only. */
	weight(server: number): number;
	backup(server: number): boolean;
	/** Transactions it serves or that wait in its own queue. */
	slots(server: number): number;
	/** Its maxconn is reached or its own queue is not empty; false without maxconn. */
	full(server: number): boolean;
}

/** What can be computed before the request arrives. */
export interface BalancePlan {
	readonly algorithm: BalanceAlgorithm;
	/** The servers that take part, in file order, after the backup rules. */
	readonly members: Uint16Array;
	/** One cycle of turns, as server numbers. Also the map of `balance source`. */
	readonly schedule: Uint16Array;
}

/**
 * Applies weights and the backup rules. Call it again when `usable` or `weight` of any server changes.
 *
 * Backups take part only when no active server does; then the first usable one alone, or all with `allbackups`.
 */
export function buildPlan(algorithm: BalanceAlgorithm, view: ServerView, allBackups: boolean): BalancePlan {
	const active: number[] = [];
	const backups: number[] = [];
	for (let i = 0; i < view.count; i++) {
		if (!view.usable(i) || view.weight(i) <= 0) continue;
		(view.backup(i) ? backups : active).push(i);
	}
	const members = active.length > 0 ? active : allBackups ? backups : backups.slice(0, 1);
	const weights = members.map(i => view.weight(i));
	const order = algorithm === 'source' || algorithm === 'static-rr' ? buildFixedMap(weights) : buildSchedule(weights);
	return {algorithm, members: Uint16Array.from(members), schedule: order.map(position => members[position]!)};
}

/**
 * Picks a server, `NO_SERVER` or `ALL_FULL`.
 *
 * `turn` is a counter shared by all workers, any non-negative integer. `sourceHash` is `hashSource` of the client's
 * address, used by `source` only. `avoid` is the server that just refused (redispatch), or -1: it is
 * taken again only when there is no other.
 */
export function pickServer(
	plan: BalancePlan,
	view: ServerView,
	turn: number,
	sourceHash: number,
	avoid: number,
): number {
	if (plan.members.length === 0) return NO_SERVER;
	switch (plan.algorithm) {
		case 'roundrobin':
		case 'static-rr':
			return pickByTurn(plan, view, turn, avoid);
		case 'leastconn':
			return pickLeastLoaded(plan, view, turn, avoid);
		case 'source':
			return pickBySource(plan, view, sourceHash, avoid);
		case 'first':
			return pickFirstFree(plan, view, 0, avoid);
		case 'random':
			return pickRandomly(plan, view, turn, avoid);
	}
}

function isFree(view: ServerView, server: number, avoid: number): boolean {
	return server !== avoid && view.usable(server) && !view.full(server);
}

function pickByTurn(plan: BalancePlan, view: ServerView, turn: number, avoid: number): number {
	const {schedule} = plan;
	const length = schedule.length;
	const tries = Math.min(length, MAX_TURNS_TRIED);
	let position = turn % length;
	for (let k = 0; k < tries; k++) {
		const server = schedule[position]!;
		if (isFree(view, server, avoid)) return server;
		if (++position === length) position = 0;
	}
	return pickFirstFree(plan, view, turn % plan.members.length, avoid);
}

/** The first free member from `start` on; the avoided server when it is the only free one. */
function pickFirstFree(plan: BalancePlan, view: ServerView, start: number, avoid: number): number {
	const {members} = plan;
	let anyUsable = false;
	for (let k = 0; k < members.length; k++) {
		const server = members[(start + k) % members.length]!;
		if (isFree(view, server, avoid)) return server;
		if (view.usable(server)) anyUsable = true;
	}
	if (avoid >= 0 && members.includes(avoid) && isFree(view, avoid, -1)) return avoid;
	return anyUsable ? ALL_FULL : NO_SERVER;
}

/** Load a server would have with one transaction more, by weight; an idle server always goes first. */
function loadOf(view: ServerView, server: number): number {
	const slots = view.slots(server);
	return slots === 0 ? 0 : (slots + 1) / view.weight(server);
}

function pickLeastLoaded(plan: BalancePlan, view: ServerView, turn: number, avoid: number): number {
	const {members} = plan;
	const length = members.length;
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
	return best >= 0 ? best : pickFirstFree(plan, view, 0, avoid);
}

/** A full server keeps its clients: they wait in its queue, or the hash would mean nothing under load. */
function pickBySource(plan: BalancePlan, view: ServerView, sourceHash: number, avoid: number): number {
	const {schedule} = plan;
	const length = schedule.length;
	const tries = Math.min(length, MAX_TURNS_TRIED);
	let position = sourceHash % length;
	for (let k = 0; k < tries; k++) {
		const server = schedule[position]!;
		if (server !== avoid && view.usable(server)) return server;
		if (++position === length) position = 0;
	}
	const found = pickFirstFree(plan, view, 0, avoid);
	return found === ALL_FULL ? schedule[sourceHash % length]! : found;
}

/** Two draws by weight, the less loaded one wins (HAProxy manual, `balance random`). */
function pickRandomly(plan: BalancePlan, view: ServerView, turn: number, avoid: number): number {
	const {schedule} = plan;
	const first = schedule[scramble(turn * 2) % schedule.length]!;
	const second = schedule[scramble(turn * 2 + 1) % schedule.length]!;
	const firstFree = isFree(view, first, avoid);
	const secondFree = isFree(view, second, avoid);
	if (firstFree && secondFree) return loadOf(view, second) < loadOf(view, first) ? second : first;
	if (firstFree) return first;
	if (secondFree) return second;
	return pickFirstFree(plan, view, scramble(turn) % plan.members.length, avoid);
}

/** Spreads consecutive turns over 32 bits, so that no request pattern can follow the cycle. */
function scramble(turn: number): number {
	let x = Math.imul(turn ^ (turn >>> 16), 0x7feb352d);
	x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
	return (x ^ (x >>> 16)) >>> 0;
}
