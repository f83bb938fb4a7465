/**
 * `tcp-check` lines: connect, send, expect, one after the other.
 *
 * Decides each step's bytes. Leaves running them to the proxy. HAProxy manual, `option tcp-check`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {notSupported, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {TcpCheckStep} from '../model.ts';
import {readChoice, readInteger} from '../readers.ts';
import {toRegexSource} from '../regexes.ts';
import {bytesOfWord} from '../wire-text.ts';
import {MAX_STEPS, readCheckVariable, readCommentStep, readConnect} from './check-steps.ts';
import {checkFormatText} from './headers.ts';

function addStep({draft, cursor}: Statement<ProxyDraft>, step: TcpCheckStep): void {
	const {settings} = draft;
	if (settings.tcpSteps.length < MAX_STEPS) settings.tcpSteps = [...settings.tcpSteps, step];
	else cursor.error(cursor.previous(), `more than ${MAX_STEPS} tcp-check lines in one section`);
}

function begin({draft, cursor}: Statement<ProxyDraft>): void {
	draft.checkRules.push({kind: 'tcp-check', name: 'step', place: cursor.startPlace()});
}

export function readTcpCheckConnect(statement: Statement<ProxyDraft>): void {
	begin(statement);
	const step = readConnect(statement, 'tcp-check connect');
	if (step !== undefined) addStep(statement, step);
}

export function readTcpCheckComment(statement: Statement<ProxyDraft>): void {
	begin(statement);
	const step = readCommentStep(statement);
	if (step !== undefined) addStep(statement, step);
}

export function readTcpCheckVariable(statement: Statement<ProxyDraft>): void {
	begin(statement);
	const step = readCheckVariable(statement);
	if (step !== undefined) addStep(statement, step);
}

/** `send-lf`, `send-binary-lf`: what is sent, or its digits, with variables. */
export function readTcpCheckFormat(format: 'text' | 'hex'): (statement: Statement<ProxyDraft>) => void {
	return statement => {
		begin(statement);
		const {cursor} = statement;
		const word = cursor.require('what to send', 'a text with variables, such as %[var(check.name)]');
		if (word === undefined) return;
		const flat = {...word, text: word.text.replaceAll(/[\r\n\t]/g, ' ')};
		const isRead = checkFormatText(cursor, flat, 'what to send', 'modern') !== undefined;
		const comment = finish(cursor);
		if (isRead) addStep(statement, {kind: 'send-format', format, value: word.text, ...comment});
	};
}

export function readTcpCheckSend(format: 'text' | 'hex'): (statement: Statement<ProxyDraft>) => void {
	return statement => {
		begin(statement);
		const {cursor} = statement;
		const word = cursor.require('what to send', format === 'hex' ? 'hexadecimal digits' : 'text, as in PING\\r\\n');
		if (word === undefined) return;
		const bytes = format === 'hex' ? readHex(cursor, word) : bytesOfWord(word);
		const comment = finish(cursor);
		if (bytes !== undefined) addStep(statement, {kind: 'send', bytes, ...comment});
	};
}

const MATCHES = ['string', 'rstring', 'binary'] as const;
/** The exclamation mark may stand before the blank or not. */
const GLUED = MATCHES.map(match => ({match, text: `!${match}`}));
/** What an answer may be long, bytes. */
const MIN_RECV_MAX = 16_384;
const LATER_EXPECT =
	/^(rbinary|string-lf|binary-lf|ok-status|error-status|tout-status|on-success|on-error|status-code)$/;

export function readTcpCheckExpect(statement: Statement<ProxyDraft>): void {
	begin(statement);
	const {cursor} = statement;
	const before = readComment(cursor);
	const minBytes = cursor.accept('min-recv') ? readInteger(cursor, 'min-recv', 0, MIN_RECV_MAX) : undefined;
	const negate = cursor.accept('!');
	const glued = GLUED.find(({text}) => cursor.accept(text));
	const later = cursor.peek();
	if (later !== undefined && LATER_EXPECT.test(later.text)) {
		cursor.error(later, notSupported(`'tcp-check expect ${later.text}'`), 'string, rstring or binary');
		cursor.rest();
		return;
	}
	const match = glued?.match ?? readChoice(cursor, 'tcp-check expect', MATCHES);
	if (match === undefined) return;
	const word = cursor.require('the pattern', `tcp-check expect ${match} PATTERN`);
	if (word === undefined) return;
	const comment = {...before, ...finish(cursor)};
	const pattern = readPattern(cursor, word, match);
	if (pattern !== undefined) {
		const least = minBytes === undefined ? {} : {minBytes};
		const isNegated = negate || glued !== undefined;
		addStep(statement, {kind: 'expect', negate: isNegated, match, ...least, pattern, text: word.text, ...comment});
	}
}

function readPattern(cursor: LineCursor, word: Word, match: 'string' | 'rstring' | 'binary'): string | undefined {
	if (match === 'string') return bytesOfWord(word);
	if (match === 'binary') return readHex(cursor, word);
	const regex = toRegexSource(word.text);
	if (typeof regex === 'string') return regex;
	cursor.error(word, `'${word.text}' is not a regular expression: ${regex.problem}`);
	return undefined;
}

/** `comment TEXT` is told in the log when its step fails. */
function readComment(cursor: LineCursor): {readonly comment?: string} {
	if (!cursor.accept('comment')) return {};
	const comment = cursor.require('the comment')?.text;
	return comment === undefined ? {} : {comment};
}

function finish(cursor: LineCursor): {readonly comment?: string} {
	const comment = readComment(cursor);
	cursor.finish('one word; blanks are written with a backslash before them');
	return comment;
}

function readHex(cursor: LineCursor, word: Word): string | undefined {
	const {text} = word;
	if (/^([0-9A-Fa-f]{2})+$/.test(text)) {
		return text.replaceAll(/../g, pair => String.fromCharCode(Number.parseInt(pair, 16)));
	}
	const hint = 'two hexadecimal digits a byte, such as 50494e470d0a';
	cursor.error(word, `'${text}' is not made of hexadecimal pairs`, hint);
	return undefined;
}
