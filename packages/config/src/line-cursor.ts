/**
 * The words of one line, read from left to right with their places.
 *
 * Decides how a missing or a surplus word is reported. Leaves the meaning of words to the handlers of keywords.
 */
import type {Place, Reporter} from './diagnostics.ts';
import type {Word} from './lexer.ts';

export interface Line {
	readonly file: string;
	/** From 1. */
	readonly number: number;
	readonly words: readonly Word[];
	/** The text of a file that the line names (`acl … -f PATH`); undefined when it cannot be read. */
	readonly readFile?: ReadFile | undefined;
	/** `default-path`: the path that a name of a file stands for. */
	readonly resolve?: (path: string) => string;
}

/** Reads a file for the parser, which itself reads none. */
export type ReadFile = (path: string) => string | undefined;

export function placeOfWord(line: Line, word: Word): Place {
	return {file: line.file, line: line.number, column: word.column, length: Math.max(1, word.length)};
}

export class LineCursor {
	readonly line: Line;
	readonly reporter: Reporter;
	#at: number;

	constructor(line: Line, reporter: Reporter, at = 0) {
		this.line = line;
		this.reporter = reporter;
		this.#at = at;
	}

	peek(): Word | undefined {
		return this.line.words[this.#at];
	}

	next(): Word | undefined {
		const word = this.line.words[this.#at];
		if (word !== undefined) this.#at += 1;
		return word;
	}

	/** Takes the next word when it is `text`. */
	accept(text: string): boolean {
		if (this.peek()?.text !== text) return false;
		this.#at += 1;
		return true;
	}

	/** The next word, or an error at the end of the line that says what is missing. */
	require(what: string, hint?: string): Word | undefined {
		const word = this.next();
		if (word === undefined) this.reporter.error(this.endPlace(), `${what} is missing at the end of this line`, hint);
		return word;
	}

	/** The words that are left; none after this. */
	rest(): readonly Word[] {
		const words = this.line.words.slice(this.#at);
		this.#at = this.line.words.length;
		return words;
	}

	/** The word taken last. */
	previous(): Word | undefined {
		return this.line.words[this.#at - 1];
	}

	/** Reports the first word that is left over. */
	finish(hint?: string): void {
		const word = this.peek();
		if (word === undefined) return;
		this.error(word, `'${word.text}' is one word too many here`, hint);
		this.#at = this.line.words.length;
	}

	error(word: Word | undefined, message: string, hint?: string): void {
		this.reporter.error(this.place(word), message, hint);
	}

	place(word?: Word): Place {
		return word === undefined ? this.endPlace() : placeOfWord(this.line, word);
	}

	/** A part of a word, when the source shows it letter by letter; else the whole word. */
	partPlace(word: Word, offset: number, length: number): Place {
		const whole = this.place(word);
		return word.verbatim ? {...whole, column: whole.column + offset, length: Math.max(1, length)} : whole;
	}

	/** The keyword itself, for errors about the whole line. */
	startPlace(): Place {
		return this.place(this.line.words[0]);
	}

	/** The last word: where something is missing after it. */
	endPlace(): Place {
		const last = this.line.words.at(-1);
		return last === undefined
			? {file: this.line.file, line: this.line.number, column: 1, length: 1}
			: placeOfWord(this.line, last);
	}
}
