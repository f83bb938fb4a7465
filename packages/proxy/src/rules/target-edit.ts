/**
 * Changing what is asked for: `http-request set-path`, `replace-uri` and their kin, and `set-method`.
 *
 * Decides the new request line. A target that cannot be sent makes the rule fail; a method is only changed where the answer keeps its
 * length (not from or to HEAD and CONNECT). HAProxy manual, `http-request set-path` and following.
 */
import type {RequestAction} from '@hapair/config';
import {compileRegex, expandReplacement, MAX_SUBJECT, matchRegex} from './regex.ts';
import type {RequestSample} from './request-sample.ts';
import {pathAndQueryOfTarget} from './sample-source.ts';
import {compileTemplate} from './value-template.ts';

const KINDS = [
	'set-method',
	'set-path',
	'set-pathq',
	'set-query',
	'set-uri',
	'replace-path',
	'replace-pathq',
	'replace-uri',
] as const;

export type TargetRule = Extract<RequestAction, {kind: (typeof KINDS)[number]}>;

export function isTargetRule(rule: {readonly kind: string}): rule is TargetRule {
	return (KINDS as readonly string[]).includes(rule.kind);
}

/** Prepares one rule; throws a `RuleError`. The edit gives false when the result cannot be sent. */
export function compileTargetEdit(rule: TargetRule): (sample: RequestSample) => boolean {
	if (rule.kind === 'set-method') {
		const method = compileTemplate(rule.value);
		return sample => {
			if (sample.method === 'HEAD' || sample.method === 'CONNECT') return true;
			return sample.setRequestLine(method(sample), targetOf(sample));
		};
	}
	if ('value' in rule) {
		const {kind} = rule;
		const value = compileTemplate(rule.value);
		return sample => sample.setUri(sample.method, setPart(kind, targetOf(sample), value(sample)));
	}
	const regex = compileRegex(rule.regex, false);
	const replacement = compileTemplate(rule.replacement);
	return sample => {
		const target = targetOf(sample);
		const subject = rule.kind === 'replace-path' ? pathPart(target) : target;
		const match = matchRegex(regex, subject);
		if (match === null) return true;
		const text = expandReplacement(replacement(sample), match);
		if (text.length > MAX_SUBJECT) return false;
		return sample.setUri(sample.method, rule.kind === 'replace-path' ? text + queryPart(target) : text);
	};
}

/** As the request line has it: in origin form. */
export function targetOf({method, url}: RequestSample): string {
	return method === 'CONNECT' || url === '*' ? url : pathAndQueryOfTarget(url);
}

function pathPart(target: string): string {
	const question = target.indexOf('?');
	return question === -1 ? target : target.slice(0, question);
}

/** With its `?`; empty without one. */
function queryPart(target: string): string {
	const question = target.indexOf('?');
	return question === -1 ? '' : target.slice(question);
}

function setPart(kind: 'set-path' | 'set-pathq' | 'set-query' | 'set-uri', target: string, value: string): string {
	if (kind === 'set-path') return value + queryPart(target);
	if (kind === 'set-query') return value === '' ? pathPart(target) : `${pathPart(target)}?${value}`;
	return value;
}
