import {readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {listFiles} from '../architecture/sources.ts';

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));

function read(name: string) {
	const text = readFileSync(join(deploy, 'examples', name), 'utf8');
	return parseConfiguration([{name, text}], {environment: {}});
}

test('Every example is accepted without an error or a warning', t => {
	const examples = listFiles('deploy/examples/*.cfg');
	t.true(examples.length >= 2);
	for (const {path, text} of examples) {
		const {configuration, diagnostics} = parseConfiguration([{name: path, text}], {environment: {}});
		t.not(configuration, undefined, path);
		t.deepEqual(
			diagnostics.filter(({severity}) => severity !== 'notice'),
			[],
			path,
		);
	}
});

test("The pair's proxy is the article's, whichever spelling", t => {
	const article = read('article.cfg').configuration;
	const pair = read('pair.cfg').configuration;
	const proxyOf = (configuration: typeof pair): unknown =>
		JSON.parse(
			JSON.stringify([configuration?.global, configuration?.frontends, configuration?.backends], (name, value) =>
				name === 'position' ? undefined : value,
			),
		);
	t.deepEqual(proxyOf(pair), proxyOf(article));
});

test('The example pair has everything that a first pair needs', t => {
	const pair = read('pair.cfg').configuration?.pair;
	t.deepEqual(
		pair?.nodes.map(({name, priority}) => `${name} ${priority}`),
		['lb1 150', 'lb2 100'],
	);
	t.is(pair?.paths.length, 1);
	t.deepEqual(
		pair?.tracks.map(({kind}) => kind),
		['frontend', 'backend', 'interface', 'gateway'],
	);
	const hook = pair?.hooks.find(({kind}) => kind === 'exec');
	const installed = hook?.kind === 'exec' ? basename(hook.argv[0] ?? '') : '';
	t.true(listFiles('deploy/hooks/*').some(({path}) => basename(path) === installed));
});
