/**
 * One line of text into words, each with its place.
 *
 * Decides quoting, escapes, environment variables and comments, by the rules of 1.4 (no quotes, no `$`) or today's. The
 * escapes `\ ` `\#` `\\` `\r` `\n` `\t` `\xHH` are the same in both; any other backslash pair stays as it is, so that
 * regular expressions survive. Leaves the meaning of words to the parser. HAProxy manual 1.4 section 2, 2.6 section 2.
 */
import {MAX_LINE_BYTES, MAX_LINE_BYTES_1_4, MAX_WORDS_1_4} from './defaults.ts';
import {byteLength} from './text.ts';

export type SyntaxMode = '1.4' | 'modern';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A word after unquoting. `column` counts UTF-16 units from 1; `length` is that of the source text, quotes included. */
export interface Word {
	readonly text: string;
	readonly column: number;
	readonly length: number;
	/** The source text is the word itself: a part of the word can be pointed at. */
	readonly verbatim: boolean;
}

export interface LexProblem {
	readonly severity: 'error' | 'warning';
	readonly column: number;
	readonly length: number;
	readonly message: string;
	readonly hint?: string;
}

export interface LexedLine {
	readonly words: readonly Word[];
	readonly problems: readonly LexProblem[];
}

const NO_PROBLEMS: readonly LexProblem[] = [];
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {' ': ' ', '\\': '\\', '#': '#', t: '\t', r: '\r', n: '\n'};
const QUOTE_ESCAPES: Readonly<Record<string, string>> = {'"': '"', "'": "'", $: '$'};
/** Blanks that look like a space and are none: they arrive with text copied from web pages. */
const FALSE_BLANK = /[\u00a0\u2000-\u200b\u202f\u3000\ufeff]/;
const NEEDS_CARE = /["'\\$#\u0000\r\u00a0\u2000-\u200b\u202f\u3000\ufeff]/;

/** Splits one line, without its line end. Never throws; what is wrong comes back as problems. */
export function lexLine(text: string, mode: SyntaxMode, environment: Environment): LexedLine {
	const tooLong = checkLength(text, mode);
	// The start is enough for what reads a refused line: its keyword and the name that it declares.
	if (tooLong !== undefined) return {words: splitPlain(text.slice(0, MAX_LINE_BYTES_1_4)), problems: [tooLong]};
	const lexed = NEEDS_CARE.test(text)
		? new LineLexer(text, mode, environment).read()
		: {words: splitPlain(text), problems: NO_PROBLEMS};
	const extra = mode === '1.4' ? lexed.words[MAX_WORDS_1_4] : undefined;
	if (extra === undefined) return lexed;
	const message = `a line has at most ${MAX_WORDS_1_4} words in 1.4 syntax`;
	const hint = 'split the line, or read the file as modern syntax';
	const {column, length} = extra;
	return {words: lexed.words, problems: [...lexed.problems, {severity: 'error', column, length, message, hint}]};
}

function checkLength(text: string, mode: SyntaxMode): LexProblem | undefined {
	const limit = mode === '1.4' ? MAX_LINE_BYTES_1_4 : MAX_LINE_BYTES;
	if (text.length * 3 <= limit || byteLength(text) <= limit) return undefined;
	const message = `the line is longer than ${limit} bytes`;
	return {severity: 'error', column: 1, length: 1, message, hint: 'split it into several lines'};
}

/** The common line: nothing but words and blanks. */
function splitPlain(text: string): Word[] {
	const words: Word[] = [];
	let start = -1;
	for (let at = 0; at <= text.length; at += 1) {
		const blank = at === text.length || isBlank(text.charCodeAt(at));
		if (blank && start >= 0) {
			words.push({text: text.slice(start, at), column: start + 1, length: at - start, verbatim: true});
			start = -1;
		} else if (!blank && start < 0) start = at;
	}
	return words;
}

function isBlank(code: number): boolean {
	return code === 32 || code === 9 || code === 11 || code === 12;
}

/** The line with quotes, escapes, variables or a comment. */
class LineLexer {
	readonly #text: string;
	readonly #modern: boolean;
	readonly #environment: Environment;
	readonly #words: Word[] = [];
	readonly #problems: LexProblem[] = [];
	#at = 0;
	/** Where the current word began; -1 between words. */
	#start = -1;
	#value = '';
	#verbatim = true;
	#quote = '';
	#quoteAt = 0;

	constructor(text: string, mode: SyntaxMode, environment: Environment) {
		this.#text = text;
		this.#modern = mode === 'modern';
		this.#environment = environment;
	}

	read(): LexedLine {
		const text = this.#text;
		while (this.#at < text.length) {
			const char = text.charAt(this.#at);
			if (this.#quote === '' && char === '#') break;
			this.#readOne(char);
		}
		if (this.#quote !== '') {
			const name = this.#quote === '"' ? 'double' : 'single';
			const hint = 'close it on the same line, or write \\" for a quote that is text';
			this.#problem(this.#quoteAt, text.length - this.#quoteAt, `the ${name} quote is never closed`, hint);
		}
		this.#endWord();
		return {words: this.#words, problems: this.#problems};
	}

	#readOne(char: string): void {
		if (char === '\0') this.#refuse('a NUL byte is not text', 'the file may be binary or damaged');
		else if (char === '\r') this.#refuse('a carriage return inside a line', 'end lines with LF or CR LF');
		else if (this.#quote === "'") this.#readStrong(char);
		else if (char === '\\') this.#readBackslash();
		else if (this.#modern && (char === '"' || (char === "'" && this.#quote === ''))) this.#toggleQuote(char);
		else if (this.#quote === '"' && char === '$') this.#readVariable();
		else if (this.#quote === '' && isBlank(char.charCodeAt(0))) this.#endWord(1);
		else if (this.#quote === '' && FALSE_BLANK.test(char)) {
			this.#endWord();
			this.#refuse('this character looks like a blank and is none', 'retype the blank; it was copied from a web page');
		} else this.#emit(char, 1, true);
	}

	#readStrong(char: string): void {
		if (char === "'") this.#toggleQuote(char);
		else this.#emit(char, 1, false);
	}

	#toggleQuote(char: string): void {
		this.#emit('', 0, false);
		if (this.#quote === '') this.#quoteAt = this.#at;
		this.#quote = this.#quote === '' ? char : '';
		this.#at += 1;
	}

	#readBackslash(): void {
		const next = this.#text.charAt(this.#at + 1);
		const replaced = SIMPLE_ESCAPES[next] ?? (this.#modern ? QUOTE_ESCAPES[next] : undefined);
		if (replaced !== undefined) this.#emit(replaced, 2, false);
		else if (next === 'x') this.#readHexEscape();
		else this.#emit('\\', 1, true);
	}

	#readHexEscape(): void {
		const digits = this.#text.slice(this.#at + 2, this.#at + 4);
		if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
			this.#problem(this.#at, 2, 'a \\x needs two hexadecimal digits after it', 'write \\x20 for a space');
			this.#emit('', 2, false);
			return;
		}
		const code = Number.parseInt(digits, 16);
		if (code === 0) this.#problem(this.#at, 4, 'a NUL byte is not text', 'take the \\x00 out');
		this.#emit(String.fromCharCode(code), 4, false);
	}

	/** `$NAME`, `${NAME}`, `${NAME-default}`, inside double quotes only. */
	#readVariable(): void {
		const rest = this.#text.slice(this.#at);
		const found = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:-([^}"]*))?\})/.exec(rest);
		if (found === null) {
			const hint = `write "\${NAME}" or "\${NAME-default}", or \\$ for a dollar sign`;
			this.#problem(this.#at, 1, 'this is not the name of an environment variable', hint);
			this.#emit('', 1, false);
			return;
		}
		const name = found[1] ?? found[2] ?? '';
		const value = Object.hasOwn(this.#environment, name) ? this.#environment[name] : undefined;
		if (value === undefined && found[3] === undefined) {
			const message = `the environment variable '${name}' is not set and stands for nothing`;
			const {length} = found[0];
			const hint = `set it, or write "\${${name}-default}"`;
			this.#problems.push({severity: 'warning', column: this.#at + 1, length, message, hint});
		}
		this.#emit(value ?? found[3] ?? '', found[0].length, false);
	}

	#refuse(message: string, hint: string): void {
		this.#problem(this.#at, 1, message, hint);
		this.#verbatim = false;
		this.#at += 1;
	}

	#problem(at: number, length: number, message: string, hint: string): void {
		this.#problems.push({severity: 'error', column: at + 1, length: Math.max(1, length), message, hint});
	}

	/** Adds `value` to the current word and goes on by `consumed` characters of the source. */
	#emit(value: string, consumed: number, verbatim: boolean): void {
		if (this.#start < 0) {
			this.#start = this.#at;
			this.#value = '';
			this.#verbatim = true;
		}
		this.#value += value;
		this.#verbatim &&= verbatim;
		this.#at += consumed;
	}

	#endWord(consumed = 0): void {
		if (this.#start >= 0) {
			const length = this.#at - this.#start;
			this.#words.push({text: this.#value, column: this.#start + 1, length, verbatim: this.#verbatim});
			this.#start = -1;
		}
		this.#at += consumed;
	}
}
