/**
 * What an advertisement of the peer changes before any state looks at it: contact, echo, term, drift.
 */
import type {Advertisement} from '../advertisement.ts';
import {lossyMs} from '../timers.ts';
import {abandonClaim, stepDown} from './claim.ts';
import {hearAsMaster} from './master.ts';
import {isPreferred} from './preference.ts';
import type {ElectionState, Peer} from './state.ts';
import {
	answerSoon,
	compareWithPeer,
	downIntervalMs,
	hurryWhereLossy,
	livePeer,
	renewLease,
	report,
	sendingMs,
	type Work,
} from './work.ts';

export function hear(work: Work, said: Advertisement): void {
	const {state} = work;
	const inContact = livePeer(state)?.said.bootId === said.bootId;
	if (inContact && said.sequence > (state.peer?.said.sequence ?? 0) + 1)
		state.lossyUntilMs = state.steppedMs + lossyMs(said.advertIntervalMs);
	const isSameLife = state.peer?.said.bootId === said.bootId;
	const peer = updatePeer(state, said, inContact);
	state.peer = peer;
	hurryWhereLossy(work);
	state.doubts = 0;
	if (!said.draining || !said.keeps) state.ajar = false;
	state.noClaimBeforeMs = 0;
	noticeDrift(work, said);
	if (state.solo && !said.resigning) {
		state.solo = false;
		report(work, 'paired', `${state.settings.peerName} is heard again`);
		if (isSameLife) suspectConflict(work, said);
	}
	if (!inContact || (state.settings.witnessed === true && said.state === 'master')) answerSoon(work);
	if (state.node === 'master') hearAsMaster(work, peer);
	else if (state.claim !== undefined) hearAsClaimer(work, said);
	state.term = Math.max(state.term, said.term);
	if (state.settings.witnessed === true) renewLease(work);
	answerWhoMissed(work, peer);
}

/**
 * A peer that was cut off alive may have been master until the moment it heard this node, which never hears of it then. One that still is
 * master is dealt with as such, and one that has started anew claims nothing before it hears.
 */
function suspectConflict(work: Work, said: Advertisement): void {
	const {node, settings} = work.state;
	if (node !== 'master' || said.state === 'master' || said.claiming) return;
	if (settings.witnessed === true || settings.onIsolation === 'hold') return;
	const reason = `${settings.peerName} was cut off and may have been master meanwhile: this node alone is master`;
	report(work, 'soleSpeaker', reason);
}

function updatePeer(state: ElectionState, said: Advertisement, inContact: boolean): Peer {
	const before = state.peer?.said.bootId === said.bootId ? state.peer : undefined;
	const echoed = said.echo?.bootId === state.settings.bootId ? Math.min(said.echo.sequence, state.sequence) : 0;
	const known = before?.echoSequence ?? 0;
	return {
		said,
		heardAtMs: state.steppedMs,
		contactSinceMs: inContact && before !== undefined ? before.contactSinceMs : state.steppedMs,
		echoSequence: Math.max(echoed, known),
		echoAdvancedAtMs: echoed > known ? state.steppedMs : (before?.echoAdvancedAtMs ?? 0),
		echoedSentMs: Math.max(state.peer?.echoedSentMs ?? 0, sendingMs(state, echoed)),
	};
}

/** Two claims at once: the higher term, then the better rank. */
function hearAsClaimer(work: Work, said: Advertisement): void {
	const {state} = work;
	if (said.state !== 'master' && !said.claiming) return;
	const own = state.claim?.term ?? 0;
	if (said.term < own || (said.term === own && compareWithPeer(state, said) > 0)) answerSoon(work);
	else abandonClaim(work);
}

/** Drift never silences anything: it is said once when it begins and once when it ends. */
export function noticeDrift(work: Work, said: Advertisement): void {
	const {state} = work;
	const drift = said.configDigest !== state.settings.configDigest;
	if (drift === state.drift) return;
	state.drift = drift;
	const {peerName} = state.settings;
	if (drift)
		report(work, 'drift', `${peerName} runs another configuration; planned moves need --force until both agree`);
	else report(work, 'agreed', `${peerName} runs the same configuration`);
}

/**
 * The echo shows what the peer missed. Answering at once gives it more chances to hear this node before its master-down
 * interval ends, and carries a change of promise back within a round trip.
 */
function answerWhoMissed(work: Work, peer: Peer): void {
	const {state} = work;
	const wantsToMove = state.node !== 'master' && peer.said.state !== 'master' && !peer.said.yields;
	if (wantsToMove || state.sequence - peer.echoSequence >= 2) answerSoon(work);
}

/** Longest delay that an unproven boot may cause after our own start or the peer's last word, in master-down intervals. */
const UNPROVEN_PATIENCE = 10;

/**
 * An authentic master, claimer or holder of the address whose boot is unproven: either a recording, or a peer that came back and has not heard us
 * yet. For a while it is given the benefit of the doubt; a recording can delay a claim, never prevent it.
 */
export function hearUnproven(work: Work, said: Advertisement): void {
	const {state} = work;
	answerSoon(work);
	holdClaimBack(work, said, Math.max(state.startedMs, state.peer?.heardAtMs ?? 0));
}

/**
 * A machine at the peer's address that has another key or another name of the pair, as long as this life has not heard the peer. What it says is
 * not believed, but two such nodes must not both claim at their start: meanwhile the track of the address finds it in use. A pair that has
 * heard each other is delayed by nobody's forgery.
 */
export function hearUnbelieved(work: Work, said: Advertisement): void {
	const {state, nowMs} = work;
	if (state.peer !== undefined) return;
	const bothClaimed = state.node === 'master' && said.state === 'master' && !isPreferred(state);
	// Two that start in the same moment; once in a life, so that forgery cannot make a habit of it.
	if (bothClaimed && !state.gaveWayToDoubt) {
		state.gaveWayToDoubt = true;
		stepDown(
			work,
			`${state.settings.peerName} speaks for the address too, and cannot be believed: the preferred node stays`,
		);
	}
	// Patience begins when this node could claim.
	holdClaimBack(work, said, state.node === 'backup' ? state.sinceMs : nowMs);
}

function holdClaimBack({state, nowMs}: Work, said: Advertisement, patientFromMs: number): void {
	// One that has stepped down answers for the address until its release is done, which a slow driver may make long.
	if (said.state !== 'master' && !said.claiming && !said.holdsAddress) return;
	const patienceEndsMs = patientFromMs + UNPROVEN_PATIENCE * downIntervalMs(state);
	state.noClaimBeforeMs = Math.min(nowMs + downIntervalMs(state), patienceEndsMs);
}
