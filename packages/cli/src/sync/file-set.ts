/**
 * The files that are a node's configuration: those of its command line, and what they name.
 *
 * Decides what belongs to it: error files, maps, patterns, whatever else a line reads, certificates that are to be shared. Keys, tokens and
 * programs do not: they are each node's own. A file of the command line is known by its place there, a named one by its path,
 * from the directory of the first where it lies below it. Each is read once, so that what is checked is what is sent.
 */
import {createHash} from 'node:crypto';
import {closeSync, constants, fstatSync, openSync, readFileSync} from 'node:fs';
import {dirname, relative, resolve} from 'node:path';
import {namedFiles} from '@hapair/config';
import {digestConfiguration, listSharedCertificates} from '../configuration/digest.ts';
import {readErrorFiles} from '../configuration/inspect.ts';
import {type LoadedConfiguration, parseSources, type SyntaxChoice} from '../configuration/load.ts';
import {UserError} from '../exit-codes.ts';
import {nameOwner} from './accounts.ts';

export const largestFileBytes = 8_388_608;
export const largestSetBytes = 67_108_864;
export const mostFiles = 500;

export interface SyncFile {
	/** `config 0` for the first `-f`, else `keyOfNamed`. */
	readonly key: string;
	readonly path: string;
	readonly bytes: Buffer;
	/** Permission bits. */
	readonly mode: number;
	/** Names, since numbers differ between machines. */
	readonly user: string;
	readonly group: string;
}

export interface FileSet {
	readonly files: readonly SyncFile[];
	/** What the other node would have to have; absent while there are errors. */
	readonly digest: string | undefined;
	readonly loaded: LoadedConfiguration;
	/** Why certificates that both nodes are to have are not among the files, a sentence each. */
	readonly unreadable: readonly string[];
}

export function keyOfSource(index: number): string {
	return `config ${index}`;
}

/** The same on both nodes when `default-path config` is said, wherever each has its configuration. */
export function keyOfNamed(path: string, firstSource: string): string {
	const inside = relative(dirname(resolve(firstSource)), resolve(path));
	return inside.startsWith('..') ? resolve(path) : `./${inside}`;
}

export function hashBytes(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** Reads this node's files from the disk. Throws a `UserError` when one of the command line cannot be read. */
export function readFileSet(paths: readonly string[], syntax: SyntaxChoice | undefined): FileSet {
	const read = new Map<string, SyncFile>();
	const take = (path: string, key: string): SyncFile => {
		const known = read.get(path);
		if (known !== undefined) return known;
		const file = readWhole(path, key);
		read.set(path, file);
		const total = [...read.values()].reduce((sum, {bytes}) => sum + bytes.length, 0);
		if (total > largestSetBytes || read.size > mostFiles)
			throw new UserError(`the configuration has more than ${mostFiles} files or ${largestSetBytes} bytes`);
		return file;
	};
	const failures = new Map<string, string>();
	const maybe = (path: string): SyncFile | undefined => {
		try {
			return take(path, keyOfNamed(path, paths[0] ?? ''));
		} catch (error) {
			failures.set(path, error instanceof Error ? error.message : String(error));
			return undefined;
		}
	};
	const sources = paths.map((path, index) => ({
		name: path,
		text: take(path, keyOfSource(index)).bytes.toString('utf8'),
	}));
	const loaded = parseSources(sources, syntax, path => maybe(path)?.bytes.toString('utf8'));
	for (const path of listNamed(loaded)) maybe(path);
	return {
		files: [...read.values()],
		digest: digest(loaded, path => take(path, keyOfNamed(path, paths[0] ?? '')).bytes),
		loaded,
		unreadable: listSharedCertificates(loaded.configuration).flatMap(path => failures.get(path) ?? []),
	};
}

/** The paths that the configuration names, each once. */
export function listNamed({configuration, readFiles}: LoadedConfiguration): string[] {
	const answers = configuration === undefined ? [] : namedFiles(configuration).map(({path}) => path);
	return [...new Set([...readFiles.keys(), ...answers, ...listSharedCertificates(configuration)])];
}

/** `undefined` while something that it needs cannot be read. */
export function digest(loaded: LoadedConfiguration, readFile: (path: string) => Uint8Array): string | undefined {
	if (loaded.configuration === undefined) return undefined;
	try {
		return digestConfiguration(loaded, readErrorFiles(loaded.configuration, readFile), readFile);
	} catch (error) {
		if (error instanceof UserError) return undefined;
		throw error;
	}
}

function readWhole(path: string, key: string): SyncFile {
	let descriptor: number;
	try {
		// Non-blocking, or a FIFO in the file's place would hold the daemon for ever.
		descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		throw new UserError(`${path}: cannot be read (${error instanceof Error && 'code' in error ? error.code : error})`);
	}
	try {
		const stats = fstatSync(descriptor);
		if (!stats.isFile()) throw new UserError(`${path}: is not a regular file`);
		if (stats.size > largestFileBytes) throw new UserError(`${path}: is larger than ${largestFileBytes} bytes`);
		const {user, group} = nameOwner(stats.uid, stats.gid);
		return {key, path, bytes: readFileSync(descriptor), mode: stats.mode & 0o777, user, group};
	} finally {
		closeSync(descriptor);
	}
}
