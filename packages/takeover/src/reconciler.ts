/**
 * The reconciler of one address: reads where the network delivers it, orders it here while this node is its master, and reads
 * again, for ever. Pure.
 *
 * Decides which call is made and when; one at a time. Three rules carry it:
 *   - Only a reading counts. An order that succeeded, failed or was never answered may have worked, or may work later.
 *   - A wish holds while the heartbeat confirms it, and a lower term never overrides a higher one. So a heartbeat that is dead
 *     or frozen stops this node from pulling at an address that the peer has claimed meanwhile.
 *   - A claim orders at once, without reading first: the provider is the slowest part of a failover.
 * Leaves the calls to the driver, clocks and deadlines to `keeper.ts`, words for people to `reconciler-words.ts`.
 */
import type {ActionState, Observation} from './driver.ts';
import {backOffMs, longestBusyPauseMs, longestPauseMs} from './reconciler-pauses.ts';
import type {
	CallKind,
	ReconcilerEffect,
	ReconcilerEvent,
	ReconcilerSettings,
	ReconcilerState,
	ReconcilerStep,
} from './reconciler-state.ts';
import {sayArrival, sayFailure, sayLoss, sayRecovery} from './reconciler-words.ts';

/** How long a wish holds without being confirmed, ms. The heartbeat speaks each second. */
const wishValidMs = 3000;
/** A call's shortest and longest deadline, ms. Providers were seen to take a minute. */
const leastPatienceMs = 10_000;
const mostPatienceMs = 80_000;
/** An order that was accepted needs this long at most to show in a reading, ms. */
const settleMs = 5000;
/** Reading back after an order, and while a claim is young: an order of the former master may still arrive, ms. */
const verifyEveryMs = 1000;
const youngMs = 90_000;
const youngEveryMs = 2000;
/** A node that is not the master reads for its status only, ms. */
const idleEveryMs = 60_000;
/** No provider locks anybody out for longer; a header that says so is not believed, ms. */
const longestForbiddenMs = 300_000;
/** An action that runs for longer is asked about no more; reading goes on, ms. */
const actionLimitMs = 120_000;

export function createReconciler(settings: ReconcilerSettings, nowMs: number): ReconcilerState {
	return {
		settings,
		term: 0,
		mine: false,
		confirmedMs: Number.NEGATIVE_INFINITY,
		claimedMs: nowMs,
		urgent: false,
		call: undefined,
		lastCallId: 0,
		action: undefined,
		observed: undefined,
		readMs: nowMs,
		assignMs: nowMs,
		pauseMs: nowMs,
		forbiddenMs: nowMs,
		patienceMs: {read: leastPatienceMs, assign: leastPatienceMs, poll: leastPatienceMs, release: leastPatienceMs},
		// An earlier life may have left the address here.
		unreleased: settings.releases,
		orderedMs: undefined,
		repeats: 0,
		failures: 0,
		failure: undefined,
		counters: {reads: 0, assigns: 0, failures: 0, staleWishes: 0},
	};
}

type Draft = {-readonly [Key in keyof ReconcilerState]: ReconcilerState[Key]};

export function stepReconciler(before: ReconcilerState, event: ReconcilerEvent, nowMs: number): ReconcilerStep {
	const state: Draft = {...before};
	const effects: ReconcilerEffect[] = [];
	if (event.type === 'wish') takeWish(state, effects, event, nowMs);
	else if (event.type !== 'tick' && event.call === state.call?.id) takeAnswer(state, effects, event, nowMs);
	if (state.call !== undefined && nowMs >= state.call.deadlineMs) giveUpCall(state, effects, nowMs);
	if (state.call === undefined) startNextCall(state, effects, nowMs);
	return {state, effects};
}

/** When `tick` is due at the latest. */
export function nextDeadlineMs(state: ReconcilerState, nowMs: number): number {
	if (state.call !== undefined) return state.call.deadlineMs;
	const notBefore =
		state.urgent && holds(state, nowMs) ? state.forbiddenMs : Math.max(state.forbiddenMs, state.pauseMs);
	let dueMs = state.readMs;
	if (holds(state, nowMs)) {
		if (state.urgent) dueMs = nowMs;
		else if (state.action !== undefined) dueMs = Math.min(dueMs, state.action.pollMs);
		else if (isAway(state)) dueMs = Math.min(dueMs, state.assignMs);
		if (state.settings.releases) return Math.min(Math.max(notBefore, dueMs), state.confirmedMs + wishValidMs + 1);
	} else if (state.unreleased) dueMs = nowMs;
	return Math.max(notBefore, dueMs);
}

/** This node is the master as far as anybody may act on it. */
export function holds(state: ReconcilerState, nowMs: number): boolean {
	return state.mine && nowMs - state.confirmedMs <= wishValidMs;
}

function isAway({observed}: ReconcilerState): boolean {
	return observed !== undefined && observed.at !== 'here';
}

function takeWish(
	state: Draft,
	effects: ReconcilerEffect[],
	wish: {readonly term: number; readonly mine: boolean},
	nowMs: number,
): void {
	if (wish.term < state.term) {
		state.counters = {...state.counters, staleWishes: state.counters.staleWishes + 1};
		return;
	}
	const isNew = wish.mine && (!state.mine || wish.term > state.term);
	const isOver = !wish.mine && state.mine;
	// Nobody knows what became of the address while nobody was there to say whose it is.
	if (!holds(state, nowMs)) state.readMs = wish.mine ? nowMs : state.readMs;
	state.confirmedMs = nowMs;
	state.term = wish.term;
	state.mine = wish.mine;
	if (!isNew && !isOver) return;
	// Whatever is under way served another wish; an order of it may have worked, which only a reading shows.
	dropCall(state, effects);
	state.action = undefined;
	state.failures = 0;
	state.failure = undefined;
	state.repeats = 0;
	state.pauseMs = nowMs;
	state.readMs = nowMs;
	state.assignMs = nowMs;
	// After a restart it may be here already: one reading then spares an order that the provider would refuse.
	state.urgent = isNew && state.observed?.at !== 'here';
	if (isNew) state.claimedMs = nowMs;
}

function dropCall(state: Draft, effects: ReconcilerEffect[]): void {
	if (state.call === undefined) return;
	effects.push({type: 'abandon', call: state.call.id});
	state.call = undefined;
}

type Answer = Exclude<ReconcilerEvent, {readonly type: 'wish' | 'tick'}>;

function takeAnswer(state: Draft, effects: ReconcilerEffect[], answer: Answer, nowMs: number): void {
	const call = state.call!;
	state.call = undefined;
	if (answer.type === 'failed') {
		fail(state, effects, call.kind, answer, nowMs);
		return;
	}
	const tookMs = nowMs - call.startedMs;
	const patienceMs = Math.min(mostPatienceMs, Math.max(leastPatienceMs, tookMs * 2));
	state.patienceMs = {...state.patienceMs, [call.kind]: patienceMs};
	settleFailure(state, effects, answer, nowMs);
	if (answer.type === 'observed') takeObservation(state, effects, answer.observation, nowMs);
	else if (answer.type === 'ordered') takeOrder(state, answer.action, nowMs);
	else if (answer.type === 'progressed') takeProgress(state, effects, answer.state, nowMs);
	else {
		state.unreleased = false;
		state.readMs = nowMs;
	}
}

/** A failed order stands while the address is read elsewhere (a token that may not write), and pauses grow on while an accepted one may fail yet. */
function settleFailure(state: Draft, effects: ReconcilerEffect[], answer: Answer, nowMs: number): void {
	if (state.failures === 0 || answer.type === 'progressed') return;
	const isElsewhere = answer.type === 'observed' && answer.observation.at !== 'here' && holds(state, nowMs);
	if (isElsewhere && state.failure?.kind === 'assign') return;
	state.failure = undefined;
	if (answer.type === 'ordered' && answer.action !== undefined) return;
	effects.push(...sayRecovery(state));
	state.failures = 0;
}

function takeObservation(state: Draft, effects: ReconcilerEffect[], observation: Observation, nowMs: number): void {
	const wasHere = state.observed?.at === 'here';
	const isHere = observation.at === 'here';
	state.observed = {...observation, atMs: nowMs};
	state.counters = {...state.counters, reads: state.counters.reads + 1};
	if (!holds(state, nowMs)) {
		state.readMs = nowMs + idleEveryMs;
		// Somebody or an earlier life brought it here without this node being the master.
		if (isHere && state.settings.releases) {
			state.unreleased = true;
			state.pauseMs = nowMs + verifyEveryMs;
		}
		return;
	}
	if (isHere && !wasHere) effects.push(...sayArrival(state, nowMs));
	if (!isHere && wasHere && state.orderedMs !== undefined) effects.push(...sayLoss(state));
	if (isHere) {
		state.action = undefined;
		const calm = nowMs - state.claimedMs > youngMs;
		if (calm) state.repeats = 0;
		state.readMs = nowMs + (calm ? state.settings.watchEveryMs : Math.min(youngEveryMs, state.settings.watchEveryMs));
	} else state.readMs = nowMs + verifyEveryMs;
}

function takeOrder(state: Draft, action: string | undefined, nowMs: number): void {
	state.assignMs = nowMs + settleMs + backOffMs(state, state.repeats, longestPauseMs);
	state.repeats += 1;
	if (action === undefined) state.readMs = nowMs;
	else {
		state.action = {id: action, sinceMs: nowMs, pollMs: nowMs + verifyEveryMs / 2, polls: 0};
		state.readMs = nowMs + settleMs;
	}
}

function takeProgress(state: Draft, effects: ReconcilerEffect[], progress: ActionState, nowMs: number): void {
	const {action} = state;
	if (action === undefined) return;
	if (progress === 'running' && nowMs - action.sinceMs < actionLimitMs) {
		const pollMs = nowMs + Math.min(settleMs, verifyEveryMs * 1.5 ** action.polls);
		state.action = {...action, pollMs, polls: action.polls + 1};
		return;
	}
	state.action = undefined;
	state.readMs = nowMs;
	state.assignMs = nowMs + settleMs;
	if (typeof progress === 'object') fail(state, effects, 'assign', {message: progress.failed}, nowMs);
}

interface Failure {
	readonly message: string;
	readonly retryAfterMs?: number | undefined;
	readonly busy?: boolean;
}

function fail(state: Draft, effects: ReconcilerEffect[], kind: CallKind, failure: Failure, nowMs: number): void {
	const {message, retryAfterMs, busy} = failure;
	effects.push(...sayFailure(state, kind, message));
	state.failures += 1;
	state.failure = {kind, message, atMs: nowMs};
	state.counters = {...state.counters, failures: state.counters.failures + 1};
	state.pauseMs = nowMs + backOffMs(state, state.failures, busy === true ? longestBusyPauseMs : longestPauseMs);
	if (retryAfterMs !== undefined) {
		state.forbiddenMs = Math.max(state.forbiddenMs, nowMs + Math.min(retryAfterMs, longestForbiddenMs));
	}
	// An action that cannot be asked about is left alone; reading tells what became of it.
	if (kind === 'poll') {
		state.action = undefined;
		state.readMs = nowMs;
	}
	// An order that was refused did nothing: the next one waits for the pause only.
	if (kind === 'assign') state.assignMs = nowMs;
}

function giveUpCall(state: Draft, effects: ReconcilerEffect[], nowMs: number): void {
	const {kind, startedMs} = state.call!;
	dropCall(state, effects);
	const seconds = Math.round((nowMs - startedMs) / 1000);
	state.patienceMs = {...state.patienceMs, [kind]: Math.min(mostPatienceMs, state.patienceMs[kind] * 2)};
	fail(state, effects, kind, {message: `no answer within ${seconds} s`}, nowMs);
	// It may have worked, or may still: look before the next order.
	if (kind === 'assign') {
		state.readMs = nowMs;
		state.assignMs = nowMs + settleMs;
	}
}

function startNextCall(state: Draft, effects: ReconcilerEffect[], nowMs: number): void {
	const kind = chooseCall(state, nowMs);
	if (kind === 'assign') prepareOrder(state, nowMs);
	if (kind !== undefined) start(state, effects, kind, nowMs);
}

function chooseCall(state: ReconcilerState, nowMs: number): CallKind | undefined {
	if (nowMs < state.forbiddenMs) return undefined;
	const mayAct = holds(state, nowMs);
	if (mayAct && state.urgent) return 'assign';
	if (nowMs < state.pauseMs) return undefined;
	if (!mayAct && state.unreleased) return 'release';
	if (mayAct && state.action !== undefined && nowMs >= state.action.pollMs) return 'poll';
	if (nowMs >= state.readMs) return 'read';
	const mayOrder = mayAct && state.action === undefined && nowMs >= state.assignMs;
	return mayOrder && isAway(state) ? 'assign' : undefined;
}

function prepareOrder(state: Draft, nowMs: number): void {
	state.urgent = false;
	state.orderedMs = nowMs;
	state.unreleased = state.settings.releases;
	state.counters = {...state.counters, assigns: state.counters.assigns + 1};
	// What was seen before the order says nothing about after it.
	state.observed = undefined;
	state.readMs = nowMs;
}

function start(state: Draft, effects: ReconcilerEffect[], kind: CallKind, nowMs: number): void {
	const id = state.lastCallId + 1;
	const call = {id, kind, startedMs: nowMs, deadlineMs: nowMs + state.patienceMs[kind]};
	state.lastCallId = id;
	state.call = call;
	const action = kind === 'poll' ? state.action?.id : undefined;
	effects.push({type: 'call', call, term: state.term, ...(action === undefined ? {} : {action})});
}
