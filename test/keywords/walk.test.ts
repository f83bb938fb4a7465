import {readFileSync} from 'node:fs';
import {parseConfiguration} from '@hapair/config';
import test from 'ava';
import {elsewhere} from './elsewhere.ts';
import {globalCases} from './globals-cases.ts';
import {groups} from './groups.ts';
import {pending} from './pending.ts';
import {configurationOf} from './rare-rows.ts';

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
const proven = new Set([
	...[...groups.flatMap(({cases}) => cases), ...globalCases].flatMap(one => one.rows),
	...Object.keys(elsewhere),
]);

/** In the tables of HAProxy 1.4, but allowed in no section: it refuses it too. */
const REFUSED_BY_14 = 'proxy option|option keepalive';

test('the table is whole', t => {
	t.is(rows.length, 480);
	t.is(new Set(rows.map(({name}) => name)).size, 480);
});

test('every row that is in most or in many files is proven by its behaviour', t => {
	t.deepEqual(
		rows
			.filter(({name, importance}) => importance !== 'C' && !proven.has(name) && !pending.has(name))
			.map(({name}) => name),
		[],
	);
});

test('a pending row is in the table and has no case', t => {
	const names = new Set(rows.map(({name}) => name));
	t.deepEqual(
		[...pending.keys()].filter(name => !names.has(name) || proven.has(name)),
		[],
	);
});

test('tests that are named as proofs exist', t => {
	const root = new URL('../../', import.meta.url);
	for (const [row, [file, title]] of Object.entries(elsewhere))
		t.true(readFileSync(new URL(file, root), 'utf8').includes(title), `${row}: ${title}`);
});

test('every proof is of a row of the table', t => {
	const names = new Set(rows.map(({name}) => name));
	t.deepEqual(
		[...proven].filter(name => !names.has(name)),
		[],
	);
});

test('every other row is read, or refused by a sentence that names it as unsupported or without effect', t => {
	const rare = rows.filter(({name, importance}) => importance === 'C' && !proven.has(name));
	const wrong = rare.flatMap(({name}) => {
		const [group = '', keyword = ''] = name.split('|', 2);
		const {diagnostics} = parseConfiguration([{name: 'a.cfg', text: configurationOf(group, keyword)}], {
			environment: {},
		});
		const errors = diagnostics.filter(
			({severity, message}) => severity === 'error' && !/is not supported/.test(message) && name !== REFUSED_BY_14,
		);
		return errors.map(({message}) => `${name}: ${message}`);
	});
	t.deepEqual(wrong, []);
});
