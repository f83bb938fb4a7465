/**
 * Can a text be a pattern of this kind, or a value of a map?
 *
 * Decides it alike for files and for what is added at run time; the sentences are those that programs know from HAProxy.
 */
import {addressFamily, parseNetwork} from './addresses.ts';
import type {MapOutput, PatternMatch} from './model.ts';
import {toRegexSource} from './regexes.ts';

/** What is wrong with a pattern, undefined when nothing is. */
export function findPatternProblem(match: PatternMatch, text: string): string | undefined {
	switch (match) {
		case 'ip':
			return parseNetwork(text) === undefined ? `'${text}' is not a valid IPv4 or IPv6 address.` : undefined;
		case 'int':
		case 'len':
			return readIntegerRange(text) === undefined ? `'${text}' is not a number or a range.` : undefined;
		case 'reg':
		case 'regm': {
			const source = toRegexSource(text);
			return typeof source === 'string' ? undefined : `regex '${text}' is invalid: ${source.problem}.`;
		}
		default:
			return undefined;
	}
}

export function findValueProblem(output: MapOutput, text: string): string | undefined {
	const isRight =
		output === 'str' || (output === 'int' ? /^-?\d{1,15}$/.test(text) : addressFamily(text) !== undefined);
	return isRight ? undefined : `unable to parse '${text}'.`;
}

/** `5`, `1:10`, `:3` or `7:`; undefined for other texts. */
export function readIntegerRange(text: string): {readonly min: number; readonly max: number} | undefined {
	const found = /^(-?\d{1,15})?(:)?(-?\d{1,15})?$/.exec(text);
	if (found === null || (found[1] === undefined && found[3] === undefined)) return undefined;
	if (found[2] === undefined)
		return found[3] === undefined ? {min: Number(found[1]), max: Number(found[1])} : undefined;
	const min = found[1] === undefined ? Number.MIN_SAFE_INTEGER : Number(found[1]);
	const max = found[3] === undefined ? Number.MAX_SAFE_INTEGER : Number(found[3]);
	return min <= max ? {min, max} : undefined;
}
