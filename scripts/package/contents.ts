/**
 * The list of files that a package installs: where each goes, with which mode, and where its bytes come from.
 *
 * Decides the layout, which is one for the Debian package and the archive for other distributions. Whatever is generated comes from the same
 * source as `--help` and the manual. Leaves packing to `debian.ts` and `archive.ts`.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {gzipSync} from 'node:zlib';
import {writeCompletions} from '../pages/completions.ts';
import {writeManPages} from '../pages/man-pages.ts';
import {type Component, writeBill} from './components.ts';
import {writeCopyright, writeDebianChangelog} from './documents.ts';

export interface PackageFile {
	/** From the root of the system, without a leading slash. */
	readonly path: string;
	readonly mode: number;
	/** Belongs to the administrator once it is there: an upgrade keeps it. */
	readonly conffile?: true;
	readonly read: () => Uint8Array;
}

export interface PackageFacts {
	/** Of the repository. */
	readonly root: string;
	readonly version: string;
	readonly architecture: string;
	/** Seconds since 1970, of the source. */
	readonly epoch: number;
	/** Folder of the bundled program. */
	readonly bundle: string;
	readonly components: readonly Component[];
	readonly runtimeVersions: Readonly<Record<string, string>>;
	readonly runtime: {readonly program: Uint8Array; readonly licence: Uint8Array};
}

const launcher = `#!/bin/sh
# hapair under the Node that came with it.
exec /usr/lib/hapair/bin/node /usr/lib/hapair/main.js "$@"
`;

export function listContents(facts: PackageFacts): PackageFile[] {
	return [...listProgram(facts), ...listSystemFiles(facts), ...listDocuments(facts), ...listGenerated(facts)].sort(
		(one, other) => (one.path < other.path ? -1 : 1),
	);
}

function listProgram({bundle, runtime}: PackageFacts): PackageFile[] {
	return [
		text('usr/bin/hapair', launcher, 0o755),
		{path: 'usr/lib/hapair/bin/node', mode: 0o755, read: () => runtime.program},
		text('usr/lib/hapair/package.json', '{"type": "module", "private": true}\n'),
		...readdirSync(bundle, {recursive: true, withFileTypes: true})
			.filter(entry => entry.isFile())
			.map(entry => join(entry.parentPath, entry.name))
			.map(file => copy(`usr/lib/hapair/${relative(bundle, file)}`, file)),
	];
}

function listSystemFiles({root}: PackageFacts): PackageFile[] {
	const from = (path: string): string => join(root, 'deploy', path);
	return [
		...['hapair.service', 'hapair-witness.service'].map(name =>
			copy(`usr/lib/systemd/system/${name}`, from(`systemd/${name}`)),
		),
		copy('usr/lib/sysctl.d/90-hapair.conf', from('sysctl/90-hapair.conf')),
		copy('usr/lib/tmpfiles.d/hapair.conf', from('tmpfiles/hapair.conf')),
		{...copy('etc/default/hapair', from('default/hapair')), conffile: true},
		{...copy('etc/hapair/hapair.cfg', from('default/hapair.cfg')), conffile: true},
	];
}

/** Libraries of its own are the point of a Node that needs none of the system's; the rest is a matter of taste. */
const lintianOverrides = `# Node.js comes with the libraries that it was built and tested with.
hapair: embedded-library *
hapair: hardening-no-pie [usr/lib/hapair/bin/node]
# The same scripts serve distributions without deb-systemd-invoke.
hapair: maintainer-script-calls-systemctl *
`;

const documents = 'usr/share/doc/hapair';
/** Of `deploy`, with the mode of their files: hooks are programs. */
const exampleFolders = {examples: 0o644, hooks: 0o755, grafana: 0o644, prometheus: 0o644} as const;

function listDocuments({root, components, runtime, version, epoch}: PackageFacts): PackageFile[] {
	const read = (path: string): string => readFileSync(join(root, path), 'utf8');
	const examples = Object.entries(exampleFolders).flatMap(([folder, mode]) =>
		readdirSync(join(root, 'deploy', folder)).map(name => {
			const target = folder === 'examples' ? name : `${folder}/${name}`;
			return copy(`${documents}/examples/${target}`, join(root, 'deploy', folder, name), mode);
		}),
	);
	const pages = readdirSync(join(root, 'docs'))
		.filter(name => /\.(md|svg|png|json)$/.test(name))
		.map(name => copy(`${documents}/manual/${name}`, join(root, 'docs', name)));
	return [
		text('usr/share/lintian/overrides/hapair', lintianOverrides),
		text(`${documents}/copyright`, writeCopyright(read('LICENSE'), components)),
		compressed(`${documents}/changelog.gz`, writeDebianChangelog(read('CHANGELOG.md'), version, epoch)),
		compressed(`${documents}/licences/node.txt.gz`, runtime.licence),
		...components.map(({name, text: licence}) =>
			compressed(`${documents}/licences/${name.replaceAll('/', '-')}.txt.gz`, licence),
		),
		...pages,
		...examples,
	];
}

function listGenerated(facts: PackageFacts): PackageFile[] {
	const {version, epoch, components, runtimeVersions, architecture} = facts;
	const date = new Date(epoch * 1000).toISOString().slice(0, 10);
	const {bash, zsh, fish} = writeCompletions();
	const bill = {version, architecture, epoch, components, runtime: runtimeVersions};
	return [
		...writeManPages(version, date).map(({file, text: page}) =>
			compressed(`usr/share/man/man${file.at(-1)}/${file}.gz`, page),
		),
		text('usr/share/bash-completion/completions/hapair', bash),
		text('usr/share/zsh/vendor-completions/_hapair', zsh),
		text('usr/share/fish/vendor_completions.d/hapair.fish', fish),
		text(`${documents}/sbom.cdx.json`, writeBill(bill)),
	];
}

function copy(path: string, source: string, mode = 0o644): PackageFile {
	return {path, mode, read: () => readFileSync(source)};
}

function text(path: string, content: string, mode = 0o644): PackageFile {
	return {path, mode, read: () => Buffer.from(content)};
}

/** gzip writes no time and no name here, so that the same text gives the same bytes. */
function compressed(path: string, content: string | Uint8Array): PackageFile {
	return {path, mode: 0o644, read: () => gzipSync(content, {level: 9})};
}
