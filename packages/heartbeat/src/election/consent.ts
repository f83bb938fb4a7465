/**
 * The witness's consent, reckoned (pure): how long this node may hold the address without it, or with it.
 *
 * With a witness, nobody claims by silence without its consent, and a master whose peer may have taken it for dead needs the
 * consent too. When that is, is reckoned from what the peer has *echoed*: it heard us no earlier than we sent that, so it cannot claim
 * before a master-down interval from then on. Leaves asking, and what follows, to `ask-witness.ts`.
 */
import {leaseMs, MAX_CLOCK_DRIFT, masterDownMs} from '../timers.ts';
import type {Consent, ElectionState} from './state.ts';

export const NO_CONSENT: Consent = {
	untilMs: 0,
	wantedMs: 0,
	askedMs: Number.NEGATIVE_INFINITY,
	open: [],
	number: 0,
	asking: undefined,
	refusal: '',
	aloneSinceMs: undefined,
	confirmedMs: Number.NEGATIVE_INFINITY,
	confirmedSinceMs: 0,
};

/** Until when the peer cannot have claimed by silence, as far as its echoes tell. */
function safeUntilMs(state: ElectionState): number {
	const {advertIntervalMs, startDelayMs} = state.settings;
	const {peer} = state;
	// Who speaks for the address itself has confirmed nothing.
	if (peer === undefined || peer.said.holdsAddress || peer.said.claiming) return 0;
	// Who is preferred is the peer's own reckoning: its file may have other priorities, so the shorter interval counts.
	const patienceMs = peer.said.resigning ? startDelayMs : masterDownMs(advertIntervalMs, true);
	return peer.echoedSentMs + patienceMs * (1 - MAX_CLOCK_DRIFT);
}

/** The witness has consented, for now. Without a witness nobody is asked. */
export function hasConsent({consent, steppedMs}: ElectionState): boolean {
	return steppedMs < consent.untilMs;
}

/** A claim on the peer's word counts on the peer's ears: an old promise may have been overtaken by its claim. */
export function mayTrustWord(state: ElectionState): boolean {
	return (
		state.settings.witnessed !== true || state.steppedMs < boundMs(state) - SENDING * state.settings.advertIntervalMs
	);
}

/** Until when this node may answer for the address, as far as it can know. */
function boundMs(state: ElectionState): number {
	return Math.max(safeUntilMs(state), state.consent.untilMs);
}

/** A renewal leaves this much later than it was decided at most, in intervals; `advertiser.ts` drops what is later. */
const SENDING = 0.1;

/**
 * The lease must end before the peer can have claimed: with a witness, a master renews it when the peer has confirmed, or the witness
 * consents, and not because it has spoken. So a node that is cut off falls mute in time, and it may be killed or frozen meanwhile.
 */
export function mayRenewLease(state: ElectionState): boolean {
	if (state.node !== 'master' || state.address !== 'held') return false;
	return state.settings.witnessed !== true || isRenewable(state);
}

/** The lease would end in time if it was renewed now. */
function isRenewable(state: ElectionState): boolean {
	const {advertIntervalMs} = state.settings;
	return state.steppedMs + leaseMs(advertIntervalMs) + SENDING * advertIntervalMs <= boundMs(state);
}

/** The peer's echo alone is enough. */
export function isConfirmed(state: ElectionState): boolean {
	return !speaks(state) || state.steppedMs + leaseMs(state.settings.advertIntervalMs) < safeUntilMs(state);
}

/** The lease that runs ends before the peer can claim without the consent that it may hang on. */
export function isLeaseCovered(state: ElectionState): boolean {
	const endsMs = state.leaseEndsMs + SENDING * state.settings.advertIntervalMs;
	return endsMs <= Math.max(state.steppedMs, safeUntilMs(state));
}

/** When a node that speaks has to be gone: a master when its lease has run out, a claimer when its peer may claim. */
export function giveUpMs(state: ElectionState): number {
	return state.claim === undefined ? state.leaseEndsMs : boundMs(state) - SENDING * state.settings.advertIntervalMs;
}

/** It answers for the address, or is about to. */
export function speaks(state: ElectionState): boolean {
	return state.claim !== undefined || (state.node === 'master' && state.address === 'held');
}
