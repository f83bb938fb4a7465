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
import {didYouMean} from '../suggestions.ts';
import {bytesOfWord} from '../wire-text.ts';

/** Steps of one backend. */
const MAX_STEPS = 100;

function addStep({draft, cursor}: Statement<ProxyDraft>, step: TcpCheckStep): void {
	const {settings} = draft;
	if (settings.tcpSteps.length < MAX_STEPS) settings.tcpSteps = [...settings.tcpSteps, step];
	else cursor.error(cursor.previous(), `more than ${MAX_STEPS} tcp-check lines in one section`);
}

function begin({draft, cursor}: Statement<ProxyDraft>): void {
	draft.checkRules.push({kind: 'tcp-check', name: 'step', place: cursor.startPlace()});
}

const LATER_CONNECT = ['default', 'addr', 'send-proxy', 'via-socks4', 'ssl', 'sni', 'alpn', 'proto', 'linger'];

export function readTcpCheckConnect(statement: Statement<ProxyDraft>): void {
	begin(statement);
	const {cursor} = statement;
	let port: number | undefined;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (word.text === 'port') port = readInteger(cursor, 'port', 1, 65_535);
		else if (!readComment(cursor, word)) {
			const known = LATER_CONNECT.includes(word.text);
			const what = `'tcp-check connect ${word.text}'`;
			const hint = didYouMean(word.text, ['port', 'comment']) ?? 'tcp-check connect [port N]';
			cursor.error(word, known ? notSupported(what) : `${what} is not known`, hint);
			cursor.rest();
			return;
		}
	}
	addStep(statement, port === undefined ? {kind: 'connect'} : {kind: 'connect', port});
}

export function readTcpCheckSend(format: 'text' | 'hex'): (statement: Statement<ProxyDraft>) => void {
	return statement => {
		begin(statement);
		const {cursor} = statement;
		const word = cursor.require('what to send', format === 'hex' ? 'hexadecimal digits' : 'text, as in PING\\r\\n');
		if (word === undefined) return;
		const bytes = format === 'hex' ? readHex(cursor, word) : bytesOfWord(word);
		finish(cursor);
		if (bytes !== undefined) addStep(statement, {kind: 'send', bytes});
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
	readComment(cursor, cursor.peek());
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
	finish(cursor);
	const pattern = readPattern(cursor, word, match);
	if (pattern !== undefined) {
		const least = minBytes === undefined ? {} : {minBytes};
		const isNegated = negate || glued !== undefined;
		addStep(statement, {kind: 'expect', negate: isNegated, match, ...least, pattern, text: word.text});
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

/** `comment TEXT` is for people who read the file. */
function readComment(cursor: LineCursor, word: Word | undefined): boolean {
	if (word?.text !== 'comment') return false;
	if (cursor.peek() === word) cursor.next();
	cursor.require('the comment');
	return true;
}

function finish(cursor: LineCursor): void {
	readComment(cursor, cursor.peek());
	cursor.finish('one word; blanks are written with a backslash before them');
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
