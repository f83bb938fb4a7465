/**
 * Regular expressions at work: matching and replacing.
 *
 * Decides how long a subject may be and what a replacement means. Leaves the language to the configuration, which translates it, and the guard
 * against exponential backtracking to the process: it runs with V8's linear engine as a fallback.
 */
import {translateRegex} from '@hapair/config';
import {RuleError} from './rule-error.ts';

/** Characters of a subject that are looked at: as many as the default request buffer (`tune.bufsize`) can hold. */
export const MAX_SUBJECT = 16_384;

const MAX_SOURCE = 4096;
/** Translates and compiles; throws a `RuleError` that names what is not supported. */
export function compileRegex(source: string, ignoreCase: boolean, isGlobal = false): RegExp {
	if (source.length > MAX_SOURCE) {
		throw new RuleError(`a regular expression of ${source.length} characters is too long; the limit is ${MAX_SOURCE}`);
	}
	const text = translateRegex(source, ignoreCase);
	if (typeof text !== 'string') {
		throw new RuleError(`the regular expression "${source}" has ${text.problem}, which is not supported: ${text.hint}`);
	}
	try {
		return new RegExp(text, isGlobal ? 'g' : '');
	} catch (error) {
		const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error);
		throw new RuleError(`the regular expression "${source}" cannot be used: ${reason}`);
	}
}

/** Does the expression match somewhere in the first `MAX_SUBJECT` characters? */
export function testRegex(regex: RegExp, subject: string): boolean {
	return regex.test(subject.length > MAX_SUBJECT ? subject.slice(0, MAX_SUBJECT) : subject);
}

/** For text of several lines, where `$` may stand before the last line feed, as in PCRE. */
export function testLines(source: string, subject: string): boolean {
	const regex = compileRegex(source, false);
	return regex.test(subject) || (subject.endsWith('\n') && regex.test(subject.slice(0, -1)));
}

/** The first match in the first `MAX_SUBJECT` characters. */
export function matchRegex(regex: RegExp, subject: string): RegExpExecArray | null {
	regex.lastIndex = 0;
	return regex.exec(subject.length > MAX_SUBJECT ? subject.slice(0, MAX_SUBJECT) : subject);
}

/** `\1` in a replacement is the first group, `\0` the whole match; any other character behind a backslash is itself. */
export function expandReplacement(replacement: string, match: readonly (string | undefined)[]): string {
	if (!replacement.includes('\\')) return replacement;
	return replacement.replace(/\\([\s\S])/g, (_whole, char: string) =>
		char >= '0' && char <= '9' ? (match[Number(char)] ?? '') : char,
	);
}

/** Replaces the first match, or every one of a global expression. What lies behind `MAX_SUBJECT` characters stays as it is. */
export function replaceText(regex: RegExp, subject: string, replacement: string): string {
	const looked = subject.length > MAX_SUBJECT ? subject.slice(0, MAX_SUBJECT) : subject;
	const replaced = looked.replace(regex, (...args) => expandReplacement(replacement, args.slice(0, groupsIn(args))));
	return replaced + subject.slice(looked.length);
}

/** Of the arguments of a replacer: whole match and groups come before the offset, which is the first number. */
function groupsIn(args: readonly unknown[]): number {
	return args.findIndex(argument => typeof argument === 'number');
}
