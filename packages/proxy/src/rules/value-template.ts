/**
 * Texts with variables, as `http-request set-header`, `redirect` and `log-format` take them (HAProxy manual, "Custom log format").
 *
 * Decides how the parts of such a text become one value for a request. Leaves the grammar to the configuration's reader, which has
 * refused what is not known, the variables to `log/format-variables.ts` and where the text goes to the caller.
 */
import {type FormatFlags, type FormatPart, type FormatVariable, parseFormat} from '@hapair/config';
import {LOG_VARIABLES, writeAddress, writeNumber, writeText} from '../log/format-variables.ts';
import {compileExpression} from './expression.ts';
import {cleanHeaderValue, toWireText} from './head-text.ts';
import {RuleError} from './rule-error.ts';
import {type Sample, toText} from './sample.ts';
import {queryOfTarget, type SampleSource} from './sample-source.ts';

/** Gives the text for one request; a value for a header never holds CR, LF or NUL. */
export type ValueTemplate = (source: SampleSource) => string;

type Read = (source: SampleSource) => Sample | undefined;

/** Variables that rules see as they are now: a rule before may have changed them. */
const OF_RULES: Readonly<Partial<Record<FormatVariable, Read>>> = {
	ci: source => source.src,
	cp: source => source.srcPort,
	fi: source => source.dst,
	fp: source => source.dstPort,
	f: source => source.frontend,
	b: source => source.backend,
	// Rules for requests run before a server is chosen; this is what HAProxy writes then.
	s: source => (source.server === '' ? '<NOSRV>' : source.server),
	HM: source => source.method,
	HP: source => source.path,
	HPO: source => source.path,
	HQ: source => (source.url.includes('?') ? `?${queryOfTarget(source.url)}` : ''),
	HU: source => source.url,
	HV: source => `HTTP/${Math.floor(source.version / 10)}.${source.version % 10}`,
	ST: source => (source.status === 0 ? undefined : source.status),
};

/** Prepares a text; throws a `RuleError`. */
export function compileTemplate(text: string): ValueTemplate {
	const compiled = compileRawTemplate(text);
	return source => cleanHeaderValue(compiled(source));
}

/** The same for the body of an answer, where line ends may stand. */
export function compileRawTemplate(text: string): ValueTemplate {
	return join(parse(text).map(part => (typeof part === 'string' ? toWireText(part) : compileForRule(part))));
}

/** A log line: variables are those of the transaction, and what is not there is `-`. Runs of spaces become one. */
export function compileLogTemplate(text: string): ValueTemplate {
	return join(
		parse(text).map((part, index) => {
			if (typeof part === 'string') return toWireText(part).replace(index === 0 ? /^ +| +(?= )/g : / +(?= )/g, '');
			return 'variable' in part ? ofView(part.variable, part, '-') : ofExpression(part, '-');
		}),
	);
}

/** Does a text ask for samples, so that requests must be kept for it? */
export function asksSamples(text: string): boolean {
	return parse(text).some(part => typeof part === 'object' && 'sample' in part);
}

function parse(text: string): readonly FormatPart[] {
	const parts = parseFormat(text);
	if ('problem' in parts) throw new RuleError(`${parts.problem} in "${text}"`);
	return parts;
}

function join(parts: readonly (string | ValueTemplate)[]): ValueTemplate {
	if (parts.every(part => typeof part === 'string')) {
		const value = parts.join('');
		return () => value;
	}
	return source => {
		let value = '';
		for (const part of parts) value += typeof part === 'string' ? part : part(source);
		return value;
	};
}

function compileForRule(part: Exclude<FormatPart, string>): ValueTemplate {
	if ('sample' in part) return ofExpression(part, '');
	const read = OF_RULES[part.variable];
	return read === undefined ? ofView(part.variable, part, '') : ofVariable(read, part);
}

function ofVariable(read: Read, flags: FormatFlags): ValueTemplate {
	const write = ofSample(read, flags, '');
	return source => {
		const value = read(source);
		return typeof value === 'number' ? writeNumber(value, flags) : write(source);
	};
}

/** Samples take no notice of `+X`, as in HAProxy. */
function ofExpression(part: Extract<FormatPart, {sample: unknown}>, empty: string): ValueTemplate {
	return ofSample(compileExpression(part.sample).value, {...part, hex: false}, empty);
}

function ofView(variable: FormatVariable, flags: FormatFlags, empty: string): ValueTemplate {
	const write = LOG_VARIABLES[variable];
	return source => (source.view === undefined ? empty : write(source.view, flags, empty));
}

function ofSample(read: Read, flags: FormatFlags, empty: string): ValueTemplate {
	return source => {
		const sample = read(source);
		if (typeof sample === 'object') return writeAddress(sample.text, flags, empty);
		return writeText(sample === undefined ? undefined : toText(sample), flags, empty);
	};
}
