/**
 * Reads the files of `-f` and the error files they name.
 *
 * Decides which files a directory stands for (its `*.cfg`, in the order of their names) and what is too large. Leaves the text to the parser.
 */
import {isUtf8} from 'node:buffer';
import {lstatSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {type Configuration, type Diagnostic, namedFiles, parseConfiguration, type Source} from '@hapair/config';
import {buildErrorPages, ErrorFileError} from '../responses/error-pages.ts';

const fileLimitBytes = 16 * 1024 * 1024;

export interface Loaded {
	readonly files: readonly Source[];
	readonly configuration?: Configuration;
	readonly diagnostics: readonly Diagnostic[];
	/** Bytes of each error file, by path. */
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	/** Everything that was read: who starts the engine anew must be able to read it again. */
	readonly paths: readonly string[];
}

/** A file that cannot be read; one sentence. */
export class LoadError extends Error {}

/** Throws `LoadError` when a file cannot be read; what is wrong inside the files comes back as diagnostics. */
export function loadConfiguration(
	names: readonly string[],
	environment: Readonly<Record<string, string | undefined>>,
): Loaded {
	const paths = names.flatMap(expandDirectory);
	const files = paths.map(path => ({name: path, text: readText(path)}));
	const patternFiles = new Set<string>();
	const readFile = (path: string): string | undefined => {
		patternFiles.add(path);
		try {
			return readText(path);
		} catch {
			return undefined;
		}
	};
	const {configuration, diagnostics} = parseConfiguration(files, {environment, readFile});
	if (!configuration) return {files, diagnostics, errorFiles: {}, paths};
	const errorFiles = readErrorFiles(configuration);
	const read = [...paths, ...patternFiles, ...Object.keys(errorFiles)];
	return {files, configuration, diagnostics, errorFiles, paths: read};
}

/** UTF-8 as the file has it; what is none is read a character a byte. */
function readText(path: string): string {
	const bytes = readLimited(path, fileLimitBytes);
	return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** The error files of a configuration, each read once and cut at `tune.bufsize` as the manual says. */
export function readErrorFiles(configuration: Configuration): Record<string, Uint8Array> {
	const contents: Record<string, Uint8Array> = {};
	for (const {path, position, status, keyword} of namedFiles(configuration)) {
		if (contents[path]) continue;
		const {bufsizeBytes} = configuration.global;
		try {
			const bytes = new Uint8Array(readLimited(path, fileLimitBytes));
			contents[path] = status === undefined ? bytes : bytes.subarray(0, bufsizeBytes);
			if (status !== undefined) buildErrorPages(new Map([[status, bytes.subarray(0, bufsizeBytes)]]), bufsizeBytes);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			const subject = error instanceof ErrorFileError ? `${path}: ` : '';
			throw new LoadError(`${position.file}:${position.line}: ${keyword}: ${subject}${reason}`);
		}
	}
	return contents;
}

function expandDirectory(path: string): readonly string[] {
	if (!statSync(path, {throwIfNoEntry: false})?.isDirectory()) return [path];
	return readdirSync(path)
		.filter(name => name.endsWith('.cfg') && !name.startsWith('.'))
		.sort()
		.map(name => join(path, name))
		.filter(file => lstatSync(file).isFile() || statSync(file, {throwIfNoEntry: false})?.isFile());
}

function readLimited(path: string, limitBytes: number): Buffer {
	try {
		const stats = statSync(path);
		if (stats.isDirectory()) throw new LoadError(`${path} is a directory.`);
		if (stats.size > limitBytes) throw new LoadError(`${path} is larger than ${limitBytes / 1024 / 1024} MiB.`);
		return readFileSync(path);
	} catch (error) {
		if (error instanceof LoadError) throw error;
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOENT') throw new LoadError(`${path} does not exist.`);
		if (code === 'EACCES') throw new LoadError(`${path} cannot be read: no permission.`);
		throw new LoadError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
}
