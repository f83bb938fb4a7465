/**
 * Who holds the virtual address: one node's half of the election, as a reducer.
 *
 * `step(state, event, nowMs)` answers with the next state and the effects to carry out, in order. The same state, event and time
 * always give the same answer; nothing here reads a clock, sends or waits. `nextDeadlineMs(state)` says when to step with a
 * `tick` if nothing else happens; one timer is enough.
 *
 *                   start delay over,             fit
 *                   or the peer was heard   ┌───────────────┐
 *     initialize ───────────┬───────────► backup ◄────────► fault
 *                           └───────────────│─────────────────▲
 *                                           │ permission,     │ cannot serve; takeover failed
 *                                           │ claim, read back│
 *                                           ▼                 │
 *                                         master ─────────────┘
 *                       higher term heard, handed over, own stall: back to backup
 *     any ── stop ──► stopped (release, goodbye)
 *
 * Two kinds of permission to claim, see `election/claim.ts`; a backup never ousts a master, the master gives
 * (`election/master.ts`, `election/handover.ts`). It is longer than other files for the list of events. The rules and the argument for their safety are in docs/protocol.md.
 */

import {explainLoss} from './address-text.ts';
import {consentDeadlineMs, evaluateConsent, hearWitness} from './election/ask-witness.ts';
import {evaluateListener} from './election/backup.ts';
import {
	abandonClaim,
	endClaim,
	endRelease,
	failClaim,
	judgeRelease,
	listenAnew,
	refreshWord,
	releaseAddress,
	stepDown,
} from './election/claim.ts';
import {commandFailover, commandMaintenance, commandStop, evaluateStopped, evaluateWish} from './election/commands.ts';
import {NO_CONSENT} from './election/consent.ts';
import {evaluateDamping} from './election/damping.ts';
import {declineMove, evaluateHandover, readyAtMs} from './election/handover.ts';
import {hear, hearUnbelieved, hearUnproven, noticeDrift} from './election/hear.ts';
import type {LiveSettings} from './election/live-settings.ts';
import {announceAgain, deafPatienceMs, evaluateMaster} from './election/master.ts';
import type {ElectionEvent, ElectionSettings, ElectionState, LocalFitness, Step} from './election/state.ts';
import {
	advertise,
	beginWork,
	downIntervalMs,
	NEVER_ECHOED,
	noteOf,
	report,
	silenceDeadlineMs,
	type Work,
} from './election/work.ts';
import {leaseMs, MAX_ADVERT_INTERVAL_MS} from './timers.ts';

/** The state of a node that has just started. Step it with a `tick` at once: that sends the first advertisement. */
export function createElection(settings: ElectionSettings, nowMs: number): ElectionState {
	return {
		settings,
		node: 'initialize',
		sinceMs: nowMs,
		reason: 'started',
		startedMs: nowMs,
		steppedMs: nowMs,
		term: settings.firstTerm,
		masteredTerm: 0,
		sequence: 0,
		advertiseAtMs: nowMs,
		advertisedMs: nowMs,
		replyAtMs: nowMs,
		lossyUntilMs: 0,
		fitness: {eligible: false, health: 0, note: 'the checks have not answered yet'},
		connected: true,
		maintenance: false,
		passesOn: false,
		keepsUntilMs: 0,
		ajar: false,
		address: 'none',
		releaseDeadlineMs: 0,
		leaseEndsMs: 0,
		yields: true,
		boundUntilSequence: NEVER_ECHOED,
		staleUntilSequence: 0,
		driverBusyUntilMs: 0,
		doubts: 0,
		listenFromMs: nowMs,
		noClaimBeforeMs: 0,
		gaveWayToDoubt: false,
		peer: undefined,
		solo: false,
		drift: false,
		secondSpeaker: false,
		announcedMs: 0,
		pinnedUntilMs: 0,
		peerFit: false,
		peerPenalty: 0,
		peerPenaltyMs: nowMs,
		stepsBack: false,
		claim: undefined,
		failures: 0,
		failureNote: '',
		retryAtMs: 0,
		handover: undefined,
		drainAskedMs: undefined,
		drainReason: '',
		answeredWish: undefined,
		peerBetterSinceMs: undefined,
		handoverRetryAtMs: 0,
		wants: undefined,
		consent: NO_CONSENT,
		sentMs: [],
		goodbyesLeft: 0,
		notices: 0,
	};
}

/** Takes one event. `nowMs` is monotonic; a time before the last step counts as the last step's. */
export function step(state: ElectionState, event: ElectionEvent, nowMs: number): Step {
	const work = beginWork(state, Math.max(nowMs, state.steppedMs));
	if (event.type === 'stalled') admitStall(work, event.gapMs);
	else if (event.type !== 'stop') {
		noticeStall(work, state);
		if (event.type !== 'tick') leaveToTick(work, state);
	}
	handle(work, event);
	evaluateDamping(work);
	evaluate(work);
	if (work.state.node !== 'stopped' && (work.urgent || work.nowMs >= work.state.advertiseAtMs)) advertise(work);
	return {state: work.state, effects: work.effects};
}

function handle(work: Work, event: ElectionEvent): void {
	const {state} = work;
	switch (event.type) {
		case 'advertisement':
			if (state.node !== 'stopped') hear(work, event.advertisement);
			break;
		case 'unproven':
			hearUnproven(work, event.advertisement);
			break;
		case 'unbelieved':
			hearUnbelieved(work, event.advertisement);
			break;
		case 'fitness':
			learnFitness(work, event.fitness);
			break;
		case 'carrier':
			learnCarrier(work, event.up);
			break;
		case 'failover':
			commandFailover(work, event);
			break;
		case 'declineHandover':
			if (state.drainAskedMs !== undefined) declineMove(work, event.reason);
			break;
		case 'maintenance':
			commandMaintenance(work, event.requestId, event.on);
			break;
		case 'passesOn':
		case 'ajar':
		case 'endKeeping':
			learnSecondChance(work, event);
			break;
		case 'reconfigured':
			takeSettings(work, event.settings);
			break;
		case 'claimSucceeded':
			endClaim(work, event.term);
			break;
		case 'claimFailed':
			failClaim(work, event.term, event.reason);
			break;
		case 'released':
			endRelease(work);
			break;
		case 'witnessAnswered':
			hearWitness(work, event.reply);
			break;
		case 'addressLost':
			restoreAddress(work, event.lapsedMs);
			break;
		case 'stop':
			commandStop(work);
			break;
		case 'tick':
		case 'stalled':
			break;
	}
}

function takeSettings(work: Work, settings: LiveSettings): void {
	const {state} = work;
	state.settings = {...state.settings, ...settings};
	// A master-down interval that became shorter may be over already, while the peer's word waits in the socket.
	state.noClaimBeforeMs = Math.max(state.noClaimBeforeMs, work.nowMs + state.settings.advertIntervalMs);
	if (state.peer !== undefined) noticeDrift(work, state.peer.said);
	work.urgent = true;
}

/** Levels that only travel: the shell of one node tells that of the other. */
function learnSecondChance(
	work: Work,
	event: Extract<ElectionEvent, {type: 'passesOn' | 'ajar' | 'endKeeping'}>,
): void {
	const {state} = work;
	if (event.type !== 'passesOn' || event.able !== state.passesOn) work.urgent = true;
	if (event.type === 'passesOn') state.passesOn = event.able;
	else if (event.type === 'ajar') state.ajar = true;
	else state.keepsUntilMs = 0;
}

/** The daemon repeats itself each second; only what the peer compares is worth an advertisement of its own. */
function learnFitness(work: Work, fitness: LocalFitness): void {
	const {state} = work;
	if (fitness.eligible !== state.fitness.eligible || fitness.health !== state.fitness.health) work.urgent = true;
	state.fitness = fitness;
}

/**
 * Without a carrier nobody hears this node for the address: holding it would only bring a second master into the network when the cable is
 * back. What the peer did meanwhile is heard before anything is claimed again.
 */
function learnCarrier(work: Work, up: boolean): void {
	const {state} = work;
	if (up === state.connected) return;
	state.connected = up;
	if (state.claim !== undefined) abandonClaim(work);
	if (state.node === 'master') stepDown(work, noteOf(state));
	else listenAnew(work);
}

/** Decisions are taken from levels, not from edges: whatever the event was, the whole situation is judged again. */
function evaluate(work: Work): void {
	const before = work.state.node;
	evaluateHandover(work);
	evaluateConsent(work);
	if (work.state.node === 'stopped') {
		judgeRelease(work);
		evaluateStopped(work);
		return;
	}
	if (work.state.node === 'master') {
		evaluateMaster(work);
	} else {
		evaluateWish(work);
		evaluateListener(work);
	}
	if (work.state.node !== before) evaluate(work);
}

function restoreAddress(work: Work, lapsedMs: number | undefined): void {
	const {state} = work;
	if (state.node !== 'master' || state.address !== 'held') return;
	report(work, 'addressRestored', `${explainLoss('the address', lapsedMs)}; it was added again`);
	work.effects.push({type: 'restore', term: state.term});
	announceAgain(work, 'the address was added again');
}

/** So often in one silence of the peer; a node that is always late would never claim otherwise. */
const MOST_DOUBTS = 3;

/**
 * How late this step is tells whether this node was here (DESIGN rule 5.7). A master whose lease ran out was not, nor was
 * anybody who is late by a whole lease. A node without the address that is a little late must not take its own lateness for
 * the peer's silence: it listens half an interval longer, so that what waits in the socket gets in, but not for ever. Nor may the first
 * of what waits there, "the address is yours", permit what the next one takes back.
 */
function noticeStall(work: Work, before: ElectionState): void {
	const {state, nowMs} = work;
	if (state.sequence === 0 || state.node === 'stopped') return;
	const {advertIntervalMs} = state.settings;
	const lateMs = nowMs - (nextDeadlineMs(before) ?? nowMs);
	// A claimer that said nothing for a lease is in a master's place: the peer may take it for dead before it comes to its end.
	const claimOver = state.claim !== undefined && nowMs >= state.advertisedMs + leaseMs(advertIntervalMs);
	// With a witness a lease also ends unconfirmed: `ask-witness.ts` tells that.
	const masterOver = state.node === 'master' && state.settings.witnessed !== true && nowMs >= state.leaseEndsMs;
	const leaseOver = claimOver || masterOver;
	if (leaseOver || lateMs >= leaseMs(advertIntervalMs)) {
		admitStall(work, Math.max(lateMs, nowMs - state.advertiseAtMs));
	} else if (lateMs >= advertIntervalMs / 4 && state.node !== 'master') {
		refreshWord(work);
		if (state.doubts >= MOST_DOUBTS) return;
		state.doubts += 1;
		state.listenFromMs = Math.max(state.listenFromMs, nowMs - downIntervalMs(state) + advertIntervalMs / 2);
	}
}

/**
 * Only before a `tick` has the shell let in what waits in the socket. Another event that comes when a deadline has just passed must not judge
 * by it: the peer may have spoken. A tick soon afterwards does; a word of the peer lifts this (`hear.ts`).
 */
function leaveToTick({state, nowMs}: Work, before: ElectionState): void {
	const deadlineMs = nextDeadlineMs(before);
	if (deadlineMs === undefined || nowMs < deadlineMs) return;
	state.noClaimBeforeMs = Math.max(state.noClaimBeforeMs, nowMs + state.settings.advertIntervalMs / 32);
}

/**
 * "I was not here": what this node believes may be over. A master gives the address up (the kernel has muted it anyway), a
 * claim is given up, a backup starts to listen anew; then the situation is judged like after a start.
 */
function admitStall(work: Work, gapMs: number): void {
	const {state} = work;
	if (state.node === 'stopped') return;
	const text = `this node did not run for ${Math.round(gapMs)} ms`;
	report(work, 'stalled', text);
	if (state.claim !== undefined) {
		state.claim = undefined;
		releaseAddress(work);
	}
	if (state.node === 'master') stepDown(work, text);
	else listenAnew(work);
}

/** When to step again with a `tick` at the latest; nothing when the node has stopped. Always later than the last step. */
export function nextDeadlineMs(state: ElectionState): number | undefined {
	if (state.node === 'stopped' && state.goodbyesLeft === 0) return undefined;
	let next = state.steppedMs + MAX_ADVERT_INTERVAL_MS;
	const consider = (deadlineMs: number | undefined): void => {
		if (deadlineMs !== undefined && deadlineMs > state.steppedMs && deadlineMs < next) next = deadlineMs;
	};
	consider(state.node === 'stopped' && state.address !== 'none' ? undefined : state.advertiseAtMs);
	consider(silenceDeadlineMs(state));
	if (state.node === 'initialize') consider(state.startedMs + state.settings.startDelayMs);
	if (state.address === 'releasing') consider(state.releaseDeadlineMs);
	consider(state.claim?.deadlineMs);
	consider(state.retryAtMs);
	consider(state.driverBusyUntilMs);
	consider(state.noClaimBeforeMs);
	consider(state.handover?.deadlineMs);
	if (state.handover?.phase === 'prepare') consider(readyAtMs(state.handover));
	consider(state.keepsUntilMs);
	consider(state.handoverRetryAtMs);
	consider(state.wants?.deadlineMs);
	consider(state.pinnedUntilMs);
	consider(consentDeadlineMs(state));
	if (state.node === 'master') {
		if (state.peer?.said.state === 'master') consider(state.peer.contactSinceMs + deafPatienceMs(state));
		if (state.drainAskedMs !== undefined) consider(state.drainAskedMs + state.settings.drainDeadlineMs);
	}
	return next;
}
