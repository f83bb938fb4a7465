/**
 * What `hapair status` shows of one address under one driver. Pure.
 *
 * Decides what counts as trouble and its sentence. Leaves the layout to the command line.
 */
import {holds} from './reconciler.ts';
import type {Counters, ReconcilerState} from './reconciler-state.ts';
import {formatSeconds} from './reconciler-words.ts';

/** One address under one driver. Ages in ms: clocks of two processes do not compare. */
export interface TakeoverReport {
	readonly driver: string;
	readonly target: string;
	/** This node is to have it: it is the master, and its heartbeat says so. */
	readonly wanted: boolean;
	readonly term: number;
	/** As last read; `unknown` before, and from an order to the next reading. */
	readonly at: 'here' | 'peer' | 'elsewhere' | 'nowhere' | 'unknown';
	readonly detail?: string;
	readonly lastReadMs?: number;
	readonly lastAssignMs?: number;
	/** What is under way, as a clause; absent when nothing is. */
	readonly pending?: string;
	/** What is wrong, as one sentence; absent when nothing is. */
	readonly trouble?: string;
	readonly counters: Counters;
}

export function describeReconciler(
	state: ReconcilerState,
	{driver, target}: {readonly driver: string; readonly target: string},
	nowMs: number,
): TakeoverReport {
	const {observed, orderedMs, term, counters} = state;
	const pending = describePending(state, nowMs);
	const trouble = findTrouble(state, nowMs);
	return {
		driver,
		target,
		wanted: holds(state, nowMs),
		term,
		at: observed?.at ?? 'unknown',
		...(observed?.detail === undefined ? {} : {detail: observed.detail}),
		...(observed === undefined ? {} : {lastReadMs: Math.round(nowMs - observed.atMs)}),
		...(orderedMs === undefined ? {} : {lastAssignMs: Math.round(nowMs - orderedMs)}),
		...(pending === undefined ? {} : {pending}),
		...(trouble === undefined ? {} : {trouble}),
		counters,
	};
}

function describePending({action, call}: ReconcilerState, nowMs: number): string | undefined {
	if (action !== undefined) return `action ${action.id} runs for ${formatSeconds(nowMs - action.sinceMs)}`;
	if (call?.kind === 'assign' || call?.kind === 'release') {
		return `${call.kind} was sent ${formatSeconds(nowMs - call.startedMs)} ago`;
	}
	return undefined;
}

/** An order repeated this often is no accident of the network. */
const fightRepeats = 4;
/** A provider may take this long before it is worth a word, ms. */
const patientMs = 60_000;

function findTrouble(state: ReconcilerState, nowMs: number): string | undefined {
	const {failure, failures, observed, repeats, mine} = state;
	if (failure !== undefined) {
		const times = failures > 1 ? `, ${failures} times in a row` : '';
		const wait = state.forbiddenMs > nowMs ? `; asks again in ${formatSeconds(state.forbiddenMs - nowMs)}` : '';
		return `${failure.kind} failed${times}: ${failure.message}${wait}`;
	}
	if (mine && !holds(state, nowMs)) return 'the heartbeat does not say any more that this node is the master';
	if (!holds(state, nowMs)) return undefined;
	if (observed?.at !== 'here' && repeats >= fightRepeats) {
		return `was ordered here ${repeats} times under term ${state.term} and is not: does something else move it?`;
	}
	if (observed === undefined) return undefined;
	if (observed.at === 'here') return observed.remark;
	const sinceMs = nowMs - state.claimedMs;
	const where = observed.at === 'nowhere' ? 'to nobody' : `to ${observed.detail ?? observed.at}`;
	return sinceMs > patientMs ? `is delivered ${where}, ${formatSeconds(sinceMs)} after this node's claim` : undefined;
}
