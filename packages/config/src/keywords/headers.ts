/**
 * Header names, and header and URL values as rules write them.
 *
 * Decides what may stand on the wire. Values of HAProxy are format strings; this version has no variables in them, so a
 * `%` that would start one is refused and never sent as it stands.
 */

import {notSupported} from '../keyword.ts';
import type {SyntaxMode, Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';

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

/** The text of a format string: `%%` becomes `%` with modern syntax. Undefined after an error. */
export function readFormatText(cursor: LineCursor, what: string, syntax: SyntaxMode): string | undefined {
	const word = cursor.require(what);
	if (word === undefined) return undefined;
	if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(word.text)) {
		cursor.error(word, `${what} holds a control character`, 'a line end there would forge further headers');
		return undefined;
	}
	return syntax === '1.4' ? word.text : expandPercent(cursor, word);
}

function expandPercent(cursor: LineCursor, word: Word): string | undefined {
	const {text} = word;
	let expanded = '';
	for (let at = 0; at < text.length; at += 1) {
		const rest = text.slice(at, at + 3);
		if (text.charAt(at) !== '%') expanded += text.charAt(at);
		else if (rest.startsWith('%%')) {
			expanded += '%';
			at += 1;
		} else if (isPercentEncoded(rest)) expanded += '%';
		else {
			const found = /^%(\[[^\]]*\]?|[+-]?\{[^}]*\}?\w*|\w*)/.exec(text.slice(at))?.[0] ?? '%';
			const message = notSupported(`'${found}' in a value`);
			cursor.reporter.error(cursor.partPlace(word, at, found.length), message, 'write %% for a percent sign');
			return undefined;
		}
	}
	return expanded;
}

/** `%20` and `%C3` are text; two letters (`%ci`) name a variable. */
function isPercentEncoded(text: string): boolean {
	return /^%([0-9][0-9A-Fa-f]|[0-9A-Fa-f][0-9])$/.test(text);
}
