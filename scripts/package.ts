/**
 * `npm run package`: hapair as a Debian package and as an archive for other distributions, in `out/`.
 *
 * Decides the version (of packages/cli) and the time that the files bear (of the last commit, or SOURCE_DATE_EPOCH). Leaves the
 * options and the steps to `package/`.
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {packArchive} from './package/archive.ts';
import {listComponents} from './package/components.ts';
import {listContents} from './package/contents.ts';
import {packDebian, writeTree} from './package/debian.ts';
import {help, type PackageOptions, readOptions} from './package/options.ts';
import {readRuntime} from './package/runtime.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const mostBytes = 45 * 1024 * 1024;

const options = readOptions(process.argv.slice(2), join(root, 'out'));
if ('help' in options) {
	process.stdout.write(help);
} else if ('complaint' in options) {
	process.stderr.write(`package: ${options.complaint}; see --help\n`);
	process.exitCode = 64;
} else {
	makePackages(options);
}

function makePackages({architectures, level, archive, ...given}: PackageOptions): void {
	const {version: ownVersion} = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
	const version = given.version ?? String(ownVersion);
	const output = resolve(given.output);
	const scratch = mkdtempSync(join(tmpdir(), 'hapair-package-'));
	try {
		mkdirSync(output, {recursive: true});
		const bundle = join(scratch, 'bundle');
		const report = join(scratch, 'report.json');
		execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), bundle, report, version], {stdio: 'inherit'});
		const components = listComponents(root, JSON.parse(readFileSync(report, 'utf8')));
		for (const architecture of architectures) {
			const runtime = readRuntime(root, architecture, scratch);
			const facts = {root, version, architecture, epoch: readEpoch(), level};
			const runtimeVersions = {...process.versions, node: runtime.version};
			const contents = listContents({...facts, bundle, components, runtimeVersions, runtime});
			const tree = join(scratch, architecture);
			writeTree(tree, contents);
			announce(packDebian(tree, contents, facts, output));
			rmSync(join(tree, 'DEBIAN'), {recursive: true});
			if (archive) announce(packArchive(tree, contents, facts, join(scratch, 'archive'), output));
		}
	} finally {
		rmSync(scratch, {recursive: true, force: true});
	}
}

/** The time of the last commit; without git the changelog's. */
function readEpoch(): number {
	const given = process.env.SOURCE_DATE_EPOCH;
	if (given !== undefined && /^\d{1,12}$/.test(given)) return Number(given);
	try {
		const argv = ['-C', root, 'log', '-1', '--format=%ct'];
		return Number(execFileSync('git', argv, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}));
	} catch {
		return Math.floor(statSync(join(root, 'CHANGELOG.md')).mtimeMs / 1000);
	}
}

function announce(file: string): void {
	const {size} = statSync(file);
	process.stdout.write(`${file}  ${(size / 1024 / 1024).toFixed(1)} MiB\n`);
	if (size > mostBytes) throw new Error(`${file} is larger than 45 MiB`);
}
