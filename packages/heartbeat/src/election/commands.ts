/**
 * What an operator or the daemon asks for: failover, maintenance, stop. Each request gets exactly one answer.
 */

import {fastIntervalMs} from '../timers.ts';
import {becomeStopped} from './become.ts';
import {releaseAddress} from './claim.ts';
import {declineMove, findHandoverRefusal, startHandover} from './handover.ts';
import type {ElectionEvent, ElectionState, WantsMaster} from './state.ts';
import {advertise, answer, livePeer, noteOf, ownClass, type Work} from './work.ts';

/** How often the goodbye is said: one lost datagram must not cost the clients a master-down interval. */
const GOODBYES = 3;

type FailoverOrder = Extract<ElectionEvent, {type: 'failover'}>;

/** `failover`: on the master give the address, elsewhere ask the master for it. */
export function commandFailover(work: Work, order: FailoverOrder): void {
	const {state, nowMs} = work;
	const {requestId, force} = order;
	if (state.node === 'master') {
		giveAddress(work, order);
		return;
	}
	const refusal = findWishRefusal(state, force);
	if (refusal !== undefined) {
		answer(work, requestId, false, refusal, nowMs);
		return;
	}
	const {drainDeadlineMs, handoverDeadlineMs, claimDeadlineMs} = state.settings;
	const deadlineMs = nowMs + drainDeadlineMs + handoverDeadlineMs + claimDeadlineMs;
	state.wants = {
		requestId,
		forced: force,
		startedMs: nowMs,
		deadlineMs,
		fromSequence: state.sequence + 1,
		masterAnswered: false,
	};
	work.urgent = true;
}

function giveAddress(work: Work, {requestId, force, keepMs = 0, mayReturn = false}: FailoverOrder): void {
	const {state, nowMs} = work;
	if (state.handover !== undefined) {
		answer(work, requestId, false, 'a handover is under way already; wait for its end', nowMs);
		return;
	}
	const said = livePeer(state)?.said;
	const asked = said !== undefined && said.wish > 0;
	const forced = force || (asked && said.forced);
	const refusal = findHandoverRefusal(state, forced);
	if (refusal !== undefined) {
		declineMove(work, refusal);
		answer(work, requestId, false, refusal, nowMs);
		return;
	}
	const automatic = state.drainAskedMs !== undefined && !asked;
	const reason = automatic ? state.drainReason : `failover to ${state.settings.peerName} was requested`;
	const keeps = state.passesOn && said?.passesOn === true;
	startHandover(work, {requestId, forced, byOperator: !automatic && !mayReturn, reason, keepMs: keeps ? keepMs : 0});
}

/** Why this node cannot ask for the address; nothing when it can. */
function findWishRefusal(state: ElectionState, force: boolean): string | undefined {
	const {nodeName, peerName, configDigest} = state.settings;
	if (state.wants !== undefined) return 'a failover to this node is under way already; wait for its end';
	if (state.claim !== undefined) return `${nodeName} is taking the address already`;
	const said = livePeer(state)?.said;
	if (said === undefined) {
		return `${peerName} is silent, so nobody can hand over; --force does not change that`;
	}
	if (said.state !== 'master') return `${peerName} is not master (${said.state}), so it has nothing to hand over`;
	if (force) return undefined;
	if (ownClass(state) === 0) {
		return `${nodeName} cannot serve: ${noteOf(state) || 'no reason given'}; --force takes over nevertheless`;
	}
	if (state.maintenance) return `${nodeName} is in maintenance; --force takes over nevertheless`;
	if (said.configDigest !== configDigest) {
		return `${peerName} runs another configuration; make both the same, or use --force`;
	}
	return undefined;
}

/** Ends a wish that came to nothing. A wish that succeeded ends in `becomeMaster`. */
export function evaluateWish(work: Work): void {
	const {state} = work;
	const {wants} = state;
	if (wants === undefined || state.claim !== undefined) return;
	const why = findWhyUnfulfilled(state, wants);
	if (why === '') {
		if (livePeer(state)?.said.draining) state.wants = {...wants, masterAnswered: true};
		return;
	}
	answer(work, wants.requestId, false, why, wants.startedMs);
	state.wants = undefined;
	work.urgent = true;
}

/** Why the wish has come to nothing; empty while it may yet be fulfilled. */
function findWhyUnfulfilled(state: ElectionState, wants: WantsMaster): string {
	const {nodeName, peerName, bootId} = state.settings;
	const said = livePeer(state)?.said;
	if (said?.refusal?.wish === wants.fromSequence && said.echo?.bootId === bootId) {
		return `${peerName} did not hand over: ${said.refusal.reason}`;
	}
	if (state.steppedMs >= wants.deadlineMs) return `${peerName} did not hand over in time`;
	if (said === undefined) return `${peerName} went silent`;
	if (ownClass(state) === 0 && !wants.forced && !said.yields) {
		return `${nodeName} cannot serve any more: ${noteOf(state) || 'no reason given'}`;
	}
	if (wants.masterAnswered && said.state === 'master' && !said.draining) {
		return `${peerName} did not hand over${said.note ? `: ${said.note}` : ''}`;
	}
	return '';
}

/** Takes effect at once; where the address goes then is decided like any other change of fitness. */
export function commandMaintenance(work: Work, requestId: number, on: boolean): void {
	const {state, nowMs} = work;
	state.maintenance = on;
	work.urgent = true;
	const {nodeName, peerName} = state.settings;
	if (!on) {
		answer(work, requestId, true, `maintenance of ${nodeName} is over`, nowMs);
		return;
	}
	const refusal = state.node === 'master' ? findHandoverRefusal(state, false) : undefined;
	const consequence =
		refusal === undefined ? 'it claims only while its peer is silent' : `it keeps the address: ${refusal}`;
	const message =
		state.node === 'master' && refusal === undefined
			? `${nodeName} is in maintenance and hands over to ${peerName}`
			: `${nodeName} is in maintenance; ${consequence}`;
	answer(work, requestId, true, message, nowMs);
}

/** Leaves: release, then say goodbye, then `stopped`. */
export function commandStop(work: Work): void {
	const {state, nowMs} = work;
	if (state.node === 'stopped') return;
	for (const open of [state.handover, state.wants]) {
		if (open?.requestId !== undefined) answer(work, open.requestId, false, 'the node is stopping', open.startedMs);
	}
	state.handover = undefined;
	state.wants = undefined;
	state.drainAskedMs = undefined;
	state.keepsUntilMs = 0;
	state.claim = undefined;
	if (state.address === 'held' || state.address === 'claiming') releaseAddress(work);
	becomeStopped(work, 'stopped on request');
	state.goodbyesLeft = GOODBYES;
	state.advertiseAtMs = nowMs;
}

/** The goodbye goes out when the address is gone, three times a quarter of an interval apart at most. */
export function evaluateStopped(work: Work): void {
	const {state, nowMs} = work;
	work.urgent = false;
	if (state.address !== 'none' || state.goodbyesLeft === 0 || nowMs < state.advertiseAtMs) return;
	advertise(work);
	state.goodbyesLeft -= 1;
	state.advertiseAtMs = nowMs + Math.min(20, fastIntervalMs(state.settings.advertIntervalMs));
	if (state.goodbyesLeft === 0) work.effects.push({type: 'stopped'});
}
