/**
 * `balance url_param NAME [check_post]`: a parameter of the query, or of a POST's body, leads to a server
 * (HAProxy manual, `balance url_param`). A request without it takes a turn.
 */
import {hashText} from './hash-functions.ts';
import {byHash} from './hashed.ts';
import {NO_HASH} from './view.ts';

export const urlParameter = byHash(({name, checkPost}, hashType) => request => {
	const question = request.target.indexOf('?');
	let value = question === -1 ? undefined : findParameter(request.target, question + 1, name);
	if (value === undefined && checkPost && request.method === 'POST') value = findParameter(request.payload, 0, name);
	return value === undefined ? NO_HASH : hashText(value, hashType);
});

/** The raw value of the first parameter `name`; parameters are separated by `&` or `;`. */
export function findParameter(text: string, from: number, name: string): string | undefined {
	for (let at = from; at < text.length; ) {
		const end = endOfParameter(text, at);
		if (text.charCodeAt(at + name.length) === 61 && at + name.length < end && text.startsWith(name, at)) {
			return text.slice(at + name.length + 1, end);
		}
		at = end + 1;
	}
	return undefined;
}

function endOfParameter(text: string, from: number): number {
	for (let at = from; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === 38 || code === 59) return at;
	}
	return text.length;
}
