/**
 * The lines of a file of patterns or of a map (HAProxy manual, `-f`, `map`).
 *
 * Decides what is a key and what its value: blanks around a line do not count; empty lines and those that begin with `#` are none.
 */
import type {PatternEntry} from './model.ts';
import {linesOf} from './text.ts';

export function readPatternLines(text: string, isMap: boolean): readonly PatternEntry[] {
	return linesOf(text)
		.map(line => line.trim())
		.filter(line => line !== '' && !line.startsWith('#'))
		.map(line => (isMap ? splitEntry(line) : {key: line, value: ''}));
}

/** A key up to the first blank, and what follows the blanks. */
export function splitEntry(line: string): PatternEntry {
	const [key = ''] = /^[^ \t]*/.exec(line)!;
	return {key, value: line.slice(key.length).trimStart()};
}
