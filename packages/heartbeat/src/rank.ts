/**
 * Which of two nodes should have the address: a lexicographic comparison, never arithmetic.
 *
 * Decides: fit for service → health → (sticky only) the last master → priority → address. A weight that is added to a
 * priority can be configured so that a broken node never loses; an order of reasons cannot.
 */
import type {Advertisement} from './advertisement.ts';

/** What is compared. Exactly what both nodes read on the wire, so that both come to the same answer. */
export type Rank = Pick<Advertisement, 'eligible' | 'maintenance' | 'health' | 'incumbent' | 'priority' | 'address'>;

/** 2: may serve. 1: could serve, but an administrator took it out. 0: cannot serve. */
export function serviceClass(rank: Pick<Rank, 'eligible' | 'maintenance'>): 0 | 1 | 2 {
	if (!rank.eligible) return 0;
	return rank.maintenance ? 1 : 2;
}

/** Positive when `a` should have the address rather than `b`. Zero only for a node compared with itself. */
export function compareRank(a: Rank, b: Rank): number {
	return (
		serviceClass(a) - serviceClass(b) ||
		a.health - b.health ||
		Number(a.incumbent) - Number(b.incumbent) ||
		comparePreference(a, b)
	);
}

/** The part of the rank that is configured: priority, then the higher address (RFC 5798 §6.4.3). */
export function comparePreference(
	a: Pick<Rank, 'priority' | 'address'>,
	b: Pick<Rank, 'priority' | 'address'>,
): number {
	return a.priority - b.priority || compareAddresses(a.address, b.address);
}

function compareAddresses(a: string, b: string): number {
	if (a === b) return 0;
	return a > b ? 1 : -1;
}
