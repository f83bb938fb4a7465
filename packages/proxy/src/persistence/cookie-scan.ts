/**
 * Where the cookies are in the value of a Cookie or Set-Cookie header.
 *
 * Decides the grammar that HAProxy applies, so that a client keeps its server when it is moved: cookies are separated by
 * `;` or `,` outside double quotes, blanks around names and values do not count, names are case-sensitive. Leaves the
 * meaning of a value to others. Never throws, whatever the text.
 */
import {isBlank} from '../rules/head-text.ts';

const QUOTE = 34;
const COMMA = 44;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;

/** One cookie as offsets into a text. Reused from call to call: copy what must outlive the next one. */
export interface CookieCursor {
	/** First character of the name. */
	start: number;
	nameEnd: number;
	/** -1 when there is no `=`. */
	valueStart: number;
	valueEnd: number;
	/** The separator behind it, or the end of the text. */
	end: number;
}

/** A cursor to give to `scanCookie`; one per call chain is enough. */
export function createCookieCursor(): CookieCursor {
	return {start: 0, nameEnd: 0, valueStart: -1, valueEnd: 0, end: 0};
}

/** Reads the cookie that starts at `from` into the cursor, up to the next separator or `limit`. */
export function scanCookie(text: string, from: number, limit: number, cursor: CookieCursor): void {
	let at = skipBlanks(text, from, limit);
	cursor.start = at;
	cursor.valueStart = -1;
	while (at < limit) {
		const code = text.charCodeAt(at);
		if (code === EQUALS || code === SEMICOLON || code === COMMA) break;
		at++;
	}
	cursor.nameEnd = trimBlanks(text, cursor.start, at);
	if (at < limit && text.charCodeAt(at) === EQUALS) {
		cursor.valueStart = skipBlanks(text, at + 1, limit);
		at = findValueEnd(text, cursor.valueStart, limit);
		cursor.valueEnd = trimBlanks(text, cursor.valueStart, at);
	} else {
		cursor.valueEnd = cursor.nameEnd;
	}
	cursor.end = at;
}

/** Does the cursor stand on a cookie of this very name, with a value (perhaps an empty one)? */
export function isCookieNamed(text: string, name: string, cursor: CookieCursor): boolean {
	return (
		cursor.valueStart !== -1 && cursor.nameEnd - cursor.start === name.length && text.startsWith(name, cursor.start)
	);
}

function findValueEnd(text: string, from: number, limit: number): number {
	let quoted = false;
	for (let at = from; at < limit; at++) {
		const code = text.charCodeAt(at);
		if (quoted) {
			if (code === BACKSLASH) at++;
			else if (code === QUOTE) quoted = false;
		} else if (code === QUOTE) {
			quoted = true;
		} else if (code === SEMICOLON || code === COMMA) {
			return at;
		}
	}
	return limit;
}

function skipBlanks(text: string, from: number, limit: number): number {
	let at = from;
	while (at < limit && isBlank(text.charCodeAt(at))) at++;
	return at;
}

function trimBlanks(text: string, start: number, end: number): number {
	let at = end;
	while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
	return at;
}
