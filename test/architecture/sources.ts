/**
 * The project's own files as text, and what can be read off them without a compiler: headers, imports, functions.
 *
 * Decides which files belong to the project (git's tracked ones, or all but the ignored folders in a plain copy). The
 * rules are in the tests. Reading is by line and indentation, which the formatter keeps regular.
 */
import {globSync, readFileSync} from 'node:fs';
import {dirname, join, posix} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface SourceFile {
	/** From the root, with slashes. */
	readonly path: string;
	readonly text: string;
}

export interface Import {
	readonly specifier: string;
	/** Erased before the program runs. */
	readonly typeOnly: boolean;
}

/** Files of the project that match a pattern, sorted. */
export function listFiles(pattern: string): SourceFile[] {
	const exclude = (name: string) => /(^|\/)(node_modules|\.git|dist)(\/|$)/.test(name);
	return globSync(pattern, {cwd: root, exclude})
		.sort()
		.map(path => ({path, text: readFileSync(join(root, path), 'utf8')}));
}

export const packageSources: readonly SourceFile[] = listFiles('packages/*/src/**/*.{ts,tsx}');

/** The name of the folder in `packages/`. */
export function packageOf(path: string): string {
	return path.split('/')[1] ?? '';
}

/** The doc comment that opens a file, without its stars; empty when there is none. */
export function headerOf(text: string): string {
	const comment = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
	return comment.replace(/^\s*\* ?/gm, '').trim();
}

/** The text without comments and string contents, so that words in prose are not taken for code. */
export function codeOf(text: string): string {
	return text
		.replace(/\/\*[\s\S]*?\*\//g, '')
		.replace(/^\s*\/\/.*$/gm, '')
		.replace(/\s\/\/ .*$/gm, '')
		.replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

/** Static and dynamic imports, and re-exports. */
export function importsOf(text: string): Import[] {
	const pattern = /^(?:import|export)\s+(type\s)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
	return [...text.matchAll(pattern)].map(([, typeKeyword, names = '', fixed, dynamic]) => {
		const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1] ?? '';
		const parts = inner
			.split(',')
			.map(part => part.trim())
			.filter(Boolean);
		const allTypes = parts.length > 0 && parts.every(part => part.startsWith('type '));
		return {specifier: fixed ?? dynamic ?? '', typeOnly: typeKeyword !== undefined || allTypes};
	});
}

/** The file that a relative import names, from the root. */
export function resolveImport(from: string, specifier: string): string {
	return posix.join(posix.dirname(from), specifier);
}

/** Functions and methods with their lengths in lines, found by indentation. */
export function functionsOf(text: string): {readonly name: string; readonly lines: number}[] {
	const lines = text.split('\n');
	const start =
		/^(\t*)(?:export |default |async |static |get |set |private |override )*(?:function\*? ?)?([#\w]+)(?:<[^(]*>)?\(.*[{(,]$/;
	return lines.flatMap((line, index) => {
		const match = start.exec(line);
		const isDeclared =
			/\bfunction\b/.test(line) || /^\t(?:async |static |get |set |\*)*[#\w]+(?:<.*>)?\(.*$/.test(line);
		if (match === null || !isDeclared || /^\t*(if|for|while|switch|return|await|super)\b/.test(line)) return [];
		const [, indent = '', name = ''] = match;
		const length = lines.slice(index + 1).indexOf(`${indent}}`);
		return length < 0 ? [] : [{name, lines: length + 2}];
	});
}
