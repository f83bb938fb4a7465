import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gunzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {packArchive} from '../../scripts/package/archive.ts';
import {type Component, listComponents} from '../../scripts/package/components.ts';
import {listContents, type PackageFile} from '../../scripts/package/contents.ts';
import {maintainerScripts, packDebian, writeTree} from '../../scripts/package/debian.ts';
import {trimProgram} from '../../scripts/package/runtime.ts';
import {describeProgram} from '../../scripts/pages/command-line.ts';
import {maybeFindTool} from '../lab/tools.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const facts = {root, version: '9.9.9', architecture: 'amd64', epoch: 1_700_000_000, level: 0};
const components: readonly Component[] = [
	{name: 'commander', version: '1.0.0', licence: 'MIT', text: Buffer.from('terms'), integrity: 'sha512-AAAA'},
];

function makeFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'hapair-package-'));
	t.teardown(() => rmSync(folder, {recursive: true, force: true}));
	return folder;
}

/** What would be installed, with a script in the place of Node. */
function listSample(t: ExecutionContext): PackageFile[] {
	const bundle = makeFolder(t);
	writeFileSync(join(bundle, 'main.js'), '');
	const program = Buffer.from('#!/bin/sh\necho "$@"\n');
	const runtime = {program, licence: Buffer.from('terms of Node')};
	return listContents({...facts, bundle, components, runtimeVersions: {node: '26.0.0', uv: '1.0.0'}, runtime});
}

test('The package holds program, units, settings, a man page for each command, completions, licences and a bill of materials', t => {
	const contents = listSample(t);
	const paths = new Map(contents.map(file => [file.path, file]));
	for (const path of [
		'usr/bin/hapair',
		'usr/lib/hapair/bin/node',
		'usr/lib/hapair/main.js',
		'usr/lib/systemd/system/hapair.service',
		'usr/lib/systemd/system/hapair-witness.service',
		'usr/lib/sysctl.d/90-hapair.conf',
		'usr/lib/tmpfiles.d/hapair.conf',
		'usr/share/man/man5/hapair.cfg.5.gz',
		...describeProgram().commands.map(({name}) => `usr/share/man/man8/hapair-${name.replaceAll(' ', '-')}.8.gz`),
		'usr/share/bash-completion/completions/hapair',
		'usr/share/zsh/vendor-completions/_hapair',
		'usr/share/fish/vendor_completions.d/hapair.fish',
		'usr/share/doc/hapair/copyright',
		'usr/share/doc/hapair/licences/node.txt.gz',
		'usr/share/doc/hapair/licences/commander.txt.gz',
		'usr/share/doc/hapair/examples/pair.cfg',
		'usr/share/doc/hapair/examples/hooks/notify-mail.sh',
		'usr/share/doc/hapair/examples/cloud-init/lb1.yaml',
		'usr/share/doc/hapair/examples/libvirt/network.xml',
		'usr/share/doc/hapair/manual/runbook.md',
		'usr/share/doc/hapair/manual/providers/hetzner-cloud.md',
		'usr/share/doc/hapair/sbom.cdx.json',
	]) {
		t.true(paths.has(path), path);
	}
	t.is(paths.size, contents.length, 'no path twice');
	for (const {path, mode, conffile} of contents) {
		t.is(
			conffile === true,
			path.startsWith('etc/'),
			`${path}: what is in /etc is the administrator's, and nothing else is`,
		);
		t.is(mode, /^usr\/(bin|lib\/hapair\/bin)\/|\/hooks\//.test(path) ? 0o755 : 0o644, path);
	}
});

test('Each option of each command is in its man page and in the completions', t => {
	const read = (path: string): string => {
		const bytes =
			listSample(t)
				.find(file => file.path === path)
				?.read() ?? Buffer.alloc(0);
		return path.endsWith('.gz') ? gunzipSync(bytes).toString() : Buffer.from(bytes).toString();
	};
	const bash = read('usr/share/bash-completion/completions/hapair');
	const zsh = read('usr/share/zsh/vendor-completions/_hapair');
	const fish = read('usr/share/fish/vendor_completions.d/hapair.fish');
	for (const {name: words, options} of describeProgram().commands) {
		const [name = ''] = words.split(' ');
		const page = read(`usr/share/man/man8/hapair-${words.replaceAll(' ', '-')}.8.gz`);
		const line = (text: string): string => text.split('\n').find(one => one.startsWith(`\t\t${name})`)) ?? '';
		for (const {long = ''} of options) {
			t.true(page.includes(`\\fB${long.replaceAll('-', '\\-')}\\fR`), `${name} ${long}: man page`);
			t.true(line(bash).includes(long), `${name} ${long}: bash`);
			t.true(
				zsh.split('\n').some(one => one.startsWith(`\t\t(${name})`) && one.includes(long)),
				`${name} ${long}: zsh`,
			);
			t.true(fish.includes(`__fish_seen_subcommand_from ${name}' `) && fish.includes(` -l ${long.slice(2)}`), long);
		}
	}
	const script = `${bash}\nCOMP_WORDS=(hapair run --log-level w); COMP_CWORD=3; _hapair; echo "\${COMPREPLY[*]}"`;
	t.is(execFileSync('bash', ['-c', script], {encoding: 'utf8'}).trim(), 'warn');
});

test('The same source gives the same bytes, and dpkg reads control, conffiles and owners', t => {
	if (maybeFindTool('dpkg-deb') === undefined) return t.pass('no dpkg-deb here');
	const contents = listSample(t);
	const build = (umask: number): string => {
		const folder = makeFolder(t);
		const before = process.umask(umask);
		const tree = join(folder, 'tree');
		writeTree(tree, contents);
		const file = packDebian(tree, contents, facts, folder);
		process.umask(before);
		return file;
	};
	const [one, other] = [build(0o022), build(0o077)];
	t.deepEqual(readFileSync(one), readFileSync(other));
	const ask = (...argv: string[]): string => execFileSync('dpkg-deb', [...argv], {encoding: 'utf8'});
	t.regex(
		ask('-f', one, 'Depends'),
		/^iproute2, iputils-arping, nftables, libatomic1, libc6 \(>= 2\.28\), libgcc-s1 \| libgcc1, libstdc\+\+6 /,
	);
	t.is(ask('-I', one, 'conffiles'), '/etc/default/hapair\n/etc/hapair/hapair.cfg\n');
	t.deepEqual(
		ask('-c', one)
			.split('\n')
			.filter(line => line !== '' && !/^[d-]rw[x-]r-[x-]r-[x-] root\/root /.test(line)),
		[],
	);
});

test('The archive installs nothing by itself, and is the same twice', t => {
	const contents = listSample(t);
	const build = (): string => {
		const folder = makeFolder(t);
		writeTree(join(folder, 'tree'), contents);
		return packArchive(join(folder, 'tree'), contents, facts, join(folder, 'scratch'), folder);
	};
	const [one, other] = [build(), build()];
	t.deepEqual(readFileSync(one), readFileSync(other));
	const names = execFileSync('tar', ['-tJf', one], {encoding: 'utf8'}).split('\n');
	t.true(names.includes('hapair-9.9.9-linux-amd64/install.sh'));
	t.true(names.includes('hapair-9.9.9-linux-amd64/files/usr/bin/hapair'));
});

test("The scripts of the package are a plain shell's", t => {
	for (const path of [...maintainerScripts.map(name => `debian/${name}`), 'tarball/install.sh']) {
		const file = join(root, 'deploy', path);
		const {status, stderr} = spawnSync('/bin/sh', ['-n', file], {encoding: 'utf8'});
		t.is(status, 0, stderr);
		t.is(statSync(file).mode & 0o111, 0o111, `${path} can be run`);
		t.regex(readFileSync(file, 'utf8'), /^#!\/bin\/sh\n# \S[\s\S]*^set -eu?$/m);
	}
});

test('A Node without its symbols still runs; anything else than such a program is refused', t => {
	const trimmed = trimProgram(readFileSync(process.execPath));
	const file = join(makeFolder(t), 'node');
	writeFileSync(file, trimmed);
	chmodSync(file, 0o755);
	t.is(execFileSync(file, ['-p', '6 * 7'], {encoding: 'utf8'}), '42\n');
	t.true(trimmed.length <= statSync(process.execPath).size);
	t.throws(() => trimProgram(Buffer.from('#!/bin/sh\n'.padEnd(100))), {message: /no ELF program/});
	t.throws(() => trimProgram(trimmed.subarray(0, 5000)), {message: /cut short/});
});

test('The bill lists what the bundle holds, from the report of the build', t => {
	const found = listComponents(root, {inputs: {'packages/cli/src/main.ts': {}, 'node_modules/pino/lib/levels.js': {}}});
	t.deepEqual(
		found.map(({name}) => name),
		['pino'],
	);
	t.regex(String(found[0]?.version), /^\d/);
	const bill = JSON.parse(
		Buffer.from(
			listSample(t)
				.find(({path}) => path.endsWith('sbom.cdx.json'))
				?.read() ?? [],
		).toString(),
	);
	t.like(bill, {bomFormat: 'CycloneDX', metadata: {timestamp: '2023-11-14T22:13:20.000Z'}});
	t.deepEqual(
		bill.components.map(({name, version}: {name: string; version: string}) => `${name} ${version}`),
		['commander 1.0.0', 'node 26.0.0'],
	);
});

test('systemd itself rates both units at 2.5 or better', t => {
	const help = maybeFindTool('systemd-analyze') && spawnSync('systemd-analyze', ['--help'], {encoding: 'utf8'}).stdout;
	if (!help?.includes('--offline')) return t.pass('no systemd 250 here');
	const folder = makeFolder(t);
	mkdirSync(join(folder, 'units'));
	for (const name of ['hapair.service', 'hapair-witness.service']) {
		const file = join(folder, 'units', name);
		writeFileSync(file, readFileSync(join(root, 'deploy/systemd', name)));
		const {stdout} = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', file], {
			encoding: 'utf8',
		});
		const level = Number(/Overall exposure level.*: ([\d.]+)/.exec(stdout)?.[1]);
		t.true(level <= 2.5, `${name}: ${level}`);
	}
});
