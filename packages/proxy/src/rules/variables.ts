/**
 * `set-var`, `set-var-fmt` and `unset-var` (HAProxy manual, `http-request set-var`).
 *
 * Decides what is kept and when; an expression without a value changes nothing. Leaves scopes and their ends to the sample.
 */
import type {MessageAction, VariableCondition} from '@hapair/config';
import {compileExpression} from './expression.ts';
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';
import {compileTemplate} from './value-template.ts';
import {setVariableWhen} from './variable-conditions.ts';

export type VariableRule = Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}>;

export function isVariableRule(rule: {readonly kind: string}): rule is VariableRule {
	return rule.kind === 'set-var' || rule.kind === 'set-var-fmt' || rule.kind === 'unset-var';
}

/** Prepares one rule; throws a `RuleError`. */
export function compileVariableRule(rule: VariableRule): (source: SampleSource) => void {
	const {name} = rule;
	if (rule.kind === 'unset-var') return source => source.setVariable(name, undefined);
	const value = rule.kind === 'set-var-fmt' ? compileTemplate(rule.value) : compileExpression(rule.sample).value;
	return setter(name, rule.conditions ?? [], value);
}

function setter(
	name: string,
	conditions: readonly VariableCondition[],
	value: (source: SampleSource) => Sample | undefined,
): (source: SampleSource) => void {
	return source => {
		const sample = value(source);
		if (sample !== undefined) setVariableWhen(conditions, source, name, sample);
	};
}
