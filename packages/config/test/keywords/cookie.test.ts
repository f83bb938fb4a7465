import test from 'ava';
import {backendOf, backendRemarks} from '../helpers/sections.ts';

const cookie = (line: string) => backendOf([`cookie ${line}`, 'server s 10.0.0.1:80']).cookie;
const wrong = (line: string) => backendRemarks(`cookie ${line}`);

test('a name alone only reads the cookie that servers set', t => {
	t.deepEqual(cookie('JSESSIONID'), {
		name: 'JSESSIONID',
		mode: 'passive',
		indirect: false,
		nocache: false,
		postonly: false,
		preserve: false,
		httponly: false,
		secure: false,
		domains: [],
	});
});

test('modes, flags, domains and lifetimes', t => {
	t.deepEqual(
		cookie(
			'S insert indirect nocache postonly preserve httponly secure domain .a.example domain b.example maxidle 30m maxlife 90',
		),
		{
			name: 'S',
			mode: 'insert',
			indirect: true,
			nocache: true,
			postonly: true,
			preserve: true,
			httponly: true,
			secure: true,
			domains: ['.a.example', 'b.example'],
			maxidleS: 1800,
			maxlifeS: 90,
		},
	);
	t.is(cookie('S rewrite')?.mode, 'rewrite');
	t.is(cookie('S prefix')?.mode, 'prefix');
});

test('options that exclude or need each other', t => {
	t.deepEqual(wrong('S insert rewrite'), [
		"error 9:18 'rewrite' and 'insert' exclude each other (keep one of insert, rewrite, prefix)",
	]);
	t.deepEqual(wrong('S rewrite indirect'), [
		"error 9:2 cookie modes 'rewrite' and 'indirect' exclude each other (the server must see the cookie that it sets; take 'indirect' out)",
	]);
	t.deepEqual(wrong('S preserve'), [
		"error 9:2 cookie option 'preserve' needs 'insert' or 'indirect' (without them the cookie of the server is kept anyway)",
	]);
	t.deepEqual(wrong('S preserve indirect prefix'), []);
});

test('what is wrong is pointed at', t => {
	t.deepEqual(wrong('S=1'), [
		"error 9:9 'S=1' is not a cookie name (letters, digits and a few signs; no blanks, no =)",
	]);
	t.deepEqual(wrong('S insret'), ["error 9:11 'insret' is not a cookie option (did you mean 'insert'?)"]);
	t.deepEqual(wrong('S insert dynamic'), [
		"error 9:18 cookie option 'dynamic' is not supported by this version of hapair",
	]);
	t.deepEqual(wrong('S insert domain a_b'), ["error 9:25 'a_b' is not a domain name (such as .example.com)"]);
	t.regex(wrong('S insert maxidle 500ms').join(), /^error 9:26 maxidle: 500ms is out of range/);
	t.regex(wrong('').join(), /^error 9:2 the name of the cookie is missing/);
});
