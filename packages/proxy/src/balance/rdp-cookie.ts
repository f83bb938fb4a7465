/**
 * `balance rdp-cookie(NAME)`: the cookie of a remote desktop client leads to its server (HAProxy manual, `balance rdp-cookie`).
 *
 * Decides where the cookie is: behind TPKT and X.224 headers in the client's first message (MS-RDPBCGR 2.2.1.1). A client
 * without one takes a turn.
 */
import {hashText} from './hash-functions.ts';
import {byHash} from './hashed.ts';
import {NO_HASH} from './view.ts';

export const rdpCookie = byHash(({name}, hashType) => request => {
	const value = findRdpCookie(request.payload, name);
	return value === undefined ? NO_HASH : hashText(value, hashType);
});

/** TPKT (RFC 1006 §6): version, reserved, two bytes of length; X.224 connection request: seven bytes. */
const COOKIE_AT = 11;
const TPKT_VERSION = 3;
const CONNECTION_REQUEST = 0xe0;

/** Is there enough of the first message to know its cookie, or that there is none? */
export function isRdpCookieDecided(payload: string): boolean {
	if (payload !== '' && payload.charCodeAt(0) !== TPKT_VERSION) return true;
	if (payload.length > COOKIE_AT && payload.charCodeAt(5) !== CONNECTION_REQUEST) return true;
	const length = payload.charCodeAt(2) * 256 + payload.charCodeAt(3);
	return payload.indexOf('\r\n', COOKIE_AT) !== -1 || (payload.length >= 4 && payload.length >= length);
}

/** The value of `Cookie: NAME=VALUE` in the first message of a client, latin1; any name when `name` is empty. */
export function findRdpCookie(payload: string, name: string): string | undefined {
	if (payload.charCodeAt(0) !== TPKT_VERSION || payload.charCodeAt(5) !== CONNECTION_REQUEST) return undefined;
	const end = payload.indexOf('\r\n', COOKIE_AT);
	if (end === -1) return undefined;
	const found = /^cookie:[ \t]*([^=]+)=(.*)$/is.exec(payload.slice(COOKIE_AT, end));
	if (found === null) return undefined;
	return name === '' || found[1]!.toLowerCase() === name.toLowerCase() ? found[2] : undefined;
}
