/**
 * The thread that plays seeds: a hang or a heap without end is its own, and the main thread sees at which seed.
 *
 * Decides nothing; `fuzz.ts` says which target and for how long.
 */
import {parentPort, workerData} from 'node:worker_threads';
import {type FuzzFailure, playSeed} from './play.ts';
import {findTarget} from './targets.ts';

export interface ThreadTask {
	readonly target: string;
	readonly seed: number;
	/** At most so many inputs; Infinity allowed. */
	readonly inputs: number;
	readonly durationMs: number;
	/** `[seed, how many inputs]`, written before each one. */
	readonly progress: SharedArrayBuffer;
}

export interface ThreadReport {
	readonly inputs: number;
	readonly failures: readonly FuzzFailure[];
}

/** Beyond these a broken rule only repeats itself. */
const FAILURES_WANTED = 5;

const {target: name, seed, inputs, durationMs, progress} = workerData as ThreadTask;
const target = findTarget(name)!;
const seen = new Uint32Array(progress);
const failures: FuzzFailure[] = [];
const nowMs = () => performance.now();
const endMs = nowMs() + durationMs;
let count = 0;
while (count < inputs && failures.length < FAILURES_WANTED && nowMs() < endMs) {
	seen[0] = (seed + count) >>> 0;
	seen[1] = ++count;
	const failure = playSeed(target, seen[0], nowMs);
	if (failure !== undefined) failures.push(failure);
}
parentPort?.postMessage({inputs: count, failures} satisfies ThreadReport);
