/**
 * What a frontend keeps of heads for its log (HAProxy manual, `capture request header`, `capture cookie`).
 *
 * Decides which line or cookie is kept and how much of it. Leaves escaping to the log lines.
 */
import type {Capture} from '@hapair/config';
import {createCookieCursor, scanCookie} from '../persistence/cookie-scan.ts';
import {findHeaderLine, firstHeaderLine, headerValueAt, nextLine} from '../rules/head-text.ts';

const cursor = createCookieCursor();

const NOTHING: readonly (string | undefined)[] = [];

/** The last value of each header, at most `lengthBytes` of it, in the order of the declarations. */
export function captureHeaders(captures: readonly Capture[], head: string): readonly (string | undefined)[] {
	if (captures.length === 0) return NOTHING;
	return captures.map(({header, lengthBytes}) =>
		header === '' ? undefined : findLastValue(head, header.toLowerCase())?.slice(0, lengthBytes),
	);
}

/** How `capture cookie` names a cookie: exactly, or by the beginning of its name. */
export interface CookieCapture {
	readonly name: string;
	readonly lengthBytes: number;
	readonly prefix: boolean;
}

/** `name=value` of the first such cookie of a request, at most `lengthBytes` of it. */
export function captureRequestCookie(capture: CookieCapture, head: string): string | undefined {
	return findCookieText(capture, head, 'cookie', true);
}

/** `name=value` of the first such cookie that the server sets. */
export function captureResponseCookie(capture: CookieCapture, head: string): string | undefined {
	return findCookieText(capture, head, 'set-cookie', false);
}

function findLastValue(head: string, lowerName: string): string | undefined {
	let last = -1;
	let line = findHeaderLine(head, lowerName, firstHeaderLine(head));
	while (line !== -1) {
		last = line;
		line = findHeaderLine(head, lowerName, nextLine(head, line));
	}
	return last === -1 ? undefined : headerValueAt(head, last, lowerName.length);
}

function findCookieText(
	capture: CookieCapture,
	head: string,
	lowerName: string,
	severalInLine: boolean,
): string | undefined {
	let line = findHeaderLine(head, lowerName, firstHeaderLine(head));
	while (line !== -1) {
		const next = nextLine(head, line);
		const limit = next - 2;
		for (let at = line + lowerName.length + 1; at < limit; at = severalInLine ? cursor.end + 1 : limit) {
			scanCookie(head, at, limit, cursor);
			if (isWanted(capture, head)) {
				return head.slice(cursor.start, Math.min(cursor.valueEnd, cursor.start + capture.lengthBytes));
			}
		}
		line = findHeaderLine(head, lowerName, next);
	}
	return undefined;
}

function isWanted({name, prefix}: CookieCapture, head: string): boolean {
	if (cursor.valueStart === -1 || !head.startsWith(name, cursor.start)) return false;
	const length = cursor.nameEnd - cursor.start;
	return prefix ? length >= name.length : length === name.length;
}
