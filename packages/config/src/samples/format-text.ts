/**
 * A text with variables (`%ci`, `%[hdr(host),lower]`, `%{+Q}r`) into its parts (HAProxy manual, "Custom log format").
 *
 * Decides what a `%` begins; one that begins nothing known is a problem and never sent as it stands. Used when a file is read,
 * to find mistakes, and by the proxy, so that both read a text alike.
 */
import type {SampleExpression} from '../model.ts';
import {type ExpressionProblem, parseExpression} from './expression.ts';

const FORMAT_VARIABLES = [
	...([
		'B',
		'CC',
		'CS',
		'H',
		'HM',
		'HP',
		'HPO',
		'HQ',
		'HU',
		'HV',
		'ID',
		'ST',
		'T',
		'TR',
		'Ta',
		'Tc',
		'Td',
		'Th',
	] as const),
	...([
		'Ti',
		'Tl',
		'Tq',
		'Tr',
		'Ts',
		'Tt',
		'Tu',
		'Tw',
		'U',
		'ac',
		'b',
		'bc',
		'bi',
		'bp',
		'bq',
		'ci',
		'cp',
		'f',
	] as const),
	...(['fc', 'fi', 'fp', 'ft', 'hr', 'hrl', 'hs', 'hsl', 'lc', 'ms', 'pid', 'r', 'rc', 'rt', 's', 'sc', 'si'] as const),
	...(['sp', 'sq', 'sslc', 'sslv', 't', 'tr', 'trg', 'trl', 'ts', 'tsc'] as const),
] as const;
/** `%o` writes nothing: its flags hold for all that follows. */
const FLAGS_ONLY = 'o';

export type FormatVariable = (typeof FORMAT_VARIABLES)[number];

/** `%{+Q}`: in quotes; `%{+X}`: numbers and addresses in hexadecimal; `%{+E}`: `"`, `\` and `]` behind a backslash. */
export interface FormatFlags {
	readonly quote: boolean;
	readonly hex: boolean;
	readonly escape: boolean;
}

export type FormatPart =
	| string
	| ({readonly variable: FormatVariable} & FormatFlags)
	| ({readonly sample: SampleExpression} & FormatFlags);

export interface FormatProblem extends ExpressionProblem {
	/** Where in the text, from 0. */
	readonly at: number;
	readonly length: number;
}

const NO_FLAGS: FormatFlags = {quote: false, hex: false, escape: false};
const FLAG_NAMES: ReadonlyMap<string, keyof FormatFlags> = new Map([
	['Q', 'quote'],
	['X', 'hex'],
	['E', 'escape'],
]);

/** Splits a text. `%20` is text: two letters name a variable, digits are percent-encoding. */
export function parseFormat(text: string): readonly FormatPart[] | FormatProblem {
	const parts: FormatPart[] = [];
	let standing = NO_FLAGS;
	let literal = '';
	for (let at = 0; at < text.length; ) {
		const rest = text.slice(at);
		if (text[at] !== '%') {
			literal += text[at];
			at += 1;
			continue;
		}
		if (rest.startsWith('%%') || isPercentEncoded(rest.slice(0, 3))) {
			literal += '%';
			at += rest.startsWith('%%') ? 2 : 1;
			continue;
		}
		const read = readFlags(rest, standing);
		if (typeof read === 'string') return {problem: read, hint: FLAG_HINT, at, length: flagsLength(rest)};
		const {flags, length} = read;
		const name = rest.slice(length);
		if (name.startsWith(FLAGS_ONLY) && !/^o[A-Za-z]/.test(name)) {
			standing = flags;
			at += length + 1;
			continue;
		}
		const found = name.startsWith('[')
			? readSample(name, rest.slice(0, length), at, flags)
			: readVariable(name, rest.slice(0, length), at, flags);
		if ('problem' in found) return found;
		if (literal !== '') parts.push(literal);
		literal = '';
		parts.push(found.part);
		at += length + found.length;
	}
	if (literal !== '') parts.push(literal);
	return parts;
}

const FLAG_HINT = '+Q, +X, +E, or - to end one, as in %{+Q}r';

/** `%`, with `{+Q,-X}` behind it or not. */
function readFlags(rest: string, standing: FormatFlags): {flags: FormatFlags; length: number} | string {
	if (rest[1] !== '{') return {flags: standing, length: 1};
	const end = rest.indexOf('}');
	if (end < 0) return `'${rest}' lacks its closing '}'`;
	const flags = {...standing};
	for (const word of rest.slice(2, end).split(',')) {
		const name = FLAG_NAMES.get(word.slice(1));
		if (name === undefined || !/^[+-]/.test(word)) return `'${word}' is not a flag of a variable`;
		flags[name] = word[0] === '+';
	}
	return {flags, length: end + 1};
}

function flagsLength(rest: string): number {
	const end = rest.indexOf('}');
	return end < 0 ? rest.length : end + 1;
}

type Found = {readonly part: FormatPart; readonly length: number} | FormatProblem;

function readSample(text: string, before: string, at: number, flags: FormatFlags): Found {
	const end = findBracket(text);
	if (end < 0) return {problem: `'${before}${text}' lacks its closing ']'`, at, length: before.length + text.length};
	const sample = parseExpression(text.slice(1, end));
	const length = end + 1;
	if ('problem' in sample) {
		return sample.isLater === true
			? {problem: `'${before}${text.slice(0, length)}' in a value`, isLater: true, at, length: before.length + length}
			: {...sample, at, length: before.length + length};
	}
	return {part: {sample, ...flags}, length};
}

/** The `]` that ends `[`: brackets of a regular expression inside parentheses belong to it. */
function findBracket(text: string): number {
	let depth = 0;
	let quote = '';
	for (let at = 1; at < text.length; at += 1) {
		const char = text[at]!;
		if (quote !== '') {
			if (char === quote) quote = '';
		} else if (char === '"' || char === "'") quote = char;
		else if (char === '\\') at += 1;
		else if (char === '(') depth += 1;
		else if (char === ')') depth -= 1;
		else if (char === ']' && depth <= 0) return at;
	}
	return -1;
}

function readVariable(text: string, before: string, at: number, flags: FormatFlags): Found {
	const name = /^[A-Za-z]*/.exec(text)![0];
	const variable = FORMAT_VARIABLES.find(candidate => candidate === name);
	if (variable !== undefined) return {part: {variable, ...flags}, length: name.length};
	return {
		problem: `'${before}${name}' is not a variable`,
		hint: 'see "log-format" in docs/configuration.md; write %% for a percent sign',
		at,
		length: Math.max(1, before.length + name.length),
	};
}

function isPercentEncoded(text: string): boolean {
	return /^%([0-9][0-9A-Fa-f]|[0-9A-Fa-f][0-9])$/.test(text);
}
