/**
 * May a file be trusted with root's powers: could anybody but root and this process's user replace it?
 *
 * Decides for programs that hooks and tracks run and for secret files. Every element of the path counts, and for a
 * symbolic link the path it points to as well. Inside a user namespace directories of the machine's own root have no owner that
 * could be named, and are trusted as root's. Leaves wording around the finding to the caller.
 */
import {lstatSync, readFileSync, realpathSync, type Stats} from 'node:fs';
import {dirname, isAbsolute} from 'node:path';
import {findServiceAccount} from './service-account.ts';

export interface UnsafeElement {
	/** The path element at fault; not always the file itself. */
	readonly element: string;
	/** What is wrong with it, as the end of a sentence: "is writable by others (mode 0777)". */
	readonly problem: string;
	/** The command that repairs it, or what to do instead. */
	readonly remedy: string;
}

/** The first element of the path that somebody else could change, or `undefined`. Throws when an element is missing. */
export function findUnsafeElement(
	path: string,
	uid: number,
	outsider = outsiderId,
	service = findServiceAccount()?.uid,
): UnsafeElement | undefined {
	if (!isAbsolute(path)) return {element: path, problem: 'is not an absolute path', remedy: 'write the whole path'};
	const target = realpathSync(path);
	const elements = target === path ? ancestors(path) : [...ancestors(path), ...ancestors(target)];
	for (const element of elements) {
		const found = judge(element, lstatSync(element), {uid, outsider, service}, element === target);
		if (found !== undefined) return found;
	}
	return undefined;
}

/** As whom a user namespace shows everybody outside of it (user_namespaces(7)); `undefined` when this is none. */
const outsiderId = readOutsiderId();

function readOutsiderId(): number | undefined {
	try {
		if (/^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'latin1'))) return undefined;
		return Number(readFileSync('/proc/sys/kernel/overflowuid', 'latin1'));
	} catch {
		return undefined;
	}
}

/** The path and its directories, from the root down. */
function ancestors(path: string): string[] {
	const parent = dirname(path);
	return parent === path ? [path] : [...ancestors(parent), path];
}

interface Trusted {
	readonly uid: number;
	readonly outsider: number | undefined;
	readonly service: number | undefined;
}

function judge(
	element: string,
	stats: Stats,
	{uid, outsider, service}: Trusted,
	isTarget: boolean,
): UnsafeElement | undefined {
	const isTrusted = stats.uid === 0 || stats.uid === uid || (stats.uid === outsider && !isTarget);
	if (!isTrusted) {
		// It is right as it is, for the service, and for root, who judges as the service would.
		if (stats.uid === service) {
			return {element, problem: "belongs to the service's user", remedy: 'run this with sudo'};
		}
		return {element, problem: `belongs to user id ${stats.uid}`, remedy: `chown ${uid} ${element}`};
	}
	if (stats.isSymbolicLink()) return undefined;
	// In a sticky directory (/tmp) only an entry's owner may replace it, and owners are checked.
	const replaceable = isTarget || (stats.mode & 0o1000) === 0;
	const writers = stats.mode & 0o022;
	if (writers === 0 || !replaceable) return undefined;
	// A private group of root's is common (umask 002), so only a foreign group is a stranger.
	if (writers === 0o020 && stats.gid === 0) return undefined;
	const who = (writers & 0o002) === 0 ? 'its group' : 'others';
	const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
	return {element, problem: `is writable by ${who} (mode ${mode})`, remedy: `chmod go-w ${element}`};
}
