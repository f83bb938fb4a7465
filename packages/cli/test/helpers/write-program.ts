/** Small POSIX shell programs for hooks and tracks. */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

export function writeProgram(directory: string, name: string, body: string, mode = 0o755): string {
	const path = join(directory, name);
	writeFileSync(path, `#!/bin/sh\n${body}\n`, {mode});
	return path;
}
