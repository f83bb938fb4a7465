/**
 * Regular expressions of a configuration: can the proxy use them?
 *
 * Decides how long they may be, and says what is wrong. Leaves the language to `regex-translation.ts`.
 */

import {translateRegex} from './regex-translation.ts';

/** Longest expression that is compiled. */
const MAX_REGEX_LENGTH = 4096;

/** The text itself when it can be used, or what is wrong with it. */
export function toRegexSource(text: string): string | {readonly problem: string} {
	if (text.length > MAX_REGEX_LENGTH) return {problem: `longer than ${MAX_REGEX_LENGTH} characters`};
	const source = translateRegex(text, false);
	if (typeof source !== 'string') return {problem: `it has ${source.problem}; ${source.hint}`};
	try {
		new RegExp(source);
		return text;
	} catch (error) {
		const message = error instanceof Error ? error.message : 'it does not compile';
		return {problem: message.slice(message.lastIndexOf(': ') + 2).toLowerCase()};
	}
}
