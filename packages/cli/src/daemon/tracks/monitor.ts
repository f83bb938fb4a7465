/**
 * What every track that looks at the world has in common: it is started, tells its result when that changes, and stops.
 *
 * Leaves the looking to `script.ts`, `gateway.ts` and `interface.ts`, and the meaning to `fitness.ts`.
 */
import type {TrackTiming} from '@hapair/config';
import {foldResult, type TrackVerdict, unknownVerdict} from './verdict.ts';

export interface TrackResult {
	readonly state: TrackVerdict['state'];
	/** Why it is not `ok`; empty when it is. One clause that names the track. */
	readonly reason: string;
}

export interface TrackMonitor {
	result(): TrackResult;
	start(onChange: () => void): void;
	stop(): void;
}

/** One test of the world; never rejects and ends within its timeout. `reason` says what failed. */
export type TrackTest = (signal: AbortSignal) => Promise<{readonly passed: boolean; readonly reason: string}>;

/**
 * Repeats a test every `everyMs`, one at a time: a test that takes longer than its turn delays the next one instead of
 * running beside it.
 */
export function monitorPeriodically(name: string, timing: TrackTiming, test: TrackTest): TrackMonitor {
	const abort = new AbortController();
	let verdict = unknownVerdict;
	let lastReason = `${name} has not answered yet`;
	let timer: NodeJS.Timeout | undefined;
	const runOnce = async (onChange: () => void): Promise<void> => {
		const startedMs = performance.now();
		const {passed, reason} = await test(abort.signal);
		if (abort.signal.aborted) return;
		const before = verdict.state;
		verdict = foldResult(verdict, passed, timing);
		if (!passed) lastReason = reason;
		if (verdict.state !== before) onChange();
		const restMs = Math.max(0, timing.everyMs - (performance.now() - startedMs));
		timer = setTimeout(() => void runOnce(onChange), restMs);
	};
	return {
		result: () => ({state: verdict.state, reason: verdict.state === 'ok' ? '' : lastReason}),
		start: onChange => void runOnce(onChange),
		stop: () => {
			abort.abort();
			clearTimeout(timer);
		},
	};
}
