/**
 * `if` and `unless` over contents that may still change: true, false, or not known yet.
 *
 * Decides the logic of the third value as HAProxy does: a test that fails on contents which may change is not known, an and is false as
 * soon as one term is, an or is true as soon as one term is. Leaves the tests to `acl-test.ts`.
 */
import type {Condition, ConditionTerm} from '@hapair/config';
import {compileAclTest, type SampleTest} from './acl-test.ts';
import type {SampleSource} from './sample-source.ts';

/** Undefined while more bytes may change the answer. */
export type PendingCondition = (source: SampleSource) => boolean | undefined;

/** Prepares a condition; without one, a rule always applies. Throws a `RuleError`. */
export function compilePendingCondition(condition: Condition | undefined): PendingCondition {
	if (condition === undefined) return () => true;
	const groups = condition.anyOf.map(terms => terms.map(compileTerm));
	return source => {
		const result = or(groups, terms => and(terms, source));
		return result === undefined ? undefined : result !== condition.negate;
	};
}

function compileTerm(term: ConditionTerm): PendingCondition {
	const tests = term.tests.map(compileAclTest);
	return source => {
		const result = or(tests, test => settle(test, source));
		return result === undefined ? undefined : result !== term.negate;
	};
}

function settle(test: SampleTest, source: SampleSource): boolean | undefined {
	source.isUnsettled = false;
	if (test(source)) return true;
	return source.isUnsettled ? undefined : false;
}

function or<Item>(items: readonly Item[], judge: (item: Item) => boolean | undefined): boolean | undefined {
	let result: boolean | undefined = false;
	for (const item of items) {
		const one = judge(item);
		if (one === true) return true;
		if (one === undefined) result = undefined;
	}
	return result;
}

function and(terms: readonly PendingCondition[], source: SampleSource): boolean | undefined {
	let result: boolean | undefined = true;
	for (const term of terms) {
		const one = term(source);
		if (one === false) return false;
		if (one === undefined) result = undefined;
	}
	return result;
}
