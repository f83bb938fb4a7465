/**
 * Plays one seed of a target, and makes a failing input smaller.
 *
 * Pure but for the clock that the caller hands in. Decides what a failure is: an exception, or more time than any input may take.
 */
import {createRandom} from '../../packages/heartbeat/test/simulation/random.ts';
import {makeInput} from './mutate.ts';
import type {FuzzTarget} from './target.ts';

export interface FuzzFailure {
	readonly target: string;
	readonly seed: number;
	readonly message: string;
	/** What is left of the input when nothing more can be taken away. */
	readonly input: string;
}

/** No input may take longer; a pattern that backtracks takes minutes. */
export const SLOW_MS = 1000;
/** Attempts at making an input smaller. */
const MAX_ATTEMPTS = 3000;

export function playSeed(target: FuzzTarget, seed: number, nowMs: () => number): FuzzFailure | undefined {
	const input = makeInput(target, createRandom(seed));
	const message = complaintOf(target, input, nowMs);
	if (message === undefined) return undefined;
	return {
		target: target.name,
		seed,
		message,
		input: minimise(input, text => complaintOf(target, text, nowMs) !== undefined),
	};
}

function complaintOf(target: FuzzTarget, input: string, nowMs: () => number): string | undefined {
	const startMs = nowMs();
	try {
		target.check(input);
	} catch (error) {
		return error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
	}
	const tookMs = nowMs() - startMs;
	return tookMs > SLOW_MS ? `${input.length} bytes took ${Math.round(tookMs)} ms` : undefined;
}

/** Takes ranges away, large ones first, as long as the rest still fails. */
export function minimise(input: string, fails: (text: string) => boolean): string {
	let text = input;
	let attempts = 0;
	for (
		let size = Math.ceil(text.length / 2);
		size >= 1 && attempts < MAX_ATTEMPTS;
		size = size === 1 ? 0 : Math.ceil(size / 2)
	) {
		for (let at = 0; at < text.length && attempts < MAX_ATTEMPTS; attempts++) {
			const shorter = text.slice(0, at) + text.slice(at + size);
			if (fails(shorter)) text = shorter;
			else at += size;
		}
	}
	return text;
}

/** The command that makes the same input again. */
export function replayCommand({target, seed}: Pick<FuzzFailure, 'target' | 'seed'>): string {
	return `npm run fuzz -- --only ${target} --replay ${seed}`;
}
