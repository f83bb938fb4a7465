/**
 * Which authentic datagrams may be believed: recorded ones must not, however recently they were true.
 *
 * Decides by boot id and sequence, never by a clock. Within the boot that is trusted, the sequence must grow. Another boot is
 * trusted only when its datagram *proves that it is being sent now*: it names our current boot id and one of our newest
 * sequences, newer than any that was proven before. A boot that ended cannot learn of newer ones, so what was recorded of it
 * proves less than the living boot does; and should it ever come first, the living one's next word puts that right.
 *
 * Two nodes that both just booted find each other in three datagrams:
 *
 *     A₁ hello (nothing heard)         B: unknown boot, unproven → challenge it
 *     B₁ hello, challenge A:1          A: B names my boot → B is proven, accepted, echoed
 *     A₂ echo B:1                      B: A names my boot → A is proven, accepted
 *
 * The challenge is a second echo with no trust attached, so a stream of replayed hellos cannot displace the echo of the peer
 * that is trusted. It names the newest unproven boot; hearing one is answered at once (`mayAnswer`), so the real peer is
 * proven within a round trip even between replays.
 */
import type {Challenge, Datagram} from './advertisement.ts';

/** How many own advertisements back an echo may lie and still prove that it is new. */
const PROOF_WINDOW = 64;
/** Replaced boots that are remembered by name: they are counted as what they are, and a recording of one is not challenged. */
const RETIRED_BOOTS = 16;
/** How far behind the newest a datagram may come and count as late rather than replayed. One bit each. */
const LATE_WINDOW = 31;

/**
 * - `accept`: newer than anything before; tell the election.
 * - `late`: genuine, overtaken on the way; counts as received, says nothing new.
 * - `duplicate`: seen before (each path carries a copy).
 * - `old`: behind the window.
 * - `retired`: of a boot that was replaced, without a newer proof.
 * - `unproven`: of a boot that has yet to prove itself; it will be challenged.
 */
export type Admission = 'accept' | 'late' | 'duplicate' | 'old' | 'retired' | 'unproven';

export interface ReplayGuard {
	readonly ownBootId: string;
	readonly bootId: string | undefined;
	readonly highest: number;
	/** Bit n: sequence `highest - n` was seen. */
	readonly seen: number;
	readonly retired: readonly string[];
	/** Newest of our own sequences that a believed datagram has named. */
	readonly proven: number;
	/** Goes out with the next advertisements, until that boot is proven. */
	readonly challenge: Challenge | undefined;
}

export function createReplayGuard(ownBootId: string): ReplayGuard {
	return {ownBootId, bootId: undefined, highest: 0, seen: 0, retired: [], proven: 0, challenge: undefined};
}

/** Judges a datagram whose MAC was right. `ownSequence` is the newest that this node has sent. */
export function admit(
	guard: ReplayGuard,
	datagram: Datagram,
	ownSequence: number,
): {readonly guard: ReplayGuard; readonly admission: Admission} {
	const {bootId, sequence} = datagram.advertisement;
	const proof = findProof(guard, datagram, ownSequence);
	const proven = Math.max(guard.proven, proof);
	if (bootId === guard.bootId) return admitKnownBoot({...guard, proven}, sequence);
	if (proof <= guard.proven || proof <= ownSequence - PROOF_WINDOW) {
		if (guard.retired.includes(bootId)) return {guard, admission: 'retired'};
		return {guard: {...guard, challenge: {bootId, sequence}}, admission: 'unproven'};
	}
	const replaced = guard.bootId === undefined ? guard.retired : [guard.bootId, ...guard.retired];
	const retired = replaced.filter(retiredId => retiredId !== bootId).slice(0, RETIRED_BOOTS);
	const challenge = guard.challenge?.bootId === bootId ? undefined : guard.challenge;
	return {guard: {...guard, bootId, highest: sequence, seen: 1, retired, proven, challenge}, admission: 'accept'};
}

function admitKnownBoot(guard: ReplayGuard, sequence: number): {guard: ReplayGuard; admission: Admission} {
	const ahead = sequence - guard.highest;
	if (ahead > 0) {
		const seen = ahead > LATE_WINDOW ? 1 : (guard.seen << ahead) | 1;
		return {guard: {...guard, highest: sequence, seen}, admission: 'accept'};
	}
	const behind = -ahead;
	if (behind > LATE_WINDOW) return {guard, admission: 'old'};
	const bit = 1 << behind;
	if ((guard.seen & bit) !== 0) return {guard, admission: 'duplicate'};
	return {guard: {...guard, seen: guard.seen | bit}, admission: 'late'};
}

/** The newest of our sequences that it names, as echo or as challenge; 0 when it names none of this boot. */
function findProof(guard: ReplayGuard, datagram: Datagram, ownSequence: number): number {
	let newest = 0;
	for (const proof of [datagram.advertisement.echo, datagram.challenge]) {
		if (proof?.bootId === guard.ownBootId && proof.sequence <= ownSequence) newest = Math.max(newest, proof.sequence);
	}
	return newest;
}
