/**
 * Conditions of drafts into those of the model: names of ACLs become their tests.
 *
 * Decides that a name of the section hides a predefined one. Expects names that `validate` knows.
 */
import type {PendingCondition, PendingTerm, ProxyDraft} from './drafts.ts';
import type {AclTest, Condition, ConditionTerm} from './model.ts';
import {PREDEFINED_ACLS} from './predefined-acls.ts';

export type NamedTests = ReadonlyMap<string, readonly AclTest[]>;

/** One list for each name, shared by all conditions: a copy in each would be as large as their product. */
export function groupTests(draft: ProxyDraft): NamedTests {
	const tests = new Map<string, AclTest[]>();
	for (const {name, test} of draft.acls) {
		const list = tests.get(name);
		if (list === undefined) tests.set(name, [test]);
		else list.push(test);
	}
	return tests;
}

export function buildCondition(pending: PendingCondition, acls: NamedTests): Condition {
	return {negate: pending.negate, anyOf: pending.anyOf.map(terms => terms.map(term => buildTerm(term, acls)))};
}

function buildTerm(term: PendingTerm, acls: NamedTests): ConditionTerm {
	const predefined = PREDEFINED_ACLS.get(term.name);
	const named = acls.get(term.name) ?? (predefined === undefined ? [] : [predefined]);
	return {negate: term.negate, name: term.name, tests: term.tests ?? named};
}
