/**
 * `tcp-request` and `tcp-response` rules, prepared once and run in order (HAProxy manual, `tcp-request connection`, `tcp-response content`).
 *
 * Decides who is let in, and what waits for more bytes. Without a rule that says otherwise everybody is. Leaves carrying the verdict out to
 * listeners and sessions.
 */
import type {TcpRequestRule, TcpResponseRule} from '@hapair/config';
import {compileExpression} from '../rules/expression.ts';
import {compilePendingCondition, type PendingCondition} from '../rules/pending-conditions.ts';
import type {RequestSample} from '../rules/request-sample.ts';
import type {SampleSource} from '../rules/sample-source.ts';
import {compileSessionAction, isSessionAction} from '../rules/session-actions.ts';
import {compileVariableRule, isVariableRule} from '../rules/variables.ts';
import {isCounterAction, runCounterAction, sampleOf} from './counter-actions.ts';
import type {KeySample} from './stick-key.ts';
import type {TrackScope} from './tracked-counters.ts';

type Rule = TcpRequestRule | TcpResponseRule;

/** `drop`: as `reject`, and the client does not hear of it. `close`: nothing more is taken from the server. */
export type Verdict = 'accept' | 'reject' | 'drop' | 'wait' | 'close';

interface CompiledTcpRule {
	readonly applies: PendingCondition;
	readonly action: Rule['action'];
	readonly key: ((source: SampleSource) => KeySample | undefined) | undefined;
	/** Of actions that neither judge nor count. */
	readonly act: ((sample: RequestSample) => void) | undefined;
}

/** Where a list of rules stands for one connection or request. */
export interface Progress {
	at: number;
}

export class TcpRules {
	readonly #rules: readonly CompiledTcpRule[];
	readonly #scope: TrackScope;

	/** Throws a `RuleError`. */
	constructor(rules: readonly Rule[], scope: TrackScope) {
		this.#scope = scope;
		this.#rules = rules.map(({action, condition}) => ({
			action,
			applies: compilePendingCondition(condition),
			key: compileSample(action),
			act: isSessionAction(action)
				? compileSessionAction(action)
				: isVariableRule(action)
					? compileVariableRule(action)
					: undefined,
		}));
	}

	/** Goes on at `progress`; `wait` only while `source` may still change. Each rule acts once. */
	judge(source: RequestSample, progress: Progress = {at: 0}): Verdict {
		for (; progress.at < this.#rules.length; progress.at++) {
			const rule = this.#rules[progress.at]!;
			const applies = rule.applies(source);
			if (applies === undefined) return 'wait';
			if (!applies) continue;
			const {action} = rule;
			if (action.kind === 'accept' || action.kind === 'reject' || action.kind === 'close') return action.kind;
			if (action.kind === 'silent-drop') return 'drop';
			source.isUnsettled = false;
			rule.act?.(source);
			if (!isCounterAction(action)) continue;
			const sample = rule.key?.(source);
			if (rule.key !== undefined && sample === undefined && source.isUnsettled) return 'wait';
			runCounterAction(action, source.counters, sample, this.#scope);
		}
		return 'accept';
	}
}

function compileSample(action: Rule['action']): CompiledTcpRule['key'] {
	const asked = isCounterAction(action) ? sampleOf(action) : undefined;
	return asked && compileExpression(asked).value;
}
