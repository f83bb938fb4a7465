/**
 * May a user read a file? Asked before the engine starts itself anew as that user and reads its configuration again.
 *
 * Knows owner, group and other bits only; an access list that allows more makes it answer no, which is the safe side.
 */
import {statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import type {Identity} from '../privileges/plan.ts';

/** True when the mode bits of the file and of every directory above it let `identity` in. */
export function isReadableBy(identity: Identity, path: string): boolean {
	const absolute = resolve(path);
	if (!allows(identity, absolute, 4)) return false;
	for (let directory = dirname(absolute); ; directory = dirname(directory)) {
		if (!allows(identity, directory, 1)) return false;
		if (directory === dirname(directory)) return true;
	}
}

/** `bit` is 4 for reading and 1 for passing through a directory (inode(7)). */
function allows(identity: Identity, path: string, bit: 4 | 1): boolean {
	const stats = statSync(path, {throwIfNoEntry: false});
	if (!stats) return false;
	const shift =
		stats.uid === identity.uid ? 6 : stats.gid === identity.gid || identity.groups.includes(stats.gid) ? 3 : 0;
	return ((stats.mode >> shift) & bit) !== 0;
}
