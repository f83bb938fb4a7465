/**
 * `set-map`, `del-map`, `add-acl`, `del-acl` as rules (HAProxy manual, `http-request set-map`).
 *
 * Decides which change a request makes; it holds for all threads from the next look on. A text that cannot be a pattern of the list
 * changes nothing.
 */
import {findPatternProblem, findValueProblem, type MessageAction, type PatternList} from '@hapair/config';
import type {SampleSource} from '../rules/sample-source.ts';
import {compileTemplate} from '../rules/value-template.ts';

export type PatternRule = Extract<MessageAction, {kind: 'set-map' | 'del-map' | 'add-acl' | 'del-acl'}>;

const KINDS: readonly string[] = ['set-map', 'del-map', 'add-acl', 'del-acl'];

export function isPatternRule(rule: {readonly kind: string}): rule is PatternRule {
	return KINDS.includes(rule.kind);
}

/** Prepares one rule; throws a `RuleError`. */
export function compilePatternRule(rule: PatternRule): (source: SampleSource) => void {
	const key = compileTemplate(rule.key);
	const value = rule.kind === 'set-map' ? compileTemplate(rule.value) : () => '';
	const removes = rule.kind === 'del-map' || rule.kind === 'del-acl';
	return source => {
		const {lookups} = source.proxies;
		const list = lookups.placeOf(rule.file);
		const wanted = key(source);
		if (list === undefined || wanted === '') return;
		const text = value(source);
		if (removes) {
			lookups.change(() =>
				lookups.lists[list]!.matching(wanted).length === 0 ? [] : [{kind: 'remove', list, wanted}],
			);
		} else if (canHold(lookups.lists[list]!.declared, wanted, text)) {
			lookups.change(() => {
				const [found] = lookups.lists[list]!.matching(wanted);
				return found?.value === text ? [] : [{kind: 'put', list, key: wanted, value: text}];
			});
		}
	};
}

function canHold({uses, isMap}: PatternList, key: string, value: string): boolean {
	return uses.every(
		({match, output}) =>
			findPatternProblem(match, key) === undefined && (!isMap || findValueProblem(output, value) === undefined),
	);
}
