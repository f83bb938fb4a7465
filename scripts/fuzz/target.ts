/**
 * What the fuzzer asks of a target: inputs to begin with, words of its language, and a check that throws.
 *
 * Pure. Leaves making inputs to `mutate.ts` and what happens after a failure to `play.ts`. Inputs are text whose characters are bytes.
 */
import assert from 'node:assert/strict';
import {createRandom} from '../../packages/heartbeat/test/simulation/random.ts';

export interface FuzzTarget {
	readonly name: string;
	/** Right and wrong inputs that mutations begin with. */
	readonly corpus: readonly string[];
	/** Pieces that are put in: what the grammar is made of. */
	readonly words: readonly string[];
	/** Longest input that is made, bytes. */
	readonly maxBytes: number;
	/** Throws when the input is treated wrongly. The input alone decides, so that a failure can be made smaller. */
	check(input: string): void;
}

/** The input cut at places that follow from it, and once byte by byte: how bytes arrive must not matter. */
export function cuttings(input: string): readonly (readonly string[])[] {
	let hash = input.length;
	for (let i = 0; i < input.length; i++) hash = (Math.imul(hash, 31) + input.charCodeAt(i)) | 0;
	const random = createRandom(hash);
	const pieces: string[] = [];
	for (let at = 0; at < input.length; ) {
		const length = 1 + Math.floor(random.between(0, random.chance(0.5) ? 4 : 40));
		pieces.push(input.slice(at, at + length));
		at += length;
	}
	return [[input], [...input], pieces];
}

/** Are all results the same? The first one is returned. */
export function agree<Result>(what: string, results: readonly Result[]): Result {
	const [first, ...others] = results;
	for (const other of others) assert.deepEqual(other, first, `${what} depends on how the input is cut`);
	return first as Result;
}
