/**
 * Texts with variables, as `http-request set-header` and `redirect` take them (HAProxy manual, "Custom log format").
 *
 * Decides how the parts of such a text become one value for a request. Leaves the grammar to the configuration's reader, which has
 * refused what is not known, and where the text goes to the caller.
 */
import {type FormatPart, type FormatVariable, parseFormat} from '@hapair/config';
import {compileExpression} from './expression.ts';
import {cleanHeaderValue, toWireText} from './head-text.ts';
import {RuleError} from './rule-error.ts';
import {toText} from './sample.ts';
import {queryOfTarget, type SampleSource} from './sample-source.ts';

/** Gives the text for one request; it never holds CR, LF or NUL. */
export type ValueTemplate = (source: SampleSource) => string;

const VARIABLES: Readonly<Record<FormatVariable, ValueTemplate>> = {
	// Rules for requests run before a server is chosen; this is what HAProxy writes then.
	s: source => (source.server === '' ? '<NOSRV>' : source.server),
	HQ: source => (source.url.includes('?') ? `?${queryOfTarget(source.url)}` : ''),
	HU: source => source.url,
	HV: source => `HTTP/${Math.floor(source.version / 10)}.${source.version % 10}`,
};

/** Prepares a text; throws a `RuleError`. */
export function compileTemplate(text: string): ValueTemplate {
	const compiled = compileRawTemplate(text);
	return source => cleanHeaderValue(compiled(source));
}

/** The same for the body of an answer, where line ends may stand. */
export function compileRawTemplate(text: string): ValueTemplate {
	const parts = parseFormat(text);
	if ('problem' in parts) throw new RuleError(`${parts.problem} is not known in "${text}"`);
	const compiled = parts.map(compilePart);
	if (compiled.every(part => typeof part === 'string')) {
		const value = compiled.join('');
		return () => value;
	}
	return source => {
		let value = '';
		for (const part of compiled) value += typeof part === 'string' ? part : part(source);
		return value;
	};
}

function compilePart(part: FormatPart): string | ValueTemplate {
	if (typeof part === 'string') return toWireText(part);
	if ('variable' in part) return VARIABLES[part.variable];
	const {value} = compileExpression(part.sample);
	return source => {
		const sample = value(source);
		return sample === undefined ? '' : toText(sample);
	};
}
