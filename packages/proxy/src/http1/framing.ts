/**
 * How long a message's body is: the one place that decides it, for requests and responses (RFC 9112 §6).
 *
 * Refuses what two parsers could read differently, also where the RFC would let a recipient repair it: repeated or listed
 * Content-Length even with equal values, both Content-Length and Transfer-Encoding, Transfer-Encoding in HTTP/1.0, any
 * coding besides `chunked`. Leaves finding the header lines to `HeadFacts` and the chunks to `ChunkedDecoder`.
 */

/** A body that ends with its last chunk. */
export const CHUNKED = -1;
/** A response body that ends with the connection. */
export const UNTIL_CLOSE = -2;
/** Ambiguous or malformed: 400 for a request, 502 for a response. */
export const MALFORMED = -3;
/** A well-formed list of codings of which one is not known here: 501 for a request, 502 for a response (RFC 9112 §6.1). */
export const UNKNOWN_CODING = -4;

/** What the head says about length. */
export interface FramingFields {
	/** 10 or 11. */
	readonly version: number;
	readonly contentLengthCount: number;
	/** Value of the last Content-Length line, without blanks around it. */
	readonly contentLength: string;
	readonly transferEncodingCount: number;
	/** Value of the last Transfer-Encoding line, without blanks around it. */
	readonly transferEncoding: string;
}

/** Bytes of the request's body, or a negative constant of this file. */
export function frameRequest(fields: FramingFields): number {
	if (fields.transferEncodingCount > 0) return frameByCoding(fields);
	if (fields.contentLengthCount > 0) return frameByLength(fields);
	return 0;
}

/** The same for a response to `method`. Status 101 and 2xx to CONNECT, which begin a tunnel, are the caller's. */
export function frameResponse(fields: FramingFields, status: number, method: string): number {
	const framed =
		fields.transferEncodingCount > 0
			? frameByCoding(fields)
			: fields.contentLengthCount > 0
				? frameByLength(fields)
				: UNTIL_CLOSE;
	if (framed <= MALFORMED) return framed;
	return hasNoBody(status, method) ? 0 : framed;
}

/** Is the body absent whatever the length fields say (RFC 9112 §6.3 item 1)? */
export function hasNoBody(status: number, method: string): boolean {
	return method === 'HEAD' || status === 304 || status === 204 || status < 200;
}

function frameByCoding(fields: FramingFields): number {
	if (fields.contentLengthCount > 0 || fields.transferEncodingCount > 1 || fields.version < 11) return MALFORMED;
	const coding = fields.transferEncoding.toLowerCase();
	if (coding === 'chunked') return CHUNKED;
	const isList = /^[!#$%&'*+\-.^_`|~0-9a-z]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~0-9a-z]+)*$/.test(coding);
	const codings = coding.split(/[ \t]*,[ \t]*/);
	return isList && codings.indexOf('chunked') === codings.length - 1 ? UNKNOWN_CODING : MALFORMED;
}

function frameByLength(fields: FramingFields): number {
	if (fields.contentLengthCount > 1) return MALFORMED;
	const text = fields.contentLength;
	const length = text.length;
	if (length === 0 || length > 16) return MALFORMED;
	let value = 0;
	for (let i = 0; i < length; i++) {
		const digit = text.charCodeAt(i) - 48;
		if (digit < 0 || digit > 9) return MALFORMED;
		value = value * 10 + digit;
	}
	// A leading zero is octal to careless readers; nobody writes one.
	if (value > Number.MAX_SAFE_INTEGER || (length > 1 && text.charCodeAt(0) === 48)) return MALFORMED;
	return value;
}
