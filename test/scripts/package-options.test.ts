import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {readOptions as readPackageOptions} from '../../scripts/package/options.ts';
import {readOptions as readTryOptions} from '../../scripts/try-package/options.ts';

test('What a package is made of is read, and whatever is wrong is told before anything is built', t => {
	const read = (...argv: string[]) => readPackageOptions(argv, '/out');
	t.deepEqual(read(), {architectures: ['amd64', 'arm64'], output: '/out', version: undefined, level: 6, archive: true});
	t.deepEqual(read('--arch', 'arm64', '--arch', 'arm64', '--level', '0', '--version', '0.2.0~rc1', '--no-archive'), {
		architectures: ['arm64'],
		output: '/out',
		version: '0.2.0~rc1',
		level: 0,
		archive: false,
	});
	t.deepEqual(read('--help'), {help: true});
	for (const [argv, complaint] of [
		[['--arch', 'x64'], /^--arch takes amd64 or arm64, not "x64"$/],
		[['--level', '10'], /^--level takes 0 to 9/],
		[['--version', 'v1'], /^--version begins with a digit/],
		[['--version', '1/2'], /^--version begins with a digit/],
		[['--output'], /--output/],
		[['out'], /out/],
	] as const) {
		const options = read(...argv);
		t.regex('complaint' in options ? options.complaint : '', complaint, argv.join(' '));
	}
});

test('What is tried follows from the file and one option; what does not go together is told', t => {
	const folder = mkdtempSync(join(tmpdir(), 'hapair-options-'));
	t.teardown(() => rmSync(folder, {recursive: true}));
	const [deb, newer, archive] = ['a.deb', 'b.deb', 'a.tar.xz'].map(name => join(folder, name)) as [
		string,
		string,
		string,
	];
	for (const file of [deb, newer, archive]) writeFileSync(file, '');
	const read = (...argv: string[]) => readTryOptions(argv);
	t.like(read(deb), {what: 'package', file: deb, newer: deb, suite: 'bookworm'});
	t.like(read(deb, '--pair'), {what: 'pair', newer: deb});
	t.like(read(deb, '--pair', newer), {what: 'pair', file: deb, newer});
	t.like(read(deb, '--runbook', newer), {what: 'runbook', file: deb, newer});
	t.like(read(archive, archive), {what: 'archive', file: archive});
	t.deepEqual(read('-h'), {help: true});
	for (const [argv, complaint] of [
		[[], /^which package\?$/],
		[[join(folder, 'c.deb')], /^there is no file .*c\.deb$/],
		[[deb, '--runbook', join(folder, 'c.deb')], /^there is no file/],
		[[deb, newer], /^what is ".*b\.deb" for\?/],
		[[deb, '--pair', '--cloud-init'], /^--pair and --cloud-init do not go together$/],
		[[archive, '--pair'], /^--pair does not go together with an archive$/],
		[[deb, '--wrong'], /--wrong/],
	] as const) {
		const options = read(...argv);
		t.regex('complaint' in options ? options.complaint : '', complaint, argv.join(' '));
	}
});
