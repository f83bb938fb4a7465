/**
 * A planned move, seen from the node that gives: release before claim.
 *
 *     prepare ── peer ready ──► release ── released ──► yield ── peer is master ──► done
 *        │                                                │
 *        └── not ready in time: nothing happened          └── declined, silent, late ──► rollback (an ordinary election)
 *
 * Every phase is a level in the advertisements, repeated until it is answered, so a lost datagram costs a quarter of an
 * interval and nothing else. Connections may live on here after the release (`keepMs`). Decides the phases and the refusals. Leaves draining to the daemon.
 */
import {serviceClass} from '../rank.ts';
import {voluntaryHoldMs} from '../timers.ts';
import {becomeListener} from './become.ts';
import {releaseAddress} from './claim.ts';
import type {ElectionState, Handover} from './state.ts';
import {answer, hearsUs, livePeer, type Work} from './work.ts';

/** Why the address cannot be handed over now, with what `force` would override; nothing when it can. */
export function findHandoverRefusal(state: ElectionState, force: boolean): string | undefined {
	const {peerName, configDigest} = state.settings;
	const peer = livePeer(state);
	if (peer === undefined) return `${peerName} is silent, so it cannot take the address; --force does not change that`;
	if (!hearsUs(state, peer)) {
		return `${peerName} does not hear this node (one-way loss), so a handover could not be confirmed; --force does not change that`;
	}
	if (force) return undefined;
	const {said} = peer;
	if (!said.eligible) {
		return `${peerName} cannot serve: ${said.note || 'no reason given'}; --force hands over nevertheless`;
	}
	if (serviceClass(said) !== 2) return `${peerName} is in maintenance; --force hands over nevertheless`;
	if (said.configDigest !== configDigest) {
		return `${peerName} runs another configuration; make both the same, or use --force`;
	}
	return undefined;
}

export function startHandover(
	work: Work,
	order: Pick<Handover, 'requestId' | 'forced' | 'byOperator' | 'reason' | 'keepMs'>,
): void {
	const {state, nowMs} = work;
	const fromSequence = state.sequence + 1;
	const deadlineMs = nowMs + prepareDeadlineMs(state);
	state.handover = {...order, phase: 'prepare', startedMs: nowMs, deadlineMs, fromSequence};
	state.drainAskedMs = undefined;
	answerWish(work, '');
}

/** No move now: the peer's operator, if it was one who asked, hears why; a move by preference is tried again later. */
export function declineMove(work: Work, reason: string): void {
	const {state, nowMs} = work;
	if (state.drainAskedMs !== undefined) state.handoverRetryAtMs = nowMs + state.settings.handoverDeadlineMs;
	state.drainAskedMs = undefined;
	answerWish(work, reason);
}

/** Tells the peer, whose operator asked for the address, what became of the wish; nothing when nobody asked. */
function answerWish(work: Work, refusal: string): void {
	const {state} = work;
	const wish = state.peer?.said.wish ?? 0;
	state.answeredWish = wish === 0 ? undefined : {wish, refusal};
	work.urgent = true;
}

/** Enough for three lost datagrams in each direction. */
function prepareDeadlineMs(state: ElectionState): number {
	return 2 * voluntaryHoldMs(state.settings.advertIntervalMs);
}

/** Moves the handover on, as far as what is known permits. Called for a master and for the node it has become. */
export function evaluateHandover(work: Work): void {
	const {handover} = work.state;
	if (handover?.phase === 'prepare') prepare(work, handover);
	else if (handover?.phase === 'release') release(work, handover);
	else if (handover?.phase === 'yield') confirm(work, handover);
	else if (handover?.phase === 'rollback') rollBack(work, handover);
}

/** Still master. The peer is ready when it has heard of the handover and no longer promises to keep away. */
function prepare(work: Work, handover: Handover): void {
	const {state, nowMs} = work;
	const peer = livePeer(state);
	const {peerName} = state.settings;
	if (peer !== undefined && peer.echoSequence >= handover.fromSequence && !peer.said.yields) {
		if (!peer.said.ajar && nowMs < readyAtMs(handover)) return;
		if (handover.keepMs > 0) state.keepsUntilMs = nowMs + handover.keepMs;
		state.handover = {...handover, phase: 'release'};
		releaseAddress(work);
		becomeListener(work, `handing over to ${peerName}: ${handover.reason}`);
		return;
	}
	if (peer !== undefined && nowMs < handover.deadlineMs) return;
	const why = peer === undefined ? `${peerName} went silent` : `${peerName} did not get ready in time`;
	refuse(work, handover, `${why}; the address has not moved`);
}

/** How long this node serves on for the peer to say `ajar`: a comfort for clients, and nothing that safety needs. */
const peerSetupMs = 400;

/** The release waits for the peer's word until then. */
export function readyAtMs({startedMs, deadlineMs, keepMs}: Handover): number {
	return keepMs > 0 ? Math.min(startedMs + peerSetupMs, (startedMs + deadlineMs) / 2) : startedMs;
}

function refuse(work: Work, handover: Handover, message: string): void {
	const {state, nowMs} = work;
	if (handover.requestId !== undefined) answer(work, handover.requestId, false, message, handover.startedMs);
	state.handover = undefined;
	state.handoverRetryAtMs = nowMs + state.settings.handoverDeadlineMs;
	answerWish(work, message);
}

/** Not master any more. Nothing is promised before the address is gone. */
function release(work: Work, handover: Handover): void {
	const {state, nowMs} = work;
	if (state.address !== 'none') return;
	const deadlineMs = nowMs + state.settings.handoverDeadlineMs;
	state.handover = {...handover, phase: 'yield', fromSequence: state.sequence + 1, deadlineMs};
	work.urgent = true;
}

/** The peer may claim. It confirms by advertising as master. */
function confirm(work: Work, handover: Handover): void {
	const {state, nowMs} = work;
	const peer = livePeer(state);
	const {peerName} = state.settings;
	if (peer?.said.state === 'master') {
		complete(work, handover);
		return;
	}
	const declined = peer?.said.yields === true && peer.echoSequence >= handover.fromSequence;
	// A takeover under way is bounded by the peer itself; its failure shows as a promise to keep away.
	if (peer?.said.claiming === true) return;
	if (peer !== undefined && !declined && nowMs < handover.deadlineMs) return;
	const why = declined
		? `${peerName} declined${peer?.said.note ? `: ${peer.said.note}` : ''}`
		: `${peerName} did not confirm in time`;
	const deadlineMs = nowMs + state.settings.handoverDeadlineMs + state.settings.claimDeadlineMs;
	state.handover = {...handover, phase: 'rollback', reason: why, deadlineMs};
	state.handoverRetryAtMs = nowMs + 2 * state.settings.handoverDeadlineMs;
	work.urgent = true;
}

function complete(work: Work, handover: Handover): void {
	const {state, nowMs} = work;
	const tookMs = Math.round(nowMs - handover.startedMs);
	if (handover.requestId !== undefined) {
		const message = `${state.settings.peerName} took the address in ${tookMs} ms (term ${state.term})`;
		answer(work, handover.requestId, true, message, handover.startedMs);
	}
	state.stepsBack = handover.byOperator;
	state.handover = undefined;
}

/** An ordinary election decides; `becomeMaster` reports the address back. Here: the two other ends. */
function rollBack(work: Work, handover: Handover): void {
	const {state, nowMs} = work;
	if (livePeer(state)?.said.state === 'master') {
		complete(work, handover);
		return;
	}
	if (nowMs < handover.deadlineMs) return;
	refuse(work, handover, `${handover.reason}; and the address has not come back yet: see the log of both nodes`);
}
