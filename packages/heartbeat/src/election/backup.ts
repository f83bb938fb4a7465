/**
 * A node without the address (RFC 5798 §6.4.1 Initialize, §6.4.2 Backup, and keepalived's fault).
 *
 * Decides whether this node wants the address, what it therefore promises, and when it claims. A backup never ousts a master:
 * the master gives. So nothing here looks at a living master but to see whether it is handing over.
 */
import {serviceClass} from '../rank.ts';
import {becomeBackup, becomeFault, becomeListener} from './become.ts';
import {failClaim, findPermission, judgeRelease, startClaim} from './claim.ts';
import type {ElectionState} from './state.ts';
import {
	compareWithPeer,
	isEligible,
	livePeer,
	NEVER_ECHOED,
	noteOf,
	ownClass,
	type Work,
	wasLastMaster,
} from './work.ts';

export function evaluateListener(work: Work): void {
	const {state, nowMs} = work;
	judgeRelease(work);
	if (state.node === 'initialize') {
		const reason = findReasonToStart(state);
		if (reason === undefined) return;
		becomeListener(work, reason);
	}
	if (state.claim !== undefined) {
		if (nowMs >= state.claim.deadlineMs) failClaim(work, state.claim.term, 'no answer in time');
		return;
	}
	settleFitness(work);
	const willing = wantsAddress(state);
	promise(work, willing);
	const barredUntilMs = Math.max(state.driverBusyUntilMs, state.noClaimBeforeMs);
	if (!willing || state.address !== 'none' || nowMs < barredUntilMs) return;
	const permission = findPermission(state);
	if (permission !== undefined) startClaim(work, permission);
}

/**
 * Hear before speak: a node that just started first looks for its peer, no longer than the start delay. When both start
 * together each waits until the other knows its own fitness too, or the quicker boot would win over the better rank.
 */
function findReasonToStart(state: ElectionState): string | undefined {
	const said = livePeer(state)?.said;
	const peerName = state.settings.peerName;
	if (said !== undefined) {
		if (said.state === 'master' || said.claiming) return `${peerName} is master`;
		if (said.state !== 'initialize') return `${peerName} is ${said.state}`;
		if (said.eligible && isEligible(state)) return `${peerName} starts too`;
	}
	if (state.steppedMs < state.startedMs + state.settings.startDelayMs) return undefined;
	return said === undefined ? `${peerName} was not heard within the start delay` : `${peerName} is not ready yet`;
}

/** Backup and fault differ in fitness alone. */
function settleFitness(work: Work): void {
	const {state} = work;
	const eligible = isEligible(state);
	if (eligible && state.node === 'fault') {
		state.failureNote = '';
		becomeBackup(work, 'fit for service again');
	}
	if (!eligible && state.node === 'backup') becomeFault(work, noteOf(state) || 'not fit for service');
}

/** Should this node have the address, as far as it knows? */
export function wantsAddress(state: ElectionState): boolean {
	if (!state.connected || state.steppedMs < state.retryAtMs) return false;
	const giving = state.handover !== undefined && state.handover.phase !== 'rollback';
	if (giving) return false;
	const own = ownClass(state);
	const said = livePeer(state)?.said;
	// Alone: a node in maintenance serves when nobody else is left; one that cannot serve only keeps what it had.
	if (said === undefined) return own > 0 || wasLastMaster(state);
	if (said.draining) return said.forced || own > 0;
	if (said.state === 'master' || said.claiming) return false;
	const better = compareWithPeer(state, said) > 0;
	if (own > 0) return better;
	return wasLastMaster(state) && serviceClass(said) === 0 && (better || !said.incumbent);
}

/**
 * The promise of a node that does not want the address. Taking it back binds until the peer has echoed the advertisement that
 * says so: only then is it certain that no claim of the peer relies on it.
 */
function promise(work: Work, willing: boolean): void {
	const {state} = work;
	const yields = !willing && state.address === 'none';
	if (yields === state.yields) return;
	state.yields = yields;
	state.boundUntilSequence = yields ? NEVER_ECHOED : state.sequence + 1;
	work.urgent = true;
}
