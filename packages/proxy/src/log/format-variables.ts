/**
 * The variables of a log format, each with its value (HAProxy manual, "Custom log format").
 *
 * Decides what each shows and how flags change it: `Q` quotes texts and addresses, `X` writes addresses, ports and counters in hexadecimal,
 * `E` puts a backslash before `"`, `\` and `]`. An empty text is `-` in a log line. One table in one file, to hold beside the manual's.
 */
import type {FormatFlags, FormatVariable} from '@hapair/config';
import {parseAddress} from '../rules/address.ts';
import {formatAcceptDate, formatGmtDate, formatLocalDate} from './log-date.ts';
import {escapeCapture, escapeLogText, formatServer} from './log-record.ts';
import type {TransactionView} from './transaction-view.ts';

/** `empty` stands for a text that is not there. */
export type WriteVariable = (view: TransactionView, flags: FormatFlags, empty: string) => string;

const BAD_REQUEST = '<BADREQ>';

const text =
	(read: (view: TransactionView) => string | undefined): WriteVariable =>
	(view, flags, empty) =>
		writeText(read(view), flags, empty);
const plain =
	(read: (view: TransactionView) => string | number): WriteVariable =>
	view =>
		String(read(view));
/** In hexadecimal at least `digits` long. */
const counter =
	(read: (view: TransactionView) => number, digits = 4): WriteVariable =>
	(view, flags) =>
		writeNumber(read(view), flags, digits);
const address =
	(read: (view: TransactionView) => string | undefined): WriteVariable =>
	(view, flags, empty) =>
		writeAddress(read(view), flags, empty);

export const LOG_VARIABLES: Readonly<Record<FormatVariable, WriteVariable>> = {
	B: plain(view => markPartial(view, view.bytes)),
	CC: text(view => view.requestCookie && escapeLogText(view.requestCookie)),
	CS: text(view => view.responseCookie && escapeLogText(view.responseCookie)),
	H: text(view => view.hostname),
	HM: text(view => part(view, 0)),
	HP: text(view => part(view, 1)?.replace(/\?.*/s, '')),
	HPO: text(view =>
		part(view, 1)
			?.replace(/\?.*/s, '')
			.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, ''),
	),
	HQ: text(view => (view.requestLine === undefined ? BAD_REQUEST : /\?.*/s.exec(part(view, 1) ?? '')?.[0])),
	HU: text(view => part(view, 1)),
	HV: text(view => part(view, 2)),
	ID: text(view => view.uniqueId),
	ST: plain(view => view.status),
	T: plain(view => formatGmtDate(acceptMs(view))),
	TR: plain(view => view.requestMs),
	Ta: plain(view => markPartial(view, view.totalMs)),
	Tc: plain(view => view.connectMs),
	Td: plain(dataMs),
	Th: plain(() => 0),
	Ti: plain(view => view.idleMs),
	Tl: plain(view => formatLocalDate(acceptMs(view))),
	Tq: plain(view => (view.requestMs < 0 ? -1 : view.idleMs + view.requestMs)),
	Tr: plain(view => view.responseMs),
	Ts: counter(view => Math.floor(acceptMs(view) / 1000)),
	Tt: plain(view => markPartial(view, view.totalMs + view.idleMs)),
	Tu: plain(view => markPartial(view, view.totalMs)),
	Tw: plain(view => view.queueMs),
	U: plain(view => view.bytesIn),
	ac: plain(view => view.processConnections),
	b: text(view => view.backend),
	bc: plain(view => view.backendConnections),
	bi: address(view => view.sourceAddress),
	bp: port(view => view.sourcePort),
	bq: plain(view => view.backendQueue),
	ci: address(view => view.clientAddress),
	cp: port(view => view.clientPort),
	f: text(view => view.frontend),
	fc: plain(view => view.frontendConnections),
	fi: address(view => view.localAddress),
	fp: port(view => view.localPort),
	ft: text(view => view.frontend),
	hr: (view, flags, empty) => writeGroup(view.requestCaptures, flags, empty),
	hrl: (view, flags, empty) => writeList(view.requestCaptures, flags, empty),
	hs: (view, flags, empty) => writeGroup(view.responseCaptures, flags, empty),
	hsl: (view, flags, empty) => writeList(view.responseCaptures, flags, empty),
	lc: counter(view => view.logNumber),
	ms: counter(view => Math.floor(acceptMs(view)) % 1000, 2),
	pid: counter(view => view.pid),
	r: text(view => (view.requestLine === undefined ? BAD_REQUEST : escapeLogText(view.requestLine))),
	rc: plain(view => (view.redispatched ? `+${view.retries}` : view.retries)),
	rt: counter(view => view.requestNumber),
	s: text(formatServer),
	sc: plain(view => view.serverConnections),
	si: address(view => view.serverAddress),
	sp: port(view => view.serverPort),
	sq: plain(view => view.serverQueue),
	sslc: text(() => undefined),
	sslv: text(() => undefined),
	t: plain(view => formatAcceptDate(acceptMs(view))),
	tr: plain(view => formatAcceptDate(view.acceptMs)),
	trg: plain(view => formatGmtDate(view.acceptMs)),
	trl: plain(view => formatLocalDate(view.acceptMs)),
	ts: plain(view => view.state.slice(0, 2)),
	tsc: plain(view => view.state),
};

/** Numbers stand without quotes. */
export function writeNumber(value: number, {hex}: FormatFlags, digits = 4): string {
	return hex ? toHex(value, digits) : String(value);
}

/** A text as the flags say; what a sample or a variable gives. */
export function writeText(value: string | undefined, {quote, escape: escapes}: FormatFlags, empty: string): string {
	if (value === undefined || value === '') return quote ? '""' : empty;
	const written = escapes ? value.replace(/["\\\]]/g, '\\$&') : value;
	return quote ? `"${written}"` : written;
}

export function writeAddress(value: string | undefined, flags: FormatFlags, empty: string): string {
	if (!flags.hex || value === undefined) return writeText(value, flags, empty);
	const parsed = parseAddress(value);
	if (parsed === undefined) return writeText(value, flags, empty);
	const words = parsed.family === 4 ? parsed.words.slice(3) : parsed.words;
	return words.map(word => toHex(word, 8)).join('');
}

function port(read: (view: TransactionView) => number): WriteVariable {
	return counter(read);
}

function toHex(value: number, digits: number): string {
	return (value >>> 0 === value ? value : Math.max(0, value)).toString(16).toUpperCase().padStart(digits, '0');
}

/** Method, target or version. */
function part({requestLine}: TransactionView, index: number): string | undefined {
	return requestLine === undefined ? BAD_REQUEST : requestLine.split(' ')[index];
}

/** `acceptMs` is when the request began; a session began to wait for it earlier. */
function acceptMs(view: TransactionView): number {
	return view.acceptMs - view.idleMs;
}

/** `option logasap`: it was not over yet. */
function markPartial({partial}: TransactionView, value: number): string {
	return partial ? `+${value}` : String(value);
}

function dataMs({totalMs, requestMs, queueMs, connectMs, responseMs}: TransactionView): number {
	if (responseMs < 0) return -1;
	return Math.max(0, totalMs - Math.max(0, requestMs) - Math.max(0, queueMs) - Math.max(0, connectMs) - responseMs);
}

function writeGroup(captures: readonly (string | undefined)[], flags: FormatFlags, empty: string): string {
	if (captures.length === 0) return writeText(undefined, flags, empty);
	return writeText(`{${captures.map(capture => escapeCapture(capture ?? '')).join('|')}}`, flags, empty);
}

function writeList(captures: readonly (string | undefined)[], flags: FormatFlags, empty: string): string {
	if (captures.length === 0) return writeText(undefined, flags, empty);
	return captures.map(capture => writeText(capture && escapeCapture(capture), flags, empty)).join(' ');
}
