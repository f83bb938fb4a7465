/** Expressions that could hang a thread are refused; the rest is left to the engine's linear fallback. */
import test from 'ava';
import {compileRegex, expandReplacement, replaceText} from '../../src/rules/regex.ts';
import {RuleError} from '../../src/rules/rule-error.ts';

test('a repetition inside of a repetition is refused where only backtracking can match', t => {
	for (const source of [String.raw`^(a*)*\1$`, '(?=(a+)+b)c', String.raw`(.)\1(a|b*)+`, String.raw`(.).*.*.*\1`]) {
		t.throws(() => compileRegex(source, false), {instanceOf: RuleError}, source);
	}
	for (const source of [String.raw`^(.)\1`, '^(?!/api/).*', '(a+)+b', String.raw`[(*+]\(*\1(x)`]) {
		t.notThrows(() => compileRegex(source, false), source);
	}
});

test('a replacement takes groups, the whole match and characters behind a backslash', t => {
	t.is(expandReplacement(String.raw`<\0|\2|\9|\\|\n>`, ['whole', 'one', undefined]), String.raw`<whole|||\|n>`);
	t.is(replaceText(compileRegex('b(.)', false), 'abcbd', String.raw`[\1]`), 'a[c]bd');
	t.is(replaceText(compileRegex('b(.)', false, true), 'abcbd', String.raw`[\1]`), 'a[c][d]');
});

test('both cases are written out: letters, classes, ranges and names of groups', t => {
	const matches = (source: string, text: string) => compileRegex(source, true).test(text);
	for (const [source, yes, no] of [
		['^get /a$', 'GeT /A', 'PUT /a'],
		['^[a-f]+$', 'aBF', 'g'],
		['^[^a-f]+$', 'GX', 'A'],
		['^[X_-]y$', 'xY', 'zy'],
		['^(?<name>ab)$', 'AB', 'ac'],
		['^[[:lower:]]\\d\\.z$', 'Q1.Z', 'Q1xZ'],
		['(?i)^ab$', 'aB', 'ac'],
	] as const) {
		t.true(matches(source, yes), `${source} ${yes}`);
		t.false(matches(source, no), `${source} ${no}`);
	}
});
