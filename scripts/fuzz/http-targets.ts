/** Fuzz targets of the HTTP/1 grammar: request heads, response heads, chunks. Pure. */
import assert from 'node:assert/strict';
import {ChunkedDecoder} from '../../packages/proxy/src/http1/chunked.ts';
import {CHUNKED} from '../../packages/proxy/src/http1/framing.ts';
import {
	countLeadingEmptyLines,
	findHeadEnd,
	HOPELESS,
	mayBeginRequest,
} from '../../packages/proxy/src/http1/head-end.ts';
import {RequestHead} from '../../packages/proxy/src/http1/request-head.ts';
import {ResponseHead} from '../../packages/proxy/src/http1/response-head.ts';
import {agree, cuttings, type FuzzTarget} from './target.ts';

const WORDS = [
	...['\r\n', '\n', '\r', ': ', ' ', '\t', ',', ';', '\r\n\r\n', '\0', '%00', '#', '*', '/'],
	...[
		'GET ',
		'POST ',
		'HEAD ',
		'CONNECT a:1 ',
		'OPTIONS * ',
		' HTTP/1.1\r\n',
		' HTTP/1.0\r\n',
		'HTTP/1.1 200 OK\r\n',
		'HTTP/1.1 101 S\r\n',
	],
	...[
		'Host: a\r\n',
		'Host: [::1]:80\r\n',
		'http://b/',
		'https://u@c',
		'Content-Length: 5\r\n',
		'Content-Length: 05\r\n',
		'0x5',
	],
	...[
		'Transfer-Encoding: chunked\r\n',
		'Transfer-Encoding: gzip, chunked\r\n',
		'Connection: close, x-a\r\n',
		'Connection: keep-alive\r\n',
	],
	...[
		'Upgrade: websocket\r\n',
		'Connection: Upgrade\r\n',
		'TE: trailers\r\n',
		'Expect: 100-continue\r\n',
		'Keep-Alive: 5\r\n',
		' folded\r\n',
	],
	...[
		'5\r\nhello\r\n',
		'0\r\n\r\n',
		'0\r\nX-Sum: 1\r\n\r\n',
		';ext=1',
		'ffffffffffffffff',
		'A\r\n',
		'Content-Length: 9\r\n',
	],
];

const REQUESTS = [
	'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
	'POST /x?y=z HTTP/1.1\r\nHost: a:80\r\nContent-Length: 5\r\nA: b\r\n\r\n',
	'POST http://b/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive, hop\r\nHop: 1\r\n\r\n',
	'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
	'\r\nGET / HTTP/1.0\r\nCookie: a=b; c="d;e"\r\n\r\n',
];

const RESPONSES = [
	'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
	'HTTP/1.0 200\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
	'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
	'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b; path=/\r\n\r\n',
];

/** Reads a head as the session does; the status it is refused with, or the head and where it ends. */
function readRequest(pieces: readonly string[]): {refused: boolean} | {head: string; end: number} | 'incomplete' {
	let text = '';
	let scanned = 0;
	for (const piece of pieces) {
		text += piece;
		const from = countLeadingEmptyLines(text);
		if (from === HOPELESS) return {refused: true};
		const end = findHeadEnd(text, from, scanned);
		if (end === HOPELESS || (end < 0 && !mayBeginRequest(text, from))) return {refused: true};
		if (end >= 0) {
			const head = text.slice(from, end);
			return new RequestHead().parse(head) === 0 ? {head, end} : {refused: true};
		}
		scanned = text.length;
	}
	return 'incomplete';
}

function checkRequest(input: string): void {
	const results = cuttings(input).map(readRequest);
	const isAccepted = (result: (typeof results)[number]) => typeof result === 'object' && 'head' in result;
	// A head that will be refused may be refused sooner when its bytes come one by one, never be accepted.
	const accepted = results.filter(isAccepted);
	assert.ok(accepted.length === 0 || accepted.length === results.length, 'acceptance depends on how the input is cut');
	if (accepted.length === 0) return;
	const first = agree('the head', accepted);
	const request = new RequestHead();
	assert.equal(request.parse(first.head), 0);
	const forwarded = request.forward('');
	const again = new RequestHead();
	assert.equal(again.parse(forwarded), 0, 'what is forwarded is accepted');
	assert.deepEqual(
		[again.method, again.bodyLength, again.host],
		[request.method, request.bodyLength, request.host],
		'the next reader reads the same',
	);
	if (request.method !== 'CONNECT') assert.equal(again.target, request.target);
	assert.equal(again.forward(''), forwarded, 'forwarding is stable');
	assert.ok(forwarded.length <= first.head.length + 600, 'a head does not grow');
}

function checkResponse(input: string): void {
	const end = findHeadEnd(input, 0, 0);
	if (end < 0) return;
	for (const method of ['GET', 'HEAD']) {
		const response = new ResponseHead();
		if (!response.parse(input.slice(0, end), method)) continue;
		const forwarded = response.forward(11, '');
		const again = new ResponseHead();
		assert.ok(again.parse(forwarded, method), 'what is forwarded is accepted');
		assert.deepEqual(
			[again.status, again.bodyLength],
			[response.status, response.bodyLength],
			'the next reader reads the same',
		);
		const downgraded = new ResponseHead();
		assert.ok(downgraded.parse(response.forward(10, 'close'), method), 'what a 1.0 client gets is accepted');
		assert.ok(downgraded.bodyLength !== CHUNKED || method === 'HEAD', 'a 1.0 client is told of no chunks');
	}
}

interface Decoded {
	readonly text: string;
	readonly done: boolean;
	readonly failed: boolean;
	readonly taken: number;
}

function decodeChunks(pieces: readonly string[], unpack: boolean): Decoded {
	const decoder = new ChunkedDecoder();
	decoder.reset(unpack);
	let text = '';
	let taken = 0;
	for (const piece of pieces) {
		const bytes = Buffer.from(piece, 'latin1');
		const at = decoder.decode(bytes, 0, bytes.length);
		text += decoder.prefix;
		for (let i = 0; i < decoder.spans.length; i += 2)
			text += bytes.toString('latin1', decoder.spans[i], decoder.spans[i + 1]);
		text += decoder.tail;
		taken += at;
		if (decoder.done || decoder.failed) break;
	}
	return {text, done: decoder.done, failed: decoder.failed, taken};
}

function checkChunks(input: string): void {
	const unpacked = cuttings(input).map(pieces => decodeChunks(pieces, true));
	const packed = cuttings(input).map(pieces => decodeChunks(pieces, false));
	const fate = ({done, failed}: Decoded) => ({done, failed});
	agree('the end', [...unpacked, ...packed].map(fate));
	if (!unpacked[0]!.done) return;
	agree('the data', unpacked);
	for (const {text, taken} of packed) {
		assert.equal(taken, unpacked[0]!.taken, 'the body ends at the same byte');
		const again = decodeChunks([text], true);
		assert.ok(again.done && again.taken === text.length, 'what goes on is one whole body');
		assert.equal(again.text, unpacked[0]!.text, 'what goes on has the same data');
		assert.ok(text.length <= input.length + 20 * (input.length + 1), 'a body does not grow without bound');
	}
}

export const httpTargets: readonly FuzzTarget[] = [
	{name: 'request', corpus: REQUESTS, words: WORDS, maxBytes: 4000, check: checkRequest},
	{name: 'response', corpus: RESPONSES, words: WORDS, maxBytes: 4000, check: checkResponse},
	{
		name: 'chunks',
		corpus: [
			'0\r\n\r\n',
			'5\r\nhello\r\n0\r\n\r\n',
			'a;b=c\r\n0123456789\r\n00\r\nX: y\r\n\r\n',
			'3\r\nabc\r\n1\r\nd\r\n0\r\n\r\nGET',
		],
		words: WORDS,
		maxBytes: 3000,
		check: checkChunks,
	},
];
