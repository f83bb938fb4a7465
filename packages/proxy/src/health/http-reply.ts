/**
 * What a server's answer to `option httpchk` means (HAProxy manual, `option httpchk`, `http-check disable-on-404`).
 *
 * Decides from the status line alone, as soon as it is complete: 2xx and 3xx pass, anything else is a wrong status, and
 * what does not begin like HTTP/1 is no answer. Leaves connecting, waiting and rise/fall to others.
 */
import type {CheckOutcome} from './tracker.ts';

/** What is read of an answer before it is called invalid: no status line is that long. */
export const MAX_STATUS_LINE = 1024;

export interface HttpVerdict {
	readonly outcome: CheckOutcome;
	readonly status: 'L7OK' | 'L7OKC' | 'L7STS' | 'L7RSP';
	readonly code?: number;
	/** The reason phrase, or what was wrong. Untrusted. */
	readonly info?: string;
}

const LINE_FEED = 10;

/**
 * Judges all bytes received so far; `undefined` waits for more. With `ended` (the server closed, or the time is up for
 * waiting) it always decides.
 */
export function judgeHttpReply(answer: Uint8Array, ended: boolean, disableOn404: boolean): HttpVerdict | undefined {
	const end = answer.subarray(0, MAX_STATUS_LINE).indexOf(LINE_FEED);
	if (end === -1 && !ended && answer.length < MAX_STATUS_LINE && beginsLikeHttp(answer)) return undefined;
	if (answer.length === 0) return invalid('closed without an answer');
	const line = decodeLatin1(answer.subarray(0, end === -1 ? MAX_STATUS_LINE : end));
	const match = /^HTTP\/1\.[0-9] ([1-9][0-9]{2})(?: ([^\r\n]*))?\r?$/.exec(line);
	if (match === null) return invalid('no HTTP/1 status line');
	const code = Number(match[1]);
	const info = (match[2] ?? '').trim();
	if (code >= 200 && code < 400) return {outcome: 'passed', status: 'L7OK', code, info};
	if (code === 404 && disableOn404) return {outcome: 'closing', status: 'L7OKC', code, info};
	return {outcome: 'failed', status: 'L7STS', code, info};
}

/** A first byte that cannot belong to a status line decides at once. */
function beginsLikeHttp(answer: Uint8Array): boolean {
	return 'HTTP/1.'.startsWith(decodeLatin1(answer.subarray(0, 7)));
}

function invalid(info: string): HttpVerdict {
	return {outcome: 'failed', status: 'L7RSP', info};
}

function decodeLatin1(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += String.fromCharCode(byte);
	return text;
}
