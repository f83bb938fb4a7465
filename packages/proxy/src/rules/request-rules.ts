/**
 * The rules of a frontend or backend for requests, run in order for one of them.
 *
 * Decides which rule ends the request and what the head looks like behind the others. Rules are compiled once; those that do not apply
 * create no object. Leaves answering to the caller.
 */
import type {HttpRequestRule, Normalizer, UseBackend} from '@hapair/config';
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
import {normalizeTarget} from './normalize.ts';
import {compileRedirect, type RedirectPlan} from './redirect.ts';
import {compileReply, type ReplyPlan} from './reply.ts';
import type {RequestSample} from './request-sample.ts';
import type {SampleSource} from './sample-source.ts';
import {compileSideEffect, isSideEffect} from './side-effects.ts';
import {compileTargetEdit, isTargetRule, targetOf} from './target-edit.ts';
import {compileTemplate, type ValueTemplate} from './value-template.ts';

/** How a rule ends its request. */
export type Ending =
	| {readonly kind: 'redirect'; readonly plan: RedirectPlan}
	| {readonly kind: 'deny' | 'tarpit'; readonly status: number; readonly reply: ReplyPlan | undefined}
	| {readonly kind: 'return'; readonly reply: ReplyPlan}
	| {readonly kind: 'auth'; readonly realm: string | undefined}
	/** Closed without an answer; `isSilent`: the client does not even hear of that. */
	| {readonly kind: 'close'; readonly isSilent: boolean}
	/** Goes on at rule `next` once enough of the body is there. */
	| {readonly kind: 'wait'; readonly ms: number; readonly atLeast: number; readonly next: number}
	/** A rule has made something of the head that cannot be sent. */
	| {readonly kind: 'broken'; readonly status: number};

/** `skip`: the other rules of this stage do not run; `done`: the next one does. */
type Outcome = Ending | 'skip' | 'done';

export interface CompiledRule {
	readonly stage: HttpRequestRule['stage'];
	readonly applies: CompiledCondition;
	readonly run: (sample: RequestSample) => Outcome;
	/** `strict-mode`: whether rewrites of the rules behind it may fail. */
	readonly strictness: boolean | undefined;
}

const BROKEN_LINE: Ending = {kind: 'broken', status: 400};
const BROKEN_EDIT: Ending = {kind: 'broken', status: 500};

/** Prepares a list of rules; throws a `RuleError`. */
export function compileRequestRules(rules: readonly HttpRequestRule[]): readonly CompiledRule[] {
	return rules.map((rule, index) => ({
		stage: rule.stage,
		applies: compileCondition(rule.condition),
		run: rule.kind === 'early-hint' ? compileHint(rule, rules[index + 1]) : compileAction(rule),
		strictness: rule.kind === 'strict-mode' ? rule.isOn : undefined,
	}));
}

/**
 * Runs the rules from number `from` on; edits change `sample.head`, which may grow to `maxHeadBytes`. Returns how the request ends, or `undefined`: go on.
 */
export function runRequestRules(
	rules: readonly CompiledRule[],
	sample: RequestSample,
	maxHeadBytes: number,
	from = 0,
): Ending | undefined {
	let skipped: CompiledRule['stage'] | undefined;
	let isStrict = true;
	for (let at = from; at < rules.length; at++) {
		const rule = rules[at]!;
		if (rule.stage === skipped || !rule.applies(sample)) continue;
		if (rule.strictness !== undefined) {
			isStrict = rule.strictness;
			continue;
		}
		const before = sample.head;
		const outcome = rule.run(sample);
		const isBroken = outcome === BROKEN_EDIT || sample.head.length > maxHeadBytes;
		if (isBroken && !isStrict) sample.head = before;
		else if (isBroken) return BROKEN_EDIT;
		else if (outcome === 'skip') skipped = rule.stage;
		else if (outcome !== 'done') return outcome.kind === 'wait' ? {...outcome, next: at + 1} : outcome;
	}
	return undefined;
}

function compileAction(rule: HttpRequestRule): CompiledRule['run'] {
	if (isHeaderRule(rule)) {
		const edit = compileHeaderEdit(rule);
		return sample => {
			sample.head = edit(sample.head, sample);
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
	if (isTargetRule(rule)) {
		const edit = compileTargetEdit(rule);
		return sample => (edit(sample) ? 'done' : BROKEN_EDIT);
	}
	if (isCounterAction(rule)) {
		const asked = sampleOf(rule);
		const key = asked && compileExpression(asked).value;
		return sample => {
			runCounterAction(rule, sample.counters, key?.(sample), 'request');
			return 'done';
		};
	}
	switch (rule.kind) {
		case 'normalize-uri':
			return compileNormalizer(rule.normalizer);
		case 'strict-mode':
		case 'early-hint':
			return () => 'done';
		case 'allow':
			return () => 'skip';
		case 'line':
			return runLineRule(compileLineRule(rule));
		case 'add-line':
			return sample => {
				sample.head = appendHeader(sample.head, rule.text);
				return 'done';
			};
		default: {
			const ending = compileEnding(rule);
			if (ending.kind !== 'redirect' || !ending.plan.ignoresEmpty) return () => ending;
			return sample => (ending.plan.location(sample) === '' ? 'done' : ending);
		}
	}
}

function compileNormalizer(normalizer: Normalizer): CompiledRule['run'] {
	return sample => {
		const target = targetOf(sample);
		const normal = target === '*' || sample.method === 'CONNECT' ? target : normalizeTarget(normalizer, target);
		if (normal === undefined) return BROKEN_LINE;
		return normal === target || sample.setUri(sample.method, normal) ? 'done' : BROKEN_EDIT;
	};
}

/** As in HAProxy, hints in a row are one response as long as only the first has a condition. HTTP/1.0 knows none (RFC 9110 §15.2). */
function compileHint(
	rule: Extract<HttpRequestRule, {kind: 'early-hint'}>,
	next: HttpRequestRule | undefined,
): CompiledRule['run'] {
	const value = compileTemplate(rule.value);
	const isLast = next?.kind !== 'early-hint' || next.condition !== undefined;
	return sample => {
		if (sample.version < 11) return 'done';
		sample.hints += `${rule.name}: ${value(sample)}\r\n`;
		if (!isLast) return 'done';
		sample.sayInterim?.(`HTTP/1.1 103 Early Hints\r\n${sample.hints}\r\n`);
		sample.hints = '';
		return 'done';
	};
}

type EndingRule = Extract<
	HttpRequestRule,
	{kind: 'redirect' | 'deny' | 'tarpit' | 'auth' | 'return' | 'reject' | 'silent-drop' | 'wait-for-body'}
>;

function compileEnding(rule: EndingRule): Ending {
	switch (rule.kind) {
		case 'redirect':
			return {kind: 'redirect', plan: compileRedirect(rule.redirect)};
		case 'auth':
			return {kind: 'auth', realm: rule.realm};
		case 'return':
			return {kind: 'return', reply: compileReply(rule.reply)};
		case 'wait-for-body':
			return {kind: 'wait', ms: rule.timeMs, atLeast: rule.atLeastBytes, next: 0};
		case 'reject':
		case 'silent-drop':
			return {kind: 'close', isSilent: rule.kind === 'silent-drop'};
		default:
			return {
				kind: rule.kind,
				status: rule.status,
				reply: rule.reply === undefined ? undefined : compileReply(rule.reply),
			};
	}
}

/** `reqallow` spares the request later verdicts of these rules, in the backend too; `reqpass` ends those of its section. */
function runLineRule(rule: CompiledLineRule): CompiledRule['run'] {
	switch (rule.action) {
		case 'del':
			return sample => rewriteLines(rule, sample);
		case 'rep':
			return sample => {
				const line = rewriteStartLine(rule, sample.head);
				return line === undefined ? rewriteLines(rule, sample) : setRequestLine(sample, line);
			};
		case 'setbe':
			return sample => {
				if (sample.chosenBackend === undefined && someLineMatches(rule, sample.head))
					sample.chosenBackend = rule.backend;
				return 'done';
			};
		case 'allow':
			return sample => {
				if (!sample.isAllowed) sample.isAllowed = someLineMatches(rule, sample.head);
				return 'done';
			};
		case 'pass':
			return sample => (!sample.isAllowed && someLineMatches(rule, sample.head) ? 'skip' : 'done');
		default: {
			const ending: Ending = {kind: rule.action, status: rule.action === 'deny' ? 403 : 500, reply: undefined};
			return sample => (!sample.isAllowed && someLineMatches(rule, sample.head) ? ending : 'done');
		}
	}
}

function rewriteLines(rule: CompiledLineRule, sample: RequestSample): Outcome {
	const head = rewriteHeaderLines(rule, sample.head);
	if (head === undefined) return BROKEN_LINE;
	sample.head = head;
	return 'done';
}

/** The version stays the client's, whatever is written. */
function setRequestLine(sample: RequestSample, line: string): Outcome {
	const found = /^([^ ]+) ([^ ]+) HTTP\/1\.[01]$/.exec(line);
	return found !== null && sample.setRequestLine(found[1]!, found[2]!) ? 'done' : BROKEN_LINE;
}

/** One `use_backend`. */
export interface BackendChoice {
	readonly applies: CompiledCondition;
	/** A name, or what makes one. */
	readonly backend: string | ValueTemplate;
}

/** Prepares `use_backend` lines; throws a `RuleError`. */
export function compileBackendChoices(rules: readonly UseBackend[]): readonly BackendChoice[] {
	return rules.map(({condition, backend, isFormat}) => ({
		applies: compileCondition(condition),
		backend: isFormat === true ? compileTemplate(backend) : backend,
	}));
}

/** The first backend whose condition holds, else the default; a name that was made may be none (`isKnown`). */
export function chooseBackend(
	choices: readonly BackendChoice[],
	source: SampleSource,
	otherwise: string | undefined,
	isKnown: (name: string) => boolean,
): string | undefined {
	for (const choice of choices) {
		if (!choice.applies(source)) continue;
		if (typeof choice.backend === 'string') return choice.backend;
		const name = choice.backend(source);
		return isKnown(name) ? name : otherwise;
	}
	return otherwise;
}
