/**
 * One HTTP exchange with a provider: JSON or text, a size limit, and errors as sentences that hold no secret.
 *
 * Decides what an answer is worth: 2xx is one, 429 and 503 say when to come again, 409 and 423 that the provider is busy, anything else
 * is a failure with the provider's own words. Redirects are refused, since they would carry the token to another place. Deadlines are
 * the caller's, through the signal.
 */
import {DriverError} from './driver.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ApiRequest {
	readonly method: 'GET' | 'POST' | 'PUT';
	readonly url: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON, or as it is when it is a text. */
	readonly body?: unknown;
	readonly signal: AbortSignal;
	/** For errors: "the Hetzner Cloud API". */
	readonly who: string;
	/** Finds the provider's words in an error's body. */
	readonly explain?: (body: unknown) => string | undefined;
}

export interface ApiAnswer {
	readonly status: number;
	readonly headers: Headers;
	/** Parsed JSON, or the text when it is none. */
	readonly body: unknown;
}

const answerLimitBytes = 1_048_576;
const wordsLimit = 200;

/** Resolves with any answer that arrived whole. Throws a `DriverError` when none did. */
export async function askApi(fetcher: Fetch, request: ApiRequest): Promise<ApiAnswer> {
	const {method, url, body, signal, who} = request;
	const isText = typeof body === 'string';
	const headers = {
		accept: 'application/json',
		'user-agent': 'hapair',
		...(body === undefined || isText ? {} : {'content-type': 'application/json'}),
		...request.headers,
	};
	const payload = body === undefined ? {} : {body: isText ? body : JSON.stringify(body)};
	try {
		const response = await fetcher(url, {method, headers, ...payload, signal, redirect: 'manual'});
		return {status: response.status, headers: response.headers, body: parse(await readLimited(response, who))};
	} catch (error) {
		if (error instanceof DriverError) throw error;
		throw new DriverError(`${who} could not be reached${causeOf(error)}`);
	}
}

/** The answer when it is a 2xx; else throws what it means. */
export async function askApiFor2xx(fetcher: Fetch, request: ApiRequest): Promise<ApiAnswer> {
	const answer = await askApi(fetcher, request);
	if (answer.status >= 200 && answer.status < 300) return answer;
	throw refusal(request, answer);
}

/** The error that an answer other than 2xx stands for. */
export function refusal({who, explain}: Pick<ApiRequest, 'who' | 'explain'>, answer: ApiAnswer): DriverError {
	const {status} = answer;
	const words = explain?.(answer.body);
	const said = words === undefined ? '' : `: ${cleanWords(words)}`;
	const message = `${who} answered ${status}${said}${adviceFor(status)}`;
	if (status === 429 || status === 503) return new DriverError(message, {retryAfterMs: readRetryAfter(answer.headers)});
	return new DriverError(message, {busy: status === 409 || status === 423});
}

/** Of an answer to an order that cannot be carried out: was it refused for the token, or for the order? */
export function mayOrder({status}: ApiAnswer): boolean | undefined {
	if (status === 401 || status === 403) return false;
	return status === 400 || status === 422 ? true : undefined;
}

function adviceFor(status: number): string {
	if (status === 401) return ' (is the token right, and not expired?)';
	if (status === 403) return ' (may the token write?)';
	return status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
}

/** `Retry-After` in seconds (RFC 9110 section 10.2.3; no provider here sends a date), ms. */
function readRetryAfter(headers: Headers): number | undefined {
	const text = headers.get('retry-after');
	return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

/** A provider's words go to a terminal and into logs. */
function cleanWords(words: string): string {
	return words
		.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
		.trim()
		.slice(0, wordsLimit);
}

async function readLimited(response: Response, who: string): Promise<string> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of response.body ?? []) {
		bytes += chunk.length;
		if (bytes > answerLimitBytes) throw new DriverError(`${who} answered with more than ${answerLimitBytes} bytes`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function causeOf(error: unknown): string {
	if (!(error instanceof Error)) return '';
	if (error.name === 'AbortError') return ' (abandoned)';
	return error.cause instanceof Error && 'code' in error.cause ? ` (${String(error.cause.code)})` : '';
}

/** A member of a parsed answer, by names and indexes; undefined when there is none. */
export function memberOf(value: unknown, ...path: readonly (string | number)[]): unknown {
	let at = value;
	for (const key of path) {
		if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
		at = (at as Record<string | number, unknown>)[key];
	}
	return at;
}
