/**
 * The `http-request` and `redirect` rules of a frontend or backend, run in order for one request.
 *
 * Decides which rule ends the request and what the head looks like behind the others. Rules are compiled once; running
 * them creates no object. Leaves answering to the caller.
 */
import type {HttpRequestRule, UseBackend} from '@hapair/config';
import {type CompiledCondition, compileCondition} from './conditions.ts';
import {compileHeaderEdit, type HeaderEdit} from './header-edit.ts';
import {compileRedirect, type RedirectPlan} from './redirect.ts';
import type {RequestSample} from './request-sample.ts';
import type {SampleSource} from './sample-source.ts';

/** A rule that ends the list when its condition holds. `allow` lets the request through to what comes behind the list. */
export type EndingRule =
	| {readonly kind: 'redirect'; readonly plan: RedirectPlan}
	| {readonly kind: 'deny'; readonly status: number}
	| {readonly kind: 'allow'};

export interface CompiledRule {
	readonly applies: CompiledCondition;
	readonly ending: EndingRule | undefined;
	readonly edit: HeaderEdit | undefined;
}

/** Prepares a list of rules; throws a `RuleError`. */
export function compileRequestRules(rules: readonly HttpRequestRule[]): readonly CompiledRule[] {
	return rules.map(rule => ({
		applies: compileCondition(rule.condition),
		ending: compileEnding(rule),
		edit: isHeaderRule(rule) ? compileHeaderEdit(rule) : undefined,
	}));
}

/** Runs the rules; edits change `sample.head`. Returns the redirect or deny that ends the request, or `undefined`: go on. */
export function runRequestRules(
	rules: readonly CompiledRule[],
	sample: RequestSample,
): Exclude<EndingRule, {kind: 'allow'}> | undefined {
	for (const rule of rules) {
		if (!rule.applies(sample)) continue;
		if (rule.edit !== undefined) {
			sample.head = rule.edit(sample.head, sample);
		} else if (rule.ending !== undefined) {
			return rule.ending.kind === 'allow' ? undefined : rule.ending;
		}
	}
	return undefined;
}

/** `use_backend` lines, ready for requests. */
export interface BackendChoice {
	readonly applies: CompiledCondition;
	readonly backend: string;
}

/** Prepares `use_backend` lines; throws a `RuleError`. */
export function compileBackendChoices(lines: readonly UseBackend[]): readonly BackendChoice[] {
	return lines.map(line => ({applies: compileCondition(line.condition), backend: line.backend}));
}

/** The first backend whose condition holds, or `otherwise` (`default_backend`). */
export function chooseBackend(
	choices: readonly BackendChoice[],
	source: SampleSource,
	otherwise: string | undefined,
): string | undefined {
	for (const choice of choices) {
		if (choice.applies(source)) return choice.backend;
	}
	return otherwise;
}

function isHeaderRule(
	rule: HttpRequestRule,
): rule is Extract<HttpRequestRule, {kind: 'set-header' | 'add-header' | 'del-header'}> {
	return rule.kind === 'set-header' || rule.kind === 'add-header' || rule.kind === 'del-header';
}

function compileEnding(rule: HttpRequestRule): EndingRule | undefined {
	switch (rule.kind) {
		case 'redirect':
			return {kind: 'redirect', plan: compileRedirect(rule.redirect)};
		case 'deny':
			return {kind: 'deny', status: rule.status};
		case 'allow':
			return {kind: 'allow'};
		default:
			return undefined;
	}
}
