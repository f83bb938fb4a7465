/**
 * The user-data of deploy/cloud-init for a pair, filled in by the command that docs/cloud-init.md gives.
 *
 * Decides only where package and web server are; the rest is the page's own shell, so that page and files are tried as they stand.
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

export interface UserData {
	readonly lb1: string;
	readonly lb2: string;
	/** The one-time code in both. */
	readonly code: string;
}

/** @param folder a new one, for files on the way. */
export function fillUserData(folder: string, deb: string, url: string): UserData {
	const page = readFileSync(join(root, 'docs/cloud-init.md'), 'utf8');
	const script = (/^code=[\s\S]*?^done$/m.exec(page)?.[0] ?? '')
		.replace(/^url=.*$/m, `url=${url}`)
		.replace(/(?<=sha256sum )\S+/, deb)
		.replaceAll('deploy/', `${root}deploy/`);
	mkdirSync(folder, {recursive: true});
	execFileSync('/bin/sh', ['-ec', script], {cwd: folder, timeout: 60_000});
	const read = (node: string): string => readFileSync(join(folder, `${node}.user-data`), 'utf8');
	const lb1 = read('lb1');
	return {lb1, lb2: read('lb2'), code: /^ {4}content: (.*)$/m.exec(lb1)?.[1] ?? ''};
}
