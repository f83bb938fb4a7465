import test from 'ava';
import {listFiles} from './sources.ts';

const texts = [
	...listFiles('**/*.{ts,mjs,js,json,md,cfg,service,conf,svg,sh,yml,yaml,xml}'),
	...listFiles('.ci/*'),
	...listFiles('deploy/hooks/*'),
];

test('The lock file names no registry: it installs from whichever one npm is set to', t => {
	const locks = listFiles('package-lock.json');
	t.is(locks.length, 1);
	t.deepEqual(
		locks.flatMap(({text}) => [...text.matchAll(/"resolved": "https?:.*|registry\.[\w.-]+/g)].map(String)),
		[],
	);
});

test('No path of one machine is written anywhere', t => {
	// A class of one letter keeps this file from matching itself.
	const machinePath = /(^|[\s"'`(=:])\/(w[o]rk|r[o]ot|h[o]me\/[a-z]+|tmp\/w[t])\/.*/gm;
	const wrong = texts.flatMap(({path, text}) => [...text.matchAll(machinePath)].map(([found]) => `${path}: ${found}`));
	t.deepEqual(wrong, []);
});

test('Dependencies are pinned exactly in every package but types', t => {
	const wrong = [...listFiles('package.json'), ...listFiles('packages/*/package.json')].flatMap(({path, text}) => {
		const {dependencies = {}, devDependencies = {}, optionalDependencies = {}} = JSON.parse(text);
		return Object.entries({...dependencies, ...devDependencies, ...optionalDependencies})
			.filter(([name, version]) => !name.startsWith('@types/') && !/^\d+\.\d+\.\d+$/.test(String(version)))
			.map(([name, version]) => `${path}: ${name} ${version}`);
	});
	t.deepEqual(wrong, []);
});

test('Every relative link of the documents leads to a file', t => {
	const known = new Set([...texts, ...listFiles('**/*.{png,svg}'), ...listFiles('LICENSE')].map(({path}) => path));
	const wrong = texts
		.filter(({path}) => path.endsWith('.md'))
		.flatMap(({path, text}) => [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => ({path, link})))
		.filter(({path, link}) => {
			const target = new URL(link, `file:///${path}`).pathname.slice(1).replace(/\/$/, '');
			const outside = /^[a-z]+:/.test(link);
			return !outside && !known.has(target) && ![...known].some(other => other.startsWith(`${target}/`));
		});
	t.deepEqual(wrong, []);
});
