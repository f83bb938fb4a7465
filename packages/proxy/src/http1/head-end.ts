/**
 * Finds where a message head ends while its bytes still arrive.
 *
 * Decides only "complete", "not yet" or "never": a bare LF, or a first byte that cannot begin a message, is refused at
 * once instead of at the timeout. Leaves the grammar of lines to `HeadFacts`.
 */
import {TOKEN} from './characters.ts';

/** The head is not complete. */
const INCOMPLETE = -1;
/** No bytes that follow can make a message of this. */
export const HOPELESS = -2;

/** Empty lines before a request line are skipped, this many at most (RFC 9112 §2.2 says "at least one"). */
const MAX_LEADING_EMPTY_LINES = 2;

/** How many bytes of CR LF precede a request line; `HOPELESS` when there are too many. */
export function countLeadingEmptyLines(text: string): number {
	let at = 0;
	while (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at += 2;
	return at > MAX_LEADING_EMPTY_LINES * 2 ? HOPELESS : at;
}

/**
 * The offset behind the empty line that ends the head which begins at `from`, `INCOMPLETE` or `HOPELESS`.
 * `scannedTo` is how much of `text` an earlier call has seen, so that a head sent byte by byte is not searched again.
 */
export function findHeadEnd(text: string, from: number, scannedTo: number): number {
	const at = text.indexOf('\r\n\r\n', Math.max(from, scannedTo - 3));
	if (at >= 0) return at + 4;
	if (hasBareLineFeed(text, Math.max(from, scannedTo - 1))) return HOPELESS;
	return INCOMPLETE;
}

/** Can `text` begin a request? Looks at the method only: a TLS hello or random bytes are known by it. */
export function mayBeginRequest(text: string, from: number): boolean {
	const first = text.charCodeAt(from);
	if (first === 13 && text.length === from + 1) return true;
	const end = Math.min(text.length, from + 64);
	for (let i = from; i < end; i++) {
		const code = text.charCodeAt(i);
		if (code === 32) return i > from;
		if (TOKEN[code] !== 1) return false;
	}
	return text.length < from + 64;
}

function hasBareLineFeed(text: string, from: number): boolean {
	for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) {
		if (at === 0 || text.charCodeAt(at - 1) !== 13) return true;
	}
	return false;
}
