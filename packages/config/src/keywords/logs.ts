/**
 * `log` lines, in `global` and in proxies.
 *
 * Decides where messages go and how they are cut. Leaves sending to the proxy. HAProxy manual, `log`.
 */
import {
	JOURNALD_SOCKET,
	LOG_LENGTH_BYTES,
	LOG_LENGTH_LONG_BYTES,
	LOG_LENGTH_MAX_BYTES,
	LOG_LENGTH_MIN_BYTES,
	LOG_LEVEL,
	LOG_MIN_LEVEL,
	MAX_LOG_TARGETS,
	SYSLOG_PORT,
} from '../defaults.ts';
import type {ProxyDraft} from '../drafts.ts';
import {DFLB, GLOBAL, type GlobalKeyword, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {LogSampling, LogTarget, SocketAddress} from '../model.ts';
import {checkInteger, readChoice, readInteger} from '../readers.ts';
import {checkHost, foreignAddressKind, splitHostPort, unixPath} from '../socket-addresses.ts';
import {didYouMean} from '../suggestions.ts';

/** Syslog facilities by number. */
const FACILITIES =
	'kern user mail daemon auth syslog lpr news uucp cron auth2 ftp ntp audit alert cron2 local0 local1 local2 local3 local4 local5 local6 local7'.split(
		' ',
	);
/** Syslog severities by number. */
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

const FORMATS = ['raw', 'rfc5424', 'priority', 'short', 'timed', 'iso'] as const;

function readLogTarget(cursor: LineCursor): LogTarget | undefined {
	const word = cursor.require('the address of the log server', "such as 127.0.0.1, or 'global'");
	if (word === undefined) return undefined;
	const isJournal = word.text === 'journald';
	const address = isJournal ? ({kind: 'unix', path: JOURNALD_SOCKET} as const) : readLogAddress(cursor, word);
	if (address === undefined) return undefined;
	let lengthBytes = isJournal ? LOG_LENGTH_LONG_BYTES : LOG_LENGTH_BYTES;
	if (cursor.accept('len')) {
		lengthBytes = readInteger(cursor, 'len', LOG_LENGTH_MIN_BYTES, LOG_LENGTH_MAX_BYTES) ?? LOG_LENGTH_BYTES;
	}
	if (isJournal && cursor.peek()?.text === 'format') {
		cursor.error(cursor.peek(), 'journald has a format of its own', 'leave the format out');
		return undefined;
	}
	const format = isJournal ? 'journal' : cursor.accept('format') ? readFormat(cursor) : undefined;
	const sample = cursor.accept('sample') ? readSampling(cursor) : undefined;
	if (sample === 'refused') return undefined;
	const facility = readFacility(cursor);
	if (facility === undefined) return undefined;
	const level = readLevel(cursor, 'the level', LOG_LEVEL);
	const minLevel = readLevel(cursor, 'the lowest level', LOG_MIN_LEVEL);
	cursor.finish('log ADDRESS [len BYTES] [format F] [sample RANGES:SIZE] FACILITY [LEVEL [MINLEVEL]]');
	const target = {address, facility, level, minLevel, lengthBytes};
	return {...target, ...(format === undefined ? {} : {format}), ...(sample === undefined ? {} : {sample})};
}

/** `1,3-4:5`: of every five messages the first, third and fourth. */
function readSampling(cursor: LineCursor): LogSampling | 'refused' {
	const word = cursor.require('which messages', 'such as 1,3:5 for the first and third of five');
	if (word === undefined) return 'refused';
	const found = /^(\d{1,9}(?:-\d{1,9})?(?:,\d{1,9}(?:-\d{1,9})?)*):(\d{1,9})$/.exec(word.text);
	const size = Number(found?.[2]);
	const ranges = (found?.[1] ?? '').split(',').map(text => {
		const [from, to] = text.split('-').map(Number);
		return {from: from!, to: to ?? from!};
	});
	if (found !== null && ranges.every(({from, to}) => from >= 1 && from <= to && to <= size)) return {size, ranges};
	cursor.error(word, `'${word.text}' does not say which messages`, 'RANGES:SIZE, such as 1,3-4:5');
	return 'refused';
}

function readFormat(cursor: LineCursor): LogTarget['format'] {
	const word = cursor.require('the format');
	if (word === undefined || word.text === 'rfc3164' || word.text === 'local') return undefined;
	const format = FORMATS.find(one => one === word.text);
	if (format === undefined)
		cursor.error(word, `'${word.text}' is not a log format`, `rfc3164, local, ${FORMATS.join(', ')}`);
	return format;
}

function readFacility(cursor: LineCursor): number | undefined {
	const word = cursor.require('the facility', 'such as local0 or daemon');
	if (word === undefined) return undefined;
	const number = FACILITIES.indexOf(word.text);
	if (number >= 0) return number;
	const hint = didYouMean(word.text, FACILITIES) ?? `one of ${FACILITIES.join(', ')}`;
	cursor.error(word, `'${word.text}' is not a log facility`, hint);
	return undefined;
}

function readLevel(cursor: LineCursor, what: string, unless: number): number {
	if (cursor.peek() === undefined) return unless;
	const level = readChoice(cursor, what, LEVELS);
	return level === undefined ? unless : LEVELS.indexOf(level);
}

function readLogAddress(cursor: LineCursor, word: Word): SocketAddress | undefined {
	if (word.text === 'stdout' || word.text === 'stderr') return {kind: 'stream', name: word.text};
	const path = unixPath(word.text);
	if (path !== undefined) return {kind: 'unix', path};
	const fd = /^fd@(\d{1,6})$/.exec(word.text);
	if (fd !== null) return {kind: 'fd', fd: Number(fd[1])};
	const text = word.text.replace(/^udp[46]?@/, '');
	const foreign = foreignAddressKind(text);
	if (foreign !== undefined) {
		cursor.error(word, notSupported(`'${foreign}@'`), 'write ADDRESS[:PORT], a path, stdout, stderr or journald');
		return undefined;
	}
	const {host, port} = splitHostPort(text);
	const problem = checkHost(host);
	if (problem !== undefined) {
		cursor.error(word, problem.message, 'write ADDRESS[:PORT], a path, stdout, stderr or journald');
		return undefined;
	}
	if (port === undefined || port === '') return {kind: 'ip', host, port: SYSLOG_PORT};
	const number = checkInteger(cursor, word, 'the port', 1, 65_535, port);
	return number === undefined ? undefined : {kind: 'ip', host, port: number};
}

function addTarget(targets: LogTarget[], cursor: LineCursor): void {
	const target = readLogTarget(cursor);
	if (target === undefined) return;
	if (targets.length < MAX_LOG_TARGETS) targets.push(target);
	else
		cursor.reporter.error(
			cursor.startPlace(),
			`more than ${MAX_LOG_TARGETS} log lines in one section`,
			'take some out',
		);
}

function readProxyLog({draft, cursor, prefix}: Statement<ProxyDraft>): void {
	const {settings} = draft;
	if (prefix === 'no') {
		settings.logTargets = [];
		settings.logGlobal = false;
		cursor.finish();
	} else if (cursor.accept('global')) {
		settings.logGlobal = true;
		cursor.finish();
	} else {
		addTarget(settings.logTargets, cursor);
	}
}

const SYNTAX =
	'log ADDRESS|stdout|stderr|journald [len BYTES] [format rfc3164|local|rfc5424|priority|short|timed|iso|raw] [sample RANGES:SIZE] FACILITY [LEVEL [MINLEVEL]]';

export const logKeywords: readonly (GlobalKeyword | ProxyKeyword)[] = [
	{
		scope: 'global',
		name: 'log',
		sections: GLOBAL,
		syntax: SYNTAX,
		summary: 'A syslog target for every proxy that says `log global`.',
		read({draft, cursor}) {
			addTarget(draft.logTargets, cursor);
		},
	},
	{
		scope: 'proxy',
		name: 'log',
		sections: DFLB,
		syntax: `log global | ${SYNTAX} | no log`,
		summary: 'Where this proxy logs; `no log` forgets what it inherited.',
		invertible: true,
		read: readProxyLog,
	},
];
