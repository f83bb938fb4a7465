/**
 * A text with variables (`%ci`, `%[hdr(host),lower]`) into its parts (HAProxy manual, "Custom log format").
 *
 * Decides what a `%` begins; one that begins nothing known is a problem and never sent as it stands. Used when a file is read,
 * to find mistakes, and by the proxy, so that both read a text alike.
 */
import type {SampleExpression} from '../model.ts';
import {type ExpressionProblem, parseExpression} from './expression.ts';

/** Variables that a value may hold, with the expression that each stands for. */
const ALIASES: ReadonlyMap<string, string> = new Map([
	['ci', 'src'],
	['cp', 'src_port'],
	['fi', 'dst'],
	['fp', 'dst_port'],
	['f', 'fe_name'],
	['b', 'be_name'],
	['HM', 'method'],
	['HP', 'path'],
	['ST', 'status'],
]);
/** Variables that no fetch gives. */
const OWN = ['s', 'HQ', 'HU', 'HV'] as const;

export type FormatVariable = (typeof OWN)[number];
export type FormatPart = string | {readonly variable: FormatVariable} | {readonly sample: SampleExpression};

export interface FormatProblem extends ExpressionProblem {
	/** Where in the text, from 0. */
	readonly at: number;
	readonly length: number;
}

/** Splits a text. `%20` is text: two letters name a variable, digits are percent-encoding. */
export function parseFormat(text: string): readonly FormatPart[] | FormatProblem {
	const parts: FormatPart[] = [];
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
		const found = rest.startsWith('%[') ? readSample(rest, at) : readVariable(rest, at);
		if ('problem' in found) return found;
		if (literal !== '') parts.push(literal);
		literal = '';
		parts.push(found.part);
		at += found.length;
	}
	if (literal !== '') parts.push(literal);
	return parts;
}

type Found = {readonly part: FormatPart; readonly length: number} | FormatProblem;

function readSample(rest: string, at: number): Found {
	const end = findBracket(rest);
	if (end < 0) return {problem: `'${rest}' lacks its closing ']'`, at, length: rest.length};
	const sample = parseExpression(rest.slice(2, end));
	const length = end + 1;
	if ('problem' in sample) {
		return sample.isLater === true
			? {problem: `'${rest.slice(0, length)}' in a value`, isLater: true, at, length}
			: {...sample, at, length};
	}
	return {part: {sample}, length};
}

/** The `]` that ends `%[`: brackets of a regular expression inside parentheses belong to it. */
function findBracket(rest: string): number {
	let depth = 0;
	let quote = '';
	for (let at = 2; at < rest.length; at += 1) {
		const char = rest[at]!;
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

function readVariable(rest: string, at: number): Found {
	for (const length of [2, 1]) {
		const name = rest.slice(1, 1 + length);
		if (name.length < length || (length === 1 && /^[A-Za-z]{2}/.test(rest.slice(1)))) continue;
		const own = OWN.find(candidate => candidate === name);
		if (own !== undefined) return {part: {variable: own}, length: 1 + length};
		const alias = ALIASES.get(name);
		if (alias !== undefined) return {part: {sample: {fetch: alias, arguments: [], converters: []}}, length: 1 + length};
	}
	const found = /^%([+-]?\{[^}]*\}?\w*|\w*)/.exec(rest)![0];
	return {problem: `'${found}' in a value`, isLater: true, at, length: found.length};
}

function isPercentEncoded(text: string): boolean {
	return /^%([0-9][0-9A-Fa-f]|[0-9A-Fa-f][0-9])$/.test(text);
}
