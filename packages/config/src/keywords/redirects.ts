/**
 * `redirect location|prefix|scheme TO …`, alone or behind `http-request` and `http-response`.
 *
 * Decides what a redirect says, up to its condition. HAProxy manual, `redirect`.
 */
import {REDIRECT_CODE} from '../defaults.ts';
import type {Mutable, ProxyDraft} from '../drafts.ts';
import type {Statement} from '../keyword.ts';
import type {SyntaxMode, Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Redirect} from '../model.ts';
import {didYouMean} from '../suggestions.ts';
import {readFormatText} from './headers.ts';

const CODES: readonly Redirect['code'][] = [301, 302, 303, 307, 308];
const REDIRECT_OPTIONS = [
	'code',
	'drop-query',
	'append-slash',
	'ignore-empty',
	'set-cookie',
	'clear-cookie',
	'if',
	'unless',
];

type Type = Redirect['type'];
const TYPES: readonly Type[] = ['location', 'prefix', 'scheme'];

/** Stops before `if` or `unless`; undefined after an error that leaves nothing to go on with. Words come in any order. */
export function readRedirectAction({
	cursor,
	syntax,
}: Statement<ProxyDraft>): {readonly kind: 'redirect'; readonly redirect: Redirect} | undefined {
	const redirect: Mutable<Omit<Redirect, 'type' | 'to'>> = {code: REDIRECT_CODE, dropQuery: false, appendSlash: false};
	let target: {readonly type: Type; readonly to: string} | undefined;
	for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
		if (word.text === 'if' || word.text === 'unless') break;
		cursor.next();
		const type = TYPES.find(candidate => candidate === word?.text);
		if (type !== undefined) {
			const to = readTarget(cursor, type, syntax);
			if (to === undefined) return undefined;
			target = {type, to};
		} else if (!readOption(cursor, word, redirect, target !== undefined)) {
			return undefined;
		}
	}
	if (target !== undefined) return {kind: 'redirect', redirect: {...target, ...redirect}};
	cursor.require('where to redirect to', 'location, prefix or scheme');
	return undefined;
}

function readTarget(cursor: LineCursor, type: Type, syntax: SyntaxMode): string | undefined {
	const to = readFormatText(cursor, `the ${type}`, syntax);
	if (to !== undefined && type === 'scheme' && !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(to)) {
		cursor.error(cursor.previous(), `'${to}' is not a scheme`, 'such as redirect scheme https');
	}
	return to;
}

/** False after an error that leaves nothing to go on with. */
function readOption(
	cursor: LineCursor,
	word: Word,
	redirect: Mutable<Omit<Redirect, 'type' | 'to'>>,
	hasTarget: boolean,
): boolean {
	if (word.text === 'drop-query') redirect.dropQuery = true;
	else if (word.text === 'append-slash') redirect.appendSlash = true;
	else if (word.text === 'ignore-empty') redirect.ignoreEmpty = true;
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
		const known = hasTarget ? REDIRECT_OPTIONS : TYPES;
		const message = hasTarget ? `'${word.text}' is not a redirect option` : `redirect: '${word.text}' is not known`;
		cursor.error(word, message, didYouMean(word.text, known) ?? (hasTarget ? undefined : `one of ${TYPES.join(', ')}`));
		cursor.rest();
		return false;
	}
	return true;
}

function readRedirectCookie(cursor: LineCursor): string | undefined {
	const word = cursor.require('the cookie', 'such as set-cookie SEEN=1');
	if (word === undefined || /^[^\s;,="]+(=[^\s;,"]*)?$/.test(word.text)) return word?.text;
	cursor.error(word, `'${word.text}' is not a cookie`, 'NAME or NAME=VALUE, without blanks and semicolons');
	return undefined;
}
