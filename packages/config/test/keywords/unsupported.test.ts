import test from 'ava';
import {KEYWORDS} from '../../src/index.ts';
import {errors} from '../helpers/parse.ts';

test('each keyword that this version lacks is refused by name, once, with a way out where there is one', t => {
	const rows = KEYWORDS.flatMap(row => (row.scope === 'unsupported' ? [row] : []));
	for (const {name, sections, instead} of rows) {
		for (const section of sections) {
			const head = section === 'global' || section === 'defaults' ? section : `${section} x`;
			const hint = instead === undefined ? '' : ` (${instead})`;
			const found = errors(`${head}\n ${name} a b c\n`, {syntax: 'modern'}).filter(
				remark => !remark.startsWith('error 1:1 '),
			);
			t.deepEqual(
				found,
				[`error 2:2 '${name}' is not supported by this version of hapair${hint}`],
				`${section} ${name}`,
			);
		}
	}
});

test('an option that is turned off is what this version does anyway', t => {
	t.deepEqual(errors('defaults\n no option checkcache\n no option transparent\n'), []);
});
