/**
 * One transaction or TCP session as a JSON object (`option httplog json`, `option tcplog json`).
 *
 * Decides names and order; fields are only ever added. The text is built in one go: no object is made for it. Bytes that are not ASCII are
 * written as `\u00XX`, so that the line is ASCII whatever a client sends. A line that would be cut by its targets is written
 * again without captures and with a shorter target, and says so. Leaves the syslog header, and whether the line is wanted, to others.
 */
import type {Frontend} from '@hapair/config';
import {formatUtcDate} from './log-date.ts';
import type {LogRecord} from './log-record.ts';

/** What stays the same over a frontend's lines. */
export interface JsonShape {
	readonly isHttp: boolean;
	/** `"name":` of each capture. */
	readonly requestKeys: readonly string[];
	readonly responseKeys: readonly string[];
	/** Longest line, bytes. */
	readonly limit: number;
}

/** Of a header before the text: syslog's, with a long tag and host name. */
const HEADER_BYTES = 300;
/** What is left of a target in a line that was too long. */
const SHORT_TARGET = 128;

export function compileJsonShape(
	frontend: Pick<Frontend, 'mode' | 'logTargets' | 'captureRequestHeaders' | 'captureResponseHeaders'>,
): JsonShape {
	const shortest = Math.min(...frontend.logTargets.map(({lengthBytes}) => lengthBytes));
	return {
		isHttp: frontend.mode === 'http',
		requestKeys: keysOf(frontend.captureRequestHeaders),
		responseKeys: keysOf(frontend.captureResponseHeaders),
		limit: shortest - HEADER_BYTES,
	};
}

/** A header's name in small letters; its number from 0 when it has none or the name is taken. */
function keysOf(captures: readonly {readonly header: string}[]): readonly string[] {
	const taken = new Set<string>();
	return captures.map(({header}, index) => {
		const name = header.toLowerCase();
		const key = name === '' || taken.has(name) ? String(index) : name;
		taken.add(key);
		return `${quote(key)}:`;
	});
}

/** The text behind `tag[pid]: `. */
export function formatJsonLine(record: LogRecord, shape: JsonShape): string {
	const text = writeObject(record, shape, Number.POSITIVE_INFINITY);
	return text.length > shape.limit ? writeObject(record, shape, SHORT_TARGET) : text;
}

function writeObject(record: LogRecord, shape: JsonShape, longestTarget: number): string {
	const isCut = longestTarget !== Number.POSITIVE_INFINITY;
	return (
		`{"time":"${formatUtcDate(record.acceptMs)}","clientAddress":${quote(record.clientAddress)},` +
		`"clientPort":${record.clientPort},"frontend":${quote(record.frontend)},"backend":${quote(record.backend)},` +
		`"server":${quoteOrNull(record.server)},` +
		(shape.isHttp ? writeHttp(record, shape, longestTarget) : '') +
		`"queueMs":${record.queueMs},"connectMs":${record.connectMs},"totalMs":${record.totalMs},"bytes":${record.bytes},` +
		`"state":"${shape.isHttp ? record.state : record.state.slice(0, 2)}",` +
		`"processConnections":${record.processConnections},"frontendConnections":${record.frontendConnections},` +
		`"backendConnections":${record.backendConnections},"serverConnections":${record.serverConnections},` +
		`"retries":${record.retries},"redispatched":${record.redispatched},` +
		`"serverQueue":${record.serverQueue},"backendQueue":${record.backendQueue}` +
		`${record.partial ? ',"partial":true' : ''}${isCut ? ',"cut":true' : ''}}`
	);
}

function writeHttp(record: LogRecord, shape: JsonShape, longestTarget: number): string {
	const isCut = longestTarget !== Number.POSITIVE_INFINITY;
	return (
		`${writeRequest(record.requestLine, longestTarget)}"status":${record.status},` +
		`"requestMs":${record.requestMs},"responseMs":${record.responseMs},` +
		`"requestCookie":${isCut ? 'null' : quoteOrNull(record.requestCookie)},` +
		`"responseCookie":${isCut ? 'null' : quoteOrNull(record.responseCookie)},` +
		(isCut || record.requestLine === undefined
			? ''
			: writeCaptures('"requestHeaders":{', record.requestCaptures, shape.requestKeys) +
				writeCaptures('"responseHeaders":{', record.responseCaptures, shape.responseKeys))
	);
}

/** All three are null when the request could not be read. A target that holds spaces keeps them. */
function writeRequest(line: string | undefined, longestTarget: number): string {
	if (line === undefined) return '"method":null,"target":null,"version":null,';
	const first = line.indexOf(' ');
	if (first === -1) return `"method":${quote(line)},"target":null,"version":null,`;
	const last = line.lastIndexOf(' ');
	const end = last === first ? line.length : last;
	const target = line.slice(first + 1, Math.min(end, first + 1 + longestTarget));
	const version = last === first ? 'null' : quote(line.slice(last + 1));
	return `"method":${quote(line.slice(0, first))},"target":${quote(target)},"version":${version},`;
}

/** Headers that were absent are left out. */
function writeCaptures(start: string, captures: readonly (string | undefined)[], keys: readonly string[]): string {
	if (captures.length === 0) return '';
	let text = start;
	let isFirst = true;
	for (let index = 0; index < captures.length; index++) {
		const capture = captures[index];
		const key = keys[index];
		if (capture === undefined || key === undefined) continue;
		text += `${isFirst ? '' : ','}${key}${quote(capture)}`;
		isFirst = false;
	}
	return `${text}},`;
}

const UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const ALL_UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

function quote(text: string): string {
	return UNSAFE.test(text) ? `"${text.replace(ALL_UNSAFE, escapeCharacter)}"` : `"${text}"`;
}

function quoteOrNull(text: string | undefined): string {
	return text === undefined ? 'null' : quote(text);
}

function escapeCharacter(char: string): string {
	return char === '"' || char === '\\' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
