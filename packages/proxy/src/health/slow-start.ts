/**
 * How much of its weight and maxconn a server has after it has come back (HAProxy manual, `slowstart`). Pure.
 *
 * Decides the growth only: weight in sixteenths, at least one; maxconn in percent of the time that has passed.
 */
import {FULL_RAMP} from '../balance/view.ts';

export interface Ramp {
	/** 1 … 16. */
	readonly sixteenths: number;
	/** 0 … 100. */
	readonly percent: number;
}

export const FULL: Ramp = {sixteenths: FULL_RAMP, percent: 100};

/** `elapsedMs` after the server has come back. */
export function rampAt(elapsedMs: number, slowstartMs: number): Ramp {
	if (elapsedMs >= slowstartMs) return FULL;
	const part = Math.max(0, elapsedMs) / slowstartMs;
	return {sixteenths: Math.min(FULL_RAMP, 1 + Math.floor(part * FULL_RAMP)), percent: Math.floor(part * 100)};
}

/** How often a growing server is looked at: twenty times, and not more than once in 100 ms or less than once a second. */
export function rampStepMs(slowstartMs: number): number {
	return Math.min(1000, Math.max(100, slowstartMs / 20));
}
