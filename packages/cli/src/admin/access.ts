/**
 * May this request be answered at all: by the name it was sent to, and by the page that sent it. Pure.
 *
 * Decides against DNS rebinding (a foreign name that leads here is not this server) and against other pages in the operator's browser
 * (a foreign Origin may neither ask nor order). Leaves who the operator is to `credentials.ts`.
 */
import {isIP} from 'node:net';
import type {Refusal} from './answers.ts';

export interface OwnNames {
	/** The address that the server listens on. */
	readonly host: string;
	/** Further names, lower case, as `admin … host NAME` gives them. */
	readonly hostNames: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The names under which the server may be asked, without ports: a tunnel ends at any. */
export function listOwnNames({host, hostNames}: OwnNames): ReadonlySet<string> {
	const isLoopback = host === '::1' || host.startsWith('127.');
	const own = isIP(host) === 6 ? `[${host}]` : host;
	return new Set([own, ...(isLoopback ? LOOPBACK : []), ...hostNames]);
}

export interface RequestNames {
	readonly host: string | undefined;
	/** Absent in what no page has sent, and where a page only reads from its own server. */
	readonly origin: string | undefined;
	/** The browser's own word for where the request comes from (Fetch Metadata, W3C). */
	readonly fetchSite: string | undefined;
}

/** Why it must not be answered, or nothing. */
export function findNamesRefusal(
	{host, origin, fetchSite}: RequestNames,
	own: ReadonlySet<string>,
): Refusal | undefined {
	const name = host === undefined || /[@/?#\\]/.test(host) ? undefined : hostNameOf(`http://${host}`);
	if (name === undefined || !own.has(name)) {
		const known = [...own].join(', ');
		return {status: 421, message: `this server is not '${host ?? ''}'; it is ${known} (more with: admin … host NAME)`};
	}
	// `null` is the origin of a file or of a frame without rights: of a page that is not ours.
	const isForeign = origin !== undefined && hostOf(origin) !== host?.toLowerCase();
	if (isForeign) return {status: 403, message: `requests of pages of '${origin}' are not answered`};
	if (fetchSite === 'cross-site') return {status: 403, message: 'requests of pages of other servers are not answered'};
	return undefined;
}

function hostNameOf(url: string): string | undefined {
	return URL.parse(url)?.hostname;
}

/** With the port, unless it is the scheme's own. */
function hostOf(url: string): string | undefined {
	return URL.parse(url)?.host;
}
