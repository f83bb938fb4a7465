/**
 * What two proxies said, brought to a form that can be compared.
 *
 * Pure. Decides how bytes are taken apart; what may then be seen as equal is in `differences.ts`.
 */
import type {Heard} from './arena.ts';

export interface Message {
	/** Request or status line. */
	start: string;
	/** Lines as pairs; a line without a colon has an empty value. */
	headers: [name: string, value: string][];
	body: string;
}

/** `Heard`, taken apart. */
export interface Report {
	responses: Message[];
	/** What the client received in front of the first status line, or instead of one. */
	strays: string;
	closed: boolean;
	reset: boolean;
	requests: (Message & {server: string})[];
	lines: string[];
}

const STATUS_LINE = /HTTP\/1\.[01] [0-9]{3}[^\r\n]*\r\n/g;

export function takeApart({client, closed, reset, requests, lines}: Heard): Report {
	const places = [...client.matchAll(STATUS_LINE)].map(({index}) => index);
	return {
		responses: places.map((place, index) => readMessage(client.slice(place, places[index + 1]))),
		strays: client.slice(0, places[0] ?? client.length),
		closed,
		reset,
		requests: requests.map(({server, text}) => ({server, ...readMessage(text)})),
		lines: lines.map(maskLine),
	};
}

function readMessage(text: string): Message {
	const headEnd = text.indexOf('\r\n\r\n');
	const head = headEnd < 0 ? text : text.slice(0, headEnd);
	const [start = '', ...lines] = head.split('\r\n');
	return {
		start,
		headers: lines.map(line => {
			const colon = line.indexOf(':');
			return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
		}),
		body: headEnd < 0 ? '' : text.slice(headEnd + 4),
	};
}

/** Ports, dates and times that differ from run to run; -1 and 0-or-more stay apart. */
function maskLine(line: string): string {
	return (
		line
			// A line of syslog ends at 1024 bytes: where, depends on the digits of pid, port and times.
			.replace(/q{200,}$/, 'q…')
			.replace(/^([0-9.]+):[0-9]+ \[[^\]]+\]/, '$1:P [T]')
			.replace(/ ((?:\+?-?[0-9]+\/){4}\+?-?[0-9]+) (?=\+?-?[0-9]+ )/, times => times.replace(/(?<![-0-9])[0-9]+/g, 'T'))
	);
}

/** The value of a header, undefined without it. */
export function headerOf(message: Message, name: string): string | undefined {
	return message.headers.find(([other]) => other.toLowerCase() === name)?.[1].trim();
}
