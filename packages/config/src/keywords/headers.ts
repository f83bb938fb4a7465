/**
 * Header names, and header and URL values as rules write them.
 *
 * Decides what may stand on the wire, and which variables a value may hold; a `%` that begins another one is refused and never
 * sent as it stands.
 */

import {notSupported} from '../keyword.ts';
import type {SyntaxMode, Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import {parseFormat} from '../samples/format-text.ts';

/** A token (RFC 9110 section 5.6.2). */
export function isHeaderName(text: string): boolean {
	return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(text);
}

/** A header name; undefined after an error. */
export function readHeaderName(cursor: LineCursor): string | undefined {
	const word = cursor.require('the name of the header');
	if (word === undefined) return undefined;
	if (isHeaderName(word.text)) return word.text;
	cursor.error(word, `'${word.text}' is not a header name`, 'letters, digits and -, without the colon');
	return undefined;
}

/**
 * The text of a format string, as `samples/format-text.ts` reads it. With 1.4 syntax nothing is a variable. Undefined after an error.
 */
export function readFormatText(cursor: LineCursor, what: string, syntax: SyntaxMode): string | undefined {
	const word = cursor.require(what);
	return word === undefined ? undefined : checkFormatText(cursor, word, what, syntax);
}

export function checkFormatText(cursor: LineCursor, word: Word, what: string, syntax: SyntaxMode): string | undefined {
	if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(word.text)) {
		cursor.error(word, `${what} holds a control character`, 'a line end there would forge further headers');
		return undefined;
	}
	if (syntax === '1.4') return word.text.replaceAll('%', '%%');
	const parts = parseFormat(word.text);
	if (!('problem' in parts)) return word.text;
	const hint = parts.hint ?? 'write %% for a percent sign';
	const message = parts.isLater === true ? notSupported(parts.problem) : parts.problem;
	cursor.reporter.error(cursor.partPlace(word, parts.at, parts.length), message, hint);
	return undefined;
}
