import test from 'ava';
import {toRegexSource} from '../src/regexes.ts';

function matches(source: string, text: string): boolean {
	const read = toRegexSource(source);
	if (typeof read !== 'string') throw new Error(read.problem);
	return new RegExp(read).test(text);
}

test('POSIX classes mean what they mean', t => {
	t.true(matches('^[[:alpha:]_]+$', 'aZ_'));
	t.false(matches('^[[:alpha:]]+$', 'a1'));
	t.true(matches('^[[:digit:][:space:]]+$', '1 2'));
	t.true(matches('^[[:xdigit:]]+$', 'fF0'));
	t.true(matches('^[[:punct:]]$', '~'));
	t.false(matches('^[[:punct:]]$', 'a'));
});

test('what is no class, or would mean something else, is refused', t => {
	t.deepEqual(toRegexSource('[[:foo:]]'), {problem: 'a bracket class that is not known here'});
	t.deepEqual(toRegexSource('[[.a.]]'), {problem: 'a bracket class that is not known here'});
	t.deepEqual(toRegexSource('[[:constructor:]]'), {problem: 'a bracket class that is not known here'});
});

test('what does not compile is refused with the reason', t => {
	t.deepEqual(toRegexSource('('), {problem: 'unterminated group'});
	t.deepEqual(toRegexSource('[a'), {problem: 'unterminated character class'});
	t.deepEqual(toRegexSource('a'.repeat(4097)), {problem: 'longer than 4096 characters'});
});
