/**
 * The witness, seen from a node: when it is asked, and what follows from its answer or its silence.
 *
 * A master asks before its peer can have claimed by silence, a node that would claim by silence asks before it does; whatever is cut,
 * one of the two at most goes on. A pair that hears each other never asks: a dead witness changes nothing there.
 */
import {fastIntervalMs, MAX_CLOCK_DRIFT} from '../timers.ts';
import {wantsAddress} from './backup.ts';
import {abandonClaim, stepDown} from './claim.ts';
import {giveUpMs, isConfirmed, isLeaseCovered, speaks} from './consent.ts';
import type {ElectionState, WitnessReply} from './state.ts';
import {advertise, hearsUs, isPeerSilent, livePeer, renewLease, report, type Work} from './work.ts';

/** A master asks when its lease ends in less than this, in intervals. A peer that hears confirms each advertisement, so it has missed one. */
const DOUBT_BEFORE_END = 1.25;
/** Consent that is asked for first; it grows with the time alone, so that a short doubt leaves no long promise behind. */
const FIRST_CONSENT_INTERVALS = 8;
/** As long as the witness ever grants, ms. */
const LONGEST_WANT_MS = 60_000;
/** Consent is renewed when a quarter of it has passed. */
const RENEW_AT = 0.75;
/** The echoes carry the lease again when they have done so for this long, in intervals; a gap is longer than the second. */
const CONFIRMED_FOR = 4;
const CONFIRMED_GAP = 1.5;
/** Questions that are remembered. */
const MOST_OPEN = 16;

/** When this node has to ask, at the earliest; nothing while it need not. */
function askFromMs(state: ElectionState): number | undefined {
	if (speaks(state)) {
		return state.claim === undefined
			? state.leaseEndsMs - DOUBT_BEFORE_END * state.settings.advertIntervalMs
			: giveUpMs(state) - state.settings.advertIntervalMs;
	}
	return isPeerSilent(state) && wantsAddress(state) ? state.steppedMs : undefined;
}

/** Asks, renews, gives back, or gives the address up. Called in every step of a node with a witness. */
export function evaluateConsent(work: Work): void {
	const {state, nowMs} = work;
	if (state.settings.witnessed !== true || state.node === 'stopped') return;
	if (speaks(state) && nowMs >= giveUpMs(state)) {
		const why = state.consent.refusal || 'the witness does not answer';
		const text = `neither ${state.settings.peerName} nor the witness confirms this node: ${why}`;
		if (state.claim !== undefined) {
			report(work, 'witness', text);
			abandonClaim(work);
		} else stepDown(work, text);
		return;
	}
	noteConfirmation(work);
	const fromMs = askFromMs(state);
	if (fromMs !== undefined && nowMs >= fromMs) ask(work);
	else if (isLeaseCovered(state) && (fromMs === undefined || (isHeard(state) && isSettled(state)))) giveBack(work);
}

function noteConfirmation({state, nowMs}: Work): void {
	const {consent, settings} = state;
	if (consent.aloneSinceMs === undefined || !isConfirmed(state)) return;
	const isGap = nowMs > consent.confirmedMs + CONFIRMED_GAP * settings.advertIntervalMs;
	state.consent = {...consent, confirmedMs: nowMs, confirmedSinceMs: isGap ? nowMs : consent.confirmedSinceMs};
}

function isSettled({consent, settings, steppedMs}: ElectionState): boolean {
	return (
		consent.confirmedMs >= consent.confirmedSinceMs + CONFIRMED_FOR * settings.advertIntervalMs &&
		steppedMs <= consent.confirmedMs + CONFIRMED_GAP * settings.advertIntervalMs
	);
}

function isHeard(state: ElectionState): boolean {
	const peer = livePeer(state);
	return peer !== undefined && hearsUs(state, peer);
}

function ask(work: Work): void {
	const {state, nowMs} = work;
	const {advertIntervalMs} = state.settings;
	const aloneSinceMs = state.consent.aloneSinceMs ?? nowMs;
	state.consent = {...state.consent, aloneSinceMs};
	if (nowMs < nextQuestionMs(state)) return;
	const aloneMs = livePeer(state) === undefined ? nowMs - aloneSinceMs : 0;
	const wantedMs = Math.max(FIRST_CONSENT_INTERVALS * advertIntervalMs, Math.min(aloneMs, LONGEST_WANT_MS));
	send(work, 'ask', wantedMs);
}

function nextQuestionMs(state: ElectionState): number {
	const {consent, settings} = state;
	const retryMs = consent.refusal === '' ? fastIntervalMs(settings.advertIntervalMs) : settings.advertIntervalMs;
	const renewMs = consent.untilMs - RENEW_AT * consent.wantedMs;
	return Math.max(consent.askedMs + retryMs, renewMs);
}

/** The peer is heard, and hears this node: what was promised to this node must not keep the peer waiting later. */
function giveBack(work: Work): void {
	const {state, nowMs} = work;
	const {consent, settings} = state;
	if (consent.aloneSinceMs === undefined && consent.asking === undefined) return;
	if (consent.aloneSinceMs !== undefined)
		state.consent = {...consent, untilMs: 0, aloneSinceMs: undefined, refusal: ''};
	else if (consent.asking === 'giveBack' && nowMs < consent.askedMs + settings.advertIntervalMs) return;
	send(work, 'giveBack', 0);
}

function send(work: Work, kind: 'ask' | 'giveBack', wantMs: number): void {
	const {state, nowMs} = work;
	const number = state.consent.number + 1;
	// A claimer asks for the term that its claim will have.
	const term = speaks(state) ? (state.claim?.term ?? state.term) : state.term + 1;
	const {open, wantedMs} = state.consent;
	const asks = kind === 'ask';
	state.consent = {
		...state.consent,
		number,
		askedMs: nowMs,
		asking: kind,
		wantedMs: asks ? wantMs : wantedMs,
		open: asks ? [...open, {number, atMs: nowMs, wantMs}].slice(-MOST_OPEN) : [],
	};
	work.effects.push({type: 'askWitness', question: {number, kind, term, wantMs}});
}

/** Of questions before the last return the answers say nothing. Time counts from the question, which the witness heard later. */
export function hearWitness(work: Work, reply: WitnessReply): void {
	const {state} = work;
	const {consent, settings} = state;
	if (reply.verdict === 'returned') {
		if (reply.number === consent.number) state.consent = {...consent, asking: undefined};
		return;
	}
	const question = consent.open.find(({number}) => number === reply.number);
	if (question === undefined) return;
	if (reply.verdict === 'granted') {
		const untilMs = question.atMs + question.wantMs * (1 - MAX_CLOCK_DRIFT);
		const open = consent.open.filter(({number}) => number > reply.number);
		state.consent = {...consent, open, untilMs: Math.max(consent.untilMs, untilMs), refusal: ''};
		renewLease(work);
	} else if (reply.verdict === 'held') {
		const refusal = `the witness stands by ${settings.peerName} for ${Math.ceil(reply.leftMs)} ms more`;
		state.consent = {...consent, refusal};
	} else raiseTerm(work, reply.term);
}

/** A claim that came to nothing left a higher term at the witness: ask again, above it. */
function raiseTerm(work: Work, term: number): void {
	const {state} = work;
	state.consent = {...state.consent, askedMs: Number.NEGATIVE_INFINITY};
	if (state.claim !== undefined || term < state.term) return;
	state.term = term;
	if (state.node !== 'master') return;
	state.term += 1;
	state.masteredTerm = state.term;
	advertise(work);
}

/** When the next step for the witness's sake is due. */
export function consentDeadlineMs(state: ElectionState): number | undefined {
	const {consent, settings} = state;
	if (settings.witnessed !== true) return undefined;
	if (speaks(state)) {
		const fromMs = askFromMs(state)!;
		const askMs = Math.max(fromMs, nextQuestionMs(state));
		return Math.min(askMs, giveUpMs(state));
	}
	if (consent.asking === 'giveBack' && consent.aloneSinceMs === undefined)
		return consent.askedMs + settings.advertIntervalMs;
	return consent.aloneSinceMs === undefined ? undefined : nextQuestionMs(state);
}
