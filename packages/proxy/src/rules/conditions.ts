/**
 * `if` and `unless` with their ACLs, prepared once (HAProxy manual, "Using ACLs to form conditions").
 *
 * Decides the logic: an or of ands, each ACL name true when one of its tests is, all with their negations. Tests run from
 * left to right and only as far as needed. Leaves the tests themselves to `acl-test.ts`.
 */
import type {Condition, ConditionTerm} from '@hapair/config';
import {compileAclTest, type SampleTest} from './acl-test.ts';
import type {SampleSource} from './sample-source.ts';

/** True when the rule applies. */
export type CompiledCondition = SampleTest;

const always: CompiledCondition = () => true;

/** Prepares a condition; without one, a rule always applies. Throws a `RuleError`. */
export function compileCondition(condition: Condition | undefined): CompiledCondition {
	if (condition === undefined) return always;
	const groups = condition.anyOf.map(terms => terms.map(compileTerm));
	const {negate} = condition;
	return source => {
		for (const terms of groups) {
			if (isTrueForAll(terms, source)) return !negate;
		}
		return negate;
	};
}

function isTrueForAll(terms: readonly SampleTest[], source: SampleSource): boolean {
	for (const term of terms) {
		if (!term(source)) return false;
	}
	return true;
}

function compileTerm(term: ConditionTerm): SampleTest {
	const tests = term.tests.map(compileAclTest);
	const {negate} = term;
	return source => {
		for (const test of tests) {
			if (test(source)) return !negate;
		}
		return negate;
	};
}
