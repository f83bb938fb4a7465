/**
 * The persistence cookie of one backend, prepared once (HAProxy manual, `cookie` in a proxy and on a server line).
 *
 * Decides which server a value names and the texts that are sent. Leaves finding the cookie in a request to
 * `request-cookie.ts` and changing a response to `response-cookie.ts`. Servers are numbered from 0 in their backend.
 */
import type {Backend, CookiePersistence} from '@hapair/config';
import {encodeCookieDate} from './cookie-date.ts';

/**
 * What the client's cookie was, third character of the termination state: none, invalid, its server is down, valid,
 * expired (`maxidle`), too old (`maxlife`), unused.
 */
export type CookieState = 'N' | 'I' | 'D' | 'V' | 'E' | 'O' | 'U';

/** What the client was sent, fourth character: nothing, inserted, date updated, passed on, rewritten, deleted. */
export type CookieSent = 'N' | 'I' | 'U' | 'P' | 'R' | 'D';

/** One backend's cookie, ready for requests. */
export interface CookiePlan {
	readonly persistence: CookiePersistence;
	/** `option persist`: a cookie may also name a server that is down. */
	readonly persist: boolean;
	/** Servers by cookie value, in file order: several may share one, a backup for instance. */
	readonly serversByValue: ReadonlyMap<string, readonly number[]>;
	/** Cookie value of each server. */
	readonly values: readonly (string | undefined)[];
	/** Values carry dates. */
	readonly dated: boolean;
	/** A passive cookie is followed but not logged: both characters are `-`. */
	readonly logged: boolean;
	/** `; path=/` and what the configuration adds, in the order that HAProxy writes it. */
	readonly attributes: string;
	/** The whole value of a Set-Cookie header that makes the client forget the cookie. */
	readonly deletion: string;
}

/** Prepares a backend's cookie; `undefined` when it has none. */
export function compileCookie(backend: Pick<Backend, 'cookie' | 'servers' | 'persist'>): CookiePlan | undefined {
	const {cookie} = backend;
	if (cookie === undefined) return undefined;
	const serversByValue = new Map<string, number[]>();
	for (const [i, server] of backend.servers.entries()) {
		if (server.cookie === undefined) continue;
		const sharing = serversByValue.get(server.cookie);
		if (sharing === undefined) serversByValue.set(server.cookie, [i]);
		else sharing.push(i);
	}
	let attributes = '; path=/';
	for (const domain of cookie.domains) attributes += `; domain=${domain}`;
	if (cookie.httponly) attributes += '; HttpOnly';
	if (cookie.secure) attributes += '; Secure';
	return {
		persistence: cookie,
		persist: backend.persist,
		serversByValue,
		values: backend.servers.map(server => server.cookie),
		dated: cookie.maxidleS !== undefined || cookie.maxlifeS !== undefined,
		logged: cookie.mode !== 'passive',
		attributes,
		deletion: `${cookie.name}=; Expires=Thu, 01-Jan-1970 00:00:01 GMT${attributes}`,
	};
}

/**
 * The value of a Set-Cookie header that names `server`, or the deletion when that server has no cookie.
 * `nowS` and `firstS` (first visit) are seconds since 1970, written only with `maxidle` or `maxlife`.
 */
export function formatSetCookie(plan: CookiePlan, server: number, nowS: number, firstS: number): string {
	const value = plan.values[server];
	if (value === undefined) return plan.deletion;
	const dates = plan.dated ? `|${encodeCookieDate(nowS)}|${encodeCookieDate(firstS)}` : '';
	return `${plan.persistence.name}=${value}${dates}${plan.attributes}`;
}
