/**
 * `balance hdr(NAME) [use_domain_only]`: a header leads to a server (HAProxy manual, `balance hdr`).
 * A request without it takes a turn.
 */
import {hashText} from './hash-functions.ts';
import {byHash} from './hashed.ts';
import {NO_HASH} from './view.ts';

export const header = byHash(({name, domainOnly}, hashType) => {
	const lowerName = name.toLowerCase();
	return request => {
		const line = request.header(lowerName);
		if (line === undefined) return NO_HASH;
		const value = firstValue(line);
		return hashText(domainOnly ? mainDomain(value) : value, hashType);
	};
});

/** Of a list the first member counts. */
function firstValue(line: string): string {
	const comma = line.indexOf(',');
	return comma === -1 ? line : line.slice(0, comma).trim();
}

/** The label before the last dot, `example` of `www.example.org`; all of it when there is no dot. */
export function mainDomain(host: string): string {
	const end = host.lastIndexOf('.');
	return end === -1 ? host : host.slice(host.lastIndexOf('.', end - 1) + 1, end);
}
