/**
 * `http-check` lines: connect, send, expect and variables, one after the other.
 *
 * Decides what each step says and that their order makes sense. Leaves running them to the proxy. HAProxy manual, `option httpchk`,
 * `http-check send`.
 */
import {HTTP_CHECK_METHOD, HTTP_CHECK_URI} from '../defaults.ts';
import type {HttpSendDraft, HttpStepDraft, Mutable, ProxyDraft} from '../drafts.ts';
import {DLB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {CheckKind, HttpCheck, HttpCheckStep, HttpExpect} from '../model.ts';
import {readChoice, readText} from '../readers.ts';
import {toRegexSource} from '../regexes.ts';
import {didYouMean} from '../suggestions.ts';
import {bytesOfWord} from '../wire-text.ts';
import {
	CONNECT_SYNTAX,
	MAX_STEPS,
	readCheckVariable,
	readCommentStep,
	readConnect,
	spreadComments,
} from './check-steps.ts';
import {checkFormatText, isHeaderName} from './headers.ts';
import {checkMethod, checkUri} from './health-checks.ts';

type Read = (statement: Statement<ProxyDraft>) => void;

/** A value that can be told apart from its lines on the wire. */
const LINE_TEXT = /^[^\0\r\n]*$/;

/** What must stand before: a request needs a connection of its own, an expectation a request. */
const ORDER: Readonly<Record<string, {readonly behind: readonly string[]; readonly needs: string}>> = {
	send: {behind: ['connect'], needs: 'connect'},
	expect: {behind: ['send', 'expect'], needs: 'send'},
	connect: {behind: ['expect'], needs: 'expect'},
};

/** The lines of a section replace all those of its defaults. */
function addStep({draft, cursor}: Statement<ProxyDraft>, step: HttpStepDraft): void {
	const {settings} = draft;
	const isFirst = !draft.checkRules.some(rule => rule.kind === 'http');
	draft.checkRules.push({kind: 'http', name: step.kind, place: cursor.startPlace()});
	const steps = isFirst ? [] : (settings.httpSteps ?? []);
	// The request of `option httpchk` stands before everything that is not a connection.
	const last = steps.findLast(({kind}) => kind in ORDER)?.kind;
	const order = ORDER[step.kind];
	if (steps.length >= MAX_STEPS) cursor.error(undefined, `more than ${MAX_STEPS} http-check lines in one section`);
	else if (order !== undefined && last !== undefined && !order.behind.includes(last)) {
		const message = `'http-check ${step.kind}' cannot follow '${last}'`;
		cursor.reporter.error(cursor.startPlace(), message, `add a line 'http-check ${order.needs}' before it`);
	} else settings.httpSteps = [...steps, step];
}

function step(read: (statement: Statement<ProxyDraft>) => HttpStepDraft | undefined): Read {
	return statement => {
		const found = read(statement);
		if (found === undefined) statement.cursor.rest();
		else addStep(statement, found);
	};
}

// --- send -------------------------------------------------------------------------------------------------------

const SEND_PARTS = ['meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body', 'body-lf', 'comment'];
const SEND_SYNTAX = '[meth M] [uri U|uri-lf F] [ver V] [hdr NAME FORMAT]… [body TEXT|body-lf F] [comment TEXT]';

function readSend({cursor}: Statement<ProxyDraft>): HttpStepDraft | undefined {
	const send: Mutable<HttpSendDraft> & {comment?: string} = {};
	const headers: string[] = [];
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (!readSendPart(cursor, word, send, headers)) return undefined;
	}
	const {comment, ...request} = send;
	if (headers.length > 0) request.headers = headers;
	return comment === undefined ? {kind: 'send', request} : {kind: 'send', request, comment};
}

function readSendPart(
	cursor: LineCursor,
	word: Word,
	send: Mutable<HttpSendDraft> & {comment?: string},
	headers: string[],
): boolean {
	const {text} = word;
	if (!SEND_PARTS.includes(text)) {
		cursor.error(word, `'${text}' is not a part of a request`, didYouMean(text, SEND_PARTS) ?? SEND_SYNTAX);
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
			delete send.isUriFormat;
			return checkUri(cursor, value, value.text);
		case 'uri-lf':
			send.uri = value.text;
			send.isUriFormat = true;
			return checkFormatText(cursor, value, 'the URI', 'modern') !== undefined;
		case 'ver':
			send.version = value.text;
			if (/^HTTP\/1\.[01]$/.test(value.text)) return true;
			cursor.error(value, `'${value.text}' is not an HTTP version`, 'HTTP/1.0 or HTTP/1.1');
			return false;
		case 'hdr':
			return readSendHeader(cursor, value, headers);
		case 'comment':
			send.comment = value.text;
			return true;
		case 'body-lf':
			send.body = value.text;
			send.isBodyFormat = true;
			return (
				checkFormatText(cursor, {...value, text: value.text.replaceAll(/[\r\n\t]/g, ' ')}, 'the body', 'modern') !==
				undefined
			);
		default:
			send.body = bytesOfWord(value);
			delete send.isBodyFormat;
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
	if (!LINE_TEXT.test(value.text)) {
		cursor.error(value, 'a header value is one line');
		return false;
	}
	if (value.text.includes('%') && checkFormatText(cursor, value, 'the value', 'modern') === undefined) return false;
	headers.push(`${name.text}: ${value.text}`);
	return true;
}

// --- expect -----------------------------------------------------------------------------------------------------

const LATER_EXPECT =
	/^(hdr|fhdr|rhdr|min-recv|ok-status|error-status|tout-status|on-success|on-error|status-code|string-lf)$/;
const MATCHES = ['status', 'rstatus', 'string', 'rstring'] as const;

function readExpect({cursor}: Statement<ProxyDraft>): HttpStepDraft | undefined {
	const before = cursor.accept('comment') ? readText(cursor, 'the comment') : undefined;
	const negate = cursor.accept('!');
	const later = cursor.peek();
	if (later !== undefined && LATER_EXPECT.test(later.text)) {
		cursor.error(later, notSupported(`'http-check expect ${later.text}'`), 'status, rstatus, string or rstring');
		return undefined;
	}
	const match = readChoice(cursor, 'http-check expect', MATCHES);
	if (match === undefined) return undefined;
	const word = cursor.require('the pattern', `http-check expect ${match} PATTERN`);
	if (word === undefined) return undefined;
	const comment = cursor.accept('comment') ? readText(cursor, 'the comment') : before;
	cursor.finish('one pattern; blanks are written \\ with a backslash before them');
	const expect = readExpectPattern(cursor, word, match, negate);
	if (expect === undefined) return undefined;
	return comment === undefined ? {kind: 'expect', expect} : {kind: 'expect', expect, comment};
}

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

// --- The whole --------------------------------------------------------------------------------------------------

/** One request and one expectation without anything computed is a check by itself; anything more is a script. */
export function buildHttpCheck(
	check: HttpCheck,
	steps: readonly HttpStepDraft[],
): {readonly check: CheckKind; readonly expect?: HttpExpect} {
	const sends = steps.flatMap(one => (one.kind === 'send' ? [one.request] : []));
	const expects = steps.flatMap(one => (one.kind === 'expect' ? [one.expect] : []));
	const isPlain =
		steps.every(one => (one.kind === 'send' || one.kind === 'expect') && one.comment === undefined) &&
		sends.length < 2 &&
		expects.length < 2 &&
		!sends.some(isComputed);
	if (isPlain)
		return expects.length === 0
			? {check: {...check, ...sends[0]}}
			: {check: {...check, ...sends[0]}, expect: expects[0]!};
	return {check: {...check, script: spreadComments(writeScript(check, steps))}};
}

function isComputed({isUriFormat, isBodyFormat, headers = []}: HttpSendDraft): boolean {
	return isUriFormat === true || isBodyFormat === true || headers.some(line => line.includes('%'));
}

/** What `option httpchk` says is the first request, or the rest of it; later ones begin anew. */
function writeScript(check: HttpCheck, steps: readonly HttpStepDraft[]): readonly HttpCheckStep[] {
	const {kind: _kind, ...said} = check;
	const plain = {method: 'GET', uri: HTTP_CHECK_URI, version: 'HTTP/1.0'};
	let isFirst = true;
	const script = steps.map((one): HttpCheckStep => {
		if (one.kind !== 'send') return one;
		const request = {...(isFirst ? {...said, method: said.method || HTTP_CHECK_METHOD} : plain), ...one.request};
		isFirst = false;
		return {...one, request};
	});
	if (!isFirst) return script;
	const connectAt = script.findIndex(({kind}) => kind === 'connect');
	const isLeading = script.slice(0, connectAt).every(({kind}) => kind === 'comment' || kind.includes('var'));
	return script.toSpliced(isLeading ? connectAt + 1 : 0, 0, {kind: 'send', request: said});
}

function rule(name: string, args: string, summary: string, read: Read): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `http-check ${name}`,
		sections: DLB,
		syntax: `http-check ${name}${args}`,
		summary,
		read,
	};
}

export const httpCheckKeywords: readonly ProxyKeyword[] = [
	rule(
		'connect',
		` ${CONNECT_SYNTAX}`,
		'Opens a connection; each request has its own.',
		step(one => readConnect(one, 'http-check connect')),
	),
	rule('send', ` ${SEND_SYNTAX}`, 'The request of checks, or one of several.', step(readSend)),
	rule(
		'expect',
		' [comment TEXT] [!] status|rstatus|string|rstring PATTERN [comment TEXT]',
		'What a good answer is.',
		step(readExpect),
	),
	rule('comment', ' TEXT', 'Told in the log when a step behind it fails.', step(readCommentStep)),
	rule('set-var', '(check.NAME) EXPRESSION', 'Keeps a sample for later steps.', step(readCheckVariable)),
	rule('set-var-fmt', '(check.NAME) FORMAT', 'Keeps a text for later steps.', step(readCheckVariable)),
	rule('unset-var', '(check.NAME)', 'Forgets what was kept.', step(readCheckVariable)),
];
