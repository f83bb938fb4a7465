import {readFileSync} from 'node:fs';
import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {groups} from './groups.ts';
import {linesOfRareRows} from './rare-rows.ts';

interface Row {
	readonly name: string;
	/** A: in most files, B: in many, C: in few. */
	readonly importance: string;
}

/** The keyword table of HAProxy 1.4: group, keyword and importance of each row. */
const rows: readonly Row[] = readFileSync(new URL('rows.tsv', import.meta.url), 'utf8')
	.trimEnd()
	.split('\n')
	.map(line => {
		const [group, keyword, importance = ''] = line.split('\t');
		return {name: `${group}|${keyword}`, importance};
	});
const proven = new Set(groups.flatMap(({cases}) => cases.flatMap(one => one.rows)));

test('the table is whole', t => {
	t.is(rows.length, 480);
	t.is(new Set(rows.map(({name}) => name)).size, 480);
});

test('every row that is in most or in many files is proven by its behaviour', t => {
	t.deepEqual(
		rows.filter(({name, importance}) => importance !== 'C' && !proven.has(name)).map(({name}) => name),
		[],
	);
});

test('every proof is of a row of the table', t => {
	const names = new Set(rows.map(({name}) => name));
	t.deepEqual(
		[...proven].filter(name => !names.has(name)),
		[],
	);
});

test('every other row is read, and where it has no effect that is said with a reason', t => {
	const rare = rows.filter(({name, importance}) => importance === 'C' && !proven.has(name));
	t.deepEqual(
		rare.filter(({name}) => !(name in linesOfRareRows)).map(({name}) => name),
		[],
	);
	for (const [name, text] of Object.entries(linesOfRareRows)) {
		const {diagnostics} = parseConfiguration([{name: 'a.cfg', text: text.trimStart()}], {environment: {}});
		const errors = diagnostics.filter(({severity}) => severity === 'error');
		t.deepEqual(errors.map(({message}) => message), [], `${name}: ${text}`);
	}
});
