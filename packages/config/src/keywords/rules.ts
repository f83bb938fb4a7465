/**
 * `acl`, `redirect`, `http-request` and `block`: what is tested and what is done before a backend is chosen.
 *
 * Decides what each rule says. Leaves its place in the order of all rules to `build`. HAProxy manual, `redirect`, `http-request`.
 */
import {readAclTest} from '../acl-tests.ts';
import {readCondition, readOptionalCondition} from '../conditions.ts';
import {DENY_STATUS, REDIRECT_CODE} from '../defaults.ts';
import type {Mutable, ProxyDraft, RuleAction, RuleDraft} from '../drafts.ts';
import {FLB, notSupported, type ProxyKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {Redirect} from '../model.ts';
import {readChoice, readInteger, readName} from '../readers.ts';
import {didYouMean} from '../suggestions.ts';
import {readFormatText, readHeaderName} from './headers.ts';

const CODES: readonly Redirect['code'][] = [301, 302, 303, 307, 308];
const REDIRECT_OPTIONS = ['code', 'drop-query', 'append-slash', 'set-cookie', 'clear-cookie', 'if', 'unless'];

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

function readRedirect({draft, cursor, syntax}: Statement<ProxyDraft>, order: RuleDraft['order']): void {
	const place = cursor.startPlace();
	const type = readChoice(cursor, 'redirect', ['location', 'prefix', 'scheme']);
	if (type === undefined) return;
	const to = readFormatText(cursor, `the ${type}`, syntax);
	if (to === undefined) return;
	if (type === 'scheme' && !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(to)) {
		cursor.error(cursor.previous(), `'${to}' is not a scheme`, 'such as redirect scheme https');
	}
	const redirect: Mutable<Redirect> = {type, to, code: REDIRECT_CODE, dropQuery: false, appendSlash: false};
	if (!readRedirectOptions(cursor, redirect)) return;
	addRule(draft, cursor, order, {kind: 'redirect', redirect}, place);
}

/** Stops before `if` or `unless`; false after an error that leaves nothing to go on with. */
function readRedirectOptions(cursor: LineCursor, redirect: Mutable<Redirect>): boolean {
	for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
		if (word.text === 'if' || word.text === 'unless') return true;
		cursor.next();
		if (word.text === 'drop-query') redirect.dropQuery = true;
		else if (word.text === 'append-slash') redirect.appendSlash = true;
		else if (word.text === 'code') {
			const given = cursor.require('the code', `one of ${CODES.join(', ')}`);
			const code = CODES.find(candidate => String(candidate) === given?.text);
			if (code !== undefined) redirect.code = code;
			else if (given !== undefined)
				cursor.error(given, `'${given.text}' is not a redirect code`, `one of ${CODES.join(', ')}`);
		} else if (word.text === 'set-cookie' || word.text === 'clear-cookie') {
			const cookie = readRedirectCookie(cursor);
			if (cookie !== undefined) redirect[word.text === 'set-cookie' ? 'setCookie' : 'clearCookie'] = cookie;
		} else {
			cursor.error(word, `'${word.text}' is not a redirect option`, didYouMean(word.text, REDIRECT_OPTIONS));
			cursor.rest();
			return false;
		}
	}
	return true;
}

function readRedirectCookie(cursor: LineCursor): string | undefined {
	const word = cursor.require('the cookie', 'such as set-cookie SEEN=1');
	if (word === undefined || /^[^\s;,="]+(=[^\s;,"]*)?$/.test(word.text)) return word?.text;
	cursor.error(word, `'${word.text}' is not a cookie`, 'NAME or NAME=VALUE, without blanks and semicolons');
	return undefined;
}

function addRule(
	draft: ProxyDraft,
	cursor: LineCursor,
	order: RuleDraft['order'],
	action: RuleAction,
	place: RuleDraft['place'],
): void {
	const condition = readOptionalCondition(cursor);
	if (condition === 'refused') return;
	draft.httpOnly.push({name: cursor.line.words[0]!.text, place});
	draft.rules.push(condition === undefined ? {order, action, place} : {order, action, place, condition});
}

function rule(
	name: string,
	syntax: string,
	summary: string,
	read: (statement: Statement<ProxyDraft>) => RuleAction | undefined,
): ProxyKeyword {
	return {
		scope: 'proxy',
		name: `http-request ${name}`,
		sections: FLB,
		syntax: `http-request ${name}${syntax === '' ? '' : ` ${syntax}`} [if|unless CONDITION]`,
		summary,
		read(statement) {
			const place = statement.cursor.startPlace();
			const action = read(statement);
			if (action !== undefined) addRule(statement.draft, statement.cursor, 1, action, place);
		},
	};
}

function readDeny({cursor}: Statement<ProxyDraft>): RuleAction | undefined {
	let status = DENY_STATUS;
	const word = cursor.peek();
	if (word?.text === 'deny_status' || word?.text === 'status') {
		cursor.next();
		const given = readInteger(cursor, 'the status', 200, 599);
		if (given === undefined) return undefined;
		status = given;
	} else if (
		word !== undefined &&
		[
			'content-type',
			'errorfile',
			'errorfiles',
			'file',
			'string',
			'lf-file',
			'lf-string',
			'hdr',
			'default-errorfiles',
		].includes(word.text)
	) {
		cursor.error(word, notSupported(`'${word.text}' after http-request deny`));
		return undefined;
	}
	return {kind: 'deny', status};
}

function readSetHeader(
	kind: 'set-header' | 'add-header',
	{cursor, syntax}: Statement<ProxyDraft>,
): RuleAction | undefined {
	const name = readHeaderName(cursor);
	if (name === undefined) return undefined;
	const value = readFormatText(cursor, 'the value', syntax);
	return value === undefined ? undefined : {kind, name, value};
}

export const ruleKeywords: readonly ProxyKeyword[] = [
	{
		scope: 'proxy',
		name: 'acl',
		sections: FLB,
		syntax: 'acl NAME CRITERION [-i] [-m MATCH] [--] PATTERN…',
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
		read: statement => readRedirect(statement, 2),
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
				draft.rules.push({order: 0, action: {kind: 'deny', status: DENY_STATUS}, condition, place});
		},
	},
	{
		scope: 'proxy',
		name: 'http-request redirect',
		sections: FLB,
		syntax: 'http-request redirect location|prefix|scheme TO … [if|unless CONDITION]',
		summary: 'Answers with a redirect, in the order of the http-request rules.',
		read: statement => readRedirect(statement, 1),
	},
	rule('allow', '', 'Ends the http-request rules.', () => ({kind: 'allow'})),
	rule('deny', '[deny_status N]', 'Answers 403 or the given status.', readDeny),
	rule('set-header', 'NAME VALUE', 'Replaces a request header.', statement => readSetHeader('set-header', statement)),
	rule('add-header', 'NAME VALUE', 'Adds a request header.', statement => readSetHeader('add-header', statement)),
	rule('del-header', 'NAME', 'Removes a request header.', ({cursor}) => {
		const name = readHeaderName(cursor);
		return name === undefined ? undefined : {kind: 'del-header', name};
	}),
];
