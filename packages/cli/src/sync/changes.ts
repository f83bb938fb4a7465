/**
 * Files put into place: first beside it, then by one rename each, the one before kept as `.previous`.
 *
 * Decides that everything that can fail for want of room or rights fails while staging. What comes after may be done again after a crash
 * at any point. A file that is there keeps its owner and mode, a new one gets those of the other node.
 */
import {
	closeSync,
	constants,
	copyFileSync,
	existsSync,
	fchmodSync,
	fchownSync,
	fsyncSync,
	linkSync,
	openSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {findOwner} from './accounts.ts';
import type {SyncFile} from './file-set.ts';

/** Paths are real ones. */
export interface Change {
	readonly target: string;
	readonly staged: string;
	/** A second name of what was there; absent when nothing was. */
	readonly before?: string;
}

/** Writes the file beside its place and to the disk. Throws what the file system says, and leaves nothing then. */
export function stageChange(target: string, file: SyncFile, id: string): Change {
	const stem = join(dirname(target), `.${basename(target)}.${id.slice(0, 16)}`);
	const existed = existsSync(target);
	const change = {target, staged: `${stem}.staged`, ...(existed ? {before: `${stem}.before`} : {})};
	const {uid, gid, mode} = existed ? readOwner(target) : chooseOwner(file);
	try {
		const descriptor = openSync(change.staged, 'wx', 0o600);
		try {
			writeFileSync(descriptor, file.bytes);
			if (process.getuid?.() === 0) fchownSync(descriptor, uid, gid);
			fchmodSync(descriptor, mode);
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
		if (change.before !== undefined) keepBefore(target, change.before);
		return change;
	} catch (error) {
		discardChanges([change]);
		throw error;
	}
}

/** Each file by one rename: there is no moment without it. */
export function applyChanges(changes: readonly Change[]): void {
	for (const {target, staged} of changes) {
		if (!existsSync(staged)) continue;
		renameSync(staged, target);
		flushDirectory(dirname(target));
	}
}

/** What was there before becomes `.previous`. */
export function finishChanges(changes: readonly Change[]): void {
	for (const {target, before} of changes) {
		if (before !== undefined && existsSync(before)) renameSync(before, `${target}.previous`);
		flushDirectory(dirname(target));
	}
}

/** Of changes that were not applied. */
export function discardChanges(changes: readonly Change[]): void {
	for (const {staged, before} of changes)
		for (const path of [staged, before]) if (path !== undefined) rmSync(path, {force: true});
}

/** Puts back what was there, whether or not it was applied; not after `finishChanges`. */
export function revertChanges(changes: readonly Change[]): void {
	for (const {target, staged, before} of changes) {
		if (before !== undefined && existsSync(before)) renameSync(before, target);
		else if (before === undefined && !existsSync(staged)) rmSync(target, {force: true});
		// Renaming one name of a file to another of the same file does nothing.
		discardChanges([{target, staged, ...(before === undefined ? {} : {before})}]);
		flushDirectory(dirname(target));
	}
}

/** By a second name, which keeps the owner; who may not make one of another's file (protected_hardlinks) has a copy. */
function keepBefore(target: string, before: string): void {
	try {
		linkSync(target, before);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
		copyFileSync(target, before, constants.COPYFILE_EXCL);
	}
}

function readOwner(target: string): {uid: number; gid: number; mode: number} {
	const {uid, gid, mode} = statSync(target);
	return {uid, gid, mode: mode & 0o777};
}

/** Never writable for others, whatever it is on the other node. */
function chooseOwner({user, group, mode}: SyncFile): {uid: number; gid: number; mode: number} {
	const {uid, gid} = findOwner(user, group);
	// Without the group that may read it nobody but root shall.
	const permitted = gid === undefined ? mode & 0o705 : mode;
	return {uid: uid ?? 0, gid: gid ?? 0, mode: permitted & ~0o022};
}

function flushDirectory(directory: string): void {
	const descriptor = openSync(directory, 'r');
	try {
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}
