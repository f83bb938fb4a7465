/**
 * `hdr(host,1),lower,field(1,.)` into a fetch and its converters.
 *
 * Decides how arguments are written (quotes, backslashes and nested parentheses included) and which are possible. Leaves the
 * existence of what they name to `validate`.
 */
import type {SampleArgument, SampleConverter, SampleExpression, VariableCondition} from '../model.ts';
import {isName} from '../readers.ts';
import {toRegexSource} from '../regexes.ts';
import {didYouMean} from '../suggestions.ts';
import {CONVERTERS} from './converters.ts';
import {FETCHES, LATER_FETCHES, type Parameter, type SampleType} from './fetches.ts';

export interface ExpressionProblem {
	readonly problem: string;
	readonly hint?: string | undefined;
	/** HAProxy knows it, this version does not. */
	readonly isLater?: boolean;
}

/** One call: a name, and what stands between its parentheses when there are any. */
interface Call {
	readonly name: string;
	readonly arguments: readonly string[] | undefined;
}

/** Reads an expression. */
export function parseExpression(text: string): SampleExpression | ExpressionProblem {
	const calls = splitCalls(text.trim());
	if ('problem' in calls) return calls;
	const [first, ...rest] = calls;
	const fetch = readFetch(first!);
	if ('problem' in fetch) return fetch;
	const converters: SampleConverter[] = [];
	for (const call of rest) {
		const converter = readConverter(call);
		if ('problem' in converter) return converter;
		converters.push(converter);
	}
	return converters.length === 0 ? fetch : {...fetch, converters};
}

/** The type of what an expression gives. */
export function typeOfExpression(expression: SampleExpression): SampleType {
	let type = FETCHES.get(expression.fetch)!.type;
	for (const {name} of expression.converters) {
		const row = CONVERTERS.get(name)!;
		if (row.type !== 'same') type = row.type;
	}
	return type;
}

function readFetch({name, arguments: given}: Call): SampleExpression | ExpressionProblem {
	const row = FETCHES.get(name);
	if (row === undefined) {
		if (LATER_FETCHES.test(name)) return {problem: `'${name}'`, isLater: true};
		return {problem: `'${name}' is not a sample fetch`, hint: didYouMean(name, FETCHES.keys())};
	}
	const values = readArguments(name, row.parameters, given);
	return 'problem' in values ? values : {fetch: row.name, arguments: values, converters: []};
}

function readConverter({name, arguments: given}: Call): SampleConverter | ExpressionProblem {
	const row = CONVERTERS.get(name);
	if (row === undefined) {
		return {problem: `'${name}' is not a converter that is known here`, hint: didYouMean(name, CONVERTERS.keys())};
	}
	const values = readArguments(name, row.parameters, given);
	return 'problem' in values ? values : {name, arguments: values};
}

function readArguments(
	name: string,
	parameters: readonly Parameter[],
	given: readonly string[] | undefined,
): readonly SampleArgument[] | ExpressionProblem {
	const list = given === undefined || (given.length === 1 && given[0] === '') ? [] : given;
	if (list.length > parameters.length) {
		if (parameters.length === 0) return {problem: `'${name}' takes no argument in parentheses`};
		return {problem: `'${name}' takes at most ${parameters.length} argument${parameters.length > 1 ? 's' : ''}`};
	}
	for (const [at, parameter] of parameters.entries()) {
		const text = list[at];
		if (text === undefined) {
			if (parameter.optional) break;
			return {problem: `'${name}' needs ${describe(parameter)}`, hint: `write ${name}(${example(parameter)})`};
		}
		const problem = checkArgument(parameter, text);
		if (problem !== undefined) return problem;
	}
	return list.map(text => text);
}

function describe({kind}: Parameter): string {
	switch (kind) {
		case 'header':
		case 'cookie':
		case 'backend':
		case 'frontend':
		case 'server':
		case 'userlist':
		case 'variable':
		case 'table':
			return `the name of a ${kind}`;
		case 'int':
		case 'occurrence':
			return 'a number';
		default:
			return 'an argument';
	}
}

function example({kind}: Parameter): string {
	const examples = {header: 'host', cookie: 'SID', variable: 'txn.name', int: '1', regex: '^/a,/b'} as const;
	return kind in examples ? examples[kind as keyof typeof examples] : 'NAME';
}

export const VARIABLE_CONDITIONS: readonly VariableCondition[] = [
	'ifexists',
	'ifnotexists',
	'ifempty',
	'ifnotempty',
	'ifset',
	'ifnotset',
	'ifgt',
	'iflt',
];

export function isVariableCondition(text: string): text is VariableCondition {
	return (VARIABLE_CONDITIONS as readonly string[]).includes(text);
}

/** A token (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
const VARIABLE = /^(proc|sess|txn|req|res|check)\.[A-Za-z0-9_.]{1,64}$/;

function checkArgument({kind, optional}: Parameter, text: string): ExpressionProblem | undefined {
	if (text === '' && optional) return undefined;
	switch (kind) {
		case 'header':
			return TOKEN.test(text) ? undefined : {problem: `'${text}' is not a header name`};
		case 'cookie':
			return TOKEN.test(text) ? undefined : {problem: `'${text}' is not a cookie name`};
		case 'int':
		case 'occurrence':
			return /^-?\d{1,15}$/.test(text) ? undefined : {problem: `'${text}' is not a number`};
		case 'backend':
		case 'frontend':
		case 'userlist':
		case 'table':
			return isName(text) ? undefined : {problem: `'${text}' is not a ${kind} name`};
		case 'element':
			return /^\d{1,2}$/.test(text)
				? undefined
				: {problem: `'${text}' is not the number of an element`, hint: '0 to 99'};
		case 'counter':
			return /^[0-2]$/.test(text) ? undefined : {problem: `'${text}' is not a counter`, hint: '0, 1 or 2'};
		case 'server':
			return text.split('/').length <= 2 && text.split('/').every(isName)
				? undefined
				: {problem: `'${text}' is not a server`, hint: 'BACKEND/SERVER, or SERVER in the same section'};
		case 'variable':
			return VARIABLE.test(text)
				? undefined
				: {
						problem: `'${text}' is not a variable`,
						hint: 'proc.NAME, sess.NAME, txn.NAME, req.NAME, res.NAME or check.NAME',
					};
		case 'condition':
			return isVariableCondition(text)
				? undefined
				: {problem: `'${text}' is not a condition of a variable`, hint: didYouMean(text, VARIABLE_CONDITIONS)};
		case 'regex': {
			const source = toRegexSource(text);
			return typeof source === 'string'
				? undefined
				: {problem: `'${text}' is not a regular expression: ${source.problem}`};
		}
		default:
			return undefined;
	}
}

/** Splits at the commas that stand outside of parentheses. */
function splitCalls(text: string): readonly Call[] | ExpressionProblem {
	const calls: Call[] = [];
	let at = 0;
	for (;;) {
		const name = /^[A-Za-z0-9_.-]*/.exec(text.slice(at))![0];
		if (name === '') return {problem: `'${text}' is not a sample expression`, hint: 'such as hdr(host),lower'};
		at += name.length;
		if (text[at] === '(') {
			const list = splitArguments(text, at + 1);
			if ('problem' in list) return list;
			calls.push({name, arguments: list.values});
			at = list.end;
		} else calls.push({name, arguments: undefined});
		if (at >= text.length) return calls;
		if (text[at] !== ',') return {problem: `'${text}' is not a sample expression`, hint: 'such as hdr(host),lower'};
		at += 1;
	}
}

/** Arguments from behind `(` to its `)`: quotes keep everything, a backslash keeps a comma, parenthesis or quote. */
function splitArguments(
	text: string,
	from: number,
): {readonly values: readonly string[]; readonly end: number} | ExpressionProblem {
	const values: string[] = [];
	let value = '';
	let quote = '';
	let depth = 0;
	for (let at = from; at < text.length; at += 1) {
		const char = text[at]!;
		const next = text[at + 1];
		if (quote !== '') {
			if (char === quote) quote = '';
			else value += char;
		} else if (char === '"' || char === "'") quote = char;
		else if (char === '\\' && next !== undefined && ',()"\''.includes(next) && !(depth > 0 && '()'.includes(next))) {
			value += next;
			at += 1;
		} else if (char === '(') {
			depth += 1;
			value += char;
		} else if (char === ')' && depth > 0) {
			depth -= 1;
			value += char;
		} else if (char === ')') return {values: [...values, value], end: at + 1};
		else if (char === ',' && depth === 0) {
			values.push(value);
			value = '';
		} else value += char;
	}
	return {problem: `'${text}' lacks its closing ')'`};
}
