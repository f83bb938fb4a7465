/**
 * How long things take in the pair protocol: master-down interval, skew, lease (RFC 5798 §6.1, in milliseconds).
 *
 * Decides every duration that follows from the advertisement interval, so that one inequality can be checked in one place:
 * the kernel mutes a master that no longer advertises *before* its peer may conclude that it is dead.
 *
 *     leaseMs(interval) × drift  <  shortest masterDownMs(interval)          for every interval from 10 ms to 40 s
 *
 * The lease counts from the moment an advertisement is sent, the master-down interval from the moment it is heard, which is
 * later; so delay on the network only widens the gap.
 */

/** Shortest and longest time between advertisements, ms (`advertise` in the `pair` section). */
export const MIN_ADVERT_INTERVAL_MS = 10;
export const MAX_ADVERT_INTERVAL_MS = 40_000;

/** Advertisements that may be missed in a row; the factor 3 of RFC 5798 §6.1. */
const DOWN_FACTOR = 3;

/** Fraction of an interval that the preferred node, and the other one, wait longer. Half an interval apart. */
const SKEW_PREFERRED = 1 / 8;
const SKEW_OTHER = 5 / 8;

/** Length of the lease in intervals. Two renewals may come late together without the address falling mute. */
const LEASE_FACTOR = 2.5;

/** How far two monotonic clocks may run apart; ordinary crystals stay below 0.0002. */
export const MAX_CLOCK_DRIFT = 0.05;

/**
 * The extra wait of a node (Skew_Time, RFC 5798 §6.1). RFC 5798 derives it from the priority alone, so equal priorities wake
 * together; here it follows from the order of the two nodes (priority, then address), which never is equal.
 */
export function skewTimeMs(advertIntervalMs: number, preferred: boolean): number {
	return advertIntervalMs * (preferred ? SKEW_PREFERRED : SKEW_OTHER);
}

/** How long a node listens to silence before it takes its peer for dead (Master_Down_Interval, RFC 5798 §6.1). */
export function masterDownMs(advertIntervalMs: number, preferred: boolean): number {
	return DOWN_FACTOR * advertIntervalMs + skewTimeMs(advertIntervalMs, preferred);
}

/** How long one advertisement permits its sender to answer for the virtual address, ms, counted from its sending. */
export function leaseMs(advertIntervalMs: number): number {
	return LEASE_FACTOR * advertIntervalMs;
}

/** Time between advertisements while an address is on the move: a lost one must not cost a whole interval. */
export function fastIntervalMs(advertIntervalMs: number): number {
	return Math.max(MIN_ADVERT_INTERVAL_MS / 2, advertIntervalMs / 4);
}

/**
 * How long advertisements go four times as often after one was lost: of what is sent within a master-down interval then one in fourteen
 * must arrive, not one in three. At 200 ms and 30 % loss a needless claim comes every two weeks then, instead of every ten seconds.
 */
export function lossyMs(advertIntervalMs: number): number {
	return 50 * advertIntervalMs;
}

/** How long a peer must stay the better one before a *voluntary* move begins; never delays leaving a node that cannot serve. */
export function voluntaryHoldMs(advertIntervalMs: number): number {
	return 3 * advertIntervalMs;
}

/** First pause after a takeover that failed, and its upper bound; it doubles with each failure in a row. */
const RETRY_FIRST_MS = 1000;
const RETRY_LONGEST_MS = 60_000;

/** Pause before the next claim after `failures` failed ones in a row (1 or more), ms. */
export function retryAfterMs(failures: number): number {
	return Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(16, failures - 1));
}
