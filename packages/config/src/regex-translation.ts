/**
 * Regular expressions as HAProxy's users write them (PCRE, and POSIX classes) for JavaScript's engine.
 *
 * Pure. Decides what is translated, and refuses what would silently mean something else, as Debian's haproxy with PCRE2 understands it. Both
 * match leftmost-first. Leaves matching to the proxy.
 */

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
	['ascii', '\\x00-\\x7f'],
	['^digit', '\\D'],
	['^word', '\\W'],
	['^space', '\\S'],
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
	['N', '[^\\n]'],
]);

export interface RegexProblem {
	readonly problem: string;
	readonly hint: string;
}

class Refusal extends Error {
	readonly problem: string;
	readonly hint: string;

	constructor(problem: string, hint: string) {
		super(problem);
		this.problem = problem;
		this.hint = hint;
	}
}

function refuse(problem: string, hint: string): Refusal {
	return new Refusal(problem, hint);
}

/** The source for `new RegExp(source)`, which may still throw, or what cannot be carried over. */
export function translateRegex(source: string, ignoreCase: boolean): string | RegexProblem {
	try {
		const text = translate(source, ignoreCase);
		refuseSlow(text);
		return text;
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return {problem: error.problem, hint: error.hint};
	}
}

/**
 * V8's linear engine takes over when an expression backtracks too much, but it cannot run back-references and look-around: with one of
 * these, a repetition inside of a repetition could hang a thread, so it is refused.
 */
function refuseSlow(text: string): void {
	const plain = text.replace(/\[(?:\\.|[^\]\\])*\]/g, 'x').replace(/\\([^1-9])/g, 'x');
	const groups = plain.match(/\((?!\?)|\(\?<(?![=!])/g)?.length ?? 0;
	const missing = /\\([1-9])(?!\d)/.exec(plain);
	if (missing !== null && Number(missing[1]) > groups) {
		throw refuse(`"\\${missing[1]}" and no group of that number`, 'groups are counted from 1 at their "("');
	}
	const usesBacktracking = /\\[1-9]|\(\?(?:[=!]|<[=!])/.test(plain) || text.includes('\\k<');
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
		throw refuse('many repetitions beside a back-reference or look-around', `use at most ${MAX_REPEATS}`);
}

function isRepeat(text: string, at: number): boolean {
	return text[at] === '*' || text[at] === '+' || /^\{\d+,\d*\}/.test(text.slice(at, at + 12));
}

/** The linear engine knows no flag `i`: both cases of every letter are written out instead. */
function translate(text: string, ignoreCase: boolean): string {
	/** Whether case is ignored, in each group that is open. */
	const cases = [ignoreCase];
	let out = '';
	let at = 0;
	while (at < text.length) {
		const char = text[at]!;
		const ignores = cases.at(-1)!;
		const rest = text.slice(at);
		const special = readSpecial(rest, ignores);
		const flags = /^\(\?(-?)i([):])/.exec(rest);
		if (special !== undefined) {
			out += special.text;
			at += special.length;
		} else if (flags !== null) {
			if (flags[2] === ':') {
				out += '(?:';
				cases.push(flags[1] === '');
			} else cases[cases.length - 1] = flags[1] === '';
			at += flags[0].length;
		} else if (char === '\\') {
			const named = /^\\k<\w+>/.exec(rest)?.[0];
			out += named ?? translateEscape(text[at + 1]);
			at += named?.length ?? 2;
		} else if (char === '[') {
			const end = findClassEnd(text, at);
			const translated = translateClass(text.slice(at, end));
			out += ignores ? addCases(translated) : translated;
			at = end;
		} else if (char === '(' && text[at + 1] === '?') {
			const back = /^\(\?P=(\w+)\)/.exec(rest);
			if (back !== null) {
				out += `\\k<${back[1]}>`;
				at += back[0].length;
				continue;
			}
			out += translateGroup(text, at);
			cases.push(ignores);
			at += text.startsWith('(?P<', at) ? 4 : 2;
			const name = /^<?[A-Za-z_]\w*>/.exec(text.slice(at))?.[0] ?? '';
			out += name;
			at += name.length;
		} else {
			if (char === '(') cases.push(ignores);
			else if (char === ')' && cases.length > 1) cases.pop();
			if ('*+?}'.includes(char) && text[at + 1] === '+')
				throw refuse('a possessive repetition', 'take the second + out');
			out += writeLetter(char, ignores);
			at++;
		}
	}
	return out;
}

/** What stands for itself in PCRE, whatever is around it: borders of words, comments, quoted texts, bytes by number. */
function readSpecial(rest: string, ignores: boolean): {readonly text: string; readonly length: number} | undefined {
	const word = /^\[\[:[<>]:\]\]/.exec(rest)?.[0];
	if (word !== undefined) return {text: '\\b', length: word.length};
	const comment = /^\(\?#[^)]*\)/.exec(rest)?.[0];
	if (comment !== undefined) return {text: '', length: comment.length};
	const literal = /^\\Q([\s\S]*?)(?:\\E|$)/.exec(rest);
	if (literal !== null) {
		const letters = [...literal[1]!].map(one =>
			/[\\^$.*+?()[\]{}|/]/.test(one) ? `\\${one}` : writeLetter(one, ignores),
		);
		return {text: letters.join(''), length: literal[0].length};
	}
	const byte = /^\\x\{([0-9A-Fa-f]{1,2})\}/.exec(rest);
	if (byte !== null) return {text: `\\x${byte[1]!.padStart(2, '0')}`, length: byte[0].length};
	if (!rest.startsWith('\\x{')) return undefined;
	throw refuse('a character above \\xff', 'messages are bytes: write those of its UTF-8 form');
}

function writeLetter(text: string, ignores: boolean): string {
	return ignores && /^[A-Za-z]$/.test(text) ? `[${text.toLowerCase()}${text.toUpperCase()}]` : text;
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

function translateEscape(letter: string | undefined): string {
	if (letter === undefined) throw refuse('a backslash at its end', 'write \\\\ for a backslash');
	const other = OTHER_ESCAPES.get(letter);
	if (other !== undefined) return other;
	if (/[A-Za-z]/.test(letter) && !SAME_ESCAPES.includes(letter)) {
		throw refuse(`"\\${letter}"`, 'write the characters themselves or a class in brackets');
	}
	return `\\${letter}`;
}

/** `(?:`, look-ahead, look-behind and names are common to both; PCRE's other groups are not. */
function translateGroup(text: string, at: number): string {
	if (text.startsWith('(?P<', at)) return '(?<';
	if (/^\(\?(?::|=|!|<=|<!|<[A-Za-z_])/.test(text.slice(at, at + 5))) return '(?';
	throw refuse(
		`"${text.slice(at, at + 3)}"`,
		'use a plain group "(…)" or "(?:…)"; "(?i)" may only stand at the start, or use -i',
	);
}

/** Offset behind the `]` that closes the class at `at`. A `]` that comes first is an ordinary character. */
function findClassEnd(text: string, at: number): number {
	let end = at + 1;
	if (text[end] === '^') end++;
	if (text[end] === ']') end++;
	while (end < text.length && text[end] !== ']') {
		if (text[end] === '\\') end += 2;
		else if (text.startsWith('[:', end) && text.includes(':]', end)) end = text.indexOf(':]', end) + 2;
		else end++;
	}
	if (end >= text.length) throw refuse('a "[" that is never closed', 'write \\[ for a bracket');
	return end + 1;
}

function translateClass(text: string): string {
	const negated = text[1] === '^';
	let inner = text.slice(negated ? 2 : 1, -1);
	if (inner.startsWith(']')) inner = `\\${inner}`;
	if (/\[[.=]/.test(inner)) throw refuse('a collating element "[. .]" or "[= =]"', 'list the characters');
	inner = inner.replace(/\[:(\^?[a-z]+):\]/g, (_whole, name: string) => {
		const range = POSIX_CLASSES.get(name);
		if (range === undefined) throw refuse(`the class "[:${name}:]"`, 'list the characters');
		return range;
	});
	inner = inner.replace(/\\([A-Za-z])/g, (whole, letter: string) => {
		if (letter === 'h') return '\\x09\\x20';
		if (letter === 'a' || letter === 'e') return OTHER_ESCAPES.get(letter)!;
		if (!SAME_ESCAPES.includes(letter)) throw refuse(`"\\${letter}"`, 'list the characters');
		return whole;
	});
	return `[${negated ? '^' : ''}${inner}]`;
}
