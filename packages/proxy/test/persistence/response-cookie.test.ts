import test from 'ava';
import {encodeCookieDate} from '../../src/persistence/cookie-date.ts';
import type {CookieReading} from '../../src/persistence/request-cookie.ts';
import {editResponseCookie} from '../../src/persistence/response-cookie.ts';
import {makePlan} from './fixtures.ts';

const head = (...lines: string[]): string =>
	`HTTP/1.1 200 OK\r\nServer: s\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n`;

const none: CookieReading = {state: 'N', server: -1, present: false, firstS: undefined, stale: false};
const valid: CookieReading = {...none, state: 'V', server: 0, present: true};
const invalid: CookieReading = {...none, state: 'I', present: true};

const INSERTED = 'Set-Cookie: SERVERID=web1; path=/';
const DELETION = 'Set-Cookie: SERVERID=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/';

// Each line was measured on HAProxy 2.6.
for (const [title, options, reading, server, from, to, sent] of [
	['a first visit is inserted', {}, none, 0, [], [INSERTED], 'I'],
	['a valid cookie needs nothing', {}, valid, 0, [], [], 'N'],
	['a valid cookie that did not lead here is replaced', {}, valid, 1, [], ['Set-Cookie: SERVERID=web2; path=/'], 'I'],
	['an invalid cookie is replaced', {}, invalid, 0, [], [INSERTED], 'I'],
	['a server without a value deletes', {}, none, 2, [], [DELETION], 'I'],
	[
		"the server's own is replaced",
		{},
		none,
		0,
		['Set-Cookie: SERVERID=x; path=/foo', 'Set-Cookie: b=2'],
		['Set-Cookie: b=2', INSERTED],
		'I',
	],
	["the server's own is removed from a valid client's", {}, valid, 0, ['Set-Cookie: SERVERID=x'], [], 'D'],
	['a longer name is another cookie', {}, valid, 0, ['Set-Cookie: SERVERIDx=1'], ['Set-Cookie: SERVERIDx=1'], 'N'],
	['another case is another cookie', {}, valid, 0, ['Set-Cookie: serverid=1'], ['Set-Cookie: serverid=1'], 'N'],
	[
		'only the first name of a line counts',
		{},
		valid,
		0,
		['Set-Cookie: b=2, SERVERID=x'],
		['Set-Cookie: b=2, SERVERID=x'],
		'N',
	],
	['preserve passes', {preserve: true}, none, 0, ['Set-Cookie: SERVERID=x'], ['Set-Cookie: SERVERID=x'], 'P'],
	['preserve inserts where the server sets none', {preserve: true}, none, 0, [], [INSERTED], 'I'],
	['postonly waits for a POST', {postonly: true}, none, 0, [], [], 'N'],
	[
		'rewrite changes the value',
		{mode: 'rewrite'},
		none,
		0,
		['Set-Cookie: SERVERID=x; path=/foo; HttpOnly'],
		['Set-Cookie: SERVERID=web1; path=/foo; HttpOnly'],
		'R',
	],
	[
		'rewrite keeps blanks around',
		{mode: 'rewrite'},
		none,
		1,
		['Set-Cookie: SERVERID = x ; path=/'],
		['Set-Cookie: SERVERID = web2 ; path=/'],
		'R',
	],
	[
		'rewrite fills an empty value',
		{mode: 'rewrite'},
		none,
		1,
		['Set-Cookie: SERVERID='],
		['Set-Cookie: SERVERID=web2'],
		'R',
	],
	['rewrite never inserts', {mode: 'rewrite'}, none, 0, [], [], 'N'],
	[
		'prefix puts the server before',
		{mode: 'prefix'},
		none,
		1,
		['Set-Cookie: SERVERID=x; path=/'],
		['Set-Cookie: SERVERID=web2~x; path=/'],
		'R',
	],
	[
		'prefix handles several lines',
		{mode: 'prefix'},
		none,
		0,
		['Set-Cookie: SERVERID=x', 'Set-Cookie: SERVERID=y'],
		['Set-Cookie: SERVERID=web1~x', 'Set-Cookie: SERVERID=web1~y'],
		'R',
	],
	['passive passes', {mode: 'passive'}, none, 0, ['Set-Cookie: SERVERID=x'], ['Set-Cookie: SERVERID=x'], 'P'],
] as const) {
	test(`${title}`, t => {
		const edit = editResponseCookie(makePlan(options), head(...from), {
			reading,
			server,
			method: 'GET',
			status: 200,
			nowS: 0,
		});
		t.is(edit.head, head(...to));
		t.is(edit.sent, sent);
	});
}

test('postonly inserts on a POST', t => {
	const edit = editResponseCookie(makePlan({postonly: true}), head(), {
		reading: none,
		server: 0,
		method: 'POST',
		status: 200,
		nowS: 0,
	});
	t.is(edit.head, head(INSERTED));
});

test('only a passive cookie is not logged', t => {
	t.false(makePlan({mode: 'passive'}).logged);
	t.true(makePlan().logged);
});

const now = 1_795_582_571;
const dated = makePlan({maxidleS: 1800, maxlifeS: 28_800});
const edit = (reading: CookieReading) =>
	editResponseCookie(dated, head(), {reading, server: 0, method: 'GET', status: 200, nowS: now});

test('a stale date is renewed and the first visit stays', t => {
	const renewed = edit({...valid, stale: true, firstS: now - 600});
	t.is(renewed.sent, 'U');
	t.is(renewed.head, head(`Set-Cookie: SERVERID=web1|${encodeCookieDate(now)}|${encodeCookieDate(now - 600)}; path=/`));
});

test('an undated valid cookie gets both dates', t => {
	const both = edit({...valid, stale: true});
	t.is(both.sent, 'U');
	t.is(both.head, head('Set-Cookie: SERVERID=web1|awZqb|awZqb; path=/'));
});

test('a fresh date needs nothing', t => {
	t.deepEqual(edit({...valid, stale: false, firstS: now}), {head: head(), sent: 'N'});
});

test('nocache marks a cacheable response that gets a cookie, and no other', t => {
	const nocache = makePlan({nocache: true});
	const run = (reading: CookieReading, ...lines: string[]) =>
		editResponseCookie(nocache, head(...lines), {reading, server: 0, method: 'GET', status: 200, nowS: 0}).head;
	t.is(run(none, 'ETag: "x"'), head('ETag: "x"', INSERTED, 'Cache-control: private'));
	t.is(run(none), head(INSERTED));
	t.is(run(valid, 'ETag: "x"'), head('ETag: "x"'));
});
