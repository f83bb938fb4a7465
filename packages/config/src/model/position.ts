/**
 * Where things stand in the user's files. Everything that a message may have to point at carries it.
 *
 * A part of the model (`../model.ts`).
 */

/** Where something stands in the user's files; lines and columns count from 1. */
export interface Position {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}
