import test from 'ava';
import fc from 'fast-check';
import {lexLine, type SyntaxMode} from '../src/lexer.ts';
import {anyLine} from './helpers/texts.ts';

const environment = {HOST: 'web1', EMPTY: ''};

function words(text: string, mode: SyntaxMode = 'modern'): readonly string[] {
	return lexLine(text, mode, environment).words.map(word => word.text);
}

function problems(text: string, mode: SyntaxMode = 'modern'): readonly string[] {
	return lexLine(text, mode, environment).problems.map(
		({severity, column, length, message}) => `${severity} ${column}+${length} ${message}`,
	);
}

test('blanks, tabs, vertical tabs and form feeds separate words, wherever they stand', t => {
	t.deepEqual(words(' \tbind\t \v*:80\f '), ['bind', '*:80']);
	t.deepEqual(words(''), []);
	t.deepEqual(words(' \t'), []);
});

test('a word knows its column from 1 and its length in the source', t => {
	t.deepEqual(lexLine('\tbind  *:80', 'modern', {}).words, [
		{text: 'bind', column: 2, length: 4, verbatim: true},
		{text: '*:80', column: 8, length: 4, verbatim: true},
	]);
	t.deepEqual(lexLine('a "b c"d e', 'modern', {}).words, [
		{text: 'a', column: 1, length: 1, verbatim: true},
		{text: 'b cd', column: 3, length: 6, verbatim: false},
		{text: 'e', column: 10, length: 1, verbatim: true},
	]);
});

for (const mode of ['1.4', 'modern'] as const) {
	test(`the escapes of both languages are the same: ${mode}`, t => {
		t.deepEqual(words('a\\ b \\#x \\\\ \\r\\n\\t \\x41\\x7e', mode), ['a b', '#x', '\\', '\r\n\t', 'A~']);
	});

	test(`backslashes of regular expressions stay: ${mode}`, t => {
		t.deepEqual(words('^www\\.a\\d+\\1$ end\\', mode), ['^www\\.a\\d+\\1$', 'end\\']);
	});

	test(`# begins a comment, also within a word: ${mode}`, t => {
		t.deepEqual(words('bind *:80 # all', mode), ['bind', '*:80']);
		t.deepEqual(words('a#b c', mode), ['a']);
		t.deepEqual(words('# nothing', mode), []);
	});

	test(`a \\x without two hexadecimal digits is an error: ${mode}`, t => {
		t.deepEqual(problems('path \\x4', mode), ['error 6+2 a \\x needs two hexadecimal digits after it']);
		t.deepEqual(problems('path \\xgg', mode), ['error 6+2 a \\x needs two hexadecimal digits after it']);
	});

	test(`NUL is refused, written out or escaped: ${mode}`, t => {
		t.deepEqual(problems('a\0b', mode), ['error 2+1 a NUL byte is not text']);
		t.deepEqual(problems('a\\x00', mode), ['error 2+4 a NUL byte is not text']);
	});

	test(`a blank that is none is pointed at: ${mode}`, t => {
		t.deepEqual(problems('mode\u00a0http', mode), ['error 5+1 this character looks like a blank and is none']);
		t.deepEqual(words('mode\u00a0http', mode), ['mode', 'http']);
	});
}

test('1.4 has no quotes and no variables: they are ordinary characters', t => {
	t.deepEqual(words(`a "b c" 'd $HOST "\${HOST}"`, '1.4'), ['a', '"b', 'c"', "'d", '$HOST', `"\${HOST}"`]);
	t.deepEqual(problems('a "b', '1.4'), []);
	t.deepEqual(words('\\" \\$', '1.4'), ['\\"', '\\$']);
});

test('modern quotes group and vanish; single quotes keep everything', t => {
	t.deepEqual(words('"a b" \'c d\' e" "f ""'), ['a b', 'c d', 'e f', '']);
	t.deepEqual(words(`'\\n $HOST "x" #'`), ['\\n $HOST "x" #']);
	t.deepEqual(words(`"it's" "#"`), ["it's", '#']);
	t.deepEqual(words(`\\" \\' "\\$HOST"`), ['"', "'", '$HOST']);
});

test('variables are expanded in double quotes alone', t => {
	t.deepEqual(words(`"$HOST" "\${HOST}:80" "\${NONE-dflt}" "\${EMPTY-dflt}" $HOST`), [
		'web1',
		'web1:80',
		'dflt',
		'',
		'$HOST',
	]);
	t.deepEqual(words(`"\${NONE-}"`), ['']);
	t.deepEqual(problems(`"\${NONE-}"`), []);
});

test('a variable that is not set is a warning and stands for nothing', t => {
	t.deepEqual(words(`"a\${NONE}b"`), ['ab']);
	t.deepEqual(problems(`x "a\${NONE}b"`), [
		"warning 5+7 the environment variable 'NONE' is not set and stands for nothing",
	]);
	t.deepEqual(problems('"$constructor"').length, 1);
});

test('a dollar sign without a name, and a brace without an end, are errors at their place', t => {
	t.deepEqual(problems('x "$"'), ['error 4+1 this is not the name of an environment variable']);
	t.deepEqual(problems(`x "\${HOST"`), ['error 4+1 this is not the name of an environment variable']);
});

test('a quote that is never closed is an error from where it opens to the end', t => {
	t.deepEqual(problems('x "a b'), ['error 3+4 the double quote is never closed']);
	t.deepEqual(problems("x 'a"), ['error 3+2 the single quote is never closed']);
	t.deepEqual(problems('x "'), ['error 3+1 the double quote is never closed']);
});

test('several mistakes of one line are all told', t => {
	t.deepEqual(problems('\\xzz "$" \'').length, 3);
});

test('1.4 limits a line to 2047 bytes and 64 words', t => {
	t.deepEqual(problems(`a ${'b'.repeat(2045)}`, '1.4'), []);
	t.deepEqual(problems(`a ${'b'.repeat(2046)}`, '1.4'), ['error 1+1 the line is longer than 2047 bytes']);
	t.deepEqual(problems(`a ${'é'.repeat(1023)}`, '1.4'), ['error 1+1 the line is longer than 2047 bytes']);
	t.deepEqual(problems('a '.repeat(64), '1.4'), []);
	t.deepEqual(problems('a '.repeat(65), '1.4'), ['error 129+1 a line has at most 64 words in 1.4 syntax']);
	t.deepEqual(problems('a '.repeat(65)), []);
});

test('a modern line may have 65536 bytes', t => {
	t.deepEqual(problems('a'.repeat(65_536)), []);
	t.deepEqual(problems('a'.repeat(65_537)), ['error 1+1 the line is longer than 65536 bytes']);
});

test('no text makes it throw; words stand in order, inside the line, without overlap', t => {
	fc.assert(
		fc.property(anyLine, fc.constantFrom<SyntaxMode>('1.4', 'modern'), (text, mode) => {
			const lexed = lexLine(text, mode, environment);
			let end = 0;
			for (const {column, length, text: word, verbatim} of lexed.words) {
				t.true(column - 1 >= end && column - 1 + length <= text.length);
				end = column - 1 + length;
				if (verbatim) t.is(text.slice(column - 1, end), word);
			}
			for (const {column, length} of lexed.problems) t.true(column >= 1 && length >= 1 && column <= text.length + 1);
		}),
		{numRuns: 1000},
	);
});

test('words in single quotes come back as they were, whatever they are', t => {
	const plain = fc.string({unit: 'binary'}).filter(text => !/['\0\r\n]/.test(text));
	fc.assert(
		fc.property(fc.array(plain, {maxLength: 5}), parts => {
			t.deepEqual(words(parts.map(part => `'${part}'`).join(' ')), parts);
		}),
	);
});
