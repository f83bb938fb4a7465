/**
 * Where an application's session stands in a request and a response (HAProxy 1.4 manual, `appsession`).
 *
 * Pure. Decides what of a cookie or a URL is the session's value, cut to its length. Leaves which server it belongs to to `stick/`.
 */
import type {AppSession} from '@hapair/config';
import type {SampleSource} from '../rules/sample-source.ts';
import {type CookieCursor, createCookieCursor, scanCookie} from './cookie-scan.ts';

const cursor = createCookieCursor();

/** Of the Cookie header, else of the URL; undefined when neither has one. */
export function findRequestSession(plan: AppSession, source: SampleSource): string | undefined {
	for (let n = 0; ; n++) {
		const line = source.header('cookie', n);
		if (line === undefined) break;
		for (let at = 0; at < line.length; at = cursor.end + 1) {
			scanCookie(line, at, line.length, cursor);
			const value = sessionIn(plan, line, cursor);
			if (value !== undefined) return value;
		}
	}
	return findInUrl(plan, source.url);
}

/** Of a Set-Cookie header. */
export function findResponseSession(plan: AppSession, source: SampleSource): string | undefined {
	for (let n = 0; ; n++) {
		const line = source.responseHeader('set-cookie', n);
		if (line === undefined) return undefined;
		scanCookie(line, 0, line.length, cursor);
		const value = sessionIn(plan, line, cursor);
		if (value !== undefined) return value;
	}
}

/** With `prefix`, what follows it: the rest of the name, `=`, the value. */
function sessionIn(
	{cookie, prefix, lengthBytes}: AppSession,
	text: string,
	{start, nameEnd, valueStart, valueEnd}: CookieCursor,
): string | undefined {
	if (valueStart < 0 || !text.startsWith(cookie, start)) return undefined;
	const behind = start + cookie.length;
	if (behind > nameEnd || (!prefix && behind !== nameEnd)) return undefined;
	const value = prefix
		? `${text.slice(behind, nameEnd)}=${text.slice(valueStart, valueEnd)}`
		: text.slice(valueStart, valueEnd);
	return value === '' ? undefined : value.slice(0, lengthBytes);
}

/** Parameters of the path begin at its first `;`, those of the query at `?`. */
function findInUrl({cookie, prefix, lengthBytes, mode}: AppSession, url: string): string | undefined {
	const question = url.indexOf('?');
	const isQuery = mode === 'query-string';
	const whole = question < 0 ? url : isQuery ? url.slice(question + 1) : url.slice(0, question);
	const separator = isQuery ? '&' : ';';
	const first = isQuery ? (question < 0 ? -1 : 0) : whole.indexOf(separator) + 1;
	if (first < 0 || (!isQuery && first === 0)) return undefined;
	for (const part of whole.slice(first).split(separator)) {
		if (!part.startsWith(cookie)) continue;
		const rest = part.slice(cookie.length);
		const value = prefix ? rest : rest.startsWith('=') ? rest.slice(1) : '';
		// A slash ends a parameter of the path: the next segment follows.
		const end = isQuery ? -1 : value.indexOf('/');
		const cut = (end < 0 ? value : value.slice(0, end)).slice(0, lengthBytes);
		if (cut !== '') return cut;
	}
	return undefined;
}
