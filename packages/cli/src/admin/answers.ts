/**
 * How the admin address answers: JSON with its length, never kept by anybody, and headers that bind browsers.
 *
 * Decides headers and the shape of an error, which is that of the commands' `--json`. Leaves what is answered to `routes.ts`.
 */
import type {IncomingMessage, ServerResponse} from 'node:http';
import {Page} from './page.ts';

/** Why a request is not answered, as its sender sees it. */
export interface Refusal {
	readonly status: number;
	readonly message: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Nothing from elsewhere is loaded, nothing is sent elsewhere, nobody frames the page. */
const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const SAFETY = {
	'Content-Security-Policy': POLICY,
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Below this packing costs more than it saves. */
const PACK_FROM_BYTES = 2048;

export function sendJson(
	request: IncomingMessage,
	response: ServerResponse,
	status: number,
	value: unknown,
	headers: Readonly<Record<string, string>> = {},
): void {
	sendText(request, response, status, JSON_TYPE, `${JSON.stringify(value)}\n`, headers);
}

export function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
	const {status, message, headers} = refusal;
	sendJson(request, response, status, {ok: false, message}, headers);
}

function sendText(
	request: IncomingMessage,
	response: ServerResponse,
	status: number,
	type: string,
	text: string,
	headers: Readonly<Record<string, string>> = {},
): void {
	sendPage(request, response, status, type, new Page(text), headers);
}

export function sendPage(
	request: IncomingMessage,
	response: ServerResponse,
	status: number,
	type: string,
	page: Page,
	headers: Readonly<Record<string, string>> = {},
): void {
	const isPacked = page.plain.length >= PACK_FROM_BYTES && acceptsGzip(request);
	sendBytes(request, response, status, isPacked ? page.packed : page.plain, {
		'Content-Type': type,
		'Cache-Control': 'no-store',
		...(isPacked ? {'Content-Encoding': 'gzip'} : {}),
		...headers,
	});
}

/** `HEAD` gets the headers of `GET`. */
export function sendBytes(
	request: IncomingMessage,
	response: ServerResponse,
	status: number,
	body: Uint8Array,
	headers: Readonly<Record<string, string>>,
): void {
	if (response.headersSent || response.destroyed) return;
	response.writeHead(status, {...SAFETY, ...headers, 'Content-Length': String(body.length)});
	response.end(request.method === 'HEAD' ? undefined : body);
}

export function acceptsGzip({headers}: IncomingMessage): boolean {
	return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(headers['accept-encoding'] ?? '');
}
