/**
 * Texts with variables, as `http-request set-header` and `redirect` take them (HAProxy manual, "Custom log format").
 *
 * Decides which variables exist here: `%ci %cp %fi %fp %f %b %s %HM %HP %HQ %HU %%` and `%[fetch]`. Any other `%` is refused when
 * the rule is compiled, so that a typo never reaches a server as text. Leaves where the text goes to the caller.
 */
import {cleanHeaderValue} from './head-text.ts';
import {splitListValues} from './header-list.ts';
import {RuleError} from './rule-error.ts';
import {pathAndQueryOfTarget, type SampleSource} from './sample-source.ts';

/** Gives the text for one request; it never holds CR, LF or NUL. */
export type ValueTemplate = (source: SampleSource) => string;

const VARIABLES: ReadonlyMap<string, ValueTemplate> = new Map<string, ValueTemplate>([
	['ci', source => source.src?.text ?? ''],
	['cp', source => String(source.srcPort)],
	['fi', source => source.dst?.text ?? ''],
	['fp', source => String(source.dstPort)],
	['f', source => source.frontend],
	['b', source => source.backend],
	// Rules run before a server is chosen; this is what HAProxy writes then.
	['s', () => '<NOSRV>'],
	['HM', source => source.method],
	['HP', source => source.path],
	['HQ', source => (source.url.includes('?') ? `?${queryOf(source)}` : '')],
	['HU', source => source.url],
	['%', () => '%'],
]);

const FETCHES: ReadonlyMap<string, ValueTemplate> = new Map<string, ValueTemplate>([
	['src', source => source.src?.text ?? ''],
	['src_port', source => String(source.srcPort)],
	['dst', source => source.dst?.text ?? ''],
	['dst_port', source => String(source.dstPort)],
	['path', source => source.path],
	['pathq', source => pathAndQueryOfTarget(source.url)],
	['query', queryOf],
	['url', source => source.url],
	['method', source => source.method],
	['fe_name', source => source.frontend],
	['be_name', source => source.backend],
	['ssl_fc', () => '0'],
]);

/** Prepares a text; throws a `RuleError`. */
export function compileTemplate(text: string): ValueTemplate {
	const parts: (string | ValueTemplate)[] = [];
	let literal = '';
	for (let at = 0; at < text.length; ) {
		const char = text.charAt(at);
		if (char !== '%') {
			literal += char;
			at++;
			continue;
		}
		const {part, end} = readVariable(text, at);
		parts.push(literal, part);
		literal = '';
		at = end;
	}
	if (parts.length === 0) {
		const value = cleanHeaderValue(text);
		return () => value;
	}
	parts.push(literal);
	return source => {
		let value = '';
		for (const part of parts) value += typeof part === 'string' ? part : part(source);
		return cleanHeaderValue(value);
	};
}

function readVariable(text: string, at: number): {part: ValueTemplate; end: number} {
	if (text.charAt(at + 1) === '[') {
		const close = text.indexOf(']', at);
		if (close === -1) throw new RuleError(`"${text.slice(at)}" lacks its closing "]"`);
		return {part: compileExpression(text.slice(at + 2, close)), end: close + 1};
	}
	// The longest name that exists: %HP before %H.
	for (const length of [2, 1]) {
		const name = text.slice(at + 1, at + 1 + length);
		const part = name.length === length ? VARIABLES.get(name) : undefined;
		if (part !== undefined && !(length === 1 && /^[A-Za-z]{2}/.test(text.slice(at + 1)))) {
			return {part, end: at + 1 + length};
		}
	}
	const name = /^%[A-Za-z]*/.exec(text.slice(at))![0];
	throw new RuleError(
		`"${name}" is not a variable that can be used here; known are ${[...VARIABLES.keys()].map(key => `%${key}`).join(' ')} and %[…]`,
	);
}

/** A fetch and its converters: `hdr(host),lower`. */
function compileExpression(text: string): ValueTemplate {
	const match = /^([a-z_.]+)(?:\(([^()]*)\))?((?:,[a-z]+)*)$/.exec(text.trim());
	const fetch = match === null ? undefined : compileFetch(match[1]!, match[2]);
	if (match === null || fetch === undefined) {
		throw new RuleError(
			`"%[${text}]" is not known; use ${[...FETCHES.keys()].join(', ')}, hdr(NAME), req.hdr(NAME) or req.fhdr(NAME)`,
		);
	}
	let value = fetch;
	for (const name of match[3]!.split(',').slice(1)) value = convert(name, value);
	return value;
}

function compileFetch(name: string, argument: string | undefined): ValueTemplate | undefined {
	if (argument === undefined || argument === '') return FETCHES.get(name);
	const [first, second] = argument.split(',').map(part => part.trim());
	const header = first!.toLowerCase();
	const occurrence = second === undefined ? -1 : Number(second);
	if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(header) || !Number.isInteger(occurrence)) return undefined;
	if (name === 'hdr' || name === 'req.hdr') return source => pickOccurrence(listValues(source, header), occurrence);
	if (name === 'req.fhdr') return source => pickOccurrence(lineValues(source, header), occurrence);
	return undefined;
}

function convert(name: string, value: ValueTemplate): ValueTemplate {
	if (name === 'lower') return source => value(source).toLowerCase();
	if (name === 'upper') return source => value(source).toUpperCase();
	throw new RuleError(`the converter "${name}" is not known; use lower or upper`);
}

function lineValues(source: SampleSource, name: string): string[] {
	const lines: string[] = [];
	for (let n = 0; ; n++) {
		const line = source.header(name, n);
		if (line === undefined) return lines;
		lines.push(line);
	}
}

function listValues(source: SampleSource, name: string): string[] {
	return lineValues(source, name).flatMap(splitListValues);
}

/** Counted from 1, or from -1 for the last one backwards (HAProxy manual, `req.hdr`). */
function pickOccurrence(values: readonly string[], occurrence: number): string {
	return values.at(occurrence > 0 ? occurrence - 1 : occurrence) ?? '';
}

function queryOf(source: SampleSource): string {
	const question = source.url.indexOf('?');
	return question === -1 ? '' : source.url.slice(question + 1);
}
