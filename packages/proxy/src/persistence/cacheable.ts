/**
 * Could a shared cache keep this response, and with it another client's cookie (HAProxy manual, `cookie` … `nocache`)?
 *
 * Decides by method, status and the response's headers. The rule was measured on HAProxy 2.6: the status is cacheable by
 * default, the method is safe, the response has a validator or a positive freshness, and no header forbids storing it.
 * Leaves adding `Cache-control: private` to the caller.
 */
import {findHeaderLine, findHeaderValue, firstHeaderLine, headerValueAt, nextLine} from '../rules/head-text.ts';

const CACHEABLE_STATUS = new Set([200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501]);
const CACHEABLE_METHOD = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const CACHE_CONTROL = 'cache-control';

/** `head` is the response's. Only called for responses that get a cookie inserted, so it may look at every line. */
export function isCacheable(head: string, method: string, status: number): boolean {
	if (!CACHEABLE_STATUS.has(status) || !CACHEABLE_METHOD.has(method)) return false;
	if (findHeaderValue(head, 'pragma')?.toLowerCase() === 'no-cache') return false;
	let allowed = ['etag', 'last-modified', 'expires'].some(name => findHeaderValue(head, name) !== undefined);
	let line = findHeaderLine(head, CACHE_CONTROL, firstHeaderLine(head));
	while (line !== -1) {
		for (const part of headerValueAt(head, line, CACHE_CONTROL.length).toLowerCase().split(',')) {
			const [directive, value] = splitDirective(part);
			if (forbidsStoring(directive, value)) return false;
			if (givesFreshness(directive, value)) allowed = true;
		}
		line = findHeaderLine(head, CACHE_CONTROL, nextLine(head, line));
	}
	return allowed;
}

/** `option checkcache`: a shared cache could keep this response with the cookie that it sets (measured on HAProxy 2.6). */
export function setsCacheableCookie(head: string, method: string, status: number): boolean {
	if (findHeaderValue(head, 'set-cookie') === undefined || !isCacheable(head, method, status)) return false;
	let line = findHeaderLine(head, CACHE_CONTROL, firstHeaderLine(head));
	while (line !== -1) {
		if (/no-cache="[^"]*set-cookie/i.test(headerValueAt(head, line, CACHE_CONTROL.length))) return false;
		line = findHeaderLine(head, CACHE_CONTROL, nextLine(head, line));
	}
	return true;
}

/** `no-cache="set-cookie"` only forbids keeping the cookie, and that by caches which know the form: it does not count. */
function forbidsStoring(directive: string, value: string): boolean {
	if (directive === 'private' || directive === 'no-cache' || directive === 'no-store') return value === '';
	return (directive === 'max-age' || directive === 's-maxage') && value === '0';
}

function givesFreshness(directive: string, value: string): boolean {
	return (directive === 'max-age' || directive === 's-maxage') && /^[0-9]+$/.test(value);
}

function splitDirective(part: string): [string, string] {
	const equals = part.indexOf('=');
	if (equals === -1) return [part.trim(), ''];
	return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
}
