import type {Condition, ConditionTerm} from '@hapair/config';
import test from 'ava';
import {compilePendingCondition} from '../../src/rules/pending-conditions.ts';
import {RequestSample} from '../../src/rules/request-sample.ts';
import {makeProxyFacts} from '../helpers/proxy-facts.ts';

/** Three tests: true, false, and not known before all contents are there. */
const term = (name: 'yes' | 'no' | 'later', negate = false): ConditionTerm => {
	const fetch = {yes: 'always_true', no: 'always_false', later: 'wait_end'}[name];
	const sample = {fetch, arguments: [], converters: []};
	return {name, negate, tests: [{sample, match: 'bool', ignoreCase: false, patterns: []}]};
};

function judge(anyOf: Condition['anyOf'], {negate = false, isFinal = false} = {}): boolean | undefined {
	const source = new RequestSample({
		src: undefined,
		srcPort: 0,
		dst: undefined,
		dstPort: 0,
		frontend: 'in',
		proxies: makeProxyFacts(),
	});
	source.contents = '';
	source.isFinal = isFinal;
	return compilePendingCondition({negate, anyOf})(source);
}

test('an and is false as soon as one term is, an or is true as soon as one term is', t => {
	t.is(judge([[term('later')]]), undefined);
	t.is(judge([[term('later')]], {negate: true}), undefined);
	t.is(judge([[term('later', true)]]), undefined);
	t.is(judge([[term('later'), term('no')]]), false);
	t.is(judge([[term('later'), term('yes')]]), undefined);
	t.is(judge([[term('later')], [term('yes')]]), true);
	t.is(judge([[term('later')], [term('no')]]), undefined);
	t.is(judge([[term('no')]], {negate: true}), true);
});

test('at the end everything is known', t => {
	t.is(judge([[term('later')]], {isFinal: true}), true);
	t.is(judge([[term('later', true)]], {isFinal: true}), false);
});
