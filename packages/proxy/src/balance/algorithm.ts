/**
 * What a balance algorithm is.
 *
 * Decides the shape that every file of an algorithm has and `algorithms.ts` lists.
 */
import type {BalanceOptions, HashType} from '@hapair/config';
import type {Address} from '../rules/address.ts';
import type {ServerView} from './view.ts';

/**
 * Picks a server, `NO_SERVER` or `ALL_FULL`.
 *
 * `turn` is a counter shared by all workers, any non-negative integer. `hash` is what the algorithm's key made of the
 * request, or `NO_HASH`. `avoid` is the server that just refused (redispatch), or -1: it is taken again only
 * when there is no other.
 */
export type Picker = (view: ServerView, turn: number, hash: number, avoid: number) => number;

/** What of a request may decide where it goes. Outside HTTP the texts are empty. */
export interface KeyRequest {
	readonly source: Address | undefined;
	readonly method: string;
	/** As received: path and query, or an absolute URI. */
	readonly target: string;
	/** Value of the first line called `lowerName`. */
	header(lowerName: string): string | undefined;
	/** The first bytes of the body, or of the client in mode tcp; latin1. */
	readonly payload: string;
}

/** 0 … 2³²−1, or `NO_HASH`. */
export type KeyReader = (request: KeyRequest) => number;

export interface Algorithm {
	/** Present when requests differ: what they are told apart by. */
	readonly compileKey?: (options: BalanceOptions, hashType: HashType) => KeyReader;
	/** Prepares for `members`, the servers that take part now, in file order; their weights are positive. */
	arrange(
		members: Uint16Array,
		view: ServerView,
		options: BalanceOptions,
		hashType: HashType,
		/** `hash-balance-factor`: percent of the mean load; undefined no limit. */
		factor?: number,
	): Picker;
}
