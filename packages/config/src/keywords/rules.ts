/**
 * `acl`, `redirect`, `http-request` and `block`: what is tested and what is done before a backend is chosen.
 *
 * Decides what each rule says. Leaves its place in the order of all rules to `build`. HAProxy manual, `redirect`, `http-request`.
 */
import {readAclTest} from '../acl-tests.ts';
import {readCondition, readRuleEnd} from '../conditions.ts';
import {DENY_STATUS, TARPIT_STATUS} from '../defaults.ts';
import type {ProxyDraft, RuleDraft} from '../drafts.ts';
import {FLB, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {RequestAction} from '../model.ts';
import {readName, readText} from '../readers.ts';
import {readFormatText} from './headers.ts';
import {readRegexText} from './line-rules.ts';
import {type ActionRow, MESSAGE_ACTIONS} from './message-rules.ts';
import {readRedirectAction} from './redirects.ts';
import {REPLY_SYNTAX, readReply, readReturn} from './replies.ts';

function readAcl({draft, cursor}: Statement<ProxyDraft>): void {
	const name = readName(cursor, 'the name of the ACL');
	if (name === undefined) return;
	const reserved = ['if', 'unless', 'or'].includes(name.text.toLowerCase());
	if (reserved)
		cursor.error(name, `'${name.text}' is a word of conditions and cannot name an ACL`, 'choose another name');
	// Known even when its test is wrong: the one error is enough.
	draft.aclNames.add(name.text);
	const words = cursor.rest();
	if (words.length === 0) {
		cursor.error(undefined, `ACL '${name.text}' has no test`, `such as acl ${name.text} path_beg /static`);
		return;
	}
	const test = readAclTest(cursor, words);
	const {file, line, column} = cursor.startPlace();
	if (test !== undefined) draft.acls.push({name: name.text, test, position: {file, line, column}});
}

export function addRequestRule(
	{draft, cursor}: Statement<ProxyDraft>,
	stage: RuleDraft['stage'],
	action: RequestAction | undefined,
): void {
	if (action === undefined) return;
	const end = readRuleEnd(cursor);
	if (end === undefined) return;
	draft.httpOnly.push({name: cursor.line.words[0]!.text, place: end.place});
	draft.rules.push({stage, action, ...end});
}

function row({name, syntax, summary, read}: ActionRow<RequestAction>): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `http-request ${name}`,
		sections: FLB,
		syntax: `http-request ${name}${syntax === '' ? '' : ` ${syntax}`} [if|unless CONDITION]`,
		summary,
		read: statement => addRequestRule(statement, 'http-request', read(statement)),
	};
}

function refuse(kind: 'deny' | 'tarpit', status: number): ActionRow<RequestAction>['read'] {
	return statement => {
		const answer = readReply(statement, status);
		if (answer === undefined) return undefined;
		const given = answer.reply.status;
		return answer.isBare || answer.reply.isPage === true
			? {kind, status: given}
			: {kind, status: given, reply: answer.reply};
	};
}

/** `auth [realm TEXT]`. */
function readAuth({cursor}: Statement<ProxyDraft>): RequestAction | undefined {
	if (!cursor.accept('realm')) return {kind: 'auth'};
	const realm = readText(cursor, 'the realm', String.raw`such as realm Staff\ only`);
	if (realm === undefined) return undefined;
	if (!/["\\]/.test(realm)) return {kind: 'auth', realm};
	cursor.error(cursor.previous(), `'${realm}' cannot be a realm`, 'no quotes and backslashes');
	return undefined;
}

type SetKind = 'set-method' | 'set-path' | 'set-pathq' | 'set-query' | 'set-uri';

function setTarget(kind: SetKind, what: string): ActionRow<RequestAction> {
	return {
		name: kind,
		syntax: 'FORMAT',
		summary: `Sets the ${what} of the request.`,
		read({cursor, syntax}) {
			const value = readFormatText(cursor, `the ${what}`, syntax);
			if (value === undefined) return undefined;
			if (kind !== 'set-method' || !/^(HEAD|CONNECT)$/.test(value)) return {kind, value};
			cursor.error(cursor.previous(), `a request cannot become ${value}`, 'its answer would have another length');
			return undefined;
		},
	};
}

function replaceTarget(kind: 'replace-path' | 'replace-pathq' | 'replace-uri'): ActionRow<RequestAction> {
	return {
		name: kind,
		syntax: 'REGEX FORMAT',
		summary: `Rewrites the ${kind.slice('replace-'.length)} where the expression matches.`,
		read({cursor, syntax}) {
			const regex = readRegexText(cursor);
			const replacement = regex === undefined ? undefined : readFormatText(cursor, 'the replacement', syntax);
			return replacement === undefined ? undefined : {kind, regex: regex!, replacement};
		},
	};
}

const REQUEST_ACTIONS: readonly ActionRow<RequestAction>[] = [
	{
		name: 'redirect',
		syntax: 'location|prefix|scheme TO …',
		summary: 'Answers with a redirect, in the order of the http-request rules.',
		read: readRedirectAction,
	},
	{name: 'allow', syntax: '', summary: 'Ends the http-request rules.', read: () => ({kind: 'allow'})},
	{
		name: 'deny',
		syntax: REPLY_SYNTAX.replace('status N', 'deny_status N|status N'),
		summary: 'Answers 403 or what is given.',
		read: refuse('deny', DENY_STATUS),
	},
	{
		name: 'tarpit',
		syntax: REPLY_SYNTAX.replace('status N', 'deny_status N|status N'),
		summary: 'Holds the client for `timeout tarpit`, then answers 500 or what is given.',
		read: refuse('tarpit', TARPIT_STATUS),
	},
	{
		name: 'auth',
		syntax: '[realm TEXT]',
		summary: 'Asks for user and password: 401, or 407 for a request to a proxy.',
		read: readAuth,
	},
	{
		name: 'return',
		syntax: REPLY_SYNTAX,
		summary: 'Gives an answer of the configuration.',
		read: readReturn,
	},
	{
		name: 'disable-l7-retry',
		syntax: '',
		summary: 'Only failed connections are retried for this request, whatever `retry-on` says.',
		read: () => ({kind: 'disable-l7-retry'}),
	},
	...MESSAGE_ACTIONS.map(action => ({...action, summary: `${action.summary} of the request.`})),
	setTarget('set-method', 'method'),
	setTarget('set-path', 'path'),
	setTarget('set-pathq', 'path and query'),
	setTarget('set-query', 'query'),
	setTarget('set-uri', 'target'),
	replaceTarget('replace-path'),
	replaceTarget('replace-pathq'),
	replaceTarget('replace-uri'),
];

export const ruleKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'acl',
		sections: FLB,
		syntax: 'acl NAME CRITERION [-i] [-m MATCH] [-f FILE] [--] PATTERN…',
		summary: 'Names a test; several lines of one name are alternatives.',
		read: readAcl,
	},
	{
		scope: 'proxy',
		name: 'redirect',
		sections: FLB,
		syntax:
			'redirect location|prefix|scheme TO [code N] [drop-query] [append-slash] [set-cookie C] [clear-cookie C] [if|unless CONDITION]',
		summary: 'Answers with a redirect.',
		read: statement => addRequestRule(statement, 'redirect', readRedirectAction(statement)),
	},
	{
		scope: 'proxy',
		name: 'block',
		sections: FLB,
		syntax: 'block if|unless CONDITION',
		summary: 'Spelling of `http-request deny` in 1.4; runs before all other rules.',
		only14: true,
		read({draft, cursor}) {
			const place = cursor.startPlace();
			draft.httpOnly.push({name: 'block', place});
			const condition = readCondition(cursor);
			if (condition !== undefined)
				draft.rules.push({stage: 'block', action: {kind: 'deny', status: DENY_STATUS}, condition, place});
		},
	},
	...REQUEST_ACTIONS.map(row),
];
