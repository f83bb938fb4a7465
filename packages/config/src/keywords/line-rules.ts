/**
 * Rules of HAProxy 1.4 that read whole lines of a head: `reqadd`, `reqrep`, `rspidel` and the like.
 *
 * Decides what each line of the file says. Leaves their order to `build`, matching to the proxy. HAProxy manual 1.4, `reqadd` and
 * following. An `i` in the name ignores case.
 */
import {readRuleEnd} from '../conditions.ts';
import type {ProxyDraft} from '../drafts.ts';
import {FLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {LineRule} from '../model.ts';
import {isName, readName} from '../readers.ts';
import {toRegexSource} from '../regexes.ts';
import {isHeaderName} from './headers.ts';

const SUMMARIES: Readonly<Record<LineRule['action'], string>> = {
	del: 'Removes header lines that match',
	rep: 'Rewrites lines that match, the start line included',
	deny: 'Refuses a message with a line that matches',
	allow: 'Lets a request with a line that matches pass later deny rules',
	pass: 'Ends the regular expression rules of the section for a request with a line that matches',
	tarpit: 'Holds the client of a request with a line that matches, then answers 500',
	setbe: 'Chooses the backend of a request with a line that matches',
};

/** A regular expression as the file has it; undefined after an error. */
export function readRegexText(cursor: LineCursor): string | undefined {
	const word = cursor.require('the regular expression');
	if (word === undefined) return undefined;
	const source = toRegexSource(word.text);
	if (typeof source === 'string') return source;
	cursor.error(word, `'${word.text}' is not a regular expression: ${source.problem}`);
	return undefined;
}

function readLineRule(
	{cursor}: Statement<ProxyDraft>,
	action: LineRule['action'],
	ignoreCase: boolean,
): LineRule | undefined {
	const regex = readRegexText(cursor);
	if (regex === undefined) return undefined;
	const rule = {kind: 'line', action, regex, ignoreCase} as const;
	if (action === 'rep') {
		const word = cursor.require('what a matching line becomes', String.raw`such as \1\ /new\2`);
		if (word === undefined) return undefined;
		if (!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(word.text)) return {...rule, replacement: word.text};
		cursor.error(word, 'the replacement holds a control character', 'a line end there would forge further headers');
		return undefined;
	}
	if (action !== 'setbe') return rule;
	const backend = readName(cursor, 'the backend');
	return backend === undefined || !isName(backend.text) ? undefined : {...rule, backend: backend.text};
}

function add(
	{draft, cursor}: Statement<ProxyDraft>,
	name: string,
	isRequest: boolean,
	isLine: boolean,
	action: LineRule | {readonly kind: 'add-line'; readonly text: string} | undefined,
): void {
	if (action === undefined) return;
	const end = readRuleEnd(cursor);
	if (end === undefined) return;
	draft.httpOnly.push({name, place: end.place});
	if (isRequest) draft.rules.push({stage: isLine ? 'req' : 'reqadd', action, ...end});
	else draft.responseRules.push({stage: isLine ? 'rsp' : 'rspadd', action, ...end});
}

function lineRule(prefix: 'req' | 'rsp', action: LineRule['action'], ignoreCase: boolean): ProxyKeyword {
	const name = `${prefix}${ignoreCase ? 'i' : ''}${action}`;
	const extra = action === 'rep' ? ' REPLACEMENT' : action === 'setbe' ? ' BACKEND' : '';
	return {
		scope: 'proxy',
		name,
		sections: FLB,
		syntax: `${name} REGEX${extra} [if|unless CONDITION]`,
		summary: `${SUMMARIES[action]}${ignoreCase ? ', ignoring case' : ''}; 1.4.`,
		only14: true,
		read: statement => add(statement, name, prefix === 'req', true, readLineRule(statement, action, ignoreCase)),
	};
}

function readAddedLine(cursor: LineCursor): {readonly kind: 'add-line'; readonly text: string} | undefined {
	const word = cursor.require('the line', String.raw`such as X-Proto:\ http`);
	if (word === undefined) return undefined;
	const colon = word.text.indexOf(':');
	const name = word.text.slice(0, Math.max(0, colon));
	if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(word.text)) {
		cursor.error(word, 'the line holds a control character', 'one line for each header');
	} else if (!isHeaderName(name)) {
		cursor.error(word, `'${word.text}' is not a header line`, String.raw`NAME:\ VALUE, as one word`);
	} else if (/^(content-length|transfer-encoding)$/i.test(name)) {
		cursor.error(word, `${name} says where the body ends and cannot be changed by a rule`);
	} else return {kind: 'add-line', text: word.text};
	return undefined;
}

const REQUEST_ACTIONS = ['del', 'rep', 'deny', 'allow', 'pass', 'tarpit', 'setbe'] as const;
const RESPONSE_ACTIONS = ['del', 'rep', 'deny'] as const;

export const lineRuleKeywords: readonly ProxyKeyword[] = [
	...(['req', 'rsp'] as const).map(
		(prefix): ProxyKeyword => ({
			scope: 'proxy',
			name: `${prefix}add`,
			sections: FLB,
			syntax: `${prefix}add LINE [if|unless CONDITION]`,
			summary: `Adds a line behind the ${prefix === 'req' ? 'request' : 'response'} headers; 1.4.`,
			only14: true,
			read: statement => add(statement, `${prefix}add`, prefix === 'req', false, readAddedLine(statement.cursor)),
		}),
	),
	...[false, true].flatMap(ignoreCase => [
		...REQUEST_ACTIONS.map(action => lineRule('req', action, ignoreCase)),
		...RESPONSE_ACTIONS.map(action => lineRule('rsp', action, ignoreCase)),
	]),
];
