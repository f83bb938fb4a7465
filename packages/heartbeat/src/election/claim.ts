/**
 * Taking and giving up the address: when a claim is permitted, how it ends, what a release waits for.
 *
 * Decides on the two kinds of permission. *By the peer's word*: it resigned, or it yields and this node's own promise is not
 * in force. Such a claim cannot overlap with another, whatever the network does (docs/protocol.md has the argument). *By
 * silence*: the peer was not heard for a master-down interval, and `on isolation claim` is set; the lease makes that safe
 * against everything but a network that separates two living nodes.
 */
import {retryAfterMs} from '../timers.ts';
import {becomeFault, becomeListener, becomeMaster} from './become.ts';
import {hasConsent, mayTrustWord} from './consent.ts';
import type {ElectionState, Peer} from './state.ts';
import {advertise, answer, isPeerSilent, recordTransition, type Work} from './work.ts';

/** Why this node may claim now, or nothing. */
export function findPermission(state: ElectionState): string | undefined {
	const {peer, settings} = state;
	const peerName = settings.peerName;
	if (peer !== undefined && isWordFresh(state, peer) && (mayTrustWord(state) || hasConsent(state))) {
		const {said} = peer;
		if (said.resigning) return `${peerName} has resigned`;
		const free = said.yields && said.state !== 'master' && !said.claiming;
		if (free && peer.echoSequence >= state.boundUntilSequence) {
			if (!said.draining) return `${peerName} does not hold the address and yields`;
			const why = said.eligible ? '' : `: it cannot serve${said.note === '' ? '' : ` (${said.note})`}`;
			return `${peerName} hands the address over${why}`;
		}
	}
	const maySilence = settings.witnessed === true ? hasConsent(state) : settings.onIsolation === 'claim';
	if (maySilence && isPeerSilent(state)) {
		const silentMs = Math.round(state.steppedMs - silenceStartMs(state));
		const consent = settings.witnessed === true ? ', and the witness consents' : '';
		return `${peerName} has been silent for ${silentMs} ms${consent}`;
	}
	return undefined;
}

/**
 * After an own stall the peer may have waited in vain, and claimed by silence; its older word, even "I resign", may be of a
 * former boot. With `hold` nobody claims by silence, so a promise stands until it is taken back.
 */
function isWordFresh(state: ElectionState, peer: Peer): boolean {
	return state.settings.onIsolation === 'hold' || peer.echoSequence >= state.staleUntilSequence;
}

function silenceStartMs(state: ElectionState): number {
	return Math.min(state.steppedMs, state.peer?.heardAtMs ?? state.startedMs);
}

/** Raises the term and asks for the address. The peer hears of it first, so that it can step down meanwhile. */
export function startClaim(work: Work, reason: string): void {
	const {state, nowMs} = work;
	const deadlineMs = nowMs + state.settings.claimDeadlineMs;
	state.term += 1;
	const forced = state.peer?.said.draining === true && state.peer.said.forced;
	state.pinnedUntilMs = forced ? nowMs + state.settings.pinMs : 0;
	state.claim = {term: state.term, startedMs: nowMs, deadlineMs, reason};
	state.address = 'claiming';
	state.yields = false;
	state.boundUntilSequence = 0;
	advertise(work);
	work.effects.push({type: 'claim', term: state.term});
}

/** The address was read back here. An answer to a claim that was given up since changes nothing: its release is under way. */
export function endClaim(work: Work, term: number): void {
	const {state} = work;
	if (state.claim?.term !== term) return;
	state.address = 'held';
	becomeMaster(work);
}

/** The takeover did not work: leave nothing behind, let the peer try, come back after a pause that grows. */
export function failClaim(work: Work, term: number, reason: string): void {
	const {state, nowMs} = work;
	// A master whose lost address could not be added again: there is no master without its address.
	const restoring = state.node === 'master' && state.address === 'held' && state.term === term;
	if (!restoring && state.claim?.term !== term) return;
	state.claim = undefined;
	state.failures += 1;
	state.failureNote = `takeover failed: ${reason}`;
	state.retryAtMs = nowMs + retryAfterMs(state.failures);
	if (restoring) {
		stepDown(work, state.failureNote);
		return;
	}
	releaseAddress(work);
	if (state.node === 'backup') becomeFault(work, state.failureNote);
	else recordTransition(work, state.node, state.failureNote);
}

/** Somebody with more right claimed meanwhile. */
export function abandonClaim(work: Work): void {
	work.state.claim = undefined;
	releaseAddress(work);
	listenAnew(work);
}

/** Asks for the release. Nothing is promised to the peer before `released` comes back or the deadline has passed. */
export function releaseAddress(work: Work): void {
	const {state, nowMs} = work;
	state.address = 'releasing';
	state.releaseDeadlineMs = Math.max(nowMs + state.settings.releaseDeadlineMs, state.leaseEndsMs);
	work.effects.push({type: 'release', keepMs: Math.max(0, state.keepsUntilMs - nowMs)});
	work.urgent = true;
}

/** Nothing answers for the address here any more. */
export function endRelease(work: Work): void {
	work.state.driverBusyUntilMs = 0;
	if (work.state.address !== 'releasing') return;
	work.state.address = 'none';
	work.urgent = true;
}

/** A release that nobody confirmed: the lease has run out by now, so the kernel mutes what may be left. The driver goes on. */
export function judgeRelease(work: Work): void {
	const {state, nowMs} = work;
	if (state.address !== 'releasing' || nowMs < state.releaseDeadlineMs) return;
	endRelease(work);
	state.driverBusyUntilMs = nowMs + state.settings.claimDeadlineMs;
}

/** Gives the address up at once and listens before deciding again. A request that was open ends with it. */
export function stepDown(work: Work, reason: string): void {
	const {state} = work;
	const {handover} = state;
	releaseAddress(work);
	listenAnew(work);
	if (handover?.requestId !== undefined) {
		const moved = state.peer?.said.claiming === true || state.peer?.said.state === 'master';
		answer(work, handover.requestId, moved, reason, handover.startedMs);
	}
	state.handover = undefined;
	state.drainAskedMs = undefined;
	becomeListener(work, reason);
}

/** What was heard before may be old news: the silence counts anew, and so does the peer's word. */
export function listenAnew(work: Work): void {
	work.state.listenFromMs = work.nowMs;
	refreshWord(work);
}

/** From here the peer's word permits a claim only when it answers to the advertisement that now leaves. */
export function refreshWord(work: Work): void {
	work.state.staleUntilSequence = work.state.sequence + 1;
	work.urgent = true;
}
