/**
 * The archive for distributions without dpkg: the same files, and a script that installs and removes them.
 *
 * Decides the archive's layout and that the same source gives the same bytes. What an installation does beyond copying is done
 * by the Debian package's own scripts.
 */
import {execFileSync} from 'node:child_process';
import {chmodSync, copyFileSync, mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {PackageFile} from './contents.ts';
import {type DebianFacts, listConffiles, maintainerScripts} from './debian.ts';

const packLimitMs = 900_000;

/** @param tree `writeTree`'s files; they are moved away. */
export function packArchive(
	tree: string,
	contents: readonly PackageFile[],
	facts: DebianFacts,
	scratch: string,
	output: string,
): string {
	const name = `hapair-${facts.version}-linux-${facts.architecture}`;
	const folder = join(scratch, name);
	mkdirSync(join(folder, 'scripts'), {recursive: true});
	renameSync(tree, join(folder, 'files'));
	writeFileSync(join(folder, 'list'), contents.map(({path}) => `${path}\n`).join(''));
	writeFileSync(join(folder, 'conffiles'), listConffiles(contents).replace(/^\//gm, ''));
	const scripts = [...maintainerScripts.map(script => [`debian/${script}`, `scripts/${script}`] as const)];
	for (const [from, to] of [...scripts, ['tarball/install.sh', 'install.sh'] as const]) {
		copyFileSync(join(facts.root, 'deploy', from), join(folder, to));
		chmodSync(join(folder, to), 0o755);
	}
	const file = join(output, `${name}.tar.xz`);
	const fixed = ['--sort=name', `--mtime=@${facts.epoch}`, '--owner=0', '--group=0', '--numeric-owner'];
	execFileSync('tar', [...fixed, '--mode=go-w,a+rX', '--format=gnu', '-C', scratch, '-cJf', file, name], {
		stdio: ['ignore', 'ignore', 'inherit'],
		timeout: packLimitMs,
		env: {...process.env, XZ_OPT: `-${facts.level} -T1`, LC_ALL: 'C'},
	});
	return file;
}
