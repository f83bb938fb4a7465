/**
 * `redirect location|prefix|scheme TO …`, alone or behind `http-request` and `http-response`.
 *
 * Decides what a redirect says, up to its condition. HAProxy manual, `redirect`.
 */
import {REDIRECT_CODE} from '../defaults.ts';
import type {Mutable, ProxyDraft} from '../drafts.ts';
import type {Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Redirect} from '../model.ts';
import {readChoice} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readFormatText} from './headers.ts';

const CODES: readonly Redirect['code'][] = [301, 302, 303, 307, 308];
const REDIRECT_OPTIONS = ['code', 'drop-query', 'append-slash', 'set-cookie', 'clear-cookie', 'if', 'unless'];

/** Stops before `if` or `unless`; undefined after an error that leaves nothing to go on with. */
export function readRedirectAction({
	cursor,
	syntax,
}: Statement<ProxyDraft>): {readonly kind: 'redirect'; readonly redirect: Redirect} | undefined {
	const type = readChoice(cursor, 'redirect', ['location', 'prefix', 'scheme']);
	if (type === undefined) return undefined;
	const to = readFormatText(cursor, `the ${type}`, syntax);
	if (to === undefined) return undefined;
	if (type === 'scheme' && !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(to)) {
		cursor.error(cursor.previous(), `'${to}' is not a scheme`, 'such as redirect scheme https');
	}
	const redirect: Mutable<Redirect> = {type, to, code: REDIRECT_CODE, dropQuery: false, appendSlash: false};
	return readRedirectOptions(cursor, redirect) ? {kind: 'redirect', redirect} : undefined;
}

/** Stops before `if` or `unless`; false after an error that leaves nothing to go on with. */
function readRedirectOptions(cursor: LineCursor, redirect: Mutable<Redirect>): boolean {
	for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
		if (word.text === 'if' || word.text === 'unless') return true;
		cursor.next();
		if (word.text === 'drop-query') redirect.dropQuery = true;
		else if (word.text === 'append-slash') redirect.appendSlash = true;
		else if (word.text === 'code') {
			const given = cursor.require('the code', `one of ${CODES.join(', ')}`);
			const code = CODES.find(candidate => String(candidate) === given?.text);
			if (code !== undefined) redirect.code = code;
			else if (given !== undefined)
				cursor.error(given, `'${given.text}' is not a redirect code`, `one of ${CODES.join(', ')}`);
		} else if (word.text === 'set-cookie' || word.text === 'clear-cookie') {
			const cookie = readRedirectCookie(cursor);
			if (cookie !== undefined) redirect[word.text === 'set-cookie' ? 'setCookie' : 'clearCookie'] = cookie;
		} else {
			cursor.error(word, `'${word.text}' is not a redirect option`, didYouMean(word.text, REDIRECT_OPTIONS));
			cursor.rest();
			return false;
		}
	}
	return true;
}

function readRedirectCookie(cursor: LineCursor): string | undefined {
	const word = cursor.require('the cookie', 'such as set-cookie SEEN=1');
	if (word === undefined || /^[^\s;,="]+(=[^\s;,"]*)?$/.test(word.text)) return word?.text;
	cursor.error(word, `'${word.text}' is not a cookie`, 'NAME or NAME=VALUE, without blanks and semicolons');
	return undefined;
}
