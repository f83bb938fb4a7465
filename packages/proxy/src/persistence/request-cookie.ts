/**
 * The persistence cookie on its way in: where does it lead, and what of it may the server see?
 *
 * Decides the client's server and the third character of the termination state. Several cookies of the name are tried in
 * order until one leads to a usable server. Leaves balancing and redispatch to the caller.
 */
import {findHeaderLine, firstHeaderLine, isBlank, nextLine} from '../rules/head-text.ts';
import type {CookiePlan, CookieState} from './cookie.ts';
import {decodeCookieDate} from './cookie-date.ts';
import {createCookieCursor, isCookieNamed, scanCookie} from './cookie-scan.ts';

const COOKIE = 'cookie';
const DOLLAR = 36;
/** A date further ahead than this is no clock error any more: the cookie is ignored. */
const MAX_AHEAD_S = 86_400;

/** What the request's cookies said. */
export interface CookieReading {
	readonly state: CookieState;
	/** The server to use, or -1: let balancing choose. */
	readonly server: number;
	/** The cookie is in the request, so `stripRequestCookie` may have something to do. */
	readonly present: boolean;
	/** First visit in seconds since 1970, when the cookie says so. */
	readonly firstS: number | undefined;
	/** The date of the last visit is worth renewing. */
	readonly stale: boolean;
	/** `ignore-persist`: nothing is inserted either. */
	readonly ignored?: true;
}

const NO_COOKIE: CookieReading = {state: 'N', server: -1, present: false, firstS: undefined, stale: false};

const cursor = createCookieCursor();

/**
 * Reads the cookie of `plan` in a request head.
 *
 * `isOperational` says whether a server may be reached by cookie: UP, unchecked, draining or NOLB, but not
 * DOWN or in maintenance. `nowS` is seconds since 1970, used with `maxidle` and `maxlife` only.
 */
export function readRequestCookie(
	plan: CookiePlan,
	head: string,
	isOperational: (server: number) => boolean,
	nowS: number,
): CookieReading {
	let line = findHeaderLine(head, COOKIE, firstHeaderLine(head));
	let reading = NO_COOKIE;
	while (line !== -1) {
		const next = nextLine(head, line);
		const limit = next - 2;
		let at = line + COOKIE.length + 1;
		while (at < limit) {
			scanCookie(head, at, limit, cursor);
			at = cursor.end + 1;
			if (!isCookieNamed(head, plan.persistence.name, cursor)) continue;
			const one = judgeValue(plan, head.slice(cursor.valueStart, cursor.valueEnd), isOperational, nowS);
			if (one.server !== -1) return one;
			if (!reading.present || reading.state === 'I') reading = one;
		}
		line = findHeaderLine(head, COOKIE, next);
	}
	return reading;
}

function judgeValue(
	plan: CookiePlan,
	value: string,
	isOperational: (server: number) => boolean,
	nowS: number,
): CookieReading {
	const delimiter = value.indexOf(plan.persistence.mode === 'prefix' ? '~' : '|');
	const id = delimiter === -1 ? value : value.slice(0, delimiter);
	let lastS: number | undefined;
	let firstS: number | undefined;
	if (plan.dated && delimiter !== -1) {
		lastS = decodeCookieDate(value, delimiter + 1);
		const second = value.indexOf('|', delimiter + 1);
		if (second !== -1) firstS = decodeCookieDate(value, second + 1);
	}
	const {maxidleS, maxlifeS} = plan.persistence;
	if (isOutdated(firstS, maxlifeS, nowS)) return refuse('O');
	if (maxidleS !== undefined && lastS !== undefined && lastS - nowS > MAX_AHEAD_S) return refuse('O');
	if (isOutdated(lastS, maxidleS, nowS)) return refuse('E');
	const servers = plan.serversByValue.get(id);
	if (servers === undefined) return refuse('I');
	const stale = plan.dated && (lastS === undefined || nowS > lastS);
	for (const server of servers) {
		if (isOperational(server)) return {state: 'V', server, present: true, firstS, stale};
	}
	return {state: 'D', server: plan.persist ? servers[0]! : -1, present: true, firstS, stale};
}

function isOutdated(dateS: number | undefined, maxAgeS: number | undefined, nowS: number): boolean {
	if (dateS === undefined || maxAgeS === undefined) return false;
	return nowS - dateS > maxAgeS || dateS - nowS > MAX_AHEAD_S;
}

function refuse(state: CookieState): CookieReading {
	return {state, server: -1, present: true, firstS: undefined, stale: false};
}

/**
 * Takes from a request head what the server must not see: the whole cookie with `indirect`, the server's
 * part of it in prefix mode. Other cookies keep their bytes; a Cookie header left without a cookie goes too.
 */
export function stripRequestCookie(plan: CookiePlan, head: string): string {
	const {name, mode, indirect} = plan.persistence;
	if (mode !== 'prefix' && !(mode === 'insert' && indirect)) return head;
	let line = findHeaderLine(head, COOKIE, firstHeaderLine(head));
	while (line !== -1) {
		const next = nextLine(head, line);
		const from = line + COOKIE.length + 1;
		const value = head.slice(from, next - 2);
		const kept = mode === 'prefix' ? withoutPrefix(value, name) : withoutCookie(value, name);
		if (kept === undefined) {
			head = head.slice(0, line) + head.slice(next);
			line = findHeaderLine(head, COOKIE, line);
		} else if (kept === value) {
			line = findHeaderLine(head, COOKIE, next);
		} else {
			head = head.slice(0, from) + kept + head.slice(next - 2);
			line = findHeaderLine(head, COOKIE, from + kept.length + 2);
		}
	}
	return head;
}

/** The value without cookies called `name` and the `$` attributes (RFC 2965) behind them; `undefined` when none is left. */
function withoutCookie(value: string, name: string): string | undefined {
	let kept = '';
	let separator = '';
	let gapSeparator = '';
	let inGap = false;
	let removedAny = false;
	for (let from = 0; from <= value.length; from = cursor.end + 1) {
		scanCookie(value, from, value.length, cursor);
		const isAttribute = inGap && value.charCodeAt(cursor.start) === DOLLAR;
		if (isAttribute || isCookieNamed(value, name, cursor)) {
			if (!inGap) gapSeparator = separator;
			inGap = true;
			removedAny = true;
		} else if (inGap) {
			const rest = value.slice(cursor.start, cursor.end);
			kept = isAllBlank(kept) ? ` ${rest}` : `${trimEnd(kept)}${gapSeparator} ${rest}`;
			inGap = false;
		} else {
			kept += separator + value.slice(from, cursor.end);
		}
		separator = value.charAt(cursor.end);
	}
	if (!removedAny) return value;
	return isAllBlank(kept) ? undefined : trimEnd(kept);
}

/** The value with `id~` cut from every cookie called `name`. */
function withoutPrefix(value: string, name: string): string {
	let kept = value;
	for (let from = 0; from < kept.length; from = cursor.end + 1) {
		scanCookie(kept, from, kept.length, cursor);
		if (!isCookieNamed(kept, name, cursor)) continue;
		const tilde = kept.indexOf('~', cursor.valueStart);
		if (tilde === -1 || tilde >= cursor.valueEnd) continue;
		kept = kept.slice(0, cursor.valueStart) + kept.slice(tilde + 1);
		cursor.end -= tilde + 1 - cursor.valueStart;
	}
	return kept;
}

function isAllBlank(text: string): boolean {
	return trimEnd(text) === '';
}

function trimEnd(text: string): string {
	let end = text.length;
	while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
	return text.slice(0, end);
}
