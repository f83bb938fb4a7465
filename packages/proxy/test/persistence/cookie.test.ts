import test from 'ava';
import {compileCookie, formatSetCookie} from '../../src/persistence/cookie.ts';
import {makePlan, makeServer} from './fixtures.ts';

test('a backend without a cookie has no plan', t => {
	t.is(compileCookie({servers: [makeServer(1, 'web1')], persist: false}), undefined);
});

for (const [title, options, expected] of [
	['plain', {}, 'SERVERID=web1; path=/'],
	['with a domain', {domains: ['.example.org']}, 'SERVERID=web1; path=/; domain=.example.org'],
	[
		'with everything',
		{domains: ['.a.com', '.b.com'], httponly: true, secure: true},
		'SERVERID=web1; path=/; domain=.a.com; domain=.b.com; HttpOnly; Secure',
	],
	['with dates', {maxidleS: 1800}, 'SERVERID=web1|awZqb|awZjA; path=/'],
] as const) {
	test(`Set-Cookie ${title} has HAProxy's order`, t => {
		t.is(formatSetCookie(makePlan(options), 0, 1_795_582_571, 1_795_580_671), expected);
	});
}

test('a server without a cookie value makes the client forget its cookie', t => {
	t.is(formatSetCookie(makePlan(), 2, 0, 0), 'SERVERID=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/');
});
