/**
 * keepalived.conf as a tree of statements, each with its file and line. Pure.
 *
 * Decides comments, quotes, braces, `$NAME=VALUE` definitions and `@ID` conditions (keepalived.conf(5), CONFIGURATION PARSER). Never
 * throws: what it cannot follow becomes a note. Leaves meanings to `node.ts` and reading files to `load.ts`.
 */
import type {Note} from './notes.ts';

export interface Statement {
	readonly file: string;
	readonly line: number;
	readonly keyword: string;
	/** After the keyword. */
	readonly words: readonly string[];
	/** Between braces; absent without braces. */
	readonly block?: readonly Statement[];
}

export interface SourceLine {
	readonly file: string;
	readonly line: number;
	readonly text: string;
}

interface Open {
	readonly keyword: string;
	readonly words: readonly string[];
	readonly file: string;
	readonly line: number;
	readonly block: Statement[];
}

/** `id` is what keepalived is started with by `-i`; lines for another one are left out. */
export function readStatements(lines: readonly SourceLine[], id: string | undefined, notes: Note[]): Statement[] {
	const definitions = new Map<string, string>();
	const top: Statement[] = [];
	const opened: Open[] = [];
	const here = (): Statement[] => opened.at(-1)?.block ?? top;
	const note = ({file, line}: SourceLine, message: string): void => {
		notes.push({file, line, kind: 'lost', message});
	};
	for (const source of lines) {
		const selected = applyCondition(source.text, id);
		if (selected === undefined) continue;
		const definition = /^\s*\$(\w+)\s*=\s*(.*?)\s*$/.exec(selected);
		if (definition !== null) {
			definitions.set(definition[1] ?? '', stripComment(definition[2] ?? ''));
			continue;
		}
		const text = selected.replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, inBraces, bare) => {
			return definitions.get(inBraces ?? bare) ?? all;
		});
		if (/(^|\s)~(SEQ|LST)\(/.test(text)) note(source, '~SEQ and ~LST are not expanded; write the lines out');
		for (const words of splitAtBraces(splitWords(text))) {
			const [keyword = '', ...rest] = words;
			const {file, line} = source;
			if (keyword === '{') {
				// A brace on a line of its own opens the block of the statement before it.
				const last = here().pop();
				if (last === undefined) note(source, 'a brace without a statement before it');
				else opened.push({...last, block: [...(last.block ?? [])]});
			} else if (keyword === '}') {
				const closed = opened.pop();
				if (closed === undefined) note(source, 'a closing brace too many');
				else here().push(closed);
			} else here().push({file, line, keyword, words: rest});
		}
	}
	for (let left = opened.pop(); left !== undefined; left = opened.pop()) {
		notes.push({file: left.file, line: left.line, kind: 'lost', message: `the block of ${left.keyword} is not closed`});
		here().push(left);
	}
	return top;
}

/** The ids that conditions name, without those that exclude. */
export function listIds(lines: readonly SourceLine[]): string[] {
	const ids = lines.flatMap(({text}) => /^\s*@(\w[\w.-]*)\s/.exec(text)?.[1] ?? []);
	return [...new Set(ids)];
}

function applyCondition(text: string, id: string | undefined): string | undefined {
	const found = /^\s*@(\^?)([\w.-]+)\s+(.*)$/.exec(text);
	if (found === null) return text;
	const [, not, name, rest = ''] = found;
	return (name === id) === (not === '') ? rest : undefined;
}

function stripComment(text: string): string {
	return text.replace(/\s[#!].*$/, '');
}

/** Quotes are taken off; `'…'` inside of `"…"` stays, since it groups the words of a command. */
function splitWords(text: string): {readonly text: string; readonly quoted: boolean}[] {
	const words: {text: string; quoted: boolean}[] = [];
	for (const [all, double, single, brace] of text.matchAll(
		/"((?:[^"\\]|\\.)*)"?|'([^']*)'?|([{}])|[#!].*|(?:[^\s"'{}#!\\]|\\.)+/g,
	)) {
		if (/^[#!]/.test(all)) break;
		const content = double ?? single;
		if (brace !== undefined) words.push({text: brace, quoted: false});
		else words.push({text: (content ?? all).replace(/\\(["\\])/g, '$1'), quoted: content !== undefined});
	}
	return words;
}

/** Each brace is a statement of its own. */
function splitAtBraces(words: readonly {readonly text: string; readonly quoted: boolean}[]): string[][] {
	const parts: string[][] = [[]];
	for (const {text, quoted} of words) {
		if (!quoted && (text === '{' || text === '}')) parts.push([text], []);
		else parts.at(-1)?.push(text);
	}
	return parts.filter(part => part.length > 0);
}
