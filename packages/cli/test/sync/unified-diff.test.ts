import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {diffTexts, findEdits} from '../../src/sync/unified-diff.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const line = fc.constantFrom('a', 'b', 'c', 'd', '');

test('the edits lead from the one to the other, and no shorter ones do', t => {
	fc.assert(
		fc.property(fc.array(line, {maxLength: 12}), fc.array(line, {maxLength: 12}), (before, after) => {
			const edits = findEdits(before, after);
			const of = (kinds: string) => edits.filter(({kind}) => kinds.includes(kind)).map(edit => edit.line);
			t.deepEqual(of(' -'), before);
			t.deepEqual(of(' +'), after);
			t.is(edits.filter(({kind}) => kind === ' ').length, longestCommon(before, after));
		}),
	);
});

/** By the table, as every textbook has it. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
	const row = new Array<number>(b.length + 1).fill(0);
	for (const x of a) {
		let corner = 0;
		for (const [index, y] of b.entries()) {
			const above = row[index + 1] ?? 0;
			row[index + 1] = x === y ? corner + 1 : Math.max(above, row[index] ?? 0);
			corner = above;
		}
	}
	return row[b.length] ?? 0;
}

for (const [what, before, after] of [
	['a changed line', 'a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nX\ne\nf\n'],
	['two hunks', '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n', '1x\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12x\n'],
	['hunks that touch', '1\n2\n3\n4\n5\n6\n7\n8\n', '1x\n2\n3\n4\n5\n6\n7\n8x\n'],
	['an empty file', '', 'a\nb\n'],
	['a file that becomes empty', 'a\n', ''],
	['no newline at the end', 'a\nb', 'a\nb\n'],
	['lines in the middle', 'a\nb\n', 'a\nx\ny\nb\n'],
] as const) {
	test(`${what} looks as diff -u shows it`, t => {
		const directory = makeTempDirectory(t);
		writeFileSync(join(directory, 'a'), before);
		writeFileSync(join(directory, 'b'), after);
		let expected = '';
		try {
			execFileSync('diff', ['-u', 'a', 'b'], {cwd: directory, encoding: 'utf8', timeout: 10_000});
		} catch (error) {
			expected = (error as {stdout: string}).stdout;
		}
		t.deepEqual(diffTexts(before, after), expected.trimEnd().split('\n').slice(2));
	});
}

test('texts that have nothing in common end soon', t => {
	const many = (word: string) => Array.from({length: 20_000}, (_, index) => `${word}${index}\n`).join('');
	const lines = diffTexts(many('a'), many('b'));
	t.is(lines.length, 40_001);
	t.deepEqual(diffTexts('a\n', 'a\n'), []);
});
