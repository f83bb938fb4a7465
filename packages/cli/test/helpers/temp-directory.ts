/** A directory of a test's own under the system's temporary directory, removed when the test ends. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';

export function makeTempDirectory(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-cli-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	return directory;
}
