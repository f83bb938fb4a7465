/**
 * Makes a directory and those above it.
 *
 * Decides to go step by step: Node's own `recursive` never returns where the kernel refuses a new entry with ENOENT, as
 * below /proc. Leaves the words of an error to the caller.
 */
import {mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';

/** Does nothing for a directory that is there. Throws the error of the first step that fails. */
export function makeDirectory(path: string, mode: number): void {
	if (statSync(path, {throwIfNoEntry: false})?.isDirectory() === true) return;
	const parent = dirname(path);
	if (parent !== path) makeDirectory(parent, mode);
	mkdirSync(path, {mode});
}
