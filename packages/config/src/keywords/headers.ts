/**
 * Header names, and header and URL values as rules write them.
 *
 * Decides what may stand on the wire, and which variables a value may hold; a `%` that begins another one is refused and never
 * sent as it stands.
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

/** Variables that a value may hold, `%ci` and the like (HAProxy manual, "Custom log format"). */
const VARIABLE = /^%(?:ci|cp|fi|fp|HM|HP|HQ|HU|f(?![a-zA-Z])|b(?![a-zA-Z])|s(?![a-zA-Z]))/;
/** `%[src]`, `%[req.hdr(host),lower]`. */
const EXPRESSION =
	/^%\[\s*(?:(?:src|src_port|dst|dst_port|path|pathq|query|url|method|fe_name|be_name|ssl_fc)(?:\(\))?|(?:hdr|req\.hdr|req\.fhdr)\([!#$%&'*+.^_`|~0-9A-Za-z-]+(?:,\s*-?[1-9][0-9]*)?\))(?:,(?:lower|upper))*\s*\]/;

/**
 * The text of a format string, normalised: every `%` of it begins a known variable or is written `%%`. With 1.4 syntax nothing is
 * a variable. Undefined after an error.
 */
export function readFormatText(cursor: LineCursor, what: string, syntax: SyntaxMode): string | undefined {
	const word = cursor.require(what);
	if (word === undefined) return undefined;
	if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(word.text)) {
		cursor.error(word, `${what} holds a control character`, 'a line end there would forge further headers');
		return undefined;
	}
	return syntax === '1.4' ? word.text.replaceAll('%', '%%') : normalisePercent(cursor, word);
}

function normalisePercent(cursor: LineCursor, word: Word): string | undefined {
	const {text} = word;
	let normal = '';
	for (let at = 0; at < text.length; ) {
		const rest = text.slice(at);
		const variable = EXPRESSION.exec(rest)?.[0] ?? VARIABLE.exec(rest)?.[0];
		if (text.charAt(at) !== '%') {
			normal += text.charAt(at);
			at += 1;
		} else if (rest.startsWith('%%') || isPercentEncoded(rest.slice(0, 3))) {
			normal += '%%';
			at += rest.startsWith('%%') ? 2 : 1;
		} else if (variable !== undefined) {
			normal += variable;
			at += variable.length;
		} else {
			const found = /^%(\[[^\]]*\]?|[+-]?\{[^}]*\}?\w*|\w*)/.exec(rest)?.[0] ?? '%';
			const hint =
				'known are %ci %cp %fi %fp %f %b %s %HM %HP %HQ %HU and %[src], %[path], %[hdr(NAME)] and their like; write %% for a percent sign';
			cursor.reporter.error(cursor.partPlace(word, at, found.length), notSupported(`'${found}' in a value`), hint);
			return undefined;
		}
	}
	return normal;
}

/** `%20` and `%C3` are text; two letters (`%ci`) name a variable. */
function isPercentEncoded(text: string): boolean {
	return /^%([0-9][0-9A-Fa-f]|[0-9A-Fa-f][0-9])$/.test(text);
}
