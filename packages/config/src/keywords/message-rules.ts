/**
 * Actions that `http-request`, `http-response` and `http-after-response` share: headers, variables.
 *
 * Decides what each action says. Leaves answers to `replies.ts`, the keywords that use them to `rules.ts` and `response-rules.ts`.
 */
import type {ProxyDraft} from '../drafts.ts';
import {notSupported, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {MessageAction} from '../model.ts';
import {isVariableCondition, parseExpression, VARIABLE_CONDITIONS} from '../samples/expression.ts';
import {didYouMean} from '../suggestions.ts';
import {readFormatText, readHeaderName} from './headers.ts';
import {readRegexText} from './line-rules.ts';

type Read<Action> = (statement: Statement<ProxyDraft>) => Action | undefined;

export interface ActionRow<Action> {
	readonly name: string;
	readonly syntax: string;
	readonly summary: string;
	readonly read: Read<Action>;
}

const DELETE_MATCHES = ['str', 'beg', 'end', 'sub', 'reg'] as const;
const FRAMING = /^(content-length|transfer-encoding)$/i;

/** A name that a rule may change: not what says where the body ends. */
export function readChangedHeader(cursor: LineCursor): string | undefined {
	const name = readHeaderName(cursor);
	if (name === undefined || !FRAMING.test(name)) return name;
	cursor.error(cursor.previous(), `${name} says where the body ends and cannot be changed by a rule`);
	return undefined;
}

function setHeader(kind: 'set-header' | 'add-header'): Read<MessageAction> {
	return ({cursor, syntax}) => {
		const name = readChangedHeader(cursor);
		if (name === undefined) return undefined;
		const value = readFormatText(cursor, 'the value', syntax);
		return value === undefined ? undefined : {kind, name, value};
	};
}

const deleteHeader: Read<MessageAction> = ({cursor}) => {
	const [name, flag, method] = cursor.line.words.slice(cursor.line.words.indexOf(cursor.peek()!));
	if (flag?.text !== '-m' || method === undefined) {
		const header = readChangedHeader(cursor);
		return header === undefined ? undefined : {kind: 'del-header', name: header};
	}
	const match = DELETE_MATCHES.find(candidate => candidate === method.text);
	cursor.next();
	cursor.next();
	cursor.next();
	if (match !== undefined) return {kind: 'del-header', name: name!.text, match};
	cursor.error(method, `'${method.text}' is not a way to match`, `one of ${DELETE_MATCHES.join(', ')}`);
	return undefined;
};

function replaceHeader(kind: 'replace-header' | 'replace-value'): Read<MessageAction> {
	return ({cursor, syntax}) => {
		const name = readChangedHeader(cursor);
		const regex = name === undefined ? undefined : readRegexText(cursor);
		const replacement = regex === undefined ? undefined : readFormatText(cursor, 'the replacement', syntax);
		return replacement === undefined ? undefined : {kind, name: name!, regex: regex!, replacement};
	};
}

/** `set-var(txn.a) EXPRESSION`: the name is glued to the keyword. */
export function readVariableAction(
	cursor: LineCursor,
	syntax: Statement<ProxyDraft>['syntax'],
	glued: string,
): MessageAction | undefined {
	const found = /^(set-var|set-var-fmt|unset-var)\(([^()]*)\)$/.exec(glued);
	const [name = '', ...conditions] = found?.[2]?.split(',') ?? [];
	const word = cursor.previous();
	const probe = parseExpression(`var(${name})`);
	if (found === null || 'problem' in probe) {
		const problem = 'problem' in probe ? probe : {problem: `'${glued}'`};
		const hint = 'problem' in probe ? probe.hint : undefined;
		cursor.error(
			word,
			'isLater' in problem ? notSupported(problem.problem) : problem.problem,
			hint ?? 'such as set-var(txn.name)',
		);
		cursor.rest();
		return undefined;
	}
	const wrong = conditions.find(condition => !isVariableCondition(condition));
	if (wrong !== undefined || (found[1] === 'unset-var' && conditions.length > 0)) {
		const problem =
			wrong === undefined ? 'unset-var takes no condition' : `'${wrong}' is not a condition of a variable`;
		cursor.error(word, problem, didYouMean(wrong ?? '', VARIABLE_CONDITIONS));
		cursor.rest();
		return undefined;
	}
	const when = conditions.length === 0 ? {} : {conditions: conditions.filter(isVariableCondition)};
	if (found[1] === 'unset-var') return {kind: 'unset-var', name};
	if (found[1] === 'set-var-fmt') {
		const value = readFormatText(cursor, 'the value', syntax);
		return value === undefined ? undefined : {kind: 'set-var-fmt', name, ...when, value};
	}
	const text = cursor.require('the expression', 'such as src or hdr(host),lower');
	if (text === undefined) return undefined;
	const sample = parseExpression(text.text);
	if (!('problem' in sample)) return {kind: 'set-var', name, ...when, sample};
	cursor.error(text, sample.isLater === true ? notSupported(sample.problem) : sample.problem, sample.hint);
	return undefined;
}

/** Actions on either message. */
export const MESSAGE_ACTIONS: readonly ActionRow<MessageAction>[] = [
	{name: 'set-header', syntax: 'NAME VALUE', summary: 'Replaces a header', read: setHeader('set-header')},
	{name: 'add-header', syntax: 'NAME VALUE', summary: 'Adds a header', read: setHeader('add-header')},
	{name: 'del-header', syntax: 'NAME [-m str|beg|end|sub|reg]', summary: 'Removes a header', read: deleteHeader},
	{
		name: 'replace-header',
		syntax: 'NAME REGEX REPLACEMENT',
		summary: 'Rewrites the whole value of each line of a header',
		read: replaceHeader('replace-header'),
	},
	{
		name: 'replace-value',
		syntax: 'NAME REGEX REPLACEMENT',
		summary: 'Rewrites each value of a header that is a list',
		read: replaceHeader('replace-value'),
	},
];
