/**
 * Where the system's tools are.
 *
 * Decides by fixed directories only: `PATH` may name a directory in which another program has the tool's name.
 */
import {accessSync, constants} from 'node:fs';

const toolDirectories = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The absolute path of a system tool, or `undefined` when it is not installed. */
export function findTool(name: string): string | undefined {
	for (const directory of toolDirectories) {
		const path = `${directory}/${name}`;
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// Not here; the next directory may have it.
		}
	}
	return undefined;
}
