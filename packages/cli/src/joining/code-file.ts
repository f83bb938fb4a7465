/**
 * The one-time code from a file: one that `hapair init` has printed, or one that both nodes were given before they started.
 *
 * Decides the words when it is none.
 */
import {readFileSync} from 'node:fs';
import {exitCodes, UserError} from '../exit-codes.ts';
import {readCode} from './code.ts';

const mostCharacters = 200;

/** @param path `-` is stdin. Throws a `UserError`. */
export function readCodeFile(path: string): string {
	try {
		return readFileSync(path === '-' ? 0 : path, 'utf8').slice(0, mostCharacters);
	} catch (error) {
		throw new UserError(`${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
	}
}

/** The code in its one spelling. Throws a `UserError` when it is none. @param hint where a good one is to be had. */
export function expectCode(text: string, hint: string): string {
	const plain = readCode(text);
	if (plain !== undefined) return plain;
	throw new UserError('this is no code: one has twenty letters and digits, in four groups', {
		hint,
		exitCode: exitCodes.usage,
	});
}
