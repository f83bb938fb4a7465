/**
 * Where a file of the other node may be written.
 *
 * Decides that it goes into the directories in which this node's own configuration files lie, or those that it names today, and below them,
 * after every symbolic link is followed; never over a key, and never where others than root and this user could put something in its way.
 */
import {lstatSync, realpathSync} from 'node:fs';
import {basename, dirname, isAbsolute, join, resolve, sep} from 'node:path';
import {UserError} from '../exit-codes.ts';
import {findUnsafeElement} from '../processes/path-safety.ts';

export interface Confinement {
	/** Directories, links followed. */
	readonly roots: readonly string[];
	/** Files that are never written, links followed: keys and tokens. */
	readonly forbidden: readonly string[];
	readonly uid: number;
}

/** `files`: of the command line and named by it, as they are on this node now. */
export function confine(files: readonly string[], secrets: readonly string[], uid: number): Confinement {
	const roots = files.flatMap(file => follow(dirname(resolve(file))) ?? []);
	return {
		// The whole machine is no directory of a configuration.
		roots: [...new Set(roots)].filter(root => root !== '/'),
		forbidden: secrets.flatMap(secret => [
			resolve(secret),
			...(follow(secret) === undefined ? [] : [follow(secret) ?? '']),
		]),
		uid,
	};
}

/** The real path to write. Throws a `UserError` that says why not. */
export function placeFile(path: string, {roots, forbidden, uid}: Confinement): string {
	if (path.includes('\0')) throw new UserError('a path cannot hold a NUL byte');
	const wanted = isAbsolute(path) ? path : resolve(path);
	const directory = follow(dirname(wanted));
	if (directory === undefined) {
		throw new UserError(`${path}: there is no directory ${dirname(wanted)} here`, {
			hint: `mkdir -p ${dirname(wanted)}`,
		});
	}
	const target = follow(wanted) ?? join(directory, basename(wanted));
	if (isDangling(join(directory, basename(wanted)))) throw new UserError(`${path}: is a link to nothing here`);
	const home = dirname(target);
	if (!roots.some(root => home === root || home.startsWith(`${root}${sep}`))) {
		throw new UserError(`${path}: ${home} is no directory of this node's configuration (${roots.join(', ')})`, {
			hint: 'put it there by hand once: a directory that the running configuration names is permitted',
		});
	}
	if (forbidden.includes(target)) throw new UserError(`${path}: a key or token is not written over`);
	const unsafe = findUnsafeElement(home, uid);
	if (unsafe !== undefined) throw new UserError(`${path}: ${unsafe.element} ${unsafe.problem}`, {hint: unsafe.remedy});
	return target;
}

function follow(path: string): string | undefined {
	try {
		return realpathSync(path);
	} catch {
		return undefined;
	}
}

function isDangling(path: string): boolean {
	try {
		return lstatSync(path).isSymbolicLink() && follow(path) === undefined;
	} catch {
		return false;
	}
}
