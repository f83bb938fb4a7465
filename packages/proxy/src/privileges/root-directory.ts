/**
 * `chroot`: the process sees nothing of the file system but one directory (chroot(2)).
 *
 * Decides what is settled before: the time zone, which is a file too. Leaves the order to the callers: everything is read and open by then,
 * and the user is switched right behind it, as root would get out again.
 */
import {loadFfi} from '../system/calls.ts';

/** One sentence. */
class RootDirectoryError extends Error {}

/** Throws a `RootDirectoryError`. All threads of the process are in it from here on. */
export function enterRootDirectory(directory: string): void {
	const ffi = loadFfi();
	if (ffi === undefined) throw new RootDirectoryError(`chroot ${directory}: this Node cannot make the call.`);
	process.env.TZ ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
	const {functions} = ffi.dlopen(null, {chroot: {arguments: ['buffer'], return: 'i32'}});
	const path = Buffer.from(`${directory}\0`);
	// The working directory would be a way out.
	try {
		process.chdir(directory);
	} catch {
		throw new RootDirectoryError(`chroot ${directory}: there is no such directory.`);
	}
	if (functions.chroot(path) !== 0) throw new RootDirectoryError(`chroot ${directory}: the kernel refuses it.`);
	process.chdir('/');
}
