/**
 * What `tcp-check` and `http-check` lines share: connections, variables, comments.
 *
 * Decides what each of them says. Leaves sending and expecting to `tcp-check.ts` and `http-check.ts`. HAProxy manual, `tcp-check connect`,
 * `http-check set-var`, `http-check comment`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {notSupported, type Statement} from '../keyword.ts';
import type {Word} from '../lexer.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {CheckConnect, CheckVariable, SampleExpression} from '../model.ts';
import {readText} from '../readers.ts';
import {parseExpression} from '../samples/expression.ts';
import {checkHost} from '../socket-addresses.ts';
import {didYouMean} from '../suggestions.ts';
import {readVariableAction} from './message-rules.ts';

/** Steps of one backend. */
export const MAX_STEPS = 100;

export const CONNECT_SYNTAX = '[default] [port N|EXPRESSION] [addr A] [send-proxy] [linger] [comment TEXT]';
const CONNECT_WORDS = ['default', 'port', 'addr', 'send-proxy', 'linger', 'comment'];
const LATER_CONNECT = ['via-socks4', 'ssl', 'sni', 'alpn', 'proto'];

/** Behind `connect`; undefined after an error. */
export function readConnect({cursor}: Statement<ProxyDraft>, keyword: string): CheckConnect | undefined {
	let step: CheckConnect = {kind: 'connect'};
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		const part = readConnectPart(cursor, word, keyword);
		if (part === undefined) {
			cursor.rest();
			return undefined;
		}
		step = {...step, ...part};
	}
	return step;
}

function readConnectPart(cursor: LineCursor, word: Word, keyword: string): Partial<CheckConnect> | undefined {
	switch (word.text) {
		// The options of the server's line count anyway, and the kernel lingers as it likes.
		case 'default':
		case 'linger':
			return {};
		case 'send-proxy':
			return {sendsProxy: true};
		case 'port':
			return readPort(cursor);
		case 'addr':
			return readAddress(cursor);
		case 'comment': {
			const comment = readText(cursor, 'the comment');
			return comment === undefined ? undefined : {comment};
		}
	}
	const what = `'${keyword} ${word.text}'`;
	const hint = didYouMean(word.text, CONNECT_WORDS) ?? `${keyword} ${CONNECT_SYNTAX}`;
	cursor.error(word, LATER_CONNECT.includes(word.text) ? notSupported(what) : `${what} is not known`, hint);
	return undefined;
}

function readPort(cursor: LineCursor): Pick<CheckConnect, 'port'> | undefined {
	const word = cursor.require(
		"the value of 'port'",
		'a number from 1 to 65535, or an expression such as var(check.port)',
	);
	if (word === undefined) return undefined;
	if (!/^\d+$/.test(word.text)) {
		const port = checkExpression(cursor, word);
		return port === undefined ? undefined : {port};
	}
	const port = Number(word.text);
	if (port >= 1 && port <= 65_535) return {port};
	cursor.error(word, `port: ${word.text} is out of range`, 'a number from 1 to 65535');
	return undefined;
}

function checkExpression(cursor: LineCursor, word: Word): SampleExpression | undefined {
	const sample = parseExpression(word.text);
	if (!('problem' in sample)) return sample;
	cursor.error(word, sample.isLater === true ? notSupported(sample.problem) : sample.problem, sample.hint);
	return undefined;
}

function readAddress(cursor: LineCursor): Pick<CheckConnect, 'address'> | undefined {
	const word = cursor.require("the value of 'addr'", 'such as addr 10.0.0.1');
	if (word === undefined) return undefined;
	const problem = checkHost(word.text);
	if (problem === undefined) return {address: word.text};
	cursor.error(word, problem.message, 'an address without a port');
	return undefined;
}

/** `set-var(check.a) EXPRESSION` and kin: the name is glued to the keyword. */
export function readCheckVariable({cursor, syntax}: Statement<ProxyDraft>): CheckVariable | undefined {
	const action = readVariableAction(cursor, syntax, cursor.previous()?.text ?? '') as CheckVariable | undefined;
	if (action !== undefined) cursor.finish();
	return action;
}

export function readCommentStep({cursor}: Statement<ProxyDraft>): {kind: 'comment'; text: string} | undefined {
	const text = readText(cursor, 'the comment', 'words in quotes');
	if (text === undefined) return undefined;
	cursor.finish('words of a comment stand in quotes');
	return {kind: 'comment', text};
}

interface Commented {
	readonly kind: string;
	readonly comment?: string | undefined;
	readonly text?: unknown;
}

/** A comment belongs to the steps behind it, as long as they are of one kind and have none of their own. */
export function spreadComments<Step extends Commented>(steps: readonly Step[]): readonly Step[] {
	let comment: string | undefined;
	let before = 'comment';
	return steps.map((step): Step => {
		if (step.kind === 'comment') comment = String(step.text);
		else if (step.kind.includes('var') || (step.kind !== before && before !== 'comment')) comment = undefined;
		before = step.kind;
		const isOwn = step.kind === 'comment' || step.kind.includes('var') || step.comment !== undefined;
		return isOwn || comment === undefined ? step : {...step, comment};
	});
}
