import test from 'ava';
import {isHeaderName, readFormatText} from '../../src/keywords/headers.ts';
import {cursorOver} from '../helpers/parse.ts';

function format(text: string, syntax: '1.4' | 'modern' = 'modern') {
	const {cursor, remarks} = cursorOver(text);
	return readFormatText(cursor, 'the value', syntax) ?? remarks().join('\n');
}

test('a header name is a token', t => {
	for (const name of ['Host', 'X-Forwarded-For', '_a', '1']) t.true(isHeaderName(name), name);
	for (const name of ['', 'Host:', 'a b', 'é', 'a\n', 'x'.repeat(257)]) t.false(isHeaderName(name), name);
});

test('a percent sign is written twice, or begins an encoded byte', t => {
	t.is(format('50%%'), '50%');
	t.is(format('/a%20b%C3%A9'), '/a%20b%C3%A9');
	t.is(format('%ci', '1.4'), '%ci');
});

test('what HAProxy would replace is refused at its place', t => {
	const refused = (what: string) =>
		`error 1:1 '${what}' in a value is not supported by this version of hapair (write %% for a percent sign)`;
	t.is(format('%[src]'), refused('%[src]'));
	t.is(format('%ci'), refused('%ci'));
	t.is(format('%{+Q}o'), refused('%{+Q}o'));
	t.is(format('%'), refused('%'));
	t.is(format('a%[hdr(host)]/'), refused('%[hdr(host)]').replace('1:1', '1:2'));
});

test('no line end and no other control character is let into a header; a tab is', t => {
	for (const control of ['\\r', '\\n', '\\x00', '\\x1b', '\\x7f'])
		t.regex(format(`a${control}b`), /^error 1:1 the value holds a control character/);
	t.regex(format('a\\r\\nSet-Cookie:\\ x', '1.4'), /^error 1:1 the value holds a control character/);
	t.is(format('a\\tb'), 'a\tb');
});
