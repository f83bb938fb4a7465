import test from 'ava';
import fc from 'fast-check';
import {ChunkedDecoder} from '../../src/http1/chunked.ts';

interface Decoded {
	/** What would be sent on. */
	readonly text: string;
	readonly done: boolean;
	readonly failed: boolean;
	/** Bytes of the input that belong to the body. */
	readonly taken: number;
}

/** Decodes `text` as it would arrive in pieces of `size`. */
function decode(text: string, size: number, unpack = false): Decoded {
	const decoder = new ChunkedDecoder();
	decoder.reset(unpack);
	let sent = '';
	let taken = 0;
	for (let at = 0; at < text.length && !decoder.done && !decoder.failed; at += size) {
		const bytes = Buffer.from(text.slice(at, at + size), 'latin1');
		taken = at + decoder.decode(bytes, 0, bytes.length);
		sent += decoder.prefix;
		for (let i = 0; i < decoder.spans.length; i += 2)
			sent += bytes.toString('latin1', decoder.spans[i], decoder.spans[i + 1]);
		sent += decoder.tail;
	}
	return {text: sent, done: decoder.done, failed: decoder.failed, taken};
}

const SIZES = [1, 2, 3, 5, 7, 1000];
const show = (text: string) => JSON.stringify(text).replaceAll(' ', '·');

const passes = test.macro<[string, string, string?]>({
	title: (name = '') => name,
	exec(t, text, data, forwarded) {
		for (const size of SIZES) {
			const unpacked = decode(text, size, true);
			t.deepEqual([unpacked.text, unpacked.done], [data, true], `unpacked in pieces of ${size}`);
			const packed = decode(text, size);
			t.deepEqual([packed.done, packed.failed], [true, false], `in pieces of ${size}`);
			t.is(decode(packed.text, 1000, true).text, data, `what goes on, in pieces of ${size}`);
			if (forwarded !== undefined && size === 1000) t.is(packed.text, forwarded);
		}
	},
});

// RFC 9112 §7.1
test('one chunk', passes, '3\r\nabc\r\n0\r\n\r\n', 'abc', '3\r\nabc\r\n0\r\n\r\n');
test('several chunks', passes, '3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n', 'abc0123456789');
test('no data', passes, '0\r\n\r\n', '', '0\r\n\r\n');
test('leading zeros', passes, '003\r\nabc\r\n000\r\n\r\n', 'abc');
test('data that looks like framing', passes, '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n\r\n');
test('extensions are dropped', passes, '3;a=b\r\nabc\r\n0;c="d"\r\n\r\n', 'abc', '3\r\nabc\r\n0\r\n\r\n');
test('trailers go on', passes, '3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n', 'abc', '3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n');
test(
	'trailers that would change framing, routing or trust do not',
	passes,
	'0\r\nContent-Length: 5\r\nHost: b\r\nX-Forwarded-For: 1\r\nAuthorization: x\r\nX-Sum: 1\r\nCookie: a\r\n\r\n',
	'',
	'0\r\nX-Sum: 1\r\n\r\n',
);

for (const text of [
	'\r\nabc',
	' 3\r\nabc\r\n0\r\n\r\n',
	'3 \r\nabc\r\n0\r\n\r\n',
	'0x3\r\nabc\r\n0\r\n\r\n',
	'+3\r\nabc\r\n0\r\n\r\n',
	'-3\r\nabc\r\n0\r\n\r\n',
	'g\r\nabc\r\n0\r\n\r\n',
	'3\nabc\r\n0\r\n\r\n',
	'3\r\r\nabc\r\n0\r\n\r\n',
	'3\rXabc\r\n0\r\n\r\n',
	'3\r\nabc\rX0\r\n\r\n',
	'3\r\nabc\n0\r\n\r\n',
	'3\r\nabc0\r\n\r\n',
	'3\r\nabcd\r\n0\r\n\r\n',
	'3\r\nab\r\n0\r\n\r\n',
	'3\r\nabc\rX',
	'3;a\nb\r\nabc\r\n0\r\n\r\n',
	'3;a\0b\r\nabc\r\n0\r\n\r\n',
	`3;${'a'.repeat(300)}\r\nabc\r\n0\r\n\r\n`,
	'11111111111111111\r\n',
	'FFFFFFFFFFFFFFFF\r\n',
	'0\r\nX-Sum : 1\r\n\r\n',
	'0\r\nX-Sum: 1\n\r\n\r\n',
	'0\r\n folded\r\n\r\n',
	'0\r\n: x\r\n\r\n',
	'0\r\nabc\r\n\r\n',
	`0\r\nA: ${'a'.repeat(9000)}\r\n\r\n`,
	`${'1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n'.repeat(200)}0\r\n\r\n`,
]) {
	test(`refused: ${show(text.slice(0, 60))} (${text.length})`, t => {
		for (const size of [...SIZES, 10_000]) {
			const {failed, done} = decode(text, size);
			t.true(failed, `in pieces of ${size}`);
			t.false(done);
		}
	});
}

test('what follows the body is left alone', t => {
	const body = '3\r\nabc\r\n0\r\n\r\n';
	t.is(decode(`${body}GET / HTTP/1.1\r\n`, 1000).taken, body.length);
	t.is(decode(`${body}GET / HTTP/1.1\r\n`, 1000, true).taken, body.length);
});

test('nothing of a broken chunk line goes on', t => {
	const {text} = decode('3\r\nabc\r\nzz\r\n', 1);
	t.is(text, '3\r\nabc\r\n');
});

test('any body arrives whole however it is cut', t => {
	const chunk = fc.string({
		unit: fc.integer({min: 0, max: 255}).map(code => String.fromCharCode(code)),
		minLength: 1,
		maxLength: 40,
	});
	fc.assert(
		fc.property(
			fc.array(chunk, {maxLength: 6}),
			fc.integer({min: 1, max: 60}),
			fc.boolean(),
			(chunks, size, hasExtension) => {
				const extension = hasExtension ? ';a=1' : '';
				const text = `${chunks.map(data => `${data.length.toString(16)}${extension}\r\n${data}\r\n`).join('')}0\r\n\r\n`;
				const forwarded = decode(text, size);
				t.true(forwarded.done);
				t.is(decode(forwarded.text, 10_000, true).text, chunks.join(''));
				t.is(decode(text, size, true).text, chunks.join(''));
			},
		),
		{numRuns: 1000},
	);
});
