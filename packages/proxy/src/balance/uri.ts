/**
 * `balance uri`: one URI, one server, as caches want it (HAProxy manual, `balance uri`).
 *
 * Decides which part of the URI counts: up to `?`, with `whole` all of it, at most `len` characters and `depth` levels.
 */
import type {BalanceOptions} from '@hapair/config';
import {pathAndQueryOfTarget} from '../rules/sample-source.ts';
import {hashText} from './hash-functions.ts';
import {byHash} from './hashed.ts';
import {NO_HASH} from './view.ts';

export const uri = byHash((options, hashType) => request => {
	if (request.target === '') return NO_HASH;
	return hashText(uriPart(request.target, options), hashType);
});

/** The part of a request target that is hashed. */
export function uriPart(target: string, options: BalanceOptions): string {
	const {uriLength, uriDepth, uriWhole, uriPathOnly} = options;
	const text = uriPathOnly ? pathAndQueryOfTarget(target) : target;
	let end = uriLength > 0 ? Math.min(uriLength, text.length) : text.length;
	if (!uriWhole) {
		const question = text.indexOf('?');
		if (question !== -1) end = Math.min(end, question);
	}
	if (uriDepth > 0) end = Math.min(end, endOfLevel(text, uriDepth));
	return text.slice(0, end);
}

/** Where level `depth` ends: before the slash that begins the next one. */
function endOfLevel(text: string, depth: number): number {
	let at = text.indexOf('/');
	for (let level = 0; level < depth && at !== -1; level++) at = text.indexOf('/', at + 1);
	return at === -1 ? text.length : at;
}
