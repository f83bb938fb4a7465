/**
 * What conditions and header values may ask of a request and its connection.
 *
 * Decides the questions only; the data path answers them from what it has already read.
 */
import type {Address} from './address.ts';

export interface SampleSource {
	readonly method: string;
	/** The request target as received. */
	readonly url: string;
	/** From the first `/` behind the authority to `?`; empty for `*` and CONNECT. `pathOfTarget` computes it. */
	readonly path: string;
	/** Parsed once per connection; `undefined` on a unix socket. */
	readonly src: Address | undefined;
	readonly srcPort: number;
	/** The address the client connected to. */
	readonly dst: Address | undefined;
	readonly dstPort: number;
	readonly frontend: string;
	/** The frontend's name until a backend is chosen. */
	readonly backend: string;
	/** Value of the n-th line (from 0) called `lowerName`, not split at commas; `''` as name means any line. `undefined` behind the last. */
	header(lowerName: string, n: number): string | undefined;
	/** Servers of a backend that take traffic; -1 when there is no such backend. */
	nbsrv(backend: string): number;
}

/** The path of a request target: without scheme, authority and query. Empty when the target has none. */
export function pathOfTarget(target: string): string {
	const start = pathStart(target);
	if (start === -1) return '';
	const question = target.indexOf('?', start);
	return question === -1 ? target.slice(start) : target.slice(start, question);
}

/** The target from its path on, with the query; `/` stands for an absolute URI without a path. */
export function pathAndQueryOfTarget(target: string): string {
	const start = pathStart(target);
	return start === -1 ? '/' : target.slice(start);
}

function pathStart(target: string): number {
	if (target.charCodeAt(0) === 47) return 0;
	const scheme = target.indexOf('://');
	if (scheme === -1) return -1;
	const slash = target.indexOf('/', scheme + 3);
	const question = target.indexOf('?', scheme + 3);
	return question !== -1 && question < slash ? -1 : slash;
}
