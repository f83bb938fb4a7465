/**
 * What the reconciler says in the log: each sentence once, not with every repetition. Pure.
 *
 * Leaves what `hapair status` shows to `reconciler-report.ts`.
 */
import type {CallKind, ReconcilerEffect, ReconcilerState} from './reconciler-state.ts';

type Say = Extract<ReconcilerEffect, {type: 'say'}>;

/** The address is where it belongs. */
export function sayArrival({claimedMs, term, observed}: ReconcilerState, nowMs: number): Say[] {
	const where = observed?.detail === undefined ? '' : ` (${observed.detail})`;
	const message = `is delivered here${where}, ${formatSeconds(nowMs - claimedMs)} after the claim of term ${term}`;
	return [{type: 'say', level: 'info', message}];
}

/** It was here, and somebody else has moved it. */
export function sayLoss({observed}: ReconcilerState): Say[] {
	const where = observed?.detail === undefined ? '' : ` (${observed.detail})`;
	return [{type: 'say', level: 'warn', message: `was moved away: now ${observed?.at}${where}; ordering it back`}];
}

/** A failure is said once, and again when it reads differently. */
export function sayFailure({failure}: ReconcilerState, kind: CallKind, message: string): Say[] {
	if (failure?.message === message) return [];
	return [{type: 'say', level: 'warn', message: `${kind} failed: ${message}`}];
}

export function sayRecovery({failures}: ReconcilerState): Say[] {
	return [
		{type: 'say', level: 'info', message: `answers again after ${failures} failed call${failures === 1 ? '' : 's'}`},
	];
}

/** "0.4 s", "12 s". */
export function formatSeconds(ms: number): string {
	return `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
