/**
 * Regular expressions as HAProxy's users write them (PCRE, and POSIX classes) for JavaScript's engine.
 *
 * Decides what is translated, and refuses what would silently mean something else. Leaves the guard against exponential
 * backtracking to the process: it runs with V8's linear engine as a fallback; here only the length of a subject is
 * bounded.
 */
import {RuleError} from './rule-error.ts';

/** Characters of a subject that are looked at: as many as the default request buffer (`tune.bufsize`) can hold. */
export const MAX_SUBJECT = 16_384;

const MAX_SOURCE = 4096;
/** Unlimited repetitions of an expression that only the backtracking engine can run: their number is the degree of its time. */
const MAX_REPEATS = 2;

const POSIX_CLASSES: ReadonlyMap<string, string> = new Map([
	['alpha', 'A-Za-z'],
	['digit', '0-9'],
	['alnum', 'A-Za-z0-9'],
	['upper', 'A-Z'],
	['lower', 'a-z'],
	['space', '\\x09-\\x0d\\x20'],
	['blank', '\\x09\\x20'],
	['punct', '!-\\/:-@\\[-`{-~'],
	['xdigit', '0-9A-Fa-f'],
	['cntrl', '\\x00-\\x1f\\x7f'],
	['print', '\\x20-\\x7e'],
	['graph', '\\x21-\\x7e'],
	['word', 'A-Za-z0-9_'],
]);

/** Letters behind a backslash that mean the same in JavaScript. */
const SAME_ESCAPES = 'bBdDfnrstvwWSx';

const OTHER_ESCAPES: ReadonlyMap<string, string> = new Map([
	['a', '\\x07'],
	['e', '\\x1b'],
	['A', '^'],
	['z', '$'],
	['Z', '$'],
	['h', '[\\x09\\x20]'],
	['<', '\\b'],
	['>', '\\b'],
]);

/** Translates and compiles; throws a `RuleError` that names what is not supported. */
export function compileRegex(source: string, ignoreCase: boolean, isGlobal = false): RegExp {
	if (source.length > MAX_SOURCE) {
		throw new RuleError(`a regular expression of ${source.length} characters is too long; the limit is ${MAX_SOURCE}`);
	}
	const inline = source.startsWith('(?i)');
	const text = translate(inline ? source.slice(4) : source, source, ignoreCase || inline);
	refuseSlow(text, source);
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

/**
 * V8's linear engine takes over when an expression backtracks too much, but it cannot run back-references and look-around: with one of
 * these, a repetition inside of a repetition could hang a thread, so it is refused.
 */
function refuseSlow(text: string, source: string): void {
	const plain = text.replace(/\[(?:\\.|[^\]\\])*\]/g, 'x').replace(/\\([^1-9])/g, 'x');
	const usesBacktracking = /\\[1-9]|\(\?(?:[=!]|<[=!])/.test(plain);
	if (!usesBacktracking) return;
	const open: boolean[] = [];
	let repeats = 0;
	for (let at = 0; at < plain.length; at++) {
		const char = plain[at]!;
		if (char === '(') open.push(false);
		else if (char === ')') {
			const inner = open.pop() ?? false;
			if (inner && isRepeat(plain, at + 1))
				throw refuse(
					source,
					'a repetition inside of a repetition beside a back-reference or look-around',
					'write it without one of them',
				);
			if (open.length > 0) open[open.length - 1] ||= inner;
		}
		if (isRepeat(plain, at)) {
			repeats++;
			if (open.length > 0) open[open.length - 1] = true;
		}
	}
	if (repeats > MAX_REPEATS)
		throw refuse(source, 'many repetitions beside a back-reference or look-around', `use at most ${MAX_REPEATS}`);
}

function isRepeat(text: string, at: number): boolean {
	return text[at] === '*' || text[at] === '+' || /^\{\d+,\d*\}/.test(text.slice(at, at + 12));
}

/** The linear engine knows no flag `i`: both cases of every letter are written out instead. */
function translate(text: string, source: string, ignoreCase: boolean): string {
	let out = '';
	let at = 0;
	while (at < text.length) {
		const char = text[at]!;
		if (char === '\\') {
			out += translateEscape(text[at + 1], source);
			at += 2;
		} else if (char === '[') {
			const end = findClassEnd(text, at, source);
			const translated = translateClass(text.slice(at, end), source);
			out += ignoreCase ? addCases(translated) : translated;
			at = end;
		} else if (char === '(' && text[at + 1] === '?') {
			out += translateGroup(text, at, source);
			at += text.startsWith('(?P<', at) ? 4 : 2;
			const name = /^<?[A-Za-z_]\w*>/.exec(text.slice(at))?.[0] ?? '';
			out += name;
			at += name.length;
		} else {
			out += ignoreCase && /[A-Za-z]/.test(char) ? `[${char.toLowerCase()}${char.toUpperCase()}]` : char;
			at++;
		}
	}
	return out;
}

/** A class with the other case of its letters and ranges of letters behind them. */
function addCases(text: string): string {
	const start = text[1] === '^' ? 2 : 1;
	const inner = text.slice(start, -1);
	let added = '';
	for (const [item, from = '', to = from] of inner.matchAll(/\\x[0-9A-Fa-f]{2}|\\.|([^\\])(?:-([^\\]))?/g)) {
		if (item.startsWith('\\')) continue;
		added += caseRange(from, to, 'a', 'z', char => char.toUpperCase());
		added += caseRange(from, to, 'A', 'Z', char => char.toLowerCase());
	}
	return `${text.slice(0, start)}${inner}${added}]`;
}

function caseRange(from: string, to: string, first: string, last: string, change: (char: string) => string): string {
	const low = from > first ? from : first;
	const high = to < last ? to : last;
	return low > high ? '' : `${change(low)}-${change(high)}`;
}

function translateEscape(letter: string | undefined, source: string): string {
	if (letter === undefined) throw refuse(source, 'a backslash at its end', 'write \\\\ for a backslash');
	const other = OTHER_ESCAPES.get(letter);
	if (other !== undefined) return other;
	if (/[A-Za-z]/.test(letter) && !SAME_ESCAPES.includes(letter)) {
		throw refuse(source, `"\\${letter}"`, 'write the characters themselves or a class in brackets');
	}
	return `\\${letter}`;
}

/** `(?:`, look-ahead, look-behind and names are common to both; PCRE's other groups are not. */
function translateGroup(text: string, at: number, source: string): string {
	if (text.startsWith('(?P<', at)) return '(?<';
	if (/^\(\?(?::|=|!|<=|<!|<[A-Za-z_])/.test(text.slice(at, at + 5))) return '(?';
	throw refuse(
		source,
		`"${text.slice(at, at + 3)}"`,
		'use a plain group "(…)" or "(?:…)"; "(?i)" may only stand at the start, or use -i',
	);
}

/** Offset behind the `]` that closes the class at `at`. A `]` that comes first is an ordinary character. */
function findClassEnd(text: string, at: number, source: string): number {
	let end = at + 1;
	if (text[end] === '^') end++;
	if (text[end] === ']') end++;
	while (end < text.length && text[end] !== ']') {
		if (text[end] === '\\') end += 2;
		else if (text.startsWith('[:', end) && text.includes(':]', end)) end = text.indexOf(':]', end) + 2;
		else end++;
	}
	if (end >= text.length) throw refuse(source, 'a "[" that is never closed', 'write \\[ for a bracket');
	return end + 1;
}

function translateClass(text: string, source: string): string {
	const negated = text[1] === '^';
	let inner = text.slice(negated ? 2 : 1, -1);
	if (inner.startsWith(']')) inner = `\\${inner}`;
	if (/\[[.=]/.test(inner)) throw refuse(source, 'a collating element "[. .]" or "[= =]"', 'list the characters');
	inner = inner.replace(/\[:([a-z]+):\]/g, (_whole, name: string) => {
		const range = POSIX_CLASSES.get(name);
		if (range === undefined) throw refuse(source, `the class "[:${name}:]"`, 'list the characters');
		return range;
	});
	inner = inner.replace(/\\([A-Za-z])/g, (whole, letter: string) => {
		if (letter === 'h') return '\\x09\\x20';
		if (letter === 'a' || letter === 'e') return OTHER_ESCAPES.get(letter)!;
		if (!SAME_ESCAPES.includes(letter)) throw refuse(source, `"\\${letter}"`, 'list the characters');
		return whole;
	});
	return `[${negated ? '^' : ''}${inner}]`;
}

function refuse(source: string, what: string, hint: string): RuleError {
	return new RuleError(`the regular expression "${source}" has ${what}, which is not supported: ${hint}`);
}
