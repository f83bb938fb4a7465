/**
 * Plain keywords of proxy sections: mode, limits, backends, captures, error files, monitor.
 *
 * Decides one value a line. Leaves options, timeouts, servers, rules and logs to their own files. HAProxy manual, "Proxies".
 */
import {parseNetwork} from '../addresses.ts';
import {readCondition, readRuleEnd} from '../conditions.ts';
import {BACKLOG_MAX, CAPTURE_MAX_BYTES, MAXCONN_MAX, RETRIES_MAX} from '../defaults.ts';
import type {ProxyDraft} from '../drafts.ts';
import {DFL, DFLB, DLB, FL, FLB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Capture} from '../model.ts';
import {isName, readChoice, readInteger, readName, readText} from '../readers.ts';
import {isCookieName} from './cookie.ts';
import {checkFormatText, readHeaderName} from './headers.ts';

function readMode({draft, cursor}: Statement<ProxyDraft>): void {
	const later = cursor.peek();
	if (later?.text === 'health' || later?.text === 'log') {
		draft.settings.modeRefused = true;
		cursor.error(later, notSupported(`mode '${later.text}'`), 'mode http or mode tcp');
		return;
	}
	const mode = readChoice(cursor, 'mode', ['http', 'tcp']);
	draft.settings.modeRefused = mode === undefined;
	if (mode === undefined) return;
	draft.settings.mode = mode;
	cursor.finish();
}

function readDefaultBackend({draft, cursor}: Statement<ProxyDraft>): void {
	const word = readName(cursor, 'the backend');
	if (word === undefined) return;
	// A refused name was reported: that no backend has it needs no second error.
	if (isName(word.text)) draft.settings.defaultBackend = {name: word.text, place: cursor.place(word)};
	cursor.finish("only use_backend takes a condition: 'use_backend NAME if …'");
}

function readUseBackend({draft, cursor}: Statement<ProxyDraft>): void {
	const isFormat = cursor.peek()?.text.includes('%[') === true;
	const word = isFormat ? cursor.next() : readName(cursor, 'the backend');
	if (word === undefined || (isFormat && checkFormatText(cursor, word, 'the backend', 'modern') === undefined)) return;
	const end = readRuleEnd(cursor);
	if ((!isFormat && !isName(word.text)) || end === undefined) return;
	const backend = {name: word.text, place: cursor.place(word)};
	draft.useBackends.push({backend, ...(isFormat ? {isFormat} : {}), ...end});
}

function readMonitorNet({draft, cursor}: Statement<ProxyDraft>): void {
	const word = cursor.require('the network', 'such as monitor-net 192.168.0.252/31');
	const network = word === undefined ? undefined : parseNetwork(word.text);
	if (network !== undefined) draft.settings.monitorNet = network;
	else if (word !== undefined) cursor.error(word, `'${word.text}' is not a network`, 'such as 192.168.0.252/31');
	cursor.finish();
}

function readSendNameHeader({draft, cursor}: Statement<ProxyDraft>): void {
	draft.httpOnly.push({name: 'http-send-name-header', place: cursor.startPlace()});
	if (cursor.peek() === undefined) {
		delete draft.settings.sendNameHeader;
		return;
	}
	const name = readHeaderName(cursor);
	if (name !== undefined) draft.settings.sendNameHeader = name;
	cursor.finish();
}

function readCapture(list: 'captureRequestHeaders' | 'captureResponseHeaders', statement: Statement<ProxyDraft>): void {
	const {draft, cursor} = statement;
	draft.httpOnly.push({name: 'capture', place: cursor.startPlace()});
	const header = readHeaderName(cursor);
	if (header === undefined) return;
	const lengthBytes = readCaptureLength(statement);
	if (lengthBytes === undefined) return;
	const capture: Capture = {header, lengthBytes};
	draft[list].push(capture);
	cursor.finish();
}

function readCaptureLength({cursor}: Statement<ProxyDraft>): number | undefined {
	const word = cursor.require("'len'", 'capture … NAME len BYTES');
	if (word === undefined) return undefined;
	if (word.text === 'len') return readInteger(cursor, 'len', 1, CAPTURE_MAX_BYTES);
	cursor.error(word, `'${word.text}' is not 'len'`, 'capture … NAME len BYTES');
	return undefined;
}

/** `capture cookie NAME len N`: names that begin with NAME, unless it ends in `=`. */
function readCaptureCookie(statement: Statement<ProxyDraft>): void {
	const {draft, cursor} = statement;
	draft.httpOnly.push({name: 'capture', place: cursor.startPlace()});
	const word = cursor.require('the name of the cookie', 'capture cookie NAME len BYTES');
	if (word === undefined) return;
	const prefix = !word.text.endsWith('=');
	const name = prefix ? word.text : word.text.slice(0, -1);
	if (!isCookieName(name)) {
		cursor.error(word, `'${word.text}' is not a cookie name`);
		return;
	}
	const lengthBytes = readCaptureLength(statement);
	if (lengthBytes === undefined) return;
	draft.captureCookie = {name, lengthBytes, prefix};
	cursor.finish();
}

function readId({draft, cursor}: Statement<ProxyDraft>): void {
	const value = readInteger(cursor, 'id', 1, 2_147_483_647);
	if (value !== undefined) draft.id = {value, place: cursor.place(cursor.previous())};
	cursor.finish();
}

function integer(
	name: string,
	field: 'maxconn' | 'backlog' | 'retries' | 'fullconn',
	range: readonly [number, number],
	sections: ProxyKeyword['sections'],
	summary: string,
): ProxyKeyword {
	const read = ({draft, cursor}: Statement<ProxyDraft>) => {
		const value = readInteger(cursor, name, range[0], range[1]);
		if (value === undefined) return;
		draft.settings[field] = value;
		cursor.finish();
	};
	return {scope: 'proxy', name, sections, syntax: `${name} N`, summary, read};
}

function plain(
	name: string,
	sections: ProxyKeyword['sections'],
	args: string,
	summary: string,
	read: ProxyKeyword['read'],
): ProxyKeyword {
	return {scope: 'proxy', name, sections, syntax: args === '' ? name : `${name} ${args}`, summary, read};
}

export const proxyKeywords: readonly ProxyKeyword[] = [
	plain('mode', DFLB, 'http|tcp', 'Whether HTTP is understood or bytes are passed on.', readMode),
	integer('maxconn', 'maxconn', [1, MAXCONN_MAX], DFL, 'Connections that the frontend accepts at once.'),
	integer('backlog', 'backlog', [1, BACKLOG_MAX], DFL, 'Connections that may wait in the kernel.'),
	integer('retries', 'retries', [0, RETRIES_MAX], DLB, 'Connection attempts after the first.'),
	integer('fullconn', 'fullconn', [1, MAXCONN_MAX], DLB, 'Load at which servers with minconn reach their maxconn.'),
	plain('rate-limit sessions', DFL, 'N', 'New connections a second that the frontend lets in.', ({draft, cursor}) => {
		const value = readInteger(cursor, 'rate-limit sessions', 0, MAXCONN_MAX);
		if (value === undefined) return;
		// As in HAProxy, 0 takes the limit away.
		if (value > 0) draft.settings.sessionRate = value;
		else delete draft.settings.sessionRate;
		cursor.finish();
	}),
	plain('default_backend', DFL, 'NAME', 'The backend when no use_backend rule applies.', readDefaultBackend),
	plain('use_backend', FL, 'NAME [if|unless CONDITION]', 'The backend when the condition holds.', readUseBackend),
	{
		...plain(
			'monitor-net',
			DFL,
			'NETWORK',
			'Answers clients from there at once: 200 in mode http, closing in mode tcp; never logged. 1.4.',
			readMonitorNet,
		),
		only14: true,
	},
	plain('http-send-name-header', DLB, '[NAME]', 'Tells the server its own name in a header.', readSendNameHeader),
	plain('capture request header', FL, 'NAME len BYTES', 'Logs a request header.', statement =>
		readCapture('captureRequestHeaders', statement),
	),
	plain('capture response header', FL, 'NAME len BYTES', 'Logs a response header.', statement =>
		readCapture('captureResponseHeaders', statement),
	),
	plain('capture cookie', FL, 'NAME len BYTES', 'Logs a cookie of request and response.', readCaptureCookie),
	plain('monitor-uri', DFL, 'URI', 'A URI that the proxy itself answers with 200.', ({draft, cursor}) => {
		const uri = readText(cursor, 'the URI', 'such as monitor-uri /alive');
		if (uri === undefined) return;
		if (draft.kind !== 'defaults') draft.httpOnly.push({name: 'monitor-uri', place: cursor.startPlace()});
		draft.settings.monitorUri = uri;
		cursor.finish();
	}),
	plain('monitor fail', FL, 'if|unless CONDITION', 'When monitor-uri is answered with 503.', ({draft, cursor}) => {
		const condition = readCondition(cursor);
		if (condition !== undefined) draft.monitorFail.push(condition);
	}),
	plain('http-reuse', DLB, 'safe', 'How server connections are shared; only `safe`.', ({cursor}) => {
		const word = cursor.peek();
		if (word !== undefined && ['never', 'aggressive', 'always'].includes(word.text)) {
			cursor.reporter.notice(cursor.place(word), `'${word.text}' has no effect: connections are reused as by 'safe'`);
		} else readChoice(cursor, 'http-reuse', ['safe', 'never', 'aggressive', 'always']);
	}),
	plain('disabled', DFLB, '', 'Does not start this proxy.', ({draft, cursor}) => {
		draft.settings.disabled = true;
		cursor.finish();
	}),
	plain('enabled', DFLB, '', 'Takes back an inherited `disabled`.', ({draft, cursor}) => {
		draft.settings.disabled = false;
		cursor.finish();
	}),
	plain('id', FLB, 'N', 'Number of the proxy in the statistics.', readId),
];
