/**
 * Rules that leave their message as it is and change what stands around it: the session, variables, lists of patterns.
 *
 * Decides which rules these are; most kinds have a file of their own.
 */
import type {RequestAction, SessionAction} from '@hapair/config';
import {compilePatternRule, isPatternRule, type PatternRule} from '../patterns/pattern-rules.ts';
import type {RequestSample} from './request-sample.ts';
import {compileSessionAction, isSessionAction} from './session-actions.ts';
import {compileVariableRule, isVariableRule, type VariableRule} from './variables.ts';

type OwnEffect = Extract<RequestAction, {kind: 'disable-l7-retry'}>;
export type SideEffect = SessionAction | PatternRule | VariableRule | OwnEffect;

export function isSideEffect(rule: {readonly kind: string}): rule is SideEffect {
	return isSessionAction(rule) || isPatternRule(rule) || isVariableRule(rule) || isOwnEffect(rule);
}

function isOwnEffect({kind}: {readonly kind: string}): boolean {
	return kind === 'disable-l7-retry';
}

/** Prepares one rule; throws a `RuleError`. */
export function compileSideEffect(rule: SideEffect): (sample: RequestSample) => void {
	if (isSessionAction(rule)) return compileSessionAction(rule);
	if (isPatternRule(rule)) return compilePatternRule(rule);
	if (isVariableRule(rule)) return compileVariableRule(rule);
	return sample => {
		sample.isRetryDisabled = true;
	};
}
