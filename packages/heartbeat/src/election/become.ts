/**
 * The only places where a node enters a state. A transition that is not in the table is a bug of ours and stops the process;
 * the peer then takes over.
 */
import assert from 'node:assert/strict';
import type {NodeState} from '../messages.ts';
import {leaseMs} from '../timers.ts';
import {advertise, answer, isEligible, NEVER_ECHOED, recordTransition, type Work} from './work.ts';

const LEGAL: Readonly<Record<NodeState, readonly NodeState[]>> = {
	initialize: ['backup', 'fault', 'stopped'],
	backup: ['master', 'fault', 'stopped'],
	master: ['backup', 'fault', 'stopped'],
	fault: ['backup', 'master', 'stopped'],
	stopped: [],
};

function assertLegal(work: Work, to: NodeState): void {
	assert(LEGAL[work.state.node].includes(to), `a node in state ${work.state.node} cannot become ${to}`);
}

/** Fit, without the address, ready to take it. */
export function becomeBackup(work: Work, reason: string): void {
	assertLegal(work, 'backup');
	assert(work.state.address !== 'held', 'a backup must not hold the address');
	recordTransition(work, 'backup', reason);
}

/** Not fit, without the address. */
export function becomeFault(work: Work, reason: string): void {
	assertLegal(work, 'fault');
	assert(work.state.address !== 'held', 'a node in fault must not hold the address');
	recordTransition(work, 'fault', reason);
}

/** Backup or fault, as the fitness says. */
export function becomeListener(work: Work, reason: string): void {
	if (isEligible(work.state)) becomeBackup(work, reason);
	else becomeFault(work, reason);
}

/**
 * The takeover was read back. The order matters: the advertisement renews the lease, without which nothing leaves for the
 * address; then the announcement; then people.
 */
export function becomeMaster(work: Work): void {
	const {state, nowMs} = work;
	assertLegal(work, 'master');
	const claim = state.claim;
	assert(claim !== undefined && state.address === 'held', 'there is no master without its address');
	state.claim = undefined;
	state.masteredTerm = state.term;
	state.yields = false;
	state.failures = 0;
	state.failureNote = '';
	state.stepsBack = false;
	state.secondSpeaker = false;
	state.peerBetterSinceMs = undefined;
	state.keepsUntilMs = 0;
	state.ajar = false;
	const at = work.effects.length;
	recordTransition(work, 'master', claim.reason, Math.round(nowMs - claim.startedMs));
	const transition = work.effects.splice(at, 1);
	finishRequests(work);
	const results = work.effects.splice(at);
	advertise(work);
	// Where the peer has yet to confirm, the address is mute so long; a lease's time is enough for that.
	state.leaseEndsMs = Math.max(state.leaseEndsMs, nowMs + leaseMs(state.settings.advertIntervalMs));
	state.announcedMs = nowMs;
	work.effects.push({type: 'announce', reason: 'became master'}, ...transition, ...results);
}

/** `failover` was asked here, or a move of ours came back: both end with this node as master. */
function finishRequests(work: Work): void {
	const {state, nowMs} = work;
	const {wants, handover, settings} = state;
	if (wants !== undefined) {
		const tookMs = Math.round(nowMs - wants.startedMs);
		const message = `${settings.nodeName} took the address from ${settings.peerName} in ${tookMs} ms (term ${state.term})`;
		answer(work, wants.requestId, true, message, wants.startedMs);
		state.wants = undefined;
	}
	if (handover !== undefined) {
		const message = `${handover.reason}; the address is back on ${settings.nodeName} (term ${state.term})`;
		if (handover.requestId !== undefined) answer(work, handover.requestId, false, message, handover.startedMs);
		if (state.answeredWish !== undefined) state.answeredWish = {...state.answeredWish, refusal: message};
	}
	state.handover = undefined;
}

/** On the way out: from here only the release and the goodbye happen. */
export function becomeStopped(work: Work, reason: string): void {
	assertLegal(work, 'stopped');
	work.state.yields = false;
	work.state.boundUntilSequence = NEVER_ECHOED;
	recordTransition(work, 'stopped', reason);
}
