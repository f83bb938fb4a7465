/**
 * `set-var`, `set-var-fmt` and `unset-var` (HAProxy manual, `http-request set-var`).
 *
 * Decides what is kept; an expression without a value changes nothing. Leaves scopes and their ends to the sample.
 */
import type {MessageAction} from '@hapair/config';
import {compileExpression} from './expression.ts';
import type {SampleSource} from './sample-source.ts';
import {compileTemplate} from './value-template.ts';

export type VariableRule = Extract<MessageAction, {kind: 'set-var' | 'set-var-fmt' | 'unset-var'}>;

export function isVariableRule(rule: {readonly kind: string}): rule is VariableRule {
	return rule.kind === 'set-var' || rule.kind === 'set-var-fmt' || rule.kind === 'unset-var';
}

/** Prepares one rule; throws a `RuleError`. */
export function compileVariableRule(rule: VariableRule): (source: SampleSource) => void {
	const {name} = rule;
	if (rule.kind === 'unset-var') return source => source.setVariable(name, undefined);
	if (rule.kind === 'set-var-fmt') {
		const value = compileTemplate(rule.value);
		return source => source.setVariable(name, value(source));
	}
	const {value} = compileExpression(rule.sample);
	return source => {
		const sample = value(source);
		if (sample !== undefined) source.setVariable(name, sample);
	};
}
