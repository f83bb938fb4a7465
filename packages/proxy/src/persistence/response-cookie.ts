/**
 * The persistence cookie on its way out (HAProxy manual, `cookie`: insert, rewrite, prefix, passive).
 *
 * Decides what the client is sent and the fourth character of the termination state. Leaves writing the response, and
 * every other header, to the caller.
 */
import {appendHeader, findHeaderLine, firstHeaderLine, nextLine} from '../rules/head-text.ts';
import {isCacheable} from './cacheable.ts';
import {type CookiePlan, type CookieSent, formatSetCookie} from './cookie.ts';
import {createCookieCursor, isCookieNamed, scanCookie} from './cookie-scan.ts';
import type {CookieReading} from './request-cookie.ts';

const SET_COOKIE = 'set-cookie';

const cursor = createCookieCursor();

export interface CookieEdit {
	readonly head: string;
	readonly sent: CookieSent;
}

/** The response's circumstances. */
export interface CookieContext {
	readonly reading: CookieReading;
	/** The server that answered. */
	readonly server: number;
	/** Of the request. */
	readonly method: string;
	readonly status: number;
	/** Seconds since 1970; used with `maxidle` and `maxlife` only. */
	readonly nowS: number;
}

/** Changes a server's response head for the client. */
export function editResponseCookie(plan: CookiePlan, head: string, context: CookieContext): CookieEdit {
	const {mode, preserve, postonly, nocache} = plan.persistence;
	const seen =
		mode === 'insert' && !preserve ? removeServerCookie(plan, head) : markServerCookie(plan, head, context.server);
	if (mode !== 'insert' || seen.sent === 'P' || context.reading.ignored === true) return seen;
	if (postonly && context.method !== 'POST') return seen;
	const {reading, server, nowS} = context;
	const arrived = reading.server === server;
	if (arrived && !(plan.dated && reading.stale)) return seen;
	const firstS = arrived ? (reading.firstS ?? nowS) : nowS;
	const isPrivate = nocache && isCacheable(seen.head, context.method, context.status);
	let edited = appendHeader(seen.head, `Set-Cookie: ${formatSetCookie(plan, server, nowS, firstS)}`);
	if (isPrivate) edited = appendHeader(edited, 'Cache-control: private');
	return {head: edited, sent: arrived ? 'U' : 'I'};
}

/** Inserting means that the name is ours: what the server sets under it never reaches the client. */
function removeServerCookie(plan: CookiePlan, head: string): CookieEdit {
	let sent: CookieSent = 'N';
	let line = findHeaderLine(head, SET_COOKIE, firstHeaderLine(head));
	while (line !== -1) {
		const next = nextLine(head, line);
		if (standsOnServerCookie(plan, head, line, next)) {
			head = head.slice(0, line) + head.slice(next);
			sent = 'D';
			line = findHeaderLine(head, SET_COOKIE, line);
		} else {
			line = findHeaderLine(head, SET_COOKIE, next);
		}
	}
	return {head, sent};
}

function markServerCookie(plan: CookiePlan, head: string, server: number): CookieEdit {
	const {mode} = plan.persistence;
	const id = plan.values[server];
	let sent: CookieSent = 'N';
	let line = findHeaderLine(head, SET_COOKIE, firstHeaderLine(head));
	while (line !== -1) {
		const next = nextLine(head, line);
		let end = next;
		if (standsOnServerCookie(plan, head, line, next)) {
			if ((mode === 'rewrite' || mode === 'prefix') && id !== undefined) {
				const {valueStart, valueEnd} = cursor;
				const value = mode === 'rewrite' ? id : `${id}~${head.slice(valueStart, valueEnd)}`;
				head = head.slice(0, valueStart) + value + head.slice(valueEnd);
				end += value.length - (valueEnd - valueStart);
				sent = 'R';
			} else {
				sent = 'P';
			}
		}
		line = findHeaderLine(head, SET_COOKIE, end);
	}
	return {head, sent};
}

/** Only the first name of a Set-Cookie line is a cookie's: commas are part of dates (RFC 6265 §5.2). */
function standsOnServerCookie(plan: CookiePlan, head: string, line: number, next: number): boolean {
	scanCookie(head, line + SET_COOKIE.length + 1, next - 2, cursor);
	return isCookieNamed(head, plan.persistence.name, cursor);
}
