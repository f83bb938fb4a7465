/**
 * What a backend's checks say to its servers and expect of them: `option …chk`, `http-check …`, `tcp-check …`.
 *
 * Decides the kind of check (the last option said counts) and its parameters. Leaves times, addresses and counts to `server`
 * lines, and bytes on the wire to the proxy. HAProxy manual, "Health checks".
 */
import {HTTP_CHECK_METHOD, HTTP_CHECK_URI, HTTP_CHECK_VERSION, SMTP_HELLO} from '../defaults.ts';
import type {HttpSendDraft, ProxyDraft} from '../drafts.ts';
import {DLB, LB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {CheckKind, HttpExpect} from '../model.ts';
import {readChoice, readText} from '../readers.ts';
import {toRegexSource} from '../regexes.ts';
import {didYouMean} from '../suggestions.ts';
import {bytesOfWord} from '../wire-text.ts';
import {isHeaderName} from './headers.ts';
import {readTcpCheckConnect, readTcpCheckExpect, readTcpCheckSend} from './tcp-check.ts';

type Read = (statement: Statement<ProxyDraft>) => void;

/** A value that can be told apart from its lines on the wire. */
const LINE_TEXT = /^[^\0\r\n]*$/;

// --- The kinds --------------------------------------------------------------------------------------------------

/** `read` returns the kind, or undefined after an error; `no option …` falls back to connecting only. */
function kind(name: string, args: string, summary: string, read: (cursor: LineCursor) => CheckKind | undefined) {
	const full = `option ${name}`;
	const row: ProxyKeyword = {
		scope: 'proxy',
		name: full,
		sections: DLB,
		syntax: args === '' ? full : `${full} ${args}`,
		summary,
		invertible: true,
		read({draft, cursor, prefix}) {
			const check = prefix === undefined ? read(cursor) : ({kind: 'tcp'} as const);
			cursor.finish();
			if (check !== undefined) draft.settings.check = check;
		},
	};
	return row;
}

/** `option httpchk [URI | METHOD URI [VERSION]]`; the version may bring headers after CR LF, as 1.4's manual taught. */
function readHttpCheck(cursor: LineCursor): CheckKind | undefined {
	const words = cursor.rest();
	const [first, second, ...versions] = words;
	const method = second === undefined ? HTTP_CHECK_METHOD : first!.text;
	const uri = second?.text ?? first?.text ?? HTTP_CHECK_URI;
	const version = versions.length === 0 ? HTTP_CHECK_VERSION : versions.map(word => word.text).join(' ');
	if (!checkMethod(cursor, first, method) || !checkUri(cursor, second ?? first, uri)) return undefined;
	if (!/^HTTP\/1\.[01](\r\n[^\0]*)?$/.test(version)) {
		cursor.error(versions[0], `'${printable(version)}' is not an HTTP version`, 'HTTP/1.0 or HTTP/1.1');
		return undefined;
	}
	return {kind: 'http', method, uri, version};
}

function checkMethod(cursor: LineCursor, word: Word | undefined, method: string): boolean {
	if (/^[A-Za-z][A-Za-z0-9-]*$/.test(method)) return true;
	cursor.error(word, `'${method}' is not a method`, 'option httpchk METHOD URI [VERSION]');
	return false;
}

function checkUri(cursor: LineCursor, word: Word | undefined, uri: string): boolean {
	if (/^(\/[\x21-\x7e\u0080-\uffff]*|\*|https?:\/\/[\x21-\x7e\u0080-\uffff]+)$/.test(uri)) return true;
	cursor.error(word, `'${uri}' is not a URI`, 'a path that begins with /, such as /health');
	return false;
}

function printable(text: string): string {
	return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

/** Anything but `HELO NAME` or `EHLO NAME` is the default greeting, as HAProxy reads it. */
function readSmtpCheck(cursor: LineCursor): CheckKind | undefined {
	const [verb, domain] = cursor.rest();
	const command = verb?.text.toUpperCase();
	if ((command !== 'HELO' && command !== 'EHLO') || domain === undefined) return {kind: 'smtp', hello: SMTP_HELLO};
	if (/^[\x21-\x7e]{1,255}$/.test(domain.text)) return {kind: 'smtp', hello: `${command} ${domain.text}`};
	cursor.error(domain, `'${printable(domain.text)}' is not a domain`, 'option smtpchk HELO example.org');
	return undefined;
}

function readUser(cursor: LineCursor, option: string): string | undefined {
	const word = cursor.peek();
	if (word === undefined || !cursor.accept('user')) {
		const message = word === undefined ? `'${option}' needs a user` : `'${word.text}' is not 'user'`;
		cursor.error(word, message, `${option} user NAME`);
		cursor.rest();
		return undefined;
	}
	return readText(cursor, 'the user', `${option} user NAME`);
}

function readMysqlCheck(cursor: LineCursor): CheckKind | undefined {
	if (cursor.peek() === undefined) return {kind: 'mysql', protocol: 'post-41'};
	const user = readUser(cursor, 'option mysql-check');
	if (user === undefined) return undefined;
	if (cursor.peek() === undefined) return {kind: 'mysql', user, protocol: 'post-41'};
	const protocol = readChoice(cursor, 'the protocol', ['post-41', 'pre-41'] as const);
	return protocol === undefined ? undefined : {kind: 'mysql', user, protocol};
}

function readPgsqlCheck(cursor: LineCursor): CheckKind | undefined {
	const user = readUser(cursor, 'option pgsql-check');
	return user === undefined ? undefined : {kind: 'pgsql', user};
}

// --- http-check -------------------------------------------------------------------------------------------------

/** A check is one request and one judgement: a second one would be another check. */
function beginHttpRule(draft: ProxyDraft, cursor: LineCursor, name: 'send' | 'expect'): boolean {
	const isSecond = draft.checkRules.some(rule => rule.kind === 'http' && rule.name === name);
	draft.checkRules.push({kind: 'http', name, place: cursor.startPlace()});
	if (!isSecond) return true;
	cursor.error(cursor.previous(), notSupported(`a second 'http-check ${name}'`), 'write one line of each');
	cursor.rest();
	return false;
}

const readHttpSend: Read = ({draft, cursor}) => {
	if (!beginHttpRule(draft, cursor, 'send')) return;
	const send: HttpSendDraft = {};
	const headers: string[] = [];
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (!readSendPart(cursor, word, send, headers)) {
			cursor.rest();
			return;
		}
	}
	if (headers.length > 0) send.headers = headers;
	draft.settings.httpSend = send;
};

const SEND_PARTS = ['meth', 'uri', 'ver', 'hdr', 'body'];
const LATER_SEND_PARTS = ['uri-lf', 'body-lf', 'comment'];

function readSendPart(cursor: LineCursor, word: Word, send: HttpSendDraft, headers: string[]): boolean {
	const {text} = word;
	if (!SEND_PARTS.includes(text)) {
		const known = LATER_SEND_PARTS.includes(text);
		const message = known ? notSupported(`'http-check send ${text}'`) : `'${text}' is not a part of a request`;
		cursor.error(word, message, didYouMean(text, SEND_PARTS) ?? 'meth M, uri U, ver V, hdr NAME VALUE, body TEXT');
		return false;
	}
	const value = cursor.require(`the value of '${text}'`);
	if (value === undefined) return false;
	switch (text) {
		case 'meth':
			send.method = value.text;
			return checkMethod(cursor, value, value.text);
		case 'uri':
			send.uri = value.text;
			return checkUri(cursor, value, value.text);
		case 'ver':
			send.version = value.text;
			if (/^HTTP\/1\.[01]$/.test(value.text)) return true;
			cursor.error(value, `'${value.text}' is not an HTTP version`, 'HTTP/1.0 or HTTP/1.1');
			return false;
		case 'hdr':
			return readSendHeader(cursor, value, headers);
		default:
			send.body = bytesOfWord(value);
			return true;
	}
}

function readSendHeader(cursor: LineCursor, name: Word, headers: string[]): boolean {
	if (!isHeaderName(name.text)) {
		cursor.error(name, `'${name.text}' is not a header name`, 'http-check send hdr NAME VALUE');
		return false;
	}
	if (/^(?:content-length|transfer-encoding|connection)$/i.test(name.text)) {
		cursor.error(name, `'${name.text}' is set by the check itself`, 'take it out');
		return false;
	}
	const value = cursor.require('the value of the header', 'http-check send hdr NAME VALUE');
	if (value === undefined) return false;
	if (!LINE_TEXT.test(value.text) || value.text.includes('%[')) {
		const problem = value.text.includes('%[') ? notSupported('a computed value') : 'a header value is one line';
		cursor.error(value, problem);
		return false;
	}
	headers.push(`${name.text}: ${value.text}`);
	return true;
}

const LATER_EXPECT =
	/^(hdr|fhdr|rhdr|min-recv|comment|ok-status|error-status|tout-status|on-success|on-error|status-code|string-lf)$/;

const readHttpExpect: Read = ({draft, cursor}) => {
	if (!beginHttpRule(draft, cursor, 'expect')) return;
	const negate = cursor.accept('!');
	const later = cursor.peek();
	if (later !== undefined && LATER_EXPECT.test(later.text)) {
		cursor.error(later, notSupported(`'http-check expect ${later.text}'`), 'status, rstatus, string or rstring');
		cursor.rest();
		return;
	}
	const match = readChoice(cursor, 'http-check expect', ['status', 'rstatus', 'string', 'rstring'] as const);
	if (match === undefined) return;
	const word = cursor.require('the pattern', `http-check expect ${match} PATTERN`);
	if (word === undefined) return;
	const expect = readExpectPattern(cursor, word, match, negate);
	cursor.finish('one pattern; blanks are written \\ with a backslash before them');
	if (expect !== undefined) draft.settings.httpExpect = expect;
};

function readExpectPattern(
	cursor: LineCursor,
	word: Word,
	match: HttpExpect['match'],
	negate: boolean,
): HttpExpect | undefined {
	if (match === 'string') return {negate, match, text: bytesOfWord(word)};
	if (match === 'status') {
		const ranges = word.text.split(',').map(part => /^([1-9]\d\d)(?:-([1-9]\d\d))?$/.exec(part));
		if (ranges.every(range => range !== null)) {
			return {negate, match, ranges: ranges.map(([, min, max]) => ({min: Number(min), max: Number(max ?? min)}))};
		}
		cursor.error(word, `'${word.text}' is not a status`, 'such as 200, or 200-399,404');
		return undefined;
	}
	const regex = toRegexSource(word.text);
	if (typeof regex === 'string') return {negate, match, regex};
	cursor.error(word, `'${word.text}' is not a regular expression: ${regex.problem}`);
	return undefined;
}

function rule(name: string, args: string, summary: string, read: Read): ProxyKeyword {
	return {scope: 'proxy', name, sections: DLB, syntax: args === '' ? name : `${name} ${args}`, summary, read};
}

const flag =
	(name: 'disable-on-404' | 'send-state'): Read =>
	({draft, cursor}) => {
		draft.settings.flags.add(name);
		cursor.finish();
	};

export const healthCheckKeywords: readonly ProxyKeyword[] = [
	kind('httpchk', '[URI | METHOD URI [VERSION]]', 'Checks servers with an HTTP request.', readHttpCheck),
	kind('ssl-hello-chk', '', 'Checks that servers answer a TLS hello.', () => ({kind: 'ssl-hello'})),
	kind('smtpchk', '[HELO|EHLO DOMAIN]', 'Checks servers with an SMTP greeting.', readSmtpCheck),
	kind('mysql-check', '[user NAME [post-41|pre-41]]', 'Checks servers with a MySQL handshake.', readMysqlCheck),
	kind('pgsql-check', 'user NAME', 'Checks servers with a PostgreSQL start-up message.', readPgsqlCheck),
	kind('ldap-check', '', 'Checks servers with an anonymous LDAP bind.', () => ({kind: 'ldap'})),
	kind('redis-check', '', 'Checks servers with a Redis PING.', () => ({kind: 'redis'})),
	kind('tcp-check', '', 'Checks servers with the `tcp-check` lines of the backend.', () => ({
		kind: 'tcp-check',
		steps: [],
	})),
	rule('http-check disable-on-404', '', 'A check answered 404 means no new clients.', flag('disable-on-404')),
	rule('http-check send-state', '', "Checks carry the server's state in a header.", flag('send-state')),
	rule(
		'http-check send',
		'[meth M] [uri U] [ver V] [hdr NAME VALUE]… [body TEXT]',
		'The request of checks.',
		readHttpSend,
	),
	rule('http-check expect', '[!] status|rstatus|string|rstring PATTERN', 'What a good answer is.', readHttpExpect),
	{...rule('tcp-check connect', '[port N]', 'Opens a connection.', readTcpCheckConnect), sections: LB},
	{...rule('tcp-check send', 'TEXT', 'Sends text.', readTcpCheckSend('text')), sections: LB},
	{...rule('tcp-check send-binary', 'HEX', 'Sends bytes.', readTcpCheckSend('hex')), sections: LB},
	{
		...rule('tcp-check expect', '[!] string|rstring|binary PATTERN', 'Waits for an answer.', readTcpCheckExpect),
		sections: LB,
	},
];
