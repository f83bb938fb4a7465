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

test('a percent sign of its own is written twice, but not where it encodes a byte', t => {
	t.is(format('50%%'), '50%%');
	t.is(format('/a%20b%C3%A9'), '/a%20b%C3%A9');
	t.is(format('%ci%%', '1.4'), '%%ci%%%%');
});

test('variables and expressions that are known stay as they are', t => {
	for (const text of ['%ci:%cp', 'a%[src]b', '%[req.hdr(host),lower]', 'https://%[hdr(host)]/', '%b/%s', '%HM'])
		t.is(format(text), text);
});

test('what this version cannot fill in is refused at its place', t => {
	t.is(
		format('%[quic_enabled]'),
		"error 1:1 '%[quic_enabled]' in a value is not supported by this version of hapair (write %% for a percent sign)",
	);
	const hint = 'see "log-format" in docs/configuration.md; write %% for a percent sign';
	const refused = (column: number, what: string) => `error 1:${column} '${what}' is not a variable (${hint})`;
	t.is(format('%Tz'), refused(1, '%Tz'));
	t.is(format('a%{+Q}zz'), refused(2, '%{+Q}zz'));
	t.is(format('%{+Z}ci'), "error 1:1 '+Z' is not a flag of a variable (+Q, +X, +E, or - to end one, as in %{+Q}r)");
	t.is(format('%{+Qci'), "error 1:1 '%{+Qci' lacks its closing '}' (+Q, +X, +E, or - to end one, as in %{+Q}r)");
	t.is(format('50%'), refused(3, '%'));
	t.regex(format('a%[srcc]/'), /^error 1:2 'srcc' is not a sample fetch \(did you mean 'src'\?\)$/);
	t.regex(
		format('%[path,lowr]'),
		/^error 1:1 'lowr' is not a converter that is known here \(did you mean 'lower'\?\)$/,
	);
});

test('no line end and no other control character is let into a header; a tab is', t => {
	for (const control of ['\\r', '\\n', '\\x00', '\\x1b', '\\x7f'])
		t.regex(format(`a${control}b`), /^error 1:1 the value holds a control character/);
	t.regex(format('a\\r\\nSet-Cookie:\\ x', '1.4'), /^error 1:1 the value holds a control character/);
	t.is(format('a\\tb'), 'a\tb');
});
