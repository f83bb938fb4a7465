/**
 * One spelling for targets that mean the same (HAProxy manual, `http-request normalize-uri`). Pure.
 *
 * Decides the new target; undefined where strictness refuses the old one. Leaves writing it to the caller.
 */
import type {Normalizer} from '@hapair/config';

/** A target in origin form, made anew. */
export function normalizeTarget({name, isFull, isStrict}: Normalizer, target: string): string | undefined {
	switch (name) {
		case 'fragment-strip':
			return target.replace(/#.*$/s, '');
		case 'fragment-encode':
			return target.replaceAll('#', '%23');
		case 'path-merge-slashes':
			return onPath(target, path => path.replace(/\/{2,}/g, '/'));
		case 'path-strip-dot':
			return onPath(target, path => stripSegments(path, false, false));
		case 'path-strip-dotdot':
			return onPath(target, path => stripSegments(path, true, isFull));
		case 'percent-decode-unreserved':
			return isStrict && hasBrokenPercent(target) ? undefined : target.replace(ENCODED, decodeUnreserved);
		case 'percent-to-uppercase':
			return isStrict && hasBrokenPercent(target) ? undefined : target.replace(ENCODED, code => code.toUpperCase());
		case 'query-sort-by-name':
			return sortQuery(target);
	}
}

const ENCODED = /%[0-9A-Fa-f]{2}/g;

function hasBrokenPercent(target: string): boolean {
	return /%(?![0-9A-Fa-f]{2})/.test(target);
}

/** RFC 3986 §2.3. */
function decodeUnreserved(code: string): string {
	const char = String.fromCharCode(Number.parseInt(code.slice(1), 16));
	return /[A-Za-z0-9._~-]/.test(char) ? char : code;
}

function onPath(target: string, edit: (path: string) => string): string {
	const end = target.search(/[?#]/);
	return end === -1 ? edit(target) : edit(target.slice(0, end)) + target.slice(end);
}

/** Takes out `.`, or `..` with what stands before it; `isFull`: also where nothing does. */
function stripSegments(path: string, isDouble: boolean, isFull: boolean): string {
	if (!path.startsWith('/')) return path;
	const segments = path.slice(1).split('/');
	const kept: string[] = [];
	/** Of those kept, how many a `..` could take back. */
	let depth = 0;
	const stripped: string = isDouble ? '..' : '.';
	for (const [index, segment] of segments.entries()) {
		if (segment !== stripped) {
			kept.push(segment);
			depth++;
			continue;
		}
		if (isDouble && depth === 0 && !isFull) kept.push('..');
		else {
			if (isDouble && depth > 0) {
				kept.pop();
				depth--;
			}
			// What it leaves at the end is a directory.
			if (index === segments.length - 1) kept.push('');
		}
	}
	return `/${kept.join('/')}`;
}

/** By the bytes of names; parameters of one name keep their order. */
function sortQuery(target: string): string {
	const start = target.indexOf('?');
	if (start === -1) return target;
	const hash = target.indexOf('#', start);
	const end = hash === -1 ? target.length : hash;
	const nameOf = (parameter: string) => parameter.split('=', 1)[0]!;
	const sorted = target
		.slice(start + 1, end)
		.split('&')
		.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
	return target.slice(0, start + 1) + sorted.join('&') + target.slice(end);
}
