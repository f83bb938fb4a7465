/**
 * One step under construction: a private copy of the state, and the effects in order.
 *
 * Decides how an advertisement is made from the state. Leaves every decision to the files beside it.
 */
import type {Advertisement} from '../advertisement.ts';
import type {NodeState, PairEvent} from '../messages.ts';
import {compareRank, serviceClass} from '../rank.ts';
import {fastIntervalMs, leaseMs, masterDownMs} from '../timers.ts';
import {mayRenewLease} from './consent.ts';
import {isPreferred} from './preference.ts';
import type {Effect, ElectionState, Peer} from './state.ts';

/** A sequence that no echo reaches. */
export const NEVER_ECHOED = Number.MAX_SAFE_INTEGER;

export type Draft = {-readonly [K in keyof ElectionState]: ElectionState[K]};

export interface Work {
	readonly state: Draft;
	readonly effects: Effect[];
	readonly nowMs: number;
	/** Something changed that the peer must hear now rather than at the next interval. */
	urgent: boolean;
}

export function beginWork(state: ElectionState, nowMs: number): Work {
	return {state: {...state, steppedMs: nowMs}, effects: [], nowMs, urgent: false};
}

/** Silence of this length means that the peer is gone. Follows the *peer's* interval, as RFC 5798 §6.4.2 (420) does. */
export function downIntervalMs(state: ElectionState): number {
	return masterDownMs(state.peer?.said.advertIntervalMs ?? state.settings.advertIntervalMs, isPreferred(state));
}

/** When the peer's silence will have lasted a master-down interval. */
export function silenceDeadlineMs(state: ElectionState): number {
	return Math.max(state.peer?.heardAtMs ?? state.startedMs, state.listenFromMs) + downIntervalMs(state);
}

/** Has the peer been silent long enough to be taken for dead? A peer that resigned said so itself. */
export function isPeerSilent(state: ElectionState): boolean {
	return state.steppedMs >= silenceDeadlineMs(state);
}

/** The peer, when it has been heard and is neither silent nor resigned. */
export function livePeer(state: ElectionState): Peer | undefined {
	const peer = state.peer;
	return peer === undefined || peer.said.resigning || isPeerSilent(state) ? undefined : peer;
}

/** Does the peer hear us? Its echo must have moved within a master-down interval. */
export function hearsUs(state: ElectionState, peer: Peer): boolean {
	return peer.echoSequence > 0 && state.steppedMs < peer.echoAdvancedAtMs + downIntervalMs(state);
}

/** Nothing of a failed takeover is offered to the peer until the pause is over, nor what nobody could reach. */
export function isEligible(state: ElectionState): boolean {
	return state.connected && state.fitness.eligible && state.steppedMs >= state.retryAtMs;
}

/** Why this node cannot serve, as far as it knows; empty when it can, or when nobody has said. */
export function noteOf({connected, failureNote, fitness}: ElectionState): string {
	return connected ? failureNote || fitness.note : 'no interface with a virtual address has a carrier';
}

/** Nobody has claimed since this node was master. */
export function wasLastMaster(state: ElectionState): boolean {
	return state.masteredTerm > 0 && state.masteredTerm === state.term;
}

/** The sticky part of the rank: between equals the address stays where it was. */
function isIncumbent(state: ElectionState): boolean {
	return state.settings.preempt.mode !== 'on' && wasLastMaster(state);
}

export function ownClass(state: ElectionState): 0 | 1 | 2 {
	return serviceClass({eligible: isEligible(state), maintenance: state.maintenance});
}

/** Positive when this node should have the address rather than the peer. */
export function compareWithPeer(state: ElectionState, said: Advertisement): number {
	const own = {
		eligible: isEligible(state),
		maintenance: state.maintenance,
		health: state.fitness.health,
		incumbent: isIncumbent(state),
		priority: state.settings.priority,
		address: state.settings.address,
	};
	return compareRank(own, said);
}

/** Sends what the state says now. Called where the order among the effects matters; else `urgent` is enough. */
export function advertise(work: Work): void {
	const {state, nowMs} = work;
	state.sequence += 1;
	state.advertisedMs = nowMs;
	if (state.settings.witnessed === true) state.sentMs = rememberSending(state.sentMs, state.sequence, nowMs);
	const renewsLease = mayRenewLease(state);
	if (renewsLease) state.leaseEndsMs = nowMs + leaseMs(state.settings.advertIntervalMs);
	work.effects.push({type: 'sendAdvertisement', advertisement: composeAdvertisement(state), renewsLease});
	const {advertIntervalMs} = state.settings;
	const hurried =
		state.handover !== undefined ||
		isLossy(state) ||
		(state.node !== 'master' && !state.yields && livePeer(state) !== undefined);
	state.advertiseAtMs = nowMs + (hurried ? fastIntervalMs(advertIntervalMs) : advertIntervalMs);
	state.replyAtMs = nowMs + fastIntervalMs(advertIntervalMs);
	work.urgent = false;
}

/** Renews the lease between two advertisements: the peer has confirmed the newest, or the witness has consented. */
export function renewLease(work: Work): void {
	const {state, nowMs} = work;
	if (!mayRenewLease(state)) return;
	state.leaseEndsMs = nowMs + leaseMs(state.settings.advertIntervalMs);
	work.effects.push({type: 'renewLease'});
}

/** As many sendings as are told apart; an echo of something older counts as of the oldest. */
const REMEMBERED_SENDINGS = 64;

function rememberSending(sentMs: readonly number[], sequence: number, nowMs: number): readonly number[] {
	const next = sentMs.slice();
	next[sequence % REMEMBERED_SENDINGS] = nowMs;
	return next;
}

/** When the advertisement of this sequence was sent; 0 for one that is too old to be remembered. */
export function sendingMs({sentMs, sequence: newest}: ElectionState, sequence: number): number {
	if (sequence <= 0 || newest - sequence >= REMEMBERED_SENDINGS) return 0;
	return sentMs[sequence % REMEMBERED_SENDINGS] ?? 0;
}

/** A line that loses gets more to carry, both ways. */
function isLossy(state: ElectionState): boolean {
	return state.steppedMs < state.lossyUntilMs || livePeer(state)?.said.missesSome === true;
}

/** What is due only in a whole interval goes sooner. */
export function hurryWhereLossy({state, nowMs}: Work): void {
	if (!isLossy(state)) return;
	state.advertiseAtMs = Math.min(state.advertiseAtMs, nowMs + fastIntervalMs(state.settings.advertIntervalMs));
}

/** Answers at once, but not faster than a quarter of an interval: two nodes that answer each other must not storm. */
export function answerSoon(work: Work): void {
	const {state, nowMs} = work;
	if (nowMs >= state.replyAtMs) work.urgent = true;
	else state.advertiseAtMs = Math.min(state.advertiseAtMs, state.replyAtMs);
}

function composeAdvertisement(state: ElectionState): Advertisement {
	const {settings, peer, handover, wants, answeredWish} = state;
	return {
		bootId: settings.bootId,
		sequence: state.sequence,
		term: state.claim?.term ?? state.term,
		state: state.node,
		holdsAddress: state.address !== 'none',
		claiming: state.claim !== undefined,
		draining: (handover !== undefined && handover.phase !== 'rollback') || state.drainAskedMs !== undefined,
		maintenance: state.maintenance,
		yields: state.yields,
		wish: wants?.fromSequence ?? 0,
		forced: (handover?.forced ?? false) || (wants?.forced ?? false),
		eligible: isEligible(state),
		solo: state.solo,
		resigning: state.node === 'stopped' && state.address === 'none',
		incumbent: isIncumbent(state),
		stepsBack: state.stepsBack,
		missesSome: state.steppedMs < state.lossyUntilMs,
		passesOn: state.passesOn,
		ajar: state.ajar,
		keeps: state.steppedMs < state.keepsUntilMs || (handover?.phase === 'prepare' && handover.keepMs > 0),
		health: state.fitness.health,
		priority: settings.priority,
		address: settings.address,
		advertIntervalMs: settings.advertIntervalMs,
		leaseMs: leaseMs(settings.advertIntervalMs),
		configDigest: settings.configDigest,
		echo:
			peer === undefined
				? undefined
				: {
						bootId: peer.said.bootId,
						sequence: peer.said.sequence,
						ageMs: Math.max(0, Math.round(state.steppedMs - peer.heardAtMs)),
					},
		refusal:
			answeredWish && answeredWish.refusal !== '' ? {wish: answeredWish.wish, reason: answeredWish.refusal} : undefined,
		note: noteOf(state),
		version: settings.version,
	};
}

/** An id that is unique over both nodes and all restarts. */
function nextId(state: Draft): string {
	state.notices += 1;
	return `${state.settings.nodeName}-${state.settings.bootId}-${state.notices}`;
}

/** The one place where `node` changes. Only the `become*` functions call it, after asserting that the change is legal. */
export function recordTransition(work: Work, to: NodeState, reason: string, takeoverMs?: number): void {
	const {state, nowMs} = work;
	const from = state.node;
	state.node = to;
	state.sinceMs = nowMs;
	state.reason = reason;
	const base = {id: nextId(state), from, to, term: state.term, reason};
	work.effects.push({type: 'transition', transition: takeoverMs === undefined ? base : {...base, takeoverMs}});
	work.urgent = true;
}

export function report(work: Work, kind: PairEvent['kind'], reason: string): void {
	const {state} = work;
	work.effects.push({type: 'event', event: {id: nextId(state), kind, reason, term: state.term}});
}

export function answer(work: Work, requestId: number, ok: boolean, message: string, startedMs: number): void {
	work.effects.push({type: 'result', requestId, ok, message, durationMs: Math.round(work.nowMs - startedMs)});
}
