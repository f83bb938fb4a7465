/**
 * The file with the daemon's process id, for init scripts and people.
 *
 * Decides nothing by it: whether a daemon runs is asked on the control socket, since a pid may be anybody's by now.
 */
import {readFileSync, renameSync, unlinkSync, writeFileSync} from 'node:fs';
import {UserError} from '../exit-codes.ts';

/** Written beside and moved into place, so that no reader sees half of it. */
export function writePidFile(path: string, pid: number): void {
	const temporary = `${path}.${pid}`;
	try {
		writeFileSync(temporary, `${pid}\n`, {mode: 0o644, flag: 'wx'});
		renameSync(temporary, path);
	} catch (error) {
		throw new UserError(
			`${path}: the pid file cannot be written (${error instanceof Error ? error.message : String(error)})`,
			{
				hint: 'name another place with --pid-file',
			},
		);
	}
}

/** Removes the file if it still names this process: by now it may be another daemon's. */
export function removePidFile(path: string, pid: number): void {
	try {
		if (readFileSync(path, 'utf8').trim() === String(pid)) unlinkSync(path);
	} catch {
		// Somebody has removed it already.
	}
}
