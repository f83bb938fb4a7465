/**
 * keepalived.conf from the disk, with the files that it includes.
 *
 * Decides that an included pattern counts from the directory of the file that names it (keepalived.conf(5), `include`), and how
 * deep and how much. Leaves the text to `statements.ts`.
 */
import {globSync, readFileSync, statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {UserError} from '../exit-codes.ts';
import type {Note} from './notes.ts';
import type {SourceLine} from './statements.ts';

const deepestInclude = 8;
const mostLines = 100_000;
const largestFileBytes = 4_194_304;

/** Lines in the order in which keepalived reads them. Throws a `UserError` when the file itself cannot be read. */
export function loadLines(file: string, notes: Note[]): SourceLine[] {
	const lines: SourceLine[] = [];
	append(file, lines, notes, 0);
	return lines;
}

function append(file: string, lines: SourceLine[], notes: Note[], depth: number): void {
	for (const [index, text] of readText(file).split('\n').entries()) {
		const line = index + 1;
		const pattern = /^\s*include[a-z]?\s+"?([^\s"#!]+)/.exec(text)?.[1];
		if (pattern === undefined) lines.push({file, line, text});
		else if (depth >= deepestInclude) notes.push(lost(file, line, 'include: too deep, not read'));
		else {
			const found = globSync(resolve(dirname(file), pattern)).sort();
			if (found.length === 0) notes.push(lost(file, line, `include: there is no file ${pattern}`));
			for (const one of found) append(one, lines, notes, depth + 1);
		}
		if (lines.length > mostLines) throw new UserError(`${file}: more than ${mostLines} lines with what it includes`);
	}
}

function lost(file: string, line: number, message: string): Note {
	return {file, line, kind: 'lost', message};
}

function readText(file: string): string {
	try {
		const stats = statSync(file);
		if (!stats.isFile()) throw new UserError(`${file}: is not a regular file`);
		if (stats.size > largestFileBytes) throw new UserError(`${file}: is larger than ${largestFileBytes} bytes`);
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof UserError) throw error;
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		throw new UserError(code === 'ENOENT' ? `${file}: there is no such file` : `${file}: cannot be read (${code})`);
	}
}
