/**
 * The answers that the proxy makes itself, as bytes made once (HAProxy manual, `errorfile`, `monitor-uri`).
 *
 * Decides their text and headers. An errorfile replaces the whole answer with its own bytes, and the connection closes
 * behind it: nobody knows where its body ends. Leaves choosing the status, reading files and writing to others.
 */

import type {ErrorLocation} from '@hapair/config';

/** Status, reason and our sentence. */
const PAGES: readonly (readonly [number, string, string])[] = [
	[200, 'OK', 'This proxy can serve.'],
	[400, 'Bad request', 'The request could not be understood.'],
	[401, 'Unauthorized', 'A user name and a password are needed here.'],
	[403, 'Forbidden', 'A rule of this site refuses the request.'],
	[404, 'Not Found', 'There is nothing at this address.'],
	[405, 'Method Not Allowed', 'This method cannot be used here.'],
	[407, 'Unauthorized', 'A user name and a password are needed for this proxy.'],
	[408, 'Request Time-out', 'The request did not arrive in time.'],
	[410, 'Gone', 'What was at this address is gone for good.'],
	[413, 'Payload Too Large', 'The request is larger than this site accepts.'],
	[425, 'Too Early', 'The request must wait until the connection is set up.'],
	[429, 'Too Many Requests', 'Too many requests came from you. Try again later.'],
	[500, 'Internal Server Error', 'Something went wrong in this proxy.'],
	[501, 'Not Implemented', 'The request asks for something that this proxy does not do.'],
	[502, 'Bad Gateway', 'The server gave an answer that could not be understood.'],
	[503, 'Service Unavailable', 'No server can take the request now. Try again later.'],
	[504, 'Gateway Time-out', 'The server did not answer in time.'],
];

/** Behind these nothing more can be read from the client. */
const CLOSING = new Set([400, 408]);

/** What the answer says about the connection; `implicit` writes no header (HTTP/1.1 that stays open). */
export type ConnectionHeader = 'implicit' | 'close' | 'keep-alive';

/** One answer, ready to write. */
export interface ErrorAnswer {
	readonly status: number;
	readonly bytes: Buffer;
	/** The connection must be closed behind it, whatever was asked for. */
	readonly closes: boolean;
}

interface PageVariants {
	readonly withBody: Readonly<Record<ConnectionHeader, ErrorAnswer>>;
	readonly headOnly: Readonly<Record<ConnectionHeader, ErrorAnswer>>;
}

/** Answers by status, for one proxy. */
export type ErrorPages = ReadonlyMap<number, PageVariants>;

/** An error file and what was wrong with it. */
export class ErrorFileError extends Error {
	override readonly name = 'ErrorFileError';
}

const DEFAULT_PAGES: ErrorPages = new Map(
	PAGES.map(([status, reason, text]) => [status, buildPage(status, reason, text)]),
);

/** The built-in pages, with those of `files` (bytes of error files, or where to go instead, by status) in their place. Throws an `ErrorFileError`. */
export function buildErrorPages(
	files: ReadonlyMap<number, Uint8Array | ErrorLocation>,
	bufsizeBytes: number,
): ErrorPages {
	if (files.size === 0) return DEFAULT_PAGES;
	const pages = new Map(DEFAULT_PAGES);
	for (const [status, what] of files) {
		pages.set(status, 'location' in what ? buildLocation(what) : readErrorFile(status, what, bufsizeBytes));
	}
	return pages;
}

/** `errorloc`: a redirect in the page's place. Where 303 says "with GET", 302 leaves the method to the client. */
function buildLocation({status, code, location}: ErrorLocation): PageVariants {
	const reason = code === 303 ? 'See Other' : 'Found';
	const start = `HTTP/1.1 ${code} ${reason}\r\ncache-control: no-cache\r\ncontent-length: 0\r\nlocation: ${location}\r\n`;
	const build = (asked: ConnectionHeader): ErrorAnswer => {
		const connection = CLOSING.has(status) ? 'close' : asked;
		const header = connection === 'implicit' ? '' : `connection: ${connection}\r\n`;
		return {status: code, bytes: Buffer.from(`${start}${header}\r\n`, 'utf8'), closes: connection === 'close'};
	};
	const all = {implicit: build('implicit'), close: build('close'), 'keep-alive': build('keep-alive')};
	return {withBody: all, headOnly: all};
}

/**
 * The answer for a status. HEAD gets the same head and no body. 400 and 408 always close; a status without a page is
 * answered as 500.
 */
export function errorAnswer(
	pages: ErrorPages,
	status: number,
	isHead: boolean,
	connection: ConnectionHeader,
): ErrorAnswer {
	const variants = pages.get(status) ?? pages.get(500)!;
	return (isHead ? variants.headOnly : variants.withBody)[connection];
}

function buildPage(status: number, reason: string, text: string): PageVariants {
	const body = `<html><body><h1>${status} ${reason}</h1>\n${text}\n</body></html>\n`;
	const start =
		`HTTP/1.1 ${status} ${reason}\r\ncontent-length: ${body.length}\r\n` +
		'cache-control: no-cache\r\ncontent-type: text/html\r\n';
	const build = (asked: ConnectionHeader, content: string): ErrorAnswer => {
		const connection = CLOSING.has(status) ? 'close' : asked;
		const header = connection === 'implicit' ? '' : `connection: ${connection}\r\n`;
		return {status, bytes: Buffer.from(`${start}${header}\r\n${content}`, 'latin1'), closes: connection === 'close'};
	};
	const buildAll = (content: string): PageVariants['withBody'] => ({
		implicit: build('implicit', content),
		close: build('close', content),
		'keep-alive': build('keep-alive', content),
	});
	return {withBody: buildAll(body), headOnly: buildAll('')};
}

function readErrorFile(status: number, file: Uint8Array, bufsizeBytes: number): PageVariants {
	const bytes = Buffer.from(file.subarray(0, bufsizeBytes));
	if (bytes.length === 0) return silentPage(status);
	const text = bytes.toString('latin1');
	if (!/^HTTP\/1\.[01] [1-5][0-9]{2}[ \r\n]/.test(text)) {
		throw new ErrorFileError('it must begin with a status line like "HTTP/1.0 503 Service Unavailable"');
	}
	const headEnd = /\r?\n\r?\n/.exec(text);
	if (headEnd === null) {
		throw new ErrorFileError(`no empty line ends its headers within the first ${bufsizeBytes} bytes; add one`);
	}
	const whole: ErrorAnswer = {status, bytes, closes: true};
	const head: ErrorAnswer = {status, bytes: bytes.subarray(0, headEnd.index + headEnd[0].length), closes: true};
	return {
		withBody: {implicit: whole, close: whole, 'keep-alive': whole},
		headOnly: {implicit: head, close: head, 'keep-alive': head},
	};
}

/** An empty error file, `/dev/null` for instance: the connection closes without a word. */
function silentPage(status: number): PageVariants {
	const nothing: ErrorAnswer = {status, bytes: Buffer.alloc(0), closes: true};
	const all = {implicit: nothing, close: nothing, 'keep-alive': nothing};
	return {withBody: all, headOnly: all};
}
