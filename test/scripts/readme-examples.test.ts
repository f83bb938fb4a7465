import {execFile} from 'node:child_process';
import {mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {listFiles, root} from '../architecture/sources.ts';

const run = promisify(execFile);
const mainProgram = join(root, 'packages/cli/src/main.ts');
const pages = listFiles('packages/*/README.md');

/** The command that runs an example: a module beside the installed packages, or one line that begins with `hapair`. */
function commandFor(t: ExecutionContext, language: string, code: string): string[] {
	if (language === 'sh') return [mainProgram, ...code.trim().split(/\s+/).slice(1)];
	const directory = mkdtempSync(join(tmpdir(), 'hapair-example-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
	const file = join(directory, 'example.mts');
	writeFileSync(file, code);
	return [file];
}

test('Every package has a page with an example', t => {
	t.deepEqual(
		pages.map(({path}) => path),
		listFiles('packages/*/package.json').map(({path}) => path.replace('package.json', 'README.md')),
	);
});

for (const {path, text} of pages) {
	test(`The example of ${path} runs and prints what the page says`, async t => {
		const [, language = '', code = '', expected = ''] =
			/```(ts|sh)\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/.exec(text) ?? [];
		const {stdout} = await run(process.execPath, commandFor(t, language, code), {cwd: root, timeout: 30_000});
		t.is(stdout.trim(), expected.trim());
		t.not(expected.trim(), '');
	});
}
