/**
 * `set-var` and `set-var-fmt` of the global section: variables of the process before the first request.
 *
 * Decides that each line sees what the lines before it have set, and that a sample without a value sets nothing.
 */
import type {Configuration} from '@hapair/config';
import {compileExpression} from '../rules/expression.ts';
import {RequestSample} from '../rules/request-sample.ts';
import type {ProxyFacts, SampleSource} from '../rules/sample-source.ts';
import {compileTemplate} from '../rules/value-template.ts';
import type {Lookups} from './lookups.ts';

/** What expressions outside of any request are asked of. */
export function processSource(proxies: ProxyFacts): SampleSource {
	return new RequestSample({src: undefined, srcPort: 0, dst: undefined, dstPort: 0, frontend: '', proxies});
}

/** Throws a `RuleError` for an expression that cannot be used. */
export function presetVariables({global}: Configuration, lookups: Lookups, source: SampleSource): void {
	for (const variable of global.variables) {
		const value =
			variable.kind === 'set-var'
				? compileExpression(variable.sample).value(source)
				: compileTemplate(variable.value)(source);
		if (value !== undefined) lookups.setVariable(variable.name, value);
	}
}
