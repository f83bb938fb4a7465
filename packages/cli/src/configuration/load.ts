/**
 * Configuration files as a command meets them: read, parsed, named by a digest.
 *
 * Leaves the language to `@hapair/config`. A file that cannot be read ends everything: half a configuration is none.
 */
import {readFileSync, statSync} from 'node:fs';
import {type Configuration, type Diagnostic, formatDiagnostics, parseConfiguration, type Source} from '@hapair/config';
import {UserError} from '../exit-codes.ts';
import type {Paint} from '../terminal.ts';

export type SyntaxChoice = '1.4' | 'modern';

export interface LoadedConfiguration {
	/** Absent when there are errors. */
	readonly configuration: Configuration | undefined;
	readonly diagnostics: readonly Diagnostic[];
	readonly sources: readonly Source[];
	/** What lines read of other files: maps, patterns, spellings of headers. By path, in the order of the lines. */
	readonly readFiles: ReadonlyMap<string, string>;
}

/** Reads the files in the order of the command line. Throws a `UserError` when one cannot be read. */
export function loadConfiguration(files: readonly string[], syntax: SyntaxChoice | undefined): LoadedConfiguration {
	return parseSources(
		files.map(name => ({name, text: readText(name)})),
		syntax,
	);
}

/** Parses a text that has no file yet. */
export function parseText(name: string, text: string): LoadedConfiguration {
	return parseSources([{name, text}], undefined);
}

/** Parses texts whose files, and those that they name, need not be in their places yet. */
export function parseSources(
	sources: readonly Source[],
	syntax: SyntaxChoice | undefined,
	readFile = readPatterns,
): LoadedConfiguration {
	const readFiles = new Map<string, string>();
	const {configuration, diagnostics} = parseConfiguration(sources, {
		environment: process.env,
		readFile: path => {
			const text = readFiles.get(path) ?? readFile(path);
			if (text !== undefined) readFiles.set(path, text);
			return text;
		},
		...(syntax === undefined ? {} : {syntax}),
	});
	return {configuration, diagnostics, sources, readFiles};
}

export function countErrors(diagnostics: readonly Diagnostic[]): number {
	return diagnostics.filter(({severity}) => severity === 'error').length;
}

/** Every finding with its line and a caret; empty when there are none. */
export function formatFindings(
	{sources}: LoadedConfiguration,
	diagnostics: readonly Diagnostic[],
	paint: Paint,
): string {
	return formatDiagnostics(diagnostics, sources, {colour: paint('red', 'x') !== 'x'});
}

/** A file of patterns; what is wrong with it is said at the line that names it. */
function readPatterns(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
}

function readText(file: string): string {
	try {
		if (statSync(file).isDirectory()) {
			throw new UserError(`${file}: is a directory`, {hint: 'name the files one by one, each with -f'});
		}
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof UserError) throw error;
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOENT') throw new UserError(`${file}: there is no such file`);
		if (code === 'EACCES')
			throw new UserError(`${file}: this user may not read it`, {hint: 'run as root or as its owner'});
		throw new UserError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
	}
}
