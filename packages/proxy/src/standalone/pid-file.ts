/**
 * The pid file of `-p` and `pidfile`: one pid and a line feed, replaced in one step so that a reader never sees half of it.
 */
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';

/** Writes `pid`; throws with the system's error when the directory does not allow it. */
export function writePidFile(path: string, pid: number): void {
	const draft = `${path}.${pid}`;
	try {
		writeFileSync(draft, `${pid}\n`, {mode: 0o644, flag: 'wx'});
		renameSync(draft, path);
	} catch (error) {
		rmSync(draft, {force: true});
		throw error;
	}
}

/** Removes the file if it still names `pid`: the process that relieved this one may have written its own. */
export function removePidFile(path: string, pid: number): void {
	try {
		if (readFileSync(path, 'utf8').trim() === String(pid)) rmSync(path);
	} catch {
		// Gone already, or not ours to remove after the switch of user: it is stale, which its readers expect.
	}
}
