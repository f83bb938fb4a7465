/**
 * Where hapair is allowed to differ from haproxy 2.6: each difference by name, with its reason, and nothing else.
 *
 * Decides what the differential test accepts; docs/differences.md lists the same names for readers. A difference either
 * brings both reports to one form (`level`), or explains a whole exchange by what was odd in it (`explains`). One that is not needed
 * any more fails the test, so the list cannot outlive its causes.
 */
import {isDeepStrictEqual} from 'node:util';
import {headerOf, type Message, type Report} from './differential/messages.ts';

export interface Difference {
	readonly name: string;
	readonly reason: string;
	/** Shows itself only at some timings, so a run without it proves nothing. */
	readonly dependsOnTiming?: true;
	/** Changes a report in place; says whether there was anything to change. */
	level?(report: Report, parts: readonly string[]): boolean;
	explains?(haproxy: Report, hapair: Report, parts: readonly string[]): boolean;
}

/** Applies `change` to messages until all are seen; true when one of them changed. */
function each<Kind extends Message>(messages: readonly Kind[], change: (message: Kind) => boolean): boolean {
	return messages.map(change).includes(true);
}

function everyMessage({responses, requests}: Report, change: (message: Message) => boolean): boolean {
	return [each(responses, change), each(requests, change)].includes(true);
}

/** Rewrites the headers of a message; true when that changed them. */
function rewrite(message: Message, change: (headers: Message['headers']) => Message['headers']): boolean {
	const before = message.headers;
	message.headers = change(before.map(([name, value]) => [name, value]));
	return !isDeepStrictEqual(before, message.headers);
}

function without(message: Message, isUnwanted: (name: string, value: string) => boolean): boolean {
	return rewrite(message, headers => headers.filter(([name, value]) => !isUnwanted(name.toLowerCase(), value.trim())));
}

const speaks10 = (parts: readonly string[]): boolean => parts.some(part => part.startsWith('1.0'));

/** Stands between a body and its trailers. */
const TRAILERS = '\n(trailers)\n';

/** A body and its trailers instead of chunks; `…` marks one that breaks off. */
function unchunk(message: Message): boolean {
	if (headerOf(message, 'transfer-encoding')?.toLowerCase() !== 'chunked' || message.body === '') return false;
	let body = '';
	let at = 0;
	for (;;) {
		const lineEnd = message.body.indexOf('\r\n', at);
		const size = Number.parseInt(message.body.slice(at, lineEnd < 0 ? undefined : lineEnd), 16);
		if (lineEnd < 0 || !(size >= 0)) {
			body += '…';
			break;
		}
		at = lineEnd + 2;
		if (size === 0) {
			const trailers = message.body.slice(at).replace(/^[^:\r\n]+:/gm, name => name.toLowerCase());
			if (trailers !== '\r\n') body += `${TRAILERS}${trailers}`;
			break;
		}
		body += message.body.slice(at, at + size);
		at += size + 2;
	}
	message.body = body;
	return true;
}

/** hapair refuses with `status`, closes, and all before that is the same. */
function isRefused(haproxy: Report, hapair: Report, status: number): boolean {
	const last = hapair.responses.length - 1;
	const answer = hapair.responses[last];
	const lastLine = hapair.lines.at(-1) ?? '';
	const whole = hapair.requests.filter(({start}) => !start.startsWith('(cut) '));
	return (
		answer?.start.startsWith(`HTTP/1.1 ${status} `) === true &&
		hapair.closed &&
		lastLine.includes(` ${status} 0 - - PR-- `) &&
		isDeepStrictEqual(hapair.responses.slice(0, last), haproxy.responses.slice(0, last)) &&
		isDeepStrictEqual(whole, haproxy.requests.slice(0, whole.length)) &&
		isDeepStrictEqual(hapair.lines.slice(0, -1), haproxy.lines.slice(0, hapair.lines.length - 1))
	);
}

/** hapair answers 502 where haproxy passes the server's response on; all else is the same. */
function isBadGateway(haproxy: Report, hapair: Report): boolean {
	return (
		/^HTTP\/1\.1 502 /.test(hapair.responses[0]?.start ?? '') &&
		/ 502 \S+ - - PHNN /.test(hapair.lines[0] ?? '') &&
		isDeepStrictEqual(hapair.responses.slice(1), haproxy.responses.slice(1)) &&
		isDeepStrictEqual(hapair.requests, haproxy.requests) &&
		isDeepStrictEqual(hapair.lines.slice(1), haproxy.lines.slice(1))
	);
}

/** haproxy forwards these requests, hapair answers 400. */
function refuses(name: string, reason: string, ...causes: readonly string[]): Difference {
	return {
		name,
		reason,
		explains: (haproxy, hapair, parts) =>
			causes.some(cause => parts.includes(cause)) && isRefused(haproxy, hapair, 400),
	};
}

/** haproxy forwards these responses, hapair answers 502. */
function refusesReply(name: string, reason: string, ...causes: readonly string[]): Difference {
	return {
		name,
		reason,
		explains: (haproxy, hapair, parts) => causes.some(cause => parts.includes(cause)) && isBadGateway(haproxy, hapair),
	};
}

export const differences: readonly Difference[] = [
	{
		name: 'header-names',
		reason: 'haproxy writes every name in lower case, hapair as it was received; names have no case (RFC 9110 §5.1)',
		level: report =>
			everyMessage(report, message =>
				rewrite(message, headers => headers.map(([name, value]) => [name.toLowerCase(), value])),
			),
	},
	{
		name: 'blanks-around-values',
		reason: 'haproxy writes one blank before a value and none behind it, hapair as received (RFC 9110 §5.5)',
		level: report =>
			everyMessage(report, message =>
				rewrite(message, headers => headers.map(([name, value]) => [name, value.trim()])),
			),
	},
	{
		name: 'place-of-connection',
		reason: 'haproxy writes Connection last; order between names means nothing (RFC 9110 §5.3)',
		level: report =>
			everyMessage(report, message =>
				rewrite(message, headers => [
					...headers.filter(([name]) => name !== 'connection'),
					...headers.filter(([name]) => name === 'connection'),
				]),
			),
	},
	{
		name: 'chunk-borders',
		reason: 'chunks may be cut anew and their extensions dropped at every hop (RFC 9112 §7.1)',
		level: report => everyMessage(report, unchunk),
	},
	{
		name: 'own-answers',
		reason:
			'our own sentences in the answers that the proxy makes itself, so other lengths; status and reason are the same',
		level: ({responses}) =>
			each(responses, message => {
				const isOwn = headerOf(message, 'content-type') === 'text/html' || /^<html>/.test(message.body);
				if (!isOwn) return false;
				message.body = '';
				return without(message, name => ['content-length', 'content-type', 'cache-control'].includes(name));
			}),
	},
	{
		name: 'refusal-says-close',
		reason: 'a 413 closes the connection and says so; haproxy closes it without a word',
		level: ({responses}) =>
			each(
				responses,
				message => message.start.startsWith('HTTP/1.1 413 ') && without(message, name => name === 'connection'),
			),
	},
	{
		name: 'log-bytes',
		reason: 'byte counts follow from the differences above; that they are what was sent is tested for each line',
		level(report) {
			const before = report.lines.join('\n');
			report.lines = report.lines.map(line => line.replace(/ [1-9][0-9]* (?=(?:-|\S+=\S*) )/, ' N '));
			return report.lines.join('\n') !== before;
		},
	},
	{
		name: 'origin-form',
		reason:
			'an absolute target goes on as a path with the Host it names, so that rules and server read the same host (RFC 9112 §3.2.2)',
		level: ({requests}) =>
			each(requests, message => {
				const before = message.start;
				message.start = before.replace(/^(\S+) http:\/\/h\.example(?=\/)/i, '$1 ');
				return message.start !== before;
			}),
	},
	{
		name: 'host-for-1.0',
		reason: 'the same for a request of HTTP/1.0 without Host: the server gets the one of its target',
		explains: (haproxy, hapair, parts) =>
			parts.includes('1.0 without Host') &&
			parts.some(part => part.startsWith('absolute target')) &&
			isDeepStrictEqual(hapair.responses, haproxy.responses) &&
			hapair.requests.length === haproxy.requests.length &&
			hapair.requests.every((request, index) => {
				const other = haproxy.requests[index]!;
				return (
					isDeepStrictEqual(request, other) ||
					(request.start === other.start &&
						request.start.endsWith(' HTTP/1.0') &&
						isDeepStrictEqual(request.headers, [['host', 'h.example'], ...other.headers]))
				);
			}),
	},
	{
		name: 'hop-by-hop',
		reason:
			'Connection, TE, Keep-Alive, Proxy-Connection and h2c upgrades are for one hop (RFC 9110 §7.6.1): not forwarded',
		level: ({requests}) =>
			each(requests, message =>
				without(
					message,
					(name, value) =>
						['te', 'keep-alive', 'proxy-connection'].includes(name) ||
						(name === 'upgrade' && value === 'h2c') ||
						(name === 'connection' && !/^(?:close|keep-alive)$/i.test(value)),
				),
			),
	},
	{
		name: 'own-version',
		reason:
			"a proxy states its own version, not that of the server's response (RFC 9112 §2.3), and what follows for the connection",
		level: ({responses}, parts) =>
			(parts.includes('ten') || parts.includes('ten-until')) &&
			each(responses, message => {
				const before = message.start;
				message.start = before.replace('HTTP/1.0', 'HTTP/1.1');
				return without(message, name => name === 'connection') || message.start !== before;
			}),
	},
	{
		name: 'chunked-to-1.0',
		reason:
			'a client of HTTP/1.0 does not know chunks: it gets the body without them, up to the end of the connection (RFC 9112 §7.1)',
		level: ({responses}, parts) =>
			speaks10(parts) &&
			each(responses, message => {
				if (headerOf(message, 'transfer-encoding') === undefined) return false;
				message.body = message.body.replace(/\n\(trailers\)\n[\s\S]*$|…$/, '');
				return without(message, name => name === 'transfer-encoding');
			}),
		explains(haproxy, hapair, parts) {
			const last = hapair.responses.length - 1;
			const theirs = haproxy.responses[last];
			return (
				speaks10(parts) &&
				hapair.closed &&
				theirs?.headers.some(([name, value]) => name === 'connection' && value === 'keep-alive') === true &&
				without(theirs, name => name === 'connection') &&
				without(hapair.responses[last]!, (name, value) => name === 'connection' && value === 'close') &&
				isDeepStrictEqual(hapair.responses, haproxy.responses.slice(0, last + 1)) &&
				isDeepStrictEqual(hapair.requests, haproxy.requests.slice(0, hapair.requests.length)) &&
				isDeepStrictEqual(hapair.lines, haproxy.lines.slice(0, hapair.lines.length))
			);
		},
	},
	{
		name: 'interim-to-1.0',
		reason: 'a client of HTTP/1.0 does not know 1xx responses: it gets none (RFC 9110 §15.2)',
		level(report, parts) {
			const before = report.responses.length;
			if (speaks10(parts)) report.responses = report.responses.filter(({start}) => !/^HTTP\/1\.1 1/.test(start));
			return report.responses.length !== before;
		},
	},
	{
		name: 'trailers-that-frame',
		reason: 'trailers that would change framing or routing if merged into the head are dropped (RFC 9110 §6.5.1)',
		level: ({requests}) =>
			each(requests, message => {
				const before = message.body;
				message.body = before.replace(/content-length: 9\r\n(?=\r\n$)/, '').replace(/\n\(trailers\)\n\r\n$/, '');
				return message.body !== before;
			}),
	},
	{
		name: 'unknown-coding',
		reason: 'a coding that is not known here is answered 501 as RFC 9112 §6.1 says, not 422',
		explains: (haproxy, hapair, parts) =>
			parts.includes('gzip, chunked') &&
			/^HTTP\/1\.1 422 /.test(haproxy.responses.at(-1)?.start ?? '') &&
			isRefused(haproxy, hapair, 501),
	},
	{
		name: 'host-of-target',
		reason: 'an absolute target that names another host than Host wins over it (RFC 9112 §3.2.2); haproxy answers 400',
		explains: (haproxy, hapair, parts) =>
			parts.includes('absolute target of another host') && isRefused(hapair, haproxy, 400),
	},
	{
		name: 'own-answers-keep-connection',
		reason:
			'an answer of our own leaves the connection open when the whole body of its request has arrived; haproxy closes it behind a redirect, and behind others if the body is large',
		explains(haproxy, hapair, parts) {
			const last = haproxy.responses.length - 1;
			const answer = haproxy.responses[last];
			const ours = hapair.responses[last];
			return (
				parts.some(part => /^(?:redirected|denied .*|no server|monitor)$/.test(part)) &&
				answer !== undefined &&
				/^HTTP\/1\.1 (?:200|301|403|503) /.test(answer.start) &&
				answer.headers.some(([name, value]) => name === 'connection' && value === 'close') &&
				ours?.start === answer.start &&
				isDeepStrictEqual(hapair.responses.slice(0, last), haproxy.responses.slice(0, last)) &&
				isDeepStrictEqual(hapair.requests.slice(0, haproxy.requests.length), haproxy.requests) &&
				isDeepStrictEqual(hapair.lines.slice(0, haproxy.lines.length), haproxy.lines)
			);
		},
	},
	{
		name: 'repeated-on-stale-connection',
		reason:
			'a request that changes nothing is sent once more when a kept server connection closes unanswered (RFC 9112 §9.3.1); haproxy does so only when told by retry-on',
		dependsOnTiming: true,
		explains: (haproxy, hapair, parts) =>
			parts.includes('nothing') &&
			isDeepStrictEqual(hapair.requests[0], hapair.requests[1]) &&
			isDeepStrictEqual({...hapair, requests: hapair.requests.slice(1)}, haproxy),
	},
	{
		name: 'reset-behind-close',
		reason:
			'haproxy closes at once behind its last answer, so that a reset may destroy the end of it; hapair first reads what was pipelined behind (RFC 9112 §9.6)',
		dependsOnTiming: true,
		level(report) {
			const wasReset = report.reset;
			report.reset = false;
			return wasReset;
		},
		explains(haproxy, hapair) {
			const cut = haproxy.responses.length - 1;
			return (
				hapair.closed &&
				cut < hapair.responses.length &&
				isDeepStrictEqual(haproxy.responses.slice(0, cut), hapair.responses.slice(0, Math.max(0, cut))) &&
				(cut < 0 || hapair.responses[cut]!.body.startsWith(haproxy.responses[cut]!.body)) &&
				isDeepStrictEqual(haproxy.requests, hapair.requests) &&
				isDeepStrictEqual(haproxy.lines, hapair.lines)
			);
		},
	},
	{
		name: 'heads-behind-large-bodies',
		reason:
			'haproxy answers 400 to a request whose head does not fit behind the body that still fills its buffer; hapair serves it',
		dependsOnTiming: true,
		explains: (haproxy, hapair, parts) => parts.includes('POST of 40 kB') && isRefused(hapair, haproxy, 400),
	},
	{
		name: 'broken-first-chunk',
		dependsOnTiming: true,
		reason:
			'a response whose chunks break later in the read that brought its head is cut (PD); haproxy had not sent the head yet (502 PH)',
		explains: (haproxy, hapair, parts) =>
			parts.includes('bad-chunk') &&
			/^HTTP\/1\.1 502 /.test(haproxy.responses[0]?.start ?? '') &&
			hapair.closed &&
			hapair.responses.length === 1 &&
			!hapair.responses[0]?.body.includes('\r\n') &&
			/ 200 \S+ - - PDN/.test(hapair.lines[0] ?? ''),
	},
	refuses(
		'several-lengths',
		'a repeated or listed Content-Length is refused even if its values agree: readers differ about it (RFC 9112 §6.3)',
		'two equal lengths',
		'list of equal lengths',
	),
	refuses(
		'length-spelling',
		'a leading zero is octal to careless readers, and nobody writes one',
		'length with a leading zero',
	),
	refuses(
		'length-beside-coding',
		'both at once is how requests are smuggled (RFC 9112 §6.1, §11.2); haproxy drops the length',
		'length beside coding',
		'coding beside length',
	),
	refuses(
		'coding-in-1.0',
		'HTTP/1.0 has no transfer codings, so its framing is in doubt (RFC 9112 §6.1)',
		'coding in 1.0',
	),
	refuses('folded-lines', 'line folding is obsolete and read differently (RFC 9112 §5.2)', 'folded line'),
	refuses(
		'control-characters',
		'control characters in a value are refused as RFC 9110 §5.5 says',
		'NUL in a value',
		'DEL in a value',
		'escape in a value',
	),
	refuses(
		'bare-line-feeds',
		'a line ends in CR LF and nothing else: an optional leniency (RFC 9112 §2.2) that smugglers use',
		'bare LF ends a line',
		'bare LFs only',
		'bare LF behind the chunk size',
		'bare LF behind the chunk',
		'bare LF in the extension',
	),
	refuses(
		'blanks-behind-chunk-sizes',
		'a chunk size is followed by CR LF or an extension (RFC 9112 §7.1)',
		'blank behind the chunk size',
	),
	refuses(
		'blanks-in-request-lines',
		'single blanks separate the parts of a request line; more is an optional leniency (RFC 9112 §3)',
		'two blanks in the request line',
		'tab in the request line',
	),
	refuses(
		'empty-lines',
		'two empty lines before a request are skipped, more are nonsense (RFC 9112 §2.2 says at least one)',
		'three empty lines before',
	),
	refuses('versions', 'only HTTP/1.0 and HTTP/1.1 exist on this wire', 'HTTP/1.2', 'HTTP/2.0'),
	refuses('long-methods', 'no registered method is longer than 32 letters', 'method of 40 letters'),
	refuses(
		'target-forms',
		'targets have the four forms of RFC 9112 §3.2, of absolute ones http and https with a host and no user',
		'asterisk with GET',
		'absolute target of another scheme',
		'absolute target without a host',
		'absolute target with a user',
	),
	refuses(
		'hosts',
		'exactly one valid Host in HTTP/1.1 (RFC 9112 §3.2)',
		'no Host',
		'two equal Hosts',
		'Host with a blank',
		'Host with a path',
		'Host with a user',
		'Host with two ports',
		'Host list',
	),
	refusesReply(
		'ambiguous-replies',
		'what is refused in a request is refused in a response: 502 (RFC 9112 §6.3 item 5)',
		'both-lengths',
		'equal-lengths',
		'length-list',
		'folded',
		'nul',
		'bare-lf',
	),
	refusesReply(
		'reply-start-lines',
		'a status is 100 or more, a version 1.0 or 1.1: else 502',
		'status-99',
		'bad-version',
	),
];
