/**
 * The node with the address (RFC 5798 §6.4.3 Master).
 *
 * Decides what a second speaker means, when this node is alone, and when it gives the address away by itself: at once when it
 * cannot serve and the peer can, after a hold and a drain when the peer is merely preferred.
 */
import {comparePreference, serviceClass} from '../rank.ts';
import {voluntaryHoldMs} from '../timers.ts';
import {stepDown} from './claim.ts';
import {dampingHoldMs} from './damping.ts';
import {declineMove, findHandoverRefusal, startHandover} from './handover.ts';
import type {ElectionState, Peer} from './state.ts';
import {answerSoon, compareWithPeer, hearsUs, livePeer, noteOf, ownClass, report, type Work} from './work.ts';

/** Called for each advertisement of the peer, which `state.peer` already holds; `state.term` does not know its term yet. */
export function hearAsMaster(work: Work, peer: Peer): void {
	const {state} = work;
	const {said} = peer;
	if (said.state === 'master' || said.claiming) {
		const lost = said.term > state.term || (said.term === state.term && compareWithPeer(state, said) < 0);
		if (lost) yieldToRival(work, peer);
		else faceRival(work, peer);
		return;
	}
	if (state.secondSpeaker && !said.holdsAddress) {
		endConflict(work, `${state.settings.peerName} has left the address: this node alone is master`);
		announceAgain(work, `${state.settings.peerName} has left the address`);
	}
	// A claim that came to nothing left a higher term behind. Terms only grow, so the holder renews its claim above it.
	if (said.term > state.term) {
		state.term = said.term + 1;
		state.masteredTerm = state.term;
		work.urgent = true;
	}
}

/** The higher term wins, whatever the priority; equal terms go by rank (RFC 5798 §6.4.3 (735), with the term in front). */
function yieldToRival(work: Work, peer: Peer): void {
	const {state} = work;
	const peerName = state.settings.peerName;
	const why = peer.said.term > state.term ? `term ${peer.said.term} over ${state.term}` : 'equal term, better rank';
	if (peer.said.state === 'master') report(work, 'secondSpeaker', `${peerName} is master too and wins: ${why}`);
	stepDown(work, `${peerName} has claimed the address: ${why}`);
}

/** RFC 9568 §6.4.3: answer a weaker master at once. Announce too: its own announcements have misled the neighbours. */
function faceRival(work: Work, peer: Peer): void {
	const {state, nowMs} = work;
	if (!state.secondSpeaker) {
		const reason = `${state.settings.peerName} speaks for the address too (term ${peer.said.term}, here ${state.term})`;
		report(work, 'secondSpeaker', reason);
		state.secondSpeaker = true;
	}
	answerSoon(work);
	if (peer.said.holdsAddress && nowMs >= state.announcedMs + state.settings.advertIntervalMs) {
		announceAgain(work, `${state.settings.peerName} speaks for the address too`);
	}
}

/** Nothing changes here, and yet people are told: what the other master has done elsewhere has to be done again. */
function endConflict(work: Work, reason: string): void {
	work.state.secondSpeaker = false;
	report(work, 'soleSpeaker', reason);
}

export function announceAgain(work: Work, reason: string): void {
	work.state.announcedMs = work.nowMs;
	work.effects.push({type: 'announce', reason});
}

export function evaluateMaster(work: Work): void {
	const {state, nowMs} = work;
	const peer = livePeer(state);
	if (peer === undefined) {
		if (!state.solo) {
			state.solo = true;
			report(work, 'solo', `${state.settings.peerName} is silent: this node serves alone`);
			work.urgent = true;
		}
		if (state.secondSpeaker) endConflict(work, `${state.settings.peerName}, master too, has fallen silent`);
		state.peerBetterSinceMs = undefined;
		state.drainAskedMs = undefined;
		return;
	}
	if (giveWayToDeaf(work, peer)) return;
	if (nowMs >= state.pinnedUntilMs || ownClass(state) === 2) state.pinnedUntilMs = 0;
	if (state.handover === undefined) considerMove(work, peer);
}

/**
 * Two masters, and the other one cannot hear this one: no term will ever reach it. The one that hears gives way. The wait
 * lets a link that has just healed carry an echo first.
 */
function giveWayToDeaf(work: Work, peer: Peer): boolean {
	const {state, nowMs} = work;
	if (peer.said.state !== 'master' || hearsUs(state, peer)) return false;
	if (nowMs < peer.contactSinceMs + deafPatienceMs(state)) return false;
	stepDown(work, `${state.settings.peerName} is master too and does not hear this node: the one that hears gives way`);
	return true;
}

export function deafPatienceMs(state: ElectionState): number {
	return 2 * voluntaryHoldMs(state.settings.advertIntervalMs);
}

/** Moves without an operator at this node: by necessity, by preference, or because the peer's operator wishes it. */
function considerMove(work: Work, peer: Peer): void {
	const {state, nowMs} = work;
	if (!hearsUs(state, peer)) return;
	if (peer.said.wish !== state.answeredWish?.wish) state.answeredWish = undefined;
	const resting = nowMs < state.handoverRetryAtMs;
	if (!resting && ownClass(state) === 0 && serviceClass(peer.said) === 2 && state.pinnedUntilMs === 0) {
		const reason = noteOf(state) || 'not fit for service';
		startHandover(work, {requestId: undefined, forced: false, byOperator: false, reason});
		return;
	}
	const wish = findWish(work, peer) ?? (resting ? undefined : findPreference(work, peer));
	if (wish === undefined) {
		if (state.drainAskedMs !== undefined) work.urgent = true;
		state.drainAskedMs = undefined;
		return;
	}
	if (state.drainAskedMs === undefined) {
		state.drainAskedMs = nowMs;
		state.drainReason = wish.reason;
		work.urgent = true;
		work.effects.push({type: 'handoverRequested', reason: wish.reason, forced: wish.forced});
	} else if (nowMs >= state.drainAskedMs + state.settings.drainDeadlineMs) {
		const refusal = findHandoverRefusal(state, wish.forced);
		if (refusal === undefined) startHandover(work, {requestId: undefined, ...wish});
		else declineMove(work, refusal);
	}
}

interface Wish {
	readonly reason: string;
	readonly forced: boolean;
	readonly byOperator: boolean;
}

/** The peer's operator asks. Two moves in a row that an operator orders are two orders: nothing rests between them. */
function findWish({state}: Work, {said}: Peer): Wish | undefined {
	if (said.wish === 0 || state.answeredWish !== undefined) return undefined;
	return {reason: `${state.settings.peerName} asks for the address`, forced: said.forced, byOperator: true};
}

/** The peer has been the better one for long enough. */
function findPreference(work: Work, peer: Peer): Wish | undefined {
	const {state, nowMs} = work;
	const better = state.pinnedUntilMs > 0 ? undefined : findBetter(state, peer);
	if (better === undefined) {
		state.peerBetterSinceMs = undefined;
		return undefined;
	}
	state.peerBetterSinceMs ??= nowMs;
	if (nowMs < state.peerBetterSinceMs + Math.max(better.holdMs, dampingHoldMs(work))) return undefined;
	return {reason: better.reason, forced: false, byOperator: false};
}

/** In what the peer is better, and for how long it must be so, without flap damping. */
function findBetter(state: ElectionState, peer: Peer): {reason: string; holdMs: number} | undefined {
	const {said} = peer;
	const {settings} = state;
	const holdMs = voluntaryHoldMs(settings.advertIntervalMs);
	if (serviceClass(said) !== 2 || said.configDigest !== settings.configDigest) return undefined;
	if (ownClass(state) === 1) return {reason: 'this node is in maintenance', holdMs: 0};
	if (said.health !== state.fitness.health) {
		return said.health > state.fitness.health
			? {reason: `${settings.peerName} is in better health`, holdMs}
			: undefined;
	}
	const {preempt} = settings;
	if (preempt.mode === 'off' || said.stepsBack || state.fitness.preferenceWaits === true) return undefined;
	if (comparePreference(settings, said) > 0) return undefined;
	const delayMs = preempt.mode === 'after' ? preempt.delayMs : holdMs;
	return {reason: `${settings.peerName} is preferred`, holdMs: Math.max(holdMs, delayMs)};
}
