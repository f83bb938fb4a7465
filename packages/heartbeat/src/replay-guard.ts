/**
 * Which authentic datagrams may be believed: recorded ones must not, however recently they were true.
 *
 * Decides by boot id and sequence, never by a clock. Within the boot that is trusted, the sequence must grow. Another boot is
 * trusted only when its datagram *proves that it is being sent now*: it names our current boot id and one of our newest
 * sequences, which no recording made earlier can. A boot that was replaced never comes back.
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
/** Replaced boots that are remembered, as a second defence: the proof alone refuses what is older than the window. */
const RETIRED_BOOTS = 16;
/** How far behind the newest a datagram may come and count as late rather than replayed. One bit each. */
const LATE_WINDOW = 31;

/**
 * - `accept`: newer than anything before; tell the election.
 * - `late`: genuine, overtaken on the way; counts as received, says nothing new.
 * - `duplicate`: seen before (each path carries a copy).
 * - `old`: behind the window.
 * - `retired`: of a boot that was replaced.
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
	/** Goes out with the next advertisements, until that boot is proven. */
	readonly challenge: Challenge | undefined;
}

export function createReplayGuard(ownBootId: string): ReplayGuard {
	return {ownBootId, bootId: undefined, highest: 0, seen: 0, retired: [], challenge: undefined};
}

/** Judges a datagram whose MAC was right. `ownSequence` is the newest that this node has sent. */
export function admit(
	guard: ReplayGuard,
	datagram: Datagram,
	ownSequence: number,
): {readonly guard: ReplayGuard; readonly admission: Admission} {
	const {bootId, sequence} = datagram.advertisement;
	if (bootId === guard.bootId) return admitKnownBoot(guard, sequence);
	if (guard.retired.includes(bootId)) return {guard, admission: 'retired'};
	if (!provesFreshness(guard, datagram, ownSequence)) {
		return {guard: {...guard, challenge: {bootId, sequence}}, admission: 'unproven'};
	}
	const retired = guard.bootId === undefined ? [] : [guard.bootId, ...guard.retired].slice(0, RETIRED_BOOTS);
	const challenge = guard.challenge?.bootId === bootId ? undefined : guard.challenge;
	return {guard: {...guard, bootId, highest: sequence, seen: 1, retired, challenge}, admission: 'accept'};
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

/** Does it name our boot and a recent sequence, as echo or as challenge? */
function provesFreshness(guard: ReplayGuard, datagram: Datagram, ownSequence: number): boolean {
	for (const proof of [datagram.advertisement.echo, datagram.challenge]) {
		if (proof?.bootId !== guard.ownBootId) continue;
		if (proof.sequence <= ownSequence && proof.sequence > ownSequence - PROOF_WINDOW) return true;
	}
	return false;
}
