import test from 'ava';
import {only} from '../helpers/parse.ts';
import {frontendOf, frontendRemarks} from '../helpers/sections.ts';

const rule = (line: string, syntax?: '1.4' | 'modern') =>
	only(frontendOf([line], syntax === undefined ? {} : {syntax}).httpRequestRules);

function redirect(text: string) {
	const read = rule(`redirect ${text}`);
	return read.kind === 'redirect' ? read.redirect : undefined;
}

test('a redirect to a location, a prefix or a scheme', t => {
	t.deepEqual(redirect('location http://example.com/'), {
		type: 'location',
		to: 'http://example.com/',
		code: 302,
		dropQuery: false,
		appendSlash: false,
	});
	t.deepEqual(redirect('prefix https://example.com code 301 drop-query append-slash set-cookie SEEN=1'), {
		type: 'prefix',
		to: 'https://example.com',
		code: 301,
		dropQuery: true,
		appendSlash: true,
		setCookie: 'SEEN=1',
	});
	t.deepEqual(redirect('scheme https code 308'), {
		type: 'scheme',
		to: 'https',
		code: 308,
		dropQuery: false,
		appendSlash: false,
	});
	t.is(redirect('location / clear-cookie USERID=')?.clearCookie, 'USERID=');
	t.is(redirect('location / clear-cookie USERID')?.clearCookie, 'USERID');
	for (const code of [301, 302, 303, 307, 308] as const) t.is(redirect(`location / code ${code}`)?.code, code);
});

test('a redirect has a condition', t => {
	t.is(rule('redirect location / code 301 if { path /x }').condition?.negate, false);
	t.is(rule('redirect prefix / unless { path /x }').condition?.negate, true);
	t.is(rule('redirect prefix /').condition, undefined);
});

test('what is wrong with a redirect is pointed at', t => {
	const wrong = (text: string) => frontendRemarks(`redirect ${text}`);
	t.deepEqual(wrong('http://x/'), ["error 8:11 redirect: 'http://x/' is not known (one of location, prefix, scheme)"]);
	t.deepEqual(wrong(''), [
		'error 8:2 where to redirect to is missing at the end of this line (location, prefix or scheme)',
	]);
	t.deepEqual(wrong('location'), ['error 8:11 the location is missing at the end of this line']);
	t.deepEqual(wrong('location / code 304'), [
		"error 8:27 '304' is not a redirect code (one of 301, 302, 303, 307, 308)",
	]);
	t.deepEqual(wrong('location / drop-qurey'), [
		"error 8:22 'drop-qurey' is not a redirect option (did you mean 'drop-query'?)",
	]);
	t.deepEqual(wrong('scheme https://'), ["error 8:18 'https://' is not a scheme (such as redirect scheme https)"]);
	t.deepEqual(wrong('location / set-cookie "A=1; Path=/"'), [
		"error 8:33 'A=1; Path=/' is not a cookie (NAME or NAME=VALUE, without blanks and semicolons)",
	]);
	t.regex(
		wrong('location https://%[quic_enabled]/').join(),
		/^error 8:28 '%\[quic_enabled\]' in a value is not supported/,
	);
});

test('http-request allows, denies and edits headers', t => {
	t.like(rule('http-request deny'), {kind: 'deny', status: 403});
	t.like(rule('http-request deny deny_status 429 if { path /x }'), {kind: 'deny', status: 429});
	t.like(rule('http-request deny status 503'), {kind: 'deny', status: 503});
	t.like(rule('http-request allow if LOCALHOST'), {kind: 'allow'});
	t.like(rule('http-request set-header X-A "b c"'), {kind: 'set-header', name: 'X-A', value: 'b c'});
	t.like(rule('http-request add-header X-A 50%%'), {kind: 'add-header', name: 'X-A', value: '50%%'});
	t.like(rule('http-request del-header X-A'), {kind: 'del-header', name: 'X-A'});
	t.like(rule('http-request redirect location / code 301'), {kind: 'redirect'});
});

test('what is wrong with http-request is pointed at', t => {
	t.deepEqual(frontendRemarks('http-request dney'), [
		"error 8:15 unknown 'http-request dney' in section 'frontend' (did you mean 'deny'?)",
	]);
	t.deepEqual(frontendRemarks('http-request deny deny_status 999'), [
		'error 8:32 the status: 999 is out of range (a number from 200 to 599)',
	]);
	t.deepEqual(frontendRemarks('http-request set-header X: y'), [
		"error 8:26 'X:' is not a header name (letters, digits and -, without the colon)",
	]);
	t.deepEqual(frontendRemarks('http-request set-header X'), [
		'error 8:26 the value is missing at the end of this line',
	]);
	t.deepEqual(frontendRemarks('http-request deny errorfiles x'), [
		"error 8:2 there is no section http-errors 'x' (add a section 'http-errors x')",
	]);
	t.deepEqual(frontendRemarks('http-request return string x'), [
		'error 8:29 a body needs a content type (such as content-type text/plain)',
	]);
	t.deepEqual(frontendRemarks('http-request set-header Content-Length 1'), [
		'error 8:26 Content-Length says where the body ends and cannot be changed by a rule',
	]);
	t.deepEqual(frontendRemarks('http-request set-method HEAD'), [
		'error 8:26 a request cannot become HEAD (its answer would have another length)',
	]);
	t.is(frontendRemarks('http-request').length, 1);
	t.is(frontendRemarks('http-request set-src 10.0.0.1').length, 1);
});

test('block is a deny of 1.4 and needs a condition', t => {
	t.like(rule('block if { path /x }', '1.4'), {kind: 'deny', status: 403});
	t.true(frontendRemarks('block').some(remark => remark.startsWith("error 8:2 'if' or 'unless' is missing")));
});
