import test from 'ava';
import {KEYWORDS} from '../../src/index.ts';
import {remarks} from '../helpers/parse.ts';

const rows = KEYWORDS.flatMap(row => (row.scope === 'ineffective' ? [row] : []));

test('each keyword without effect is accepted where HAProxy accepts it, and its notice says why', t => {
	t.true(rows.length > 100);
	for (const {name, sections, reason} of rows) {
		for (const section of sections) {
			const head = section === 'global' || section === 'defaults' ? section : `${section} x`;
			const found = remarks(`${head}\n ${name} 1 2 3\n`, {syntax: 'modern'}).filter(remark => / 2:2 /.test(remark));
			t.deepEqual(found, [`notice 2:2 '${name}' has no effect: ${reason}`], `${section} ${name}`);
		}
	}
});

test('what scenario runners and old files write is among them', t => {
	const names = new Set(rows.map(({name}) => name));
	for (const name of [
		'crt-base',
		'ssl-server-verify',
		'tune.ssl.default-dh-param',
		'nbproc',
		'ulimit-n',
		'quiet',
		'stats show-modules',
		'option splice-auto',
		'option contstats',
	]) {
		t.true(names.has(name), name);
	}
});
