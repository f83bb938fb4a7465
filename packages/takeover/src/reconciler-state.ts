/**
 * What the reconciler knows, is told and asks for: types only, no behaviour.
 *
 * Plain data, so that a state can be printed, compared and replayed. Times are milliseconds of one monotonic clock.
 */
import type {ActionState, Observation} from './driver.ts';

export interface ReconcilerSettings {
	/** The driver has a `release`. */
	readonly releases: boolean;
	readonly watchEveryMs: number;
	/** 0–1, different on the two nodes: pauses are shortened by up to a quarter, so that they do not knock together. */
	readonly jitter: number;
}

export type CallKind = 'read' | 'assign' | 'poll' | 'release';

export interface Call {
	readonly id: number;
	readonly kind: CallKind;
	readonly startedMs: number;
	readonly deadlineMs: number;
}

export interface ReconcilerState {
	readonly settings: ReconcilerSettings;
	/** Highest term heard of; a wish with a lower one is refused. */
	readonly term: number;
	readonly mine: boolean;
	/** When the heartbeat last said so. A wish that nobody confirms permits nothing. */
	readonly confirmedMs: number;
	/** Since when the address is this node's, under `term`. */
	readonly claimedMs: number;
	/** A claim orders at once, whatever was read before. */
	readonly urgent: boolean;
	readonly call: Call | undefined;
	readonly lastCallId: number;
	/** What the provider is at work on, and when it is asked about it next. */
	readonly action:
		| {readonly id: string; readonly sinceMs: number; readonly pollMs: number; readonly polls: number}
		| undefined;
	readonly observed: (Observation & {readonly atMs: number}) | undefined;
	readonly readMs: number;
	/** No order before this, unless urgent: an order needs time to show, and a fight over the address must not be a race. */
	readonly assignMs: number;
	/** No call at all before this, unless urgent: pause after failures. */
	readonly pauseMs: number;
	/** No call at all before this, urgent or not: the provider said so. */
	readonly forbiddenMs: number;
	/** How long the next call of each kind may take, ms; follows what such calls took lately. */
	readonly patienceMs: Readonly<Record<CallKind, number>>;
	/** This node may have brought the address here and has not given it up (drivers with `release`). */
	readonly unreleased: boolean;
	readonly orderedMs: number | undefined;
	/** Orders under this term after the first. */
	readonly repeats: number;
	/** Failed calls in a row, and the sentence of the last. */
	readonly failures: number;
	readonly failure: {readonly kind: CallKind; readonly message: string; readonly atMs: number} | undefined;
	readonly counters: Counters;
}

export interface Counters {
	readonly reads: number;
	readonly assigns: number;
	readonly failures: number;
	/** Wishes with a term lower than one heard of. */
	readonly staleWishes: number;
}

export type ReconcilerEvent =
	/** From the heartbeat, on change and at least each second. */
	| {readonly type: 'wish'; readonly term: number; readonly mine: boolean}
	| {readonly type: 'observed'; readonly call: number; readonly observation: Observation}
	| {readonly type: 'ordered'; readonly call: number; readonly action: string | undefined}
	| {readonly type: 'progressed'; readonly call: number; readonly state: ActionState}
	| {readonly type: 'released'; readonly call: number}
	| {
			readonly type: 'failed';
			readonly call: number;
			readonly message: string;
			readonly retryAfterMs?: number | undefined;
			readonly busy?: boolean;
	  }
	| {readonly type: 'tick'};

export type ReconcilerEffect =
	| {readonly type: 'call'; readonly call: Call; readonly term: number; readonly action?: string}
	/** Nobody waits for this call any more. What it did at the provider stays to be read. */
	| {readonly type: 'abandon'; readonly call: number}
	| {readonly type: 'say'; readonly level: 'info' | 'warn'; readonly message: string};

export interface ReconcilerStep {
	readonly state: ReconcilerState;
	readonly effects: readonly ReconcilerEffect[];
}
