/**
 * What the first bytes of a connection in mode tcp say (HAProxy manual, "Fetching samples from buffer contents").
 *
 * Decides the value of each fetch, and when more bytes may change it. In mode http the request was read to its end before a rule
 * runs: there `req.len` is the head's and nothing changes any more.
 */
import {findRdpCookie, isRdpCookieDecided} from '../balance/rdp-cookie.ts';
import {type ClientHello, readClientHello} from './client-hello.ts';
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';

type Take = (source: SampleSource, args: readonly string[]) => Sample | undefined;

/** Undefined, and more bytes may bring it. */
function waitFor(source: SampleSource): undefined {
	if (!source.isFinal) source.isUnsettled = true;
	return undefined;
}

const length: Take = source => {
	if (source.contents === undefined) return source.requestLength;
	if (!source.isFinal) source.isUnsettled = true;
	return source.contents.length;
};

/** Bytes of what was said; a length of 0 means all there is. */
function payload(source: SampleSource, offset: number, length: number): string | undefined {
	const {contents} = source;
	if (contents === undefined) return undefined;
	if (contents.length < offset + length || (length === 0 && contents.length <= offset)) return waitFor(source);
	if (length === 0 && !source.isFinal) source.isUnsettled = true;
	return length === 0 ? contents.slice(offset) : contents.slice(offset, offset + length);
}

/** How long it is stands before it, highest byte first; it begins behind that, or at `start`, counted from there with a sign. */
function countedPayload(
	source: SampleSource,
	[at = '0', size = '1', start = '']: readonly string[],
): string | undefined {
	const offset = Number(at);
	const head = payload(source, offset, Number(size));
	if (head === undefined) return undefined;
	let length = 0;
	for (const char of head) length = length * 256 + char.charCodeAt(0);
	const behind = offset + Number(size);
	const from = start === '' ? behind : /^[+-]/.test(start) ? behind + Number(start) : Number(start);
	return length === 0 ? '' : payload(source, from, length);
}

function rdpCookie(source: SampleSource, [name = '']: readonly string[]): string | undefined {
	const {contents} = source;
	if (contents === undefined) return undefined;
	return isRdpCookieDecided(contents) ? findRdpCookie(contents, name) : waitFor(source);
}

function fromHello(take: (hello: ClientHello) => Sample | undefined): Take {
	return source => {
		if (source.contents === undefined) return undefined;
		const hello = readClientHello(source.contents);
		if (hello === 'incomplete') return waitFor(source);
		return hello === 'none' ? undefined : take(hello);
	};
}

/** Does what a tcp client says begin like a request? */
const isHttp: Take = source => {
	const {contents, method} = source;
	if (contents === undefined) return method !== '';
	if (/^[A-Z]{1,32} [\x21-\x7e]+ HTTP\/1\.[01]\r?\n/.test(contents)) return true;
	const mayBecome = !contents.includes('\n') && /^(?:[A-Z]{0,32}$|[A-Z]{1,32} )/.test(contents);
	return mayBecome ? waitFor(source) : false;
};

/** By name; each takes its arguments with the source. */
export const CONTENT_SAMPLES: readonly (readonly [string, Take])[] = [
	['req.len', length],
	['req.payload', (source, [offset, size]) => payload(source, Number(offset), Number(size))],
	['req.payload_lv', countedPayload],
	['req.proto_http', isHttp],
	['wait_end', source => source.isFinal || waitFor(source)],
	['req.rdp_cookie', rdpCookie],
	['req.rdp_cookie_cnt', (source, args) => (rdpCookie(source, args) === undefined ? 0 : 1)],
	// `3.1` as one number that keeps the order of versions.
	['req.ssl_ver', fromHello(({version}) => (version >> 8) * 65_536 + (version & 255))],
	['req.ssl_hello_type', fromHello(() => 1)],
	['req.ssl_sni', fromHello(({serverName}) => serverName)],
];
