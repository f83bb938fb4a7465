/**
 * The rules of a frontend or backend for responses, run in order for one of them (HAProxy manual, `http-response`, `rspdel` and kin).
 *
 * Decides which rule puts another answer in the response's place and what its head looks like behind the others. Leaves answering to
 * the caller.
 */
import type {AfterResponseRule, HttpResponseRule, ResponseAction} from '@hapair/config';
import {isCounterAction, runCounterAction, sampleOf} from '../stick/counter-actions.ts';
import {type CompiledCondition, compileCondition} from './conditions.ts';
import {compileExpression} from './expression.ts';
import {
	type CompiledLineRule,
	compileLineRule,
	rewriteHeaderLines,
	rewriteStartLine,
	someLineMatches,
} from './head-lines.ts';
import {appendHeader} from './head-text.ts';
import {compileHeaderEdit, isHeaderRule} from './header-edit.ts';
import {reasonOf} from './reasons.ts';
import {compileRedirect, type RedirectPlan} from './redirect.ts';
import {compileReply, type ReplyPlan} from './reply.ts';
import type {RequestSample} from './request-sample.ts';
import {compileSideEffect, isSideEffect} from './side-effects.ts';

/** What is answered in the response's place. */
export type ResponseEnding =
	| {readonly kind: 'redirect'; readonly plan: RedirectPlan}
	| {readonly kind: 'deny'; readonly status: number; readonly reply: ReplyPlan | undefined}
	| {readonly kind: 'return'; readonly reply: ReplyPlan}
	/** The client hears of nothing. */
	| {readonly kind: 'drop'}
	/** Goes on at rule `next` once enough of the body is there. */
	| {readonly kind: 'wait'; readonly ms: number; readonly atLeast: number; readonly next: number};

type Outcome = ResponseEnding | 'skip' | 'done';

export interface CompiledResponseRule {
	readonly stage: string;
	readonly applies: CompiledCondition;
	readonly run: (sample: RequestSample) => Outcome;
	/** `strict-mode`: whether rewrites of the rules behind it may fail. */
	readonly strictness: boolean | undefined;
}

/** What rules have made of the response cannot be sent. */
const BROKEN: ResponseEnding = {kind: 'deny', status: 502, reply: undefined};

const DROP: ResponseEnding = {kind: 'drop'};

/** Prepares a list of rules; throws a `RuleError`. */
export function compileResponseRules(
	rules: readonly (HttpResponseRule | AfterResponseRule)[],
): readonly CompiledResponseRule[] {
	return rules.map(rule => ({
		stage: rule.stage,
		applies: compileCondition(rule.condition),
		run: compileAction(rule),
		strictness: rule.kind === 'strict-mode' ? rule.isOn : undefined,
	}));
}

/** Runs the rules from number `from` on; edits change `sample.responseHead`, which may grow to `maxHeadBytes`. */
export function runResponseRules(
	rules: readonly CompiledResponseRule[],
	sample: RequestSample,
	maxHeadBytes: number,
	from = 0,
): ResponseEnding | undefined {
	let skipped: string | undefined;
	let isStrict = true;
	for (let at = from; at < rules.length; at++) {
		const rule = rules[at]!;
		if (rule.stage === skipped || !rule.applies(sample)) continue;
		if (rule.strictness !== undefined) {
			isStrict = rule.strictness;
			continue;
		}
		const before = sample.responseHead;
		const outcome = rule.run(sample);
		if (sample.responseHead.length > maxHeadBytes) {
			if (isStrict) return BROKEN;
			sample.responseHead = before;
		}
		if (outcome === 'skip') skipped = rule.stage;
		else if (outcome !== 'done') return outcome.kind === 'wait' ? {...outcome, next: at + 1} : outcome;
	}
	return undefined;
}

function compileAction(rule: HttpResponseRule | AfterResponseRule): CompiledResponseRule['run'] {
	if (isHeaderRule(rule)) {
		const edit = compileHeaderEdit(rule);
		return sample => {
			sample.responseHead = edit(sample.responseHead, sample);
			return 'done';
		};
	}
	if (isSideEffect(rule)) {
		const effect = compileSideEffect(rule);
		return sample => {
			effect(sample);
			return 'done';
		};
	}
	if (isCounterAction(rule)) {
		const asked = sampleOf(rule);
		const value = asked && compileExpression(asked).value;
		return sample => {
			runCounterAction(rule, sample.counters, value?.(sample), sample);
			return 'done';
		};
	}
	switch (rule.kind) {
		case 'strict-mode':
			return () => 'done';
		case 'silent-drop':
			return () => DROP;
		case 'wait-for-body': {
			const wait: ResponseEnding = {kind: 'wait', ms: rule.timeMs, atLeast: rule.atLeastBytes, next: 0};
			return () => wait;
		}
		case 'allow':
			return () => 'skip';
		case 'line':
			return runLineRule(compileLineRule(rule));
		case 'add-line':
			return sample => {
				sample.responseHead = appendHeader(sample.responseHead, rule.text);
				return 'done';
			};
		case 'set-status': {
			const reason = rule.reason ?? reasonOf(rule.status);
			return sample => {
				sample.setStatus(rule.status, reason);
				return 'done';
			};
		}
		default: {
			const ending = compileEnding(rule);
			if (ending.kind !== 'redirect' || !ending.plan.ignoresEmpty) return () => ending;
			return sample => (ending.plan.location(sample) === '' ? 'done' : ending);
		}
	}
}

type EndingAction = Extract<ResponseAction, {kind: 'redirect' | 'deny' | 'return'}>;

function compileEnding(rule: EndingAction): ResponseEnding {
	switch (rule.kind) {
		case 'redirect':
			return {kind: 'redirect', plan: compileRedirect(rule.redirect)};
		case 'return':
			return {kind: 'return', reply: compileReply(rule.reply)};
		default: {
			const reply = rule.reply === undefined ? undefined : compileReply(rule.reply);
			return {kind: 'deny', status: rule.status, reply};
		}
	}
}

function runLineRule(rule: CompiledLineRule): CompiledResponseRule['run'] {
	if (rule.action === 'deny') return sample => (someLineMatches(rule, sample.responseHead) ? BROKEN : 'done');
	return sample => {
		const line = rule.action === 'rep' ? rewriteStartLine(rule, sample.responseHead) : undefined;
		if (line !== undefined) return setStatusLine(sample, line);
		const head = rewriteHeaderLines(rule, sample.responseHead);
		if (head === undefined) return BROKEN;
		sample.responseHead = head;
		return 'done';
	};
}

function setStatusLine(sample: RequestSample, line: string): Outcome {
	const found = /^HTTP\/1\.[01] ([0-9]{3})(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(line);
	return found !== null && sample.setStatus(Number(found[1]), found[2] ?? '') ? 'done' : BROKEN;
}
