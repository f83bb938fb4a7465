/**
 * Files as the peer channel carries them. Pure.
 *
 * Decides what a description must look like: sizes, counts and names of the other node are limited before memory is taken for them.
 */
import type {FrameObject} from '../peer/frames.ts';
import {PeerError} from '../peer/peer-session.ts';
import {hashBytes, largestFileBytes, largestSetBytes, mostFiles, type SyncFile} from './file-set.ts';

/** A file without its bytes. */
export interface FileEntry extends Omit<SyncFile, 'bytes'> {
	readonly size: number;
	readonly sha256: string;
}

/** What a node has. */
export interface Manifest {
	readonly entries: readonly FileEntry[];
	/** Absent while there are errors in it. */
	readonly digest?: string;
	/** Of what the daemon runs. */
	readonly running: string;
}

export function describeFile({bytes, ...rest}: SyncFile): FileEntry {
	return {...rest, size: bytes.length, sha256: hashBytes(bytes)};
}

/** Throws a `PeerError`. */
export function readManifest({entries, digest, running}: FrameObject): Manifest {
	if (!Array.isArray(entries) || entries.length > mostFiles)
		throw new PeerError(`a list of at most ${mostFiles} files is needed`);
	const read = entries.map(readEntry);
	if (read.reduce((sum, {size}) => sum + size, 0) > largestSetBytes)
		throw new PeerError(`the files have more than ${largestSetBytes} bytes`);
	return {
		entries: read,
		running: readText(running, 64),
		...(digest === undefined ? {} : {digest: readText(digest, 64)}),
	};
}

function readEntry(value: unknown): FileEntry {
	if (typeof value !== 'object' || value === null) throw new PeerError('a file needs a description');
	const {key, path, mode, user, group, size, sha256} = value as FrameObject;
	if (!isCount(size, largestFileBytes)) throw new PeerError(`a file has at most ${largestFileBytes} bytes`);
	if (!isCount(mode, 0o777)) throw new PeerError('a mode has nine bits');
	return {
		key: readText(key, 4096),
		path: readText(path, 4096),
		mode,
		user: readText(user, 64),
		group: readText(group, 64),
		size,
		sha256: readText(sha256, 64),
	};
}

/** The bytes of a file, when they are those of the description. Throws a `PeerError`. */
export function readContent({content}: FrameObject, entry: FileEntry): SyncFile {
	const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : Buffer.alloc(0);
	const {size, sha256, ...rest} = entry;
	if (bytes.length !== size || hashBytes(bytes) !== sha256)
		throw new PeerError(`${entry.path}: changed on the way or while it was read`);
	return {...rest, bytes};
}

export function readText(value: unknown, limit: number): string {
	if (typeof value === 'string' && value.length <= limit) return value;
	throw new PeerError(`a text of at most ${limit} characters is needed`);
}

function isCount(value: unknown, limit: number): value is number {
	return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limit;
}
