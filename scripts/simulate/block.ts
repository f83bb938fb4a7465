/**
 * The thread of `npm run simulate`: plays blocks of seeds and tells what it saw.
 *
 * Decides nothing: which seeds, and what a failure means, is the main thread's business.
 */
import {parentPort} from 'node:worker_threads';
import {type Failure, runSeed} from '../../packages/heartbeat/test/simulation/run.ts';

/** `length` seeds from `seed` on. */
export interface Block {
	readonly seed: number;
	readonly length: number;
	/** Stories of this length instead of drawn schedules. */
	readonly intervals?: number | undefined;
}

export interface BlockResult {
	readonly schedules: number;
	readonly failures: readonly Failure[];
	readonly counts: ReadonlyMap<string, number>;
}

export function playBlock({seed, length, intervals}: Block): BlockResult {
	const counts = new Map<string, number>();
	const failures: Failure[] = [];
	for (let index = 0; index < length; index += 1) {
		const failure = runSeed(seed + index, {counts, intervals});
		if (failure) failures.push(failure);
	}
	return {schedules: length, failures, counts};
}

parentPort?.on('message', (block: Block) => parentPort?.postMessage(playBlock(block)));
