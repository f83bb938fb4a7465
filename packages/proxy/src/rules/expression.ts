/**
 * A fetch and its converters as one thing that conditions, texts and rules use alike.
 *
 * Decides how converters are applied: to each of several values. Leaves both tables to `fetches.ts` and `converters.ts`.
 */
import type {SampleExpression} from '@hapair/config';
import {type Convert, compileConverter} from './converters.ts';
import {type CompiledFetch, compileFetch} from './fetches.ts';
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';

/** Prepares an expression; throws a `RuleError`. */
export function compileExpression(expression: SampleExpression): CompiledFetch {
	const base = compileFetch(expression);
	if (expression.converters.length === 0) return base;
	const converters = expression.converters.map(compileConverter);
	return {
		value(source) {
			const sample = base.value(source);
			return sample === undefined ? undefined : convertAll(converters, sample, source);
		},
		some: (source, visit) =>
			base.some(source, sample => {
				const converted = convertAll(converters, sample, source);
				return converted !== undefined && visit(converted);
			}),
	};
}

function convertAll(converters: readonly Convert[], sample: Sample, source: SampleSource): Sample | undefined {
	let value: Sample | undefined = sample;
	for (const convert of converters) {
		value = convert(value, source);
		if (value === undefined) return undefined;
	}
	return value;
}
