/**
 * The Debian package: control files around the contents, packed by dpkg-deb.
 *
 * Decides names, dependencies and that the same source gives the same bytes: owners, times and order are fixed. Leaves the
 * contents to `contents.ts` and what happens at an installation to `deploy/debian`.
 */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {PackageFile} from './contents.ts';
import {maintainer} from './documents.ts';

export const maintainerScripts = ['postinst', 'prerm', 'postrm'] as const;

/** What the daemon calls, and the libraries that Node is linked with; those of the second line are on every Debian (libgcc1 is Debian 10's). */
const dependencies = [
	['iproute2', 'iputils-arping', 'nftables', 'libatomic1'],
	['libc6 (>= 2.28)', 'libgcc-s1 | libgcc1', 'libstdc++6 (>= 7)'],
];

const packLimitMs = 900_000;

export interface DebianFacts {
	readonly root: string;
	readonly version: string;
	readonly architecture: string;
	readonly epoch: number;
	/** xz's level, 0 to 9. */
	readonly level: number;
}

/** Files on the disk as they will be installed. */
export function writeTree(folder: string, contents: readonly PackageFile[]): void {
	for (const {path, mode, read} of contents) {
		const target = join(folder, path);
		makeDirectories(dirname(target));
		writeFileSync(target, read());
		chmodSync(target, mode);
	}
}

/** @param folder where the package is put together; it holds `writeTree`'s files. */
export function packDebian(
	folder: string,
	contents: readonly PackageFile[],
	facts: DebianFacts,
	output: string,
): string {
	const control = join(folder, 'DEBIAN');
	makeDirectories(control);
	const write = (name: string, content: string, mode = 0o644): void => {
		writeFileSync(join(control, name), content);
		chmodSync(join(control, name), mode);
	};
	write('control', writeControl(contents, facts));
	write('conffiles', listConffiles(contents));
	write('md5sums', listDigests(contents));
	for (const name of maintainerScripts) {
		write(name, readFileSync(join(facts.root, 'deploy/debian', name), 'utf8'), 0o755);
	}
	const file = join(output, `hapair_${facts.version}_${facts.architecture}.deb`);
	execFileSync(
		'dpkg-deb',
		['--root-owner-group', '--threads-max=1', '-Zxz', `-z${facts.level}`, '--build', folder, file],
		{
			stdio: ['ignore', 'ignore', 'inherit'],
			timeout: packLimitMs,
			env: {...process.env, SOURCE_DATE_EPOCH: String(facts.epoch)},
		},
	);
	return file;
}

function writeControl(contents: readonly PackageFile[], {version, architecture}: DebianFacts): string {
	const bytes = contents.reduce((sum, {read}) => sum + Math.ceil(read().length / 1024) + 1, 0);
	return `Package: hapair
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${bytes}
Depends: ${dependencies.flat().join(', ')}
Recommends: iputils-ping
Suggests: systemd
Section: net
Priority: optional
Description: pair of load balancers that share one floating IP
 Proxy engine that reads haproxy.cfg (the spelling of HAProxy 1.4 and today's),
 and a heartbeat that decides which of two nodes holds the address, moves it,
 and tells people. It takes the place of haproxy, keepalived and the scripts
 between them, and brings the Node.js that it runs on.
`;
}

export function listConffiles(contents: readonly PackageFile[]): string {
	return contents.map(({conffile, path}) => (conffile === true ? `/${path}\n` : '')).join('');
}

/** As `md5sum` prints them; dpkg --verify reads it. Conffiles are not listed: they change. */
function listDigests(contents: readonly PackageFile[]): string {
	return contents
		.filter(({conffile}) => conffile !== true)
		.map(({path, read}) => `${createHash('md5').update(read()).digest('hex')}  ${path}\n`)
		.join('');
}

/** Of mode 755 whatever the umask is. */
function makeDirectories(path: string): void {
	const first = mkdirSync(path, {recursive: true, mode: 0o755});
	if (first === undefined) return;
	for (let folder = path; folder.length >= first.length; folder = dirname(folder)) chmodSync(folder, 0o755);
}
