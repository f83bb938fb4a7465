/**
 * User and password of a request (RFC 7617).
 *
 * Decides where they stand: Proxy-Authorization for a request to a proxy (its target is absolute), else Authorization. Leaves
 * whether they are right to the userlist.
 */
import type {SampleSource} from './sample-source.ts';

export interface Credentials {
	readonly user: string;
	readonly password: string;
}

/** Does the request speak to a proxy, so that 407 and its headers are used? */
export function isProxyRequest(url: string): boolean {
	return url.charCodeAt(0) !== 47 && url.includes('://');
}

/** `undefined` without credentials that can be read. */
export function credentialsOf(source: SampleSource): Credentials | undefined {
	const value = source.header(isProxyRequest(source.url) ? 'proxy-authorization' : 'authorization', 0);
	const encoded = value === undefined ? undefined : /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(value)?.[1];
	if (encoded === undefined) return undefined;
	const text = Buffer.from(encoded, 'base64').toString('latin1');
	const colon = text.indexOf(':');
	return colon === -1 ? undefined : {user: text.slice(0, colon), password: text.slice(colon + 1)};
}

/** The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1), or of the header that is named. */
export function bearerOf(source: SampleSource, header: string): string | undefined {
	const standard = isProxyRequest(source.url) ? 'proxy-authorization' : 'authorization';
	const value = source.header(header === '' ? standard : header.toLowerCase(), 0);
	return value === undefined ? undefined : /^bearer +(\S.*)$/i.exec(value)?.[1];
}
