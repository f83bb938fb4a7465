/** Regular expressions with what Debian's haproxy 2.6 (PCRE2) says of the same text, and those that are refused. */
import test from 'ava';
import {toRegexSource, translateRegex} from '../src/index.ts';

const matches = (source: string, text: string, ignoreCase = false): boolean => {
	const translated = translateRegex(source, ignoreCase);
	if (typeof translated !== 'string') throw new Error(translated.problem);
	return new RegExp(translated).test(text);
};

for (const [source, text, expected] of [
	['^[[:alpha:]]+$', 'abc', true],
	['^[[:alpha:]]+$', 'ab1', false],
	['\\<foo\\>', 'a foo b', false],
	['\\<foo\\>', 'a <foo> b', true],
	['^\\d+$', '12', true],
	['(?i)ABC', 'abc', true],
	['a(?i)BC', 'abc', true],
	['a(?i:BC)', 'abc', true],
	['\\Aabc', 'abc', true],
	['abc\\z', 'abc', true],
	['abc\\Z', 'abc', true],
	['\\babc\\b', 'x abc y', true],
	['\\Qa.b\\E', 'a.b', true],
	['\\Qa.b\\E', 'axb', false],
	['[[:<:]]foo[[:>:]]', 'a foo b', true],
	['a{,2}b', 'a{,2}b', true],
	['a{,2}b', 'aab', false],
	['a{2}', 'aa', true],
	['x{', 'x{', true],
	['[]a]', 'a', true],
	['[^]a]', 'b', true],
	['\\x41', 'A', true],
	['\\x{41}', 'A', true],
	['\\101', 'A', true],
	['\\e', 'e', false],
	['(?#note)a', 'a', true],
	['(?P<n>a)(?P=n)', 'aa', true],
	['(?<n>a)\\k<n>', 'aa', true],
	['(?=a)a', 'a', true],
	['(?<=b)a', 'ba', true],
	['(?<!b)a', 'ba', false],
	['a|ab$', 'ab', true],
	['^(a|ab)(c|bcd)$', 'abcd', true],
	['\\w\\W', 'a-', true],
	['.', '\u00e9', true],
	['^\\w$', '\u00e9', false],
	['\\s', '\u000b', true],
	['[[:word:]]+', 'a_1', true],
	['[[:ascii:]]', 'a', true],
	['[[:^digit:]]', 'a', true],
	['[[:^digit:]]', '1', false],
	['a*?b', 'aab', true],
	['(?:ab)+', 'abab', true],
	['a$', 'a', true],
	['^$', 'x', false],
	['\\N', 'a', true],
	['\\d{1,2}$', '123', true],
	['(?-i)A', 'a', false],
	['\\0', 'a', false],
	['a\\/b', 'a/b', true],
	['\\-', '-', true],
	['\\_', '_', true],
	['[\\w-]+$', 'a-b', true],
	['[a\\]b]', ']', true],
	['[\\b]', 'b', false],
	['\\D', 'a', true],
	['\\S', 'a', true],
	['\\a', 'x', false],
] as const) {
	test(`${source} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, t => {
		t.is(matches(source, text), expected);
		t.is(toRegexSource(source), source);
	});
}

for (const source of [
	'(',
	'(?1)(a)',
	'(?>a+)b',
	'(?R)',
	'(?U)a+',
	'(?m)^a',
	'(?s)a.b',
	'(?x)a b',
	'(?|(a)|(b))\\1',
	'(a)?(?(1)b|c)',
	'(a)\\2',
	'*a',
	'[[.a.]]',
	'[[:^alpha:]]',
	'[[=a=]]',
	'[b-a]',
	'\\G',
	'\\K',
	'\\R',
	'\\X',
	'\\cA',
	'\\g1(a)',
	'\\p{L}',
	'\\x{263a}',
	'a)',
	'a**',
	'a++ab',
	'a++b',
	'a\\Kb',
]) {
	test(`${source} is refused when the file is read`, t => {
		t.is(typeof toRegexSource(source), 'object');
	});
}

test('groups, back-references and where case is ignored', t => {
	t.true(matches('(a)(b)\\2\\1', 'abba'));
	t.true(matches('a(?i)b(?-i)c', 'aBc'));
	t.false(matches('a(?i)b(?-i)c', 'aBC'));
	t.false(matches('(?:(?i)a)b', 'AB'));
	t.true(matches('(?:(?i)a)b', 'Ab'));
	t.true(matches('\\Qa(b\\E', 'A(B', true));
});
