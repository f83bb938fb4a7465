/**
 * Which server takes the next transaction (HAProxy manual, `balance`, `backup`, `option allbackups`).
 *
 * Decides who takes part, in a plan that is rebuilt when a server changes state or weight. Leaves the choice among them to
 * the algorithm's own file, and counting turns, taking slots, queues and cookies to the caller.
 */
import {type BalanceAlgorithm, type BalanceOptions, type HashType, PLAIN_BALANCE} from '@hapair/config';
import type {KeyReader, Picker} from './algorithm.ts';
import {ALGORITHMS} from './algorithms.ts';
import {NO_HASH, NO_SERVER, type ServerView} from './view.ts';

export {ALL_FULL, NO_HASH, NO_SERVER, type ServerView} from './view.ts';

/** The `balance`, `hash-type` and `option allbackups` lines of a backend. */
export interface BalanceSettings {
	readonly balance: BalanceAlgorithm;
	readonly balanceOptions?: BalanceOptions;
	readonly hashType?: HashType;
	readonly allBackups: boolean;
	readonly hashBalanceFactor?: number;
}

/** What can be computed before the request arrives. */
export interface BalancePlan {
	/** The servers that take part, in file order, after the backup rules. */
	readonly members: Uint16Array;
	readonly pick: Picker;
}

const PLAIN_HASH: HashType = {method: 'map-based', function: 'sdbm', avalanche: false};

/**
 * Applies weights and the backup rules. Call it again when `usable` or `weight` of any server changes.
 *
 * Backups take part only when no active server does; then the first usable one alone, or all with `allbackups`.
 */
export function buildPlan(settings: BalanceSettings, view: ServerView): BalancePlan {
	const active: number[] = [];
	const backups: number[] = [];
	for (let i = 0; i < view.count; i++) {
		if (!view.usable(i) || view.weight(i) <= 0) continue;
		(view.backup(i) ? backups : active).push(i);
	}
	const chosen = active.length > 0 ? active : settings.allBackups ? backups : backups.slice(0, 1);
	const members = Uint16Array.from(chosen);
	const {balanceOptions = PLAIN_BALANCE, hashType = PLAIN_HASH, hashBalanceFactor} = settings;
	if (members.length === 0) return {members, pick: () => NO_SERVER};
	return {
		members,
		pick: ALGORITHMS[settings.balance].arrange(members, view, balanceOptions, hashType, hashBalanceFactor),
	};
}

/** What tells requests apart: a hash for each, `NO_HASH` for all with an algorithm that takes turns. */
export function compileKey({
	balance,
	balanceOptions = PLAIN_BALANCE,
	hashType = PLAIN_HASH,
}: BalanceSettings): KeyReader {
	return ALGORITHMS[balance].compileKey?.(balanceOptions, hashType) ?? (() => NO_HASH);
}

/** Does `hash` bind a request to its server, even when that is full? */
export function isBinding(hash: number): boolean {
	return hash !== NO_HASH;
}
