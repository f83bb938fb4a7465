import {basename} from 'node:path';
import test from 'ava';
import {codeOf, functionsOf, headerOf, listFiles, packageSources, type SourceFile} from './sources.ts';

const lineLimit = 300;
const functionLineLimit = 60;
const written = [
	...packageSources,
	...listFiles('scripts/**/*.{ts,mjs}'),
	...listFiles('test/lab/**/!(*.test).ts'),
	...listFiles('deploy/**/*.ts'),
];
const tests = [...listFiles('packages/*/test/**/*.ts'), ...listFiles('test/**/*.ts')];

test('Every source file opens with what it decides', t => {
	const wrong = written.filter(({path, text}) => basename(path) !== 'index.ts' && headerOf(text).length < 30);
	t.deepEqual(paths(wrong), []);
});

test('A file over 300 lines says why in its header', t => {
	const long = written.filter(({text}) => text.split('\n').length > lineLimit);
	t.deepEqual(
		paths(long.filter(({text}) => !/\b(long|longer|one file|one place|together)\b/i.test(headerOf(text)))),
		[],
	);
});

test('No function is over 60 lines', t => {
	const wrong = written.flatMap(({path, text}) =>
		functionsOf(text)
			.filter(({lines}) => lines > functionLineLimit)
			.map(({name, lines}) => `${path}: ${name} has ${lines} lines`),
	);
	t.deepEqual(wrong, []);
});

test('Names of files are kebab-case and none is called utils', t => {
	const all = paths([...written, ...tests]);
	t.deepEqual(
		all.filter(path => !/^[a-z\d]+(-[a-z\d]+)*(\.test)?\.(tsx?|mjs)$/.test(basename(path))),
		[],
	);
	t.deepEqual(
		all.filter(path => /^(utils?|misc|common)\.ts$/.test(basename(path))),
		[],
	);
});

test('index.ts only re-exports', t => {
	const indexes = packageSources.filter(({path}) => /^packages\/[^/]+\/src\/index\.ts$/.test(path));
	const wrong = indexes.filter(({text}) => {
		const rest = codeOf(text)
			.replace(/export\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'';?/g, '')
			.replace(/export \{\};?/g, '');
		return rest.trim() !== '';
	});
	t.deepEqual(paths(wrong), []);
});

test('Nothing is silenced: no ignore comments, no skipped or lone tests', t => {
	// A class of one letter keeps this file from matching itself.
	const silenced = /@ts-(ign[o]re|noch[e]ck|exp[e]ct-error)|biome-ign[o]re|eslint-dis[a]ble/;
	const skipped = /\btest(\.serial)?\.(skip|only|todo|failing)\(/;
	const wrong = [...written, ...tests].filter(({text}) => silenced.test(text) || skipped.test(text));
	t.deepEqual(paths(wrong), []);
});

function paths(files: readonly SourceFile[]): string[] {
	return files.map(({path}) => path);
}
