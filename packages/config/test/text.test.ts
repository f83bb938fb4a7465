import test from 'ava';
import fc from 'fast-check';
import {Reporter} from '../src/diagnostics.ts';
import {byteLength, linesOf, splitLines} from '../src/text.ts';

test('lines end with LF or CR LF; the last may have no end', t => {
	t.deepEqual(linesOf('a\nb\r\nc'), ['a', 'b', 'c']);
	t.deepEqual(linesOf('a\n'), ['a', '']);
	t.deepEqual(linesOf('a\rb\r\r\n'), ['a\rb\r', '']);
	t.deepEqual(linesOf(''), ['']);
});

test('a byte order mark is no part of the first line', t => {
	t.deepEqual(linesOf('\ufeffglobal\n\ufeffx'), ['global', '\ufeffx']);
});

test('the bytes of a text are those that UTF-8 has', t => {
	fc.assert(
		fc.property(fc.string({unit: 'grapheme'}), text => {
			t.is(byteLength(text), Buffer.byteLength(text));
		}),
	);
});

test('a file over 8 MiB is refused once and not read', t => {
	const reporter = new Reporter();
	t.deepEqual(splitLines({name: 'big.cfg', text: '#'.repeat(8 * 1024 * 1024)}, reporter).length, 1);
	t.deepEqual(reporter.diagnostics, []);
	t.deepEqual(splitLines({name: 'big.cfg', text: `${'é'.repeat(4 * 1024 * 1024)}#`}, reporter), []);
	t.deepEqual(splitLines({name: 'big2.cfg', text: '#'.repeat(8 * 1024 * 1024 + 1)}, reporter), []);
	t.deepEqual(
		reporter.diagnostics.map(({file, line, message}) => `${file}:${line} ${message}`),
		['big.cfg:1 the file is larger than 8 MiB', 'big2.cfg:1 the file is larger than 8 MiB'],
	);
});
