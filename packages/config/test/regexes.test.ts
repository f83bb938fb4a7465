import test from 'ava';
import {toRegexSource} from '../src/regexes.ts';

test('what is no class, or would mean something else, is refused', t => {
	t.deepEqual(toRegexSource('[[:foo:]]'), {problem: 'it has the class "[:foo:]"; list the characters'});
	t.regex(JSON.stringify(toRegexSource('[[.a.]]')), /collating element/);
	t.regex(JSON.stringify(toRegexSource('[[:constructor:]]')), /the class/);
});

test('what does not compile is refused with the reason', t => {
	t.deepEqual(toRegexSource('('), {problem: 'unterminated group'});
	t.deepEqual(toRegexSource('[a'), {
		problem: String.raw`it has a "[" that is never closed; write \[ for a bracket`,
	});
	t.deepEqual(toRegexSource('a'.repeat(4097)), {problem: 'longer than 4096 characters'});
});
