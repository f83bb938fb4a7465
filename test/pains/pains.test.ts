import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {root} from '../architecture/sources.ts';
import {pains} from './pains.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('docs/pains.md has every pain of the list, in its order, and no other', t => {
	const rows = [...read('docs/pains.md').matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, name]) => name);
	t.deepEqual(
		rows,
		pains.map(({name}) => name),
	);
});

for (const {name, tests, untested} of pains) {
	test(`${name}: the tests that show otherwise are there`, t => {
		t.true(tests.length > 0 || untested !== undefined);
		for (const [file, part] of tests) {
			t.true(
				titlesOf(read(file)).some(title => title.includes(part)),
				`${file} has no test whose title has: ${part}`,
			);
		}
		if (untested !== undefined) t.true(read('docs/operating.md').includes(`\n- ${untested}`), untested);
	});
}

function titlesOf(text: string): string[] {
	return [...text.matchAll(/^\s*test(?:\.serial)?\(\s*(['"`])(.*?)\1,/gms)].map(([, , title = '']) => title);
}
