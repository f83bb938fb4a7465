import test from 'ava';
import fc from 'fast-check';
import {encodeCookieDate} from '../../src/persistence/cookie-date.ts';
import {readRequestCookie, stripRequestCookie} from '../../src/persistence/request-cookie.ts';
import {makePlan} from './fixtures.ts';

const head = (...cookies: string[]): string =>
	`GET / HTTP/1.1\r\nHost: h\r\n${cookies.map(cookie => `Cookie: ${cookie}\r\n`).join('')}Accept: */*\r\n\r\n`;

const up = () => true;

/** Titles collapse blanks, so two cases could get the same one. */
const escapeBlanks = (text: string): string => JSON.stringify(text).replaceAll(' ', '␠');
const hidden = makePlan({indirect: true});

// What HAProxy 2.6 did with each of these: state, server, and what the server saw of the line.
for (const [cookie, state, server, left] of [
	['SERVERID=web1', 'V', 0, undefined],
	['SERVERID=nope', 'I', -1, undefined],
	['a=1; SERVERID=web1; b=2', 'V', 0, 'a=1; b=2'],
	['SERVERID=web1; b=2', 'V', 0, 'b=2'],
	['a=1; SERVERID=web1', 'V', 0, 'a=1'],
	['a=1;SERVERID=web1;b=2', 'V', 0, 'a=1; b=2'],
	['a=1 ; SERVERID = web1 ; b=2', 'V', 0, 'a=1; b=2'],
	['a=1, SERVERID=web1, b=2', 'V', 0, 'a=1, b=2'],
	['xSERVERID=web1', 'N', -1, 'xSERVERID=web1'],
	['SERVERIDx=web1', 'N', -1, 'SERVERIDx=web1'],
	['serverid=web1', 'N', -1, 'serverid=web1'],
	['SERVERID="web1"', 'I', -1, undefined],
	['SERVERID=', 'I', -1, undefined],
	['SERVERID', 'N', -1, 'SERVERID'],
	['SERVERID=web1; SERVERID=web2', 'V', 0, undefined],
	['SERVERID=nope; SERVERID=web2', 'V', 1, undefined],
	['SERVERID=web2; SERVERID=nope', 'V', 1, undefined],
	['a="x; SERVERID=web1"; c=1', 'N', -1, 'a="x; SERVERID=web1"; c=1'],
	['a="x; SERVERID=web1', 'N', -1, 'a="x; SERVERID=web1'],
	['a=x"y; SERVERID=web1', 'N', -1, 'a=x"y; SERVERID=web1'],
	['$Version=1; SERVERID=web1; $Path=/; b=2', 'V', 0, '$Version=1; b=2'],
	['SERVERID=web1;', 'V', 0, undefined],
	['; SERVERID=web1', 'V', 0, undefined],
	['a=1;; SERVERID=web1;;b=2', 'V', 0, 'a=1;; ;b=2'],
	['SERVERID=web1|abc', 'V', 0, undefined],
	['SERVERID=web1~x', 'I', -1, undefined],
	['SERVERID=web1 x', 'I', -1, undefined],
	['a=1;\tSERVERID=web1;\tb=2', 'V', 0, 'a=1; b=2'],
	['a=1;  SERVERID=web1', 'V', 0, 'a=1'],
	['a; SERVERID=web1; b', 'V', 0, 'a; b'],
	[' ;SERVERID=web1; b=2', 'V', 0, 'b=2'],
	['=web1; SERVERID=web1', 'V', 0, '=web1'],
	['SERVERID==web1', 'I', -1, undefined],
	['a=b=SERVERID=web1; c=SERVERID=web2', 'N', -1, 'a=b=SERVERID=web1; c=SERVERID=web2'],
] as const) {
	test(`${escapeBlanks(cookie)} is ${state} and leaves ${left === undefined ? 'nothing' : `"${left}"`}`, t => {
		const request = head(cookie);
		const reading = readRequestCookie(hidden, request, up, 0);
		t.is(reading.state, state);
		t.is(reading.server, server);
		t.is(reading.present, state !== 'N');
		t.is(stripRequestCookie(hidden, request), left === undefined ? head() : head(left));
	});
}

test('a request without a cookie is N', t => {
	t.is(readRequestCookie(hidden, head(), up, 0).state, 'N');
	t.is(stripRequestCookie(hidden, head()), head());
});

test('several Cookie headers are read and stripped one by one', t => {
	const request = head('a=1', 'SERVERID=web1', 'SERVERID=web2; q=1');
	t.is(readRequestCookie(hidden, request, up, 0).server, 0);
	t.is(stripRequestCookie(hidden, request), head('a=1', 'q=1'));
});

test('the header name has any case', t => {
	const request = head('SERVERID=web2; q=1').replace('Cookie', 'cOOKIE');
	t.is(readRequestCookie(hidden, request, up, 0).server, 1);
	t.is(stripRequestCookie(hidden, request), head('q=1').replace('Cookie', 'cOOKIE'));
});

test('the cookie is left alone without indirect', t => {
	const request = head('a=1; SERVERID=web1');
	t.is(stripRequestCookie(makePlan(), request), request);
	t.is(stripRequestCookie(makePlan({mode: 'rewrite'}), request), request);
	t.is(stripRequestCookie(makePlan({mode: 'passive'}), request), request);
});

test('the first operational server of a value wins', t => {
	const plan = makePlan({}, ['web1', 'web1', 'web2']);
	t.is(readRequestCookie(plan, head('SERVERID=web1'), up, 0).server, 0);
	t.is(readRequestCookie(plan, head('SERVERID=web1'), server => server !== 0, 0).server, 1);
});

test('a cookie of a server that is down is D, and another cookie may still lead somewhere', t => {
	const plan = makePlan();
	const secondOnly = (server: number) => server === 1;
	t.like(readRequestCookie(plan, head('SERVERID=web1'), secondOnly, 0), {state: 'D', server: -1});
	t.like(readRequestCookie(plan, head('SERVERID=web1; SERVERID=web2'), secondOnly, 0), {state: 'V', server: 1});
	t.like(readRequestCookie(plan, head('SERVERID=web1; SERVERID=nope'), secondOnly, 0), {state: 'D', server: -1});
});

test('option persist tries a server that is down', t => {
	const plan = makePlan({}, ['web1', 'web2'], true);
	t.like(
		readRequestCookie(plan, head('SERVERID=web2'), () => false, 0),
		{state: 'D', server: 1},
	);
});

// Measured on HAProxy 2.6 with prefix mode: what the server saw.
for (const [cookie, state, seen] of [
	['SERVERID=web1~v', 'V', 'SERVERID=v'],
	['SERVERID=web1', 'V', 'SERVERID=web1'],
	['SERVERID=nope~v', 'I', 'SERVERID=v'],
	['SERVERID=web2~', 'V', 'SERVERID='],
	['SERVERID=web1~a~b', 'V', 'SERVERID=a~b'],
	['a=1; SERVERID=web1~v; b=2', 'V', 'a=1; SERVERID=v; b=2'],
	['SERVERID=~v', 'I', 'SERVERID=v'],
	['a=web1~v', 'N', 'a=web1~v'],
	['SERVERID=web1~v; SERVERID=web2~w; c=~', 'V', 'SERVERID=v; SERVERID=w; c=~'],
] as const) {
	test(`prefix mode passes "${cookie}" on as "${seen}"`, t => {
		const plan = makePlan({mode: 'prefix'});
		t.is(readRequestCookie(plan, head(cookie), up, 0).state, state);
		t.is(stripRequestCookie(plan, head(cookie)), head(seen));
	});
}

const now = 1_795_582_571;
const at = (offset: number) => encodeCookieDate(now + offset);
const dated = makePlan({maxidleS: 1800, maxlifeS: 28_800});

// Measured on HAProxy 2.6 with maxidle 30m maxlife 8h.
for (const [title, value, state, stale, firstS] of [
	['without dates', 'web1', 'V', true, undefined],
	['fresh', `web1|${at(0)}|${at(0)}`, 'V', false, now + 1],
	['a minute old', `web1|${at(-60)}|${at(-60)}`, 'V', true, now - 59],
	['idle too long', `web1|${at(-1900)}|${at(-1900)}`, 'E', false, undefined],
	['living too long', `web1|${at(-60)}|${at(-30_000)}`, 'O', false, undefined],
	['an hour ahead', `web1|${at(3600)}|${at(3600)}`, 'V', false, now + 3601],
	['two days ahead', `web1|${at(172_800)}|${at(172_800)}`, 'O', false, undefined],
	['with only a last date', `web1|${at(-60)}`, 'V', true, undefined],
	['with only a first date', `web1||${at(-60)}`, 'V', true, now - 59],
	['with rubbish for dates', 'web1|zz|', 'V', true, undefined],
	['of an unknown server', `nope|${at(0)}`, 'I', false, undefined],
] as const) {
	test(`a dated cookie ${title} is ${state}`, t => {
		const reading = readRequestCookie(dated, head(`SERVERID=${value}`), up, now);
		t.is(reading.state, state);
		t.is(reading.stale, stale);
		t.is(reading.firstS, firstS);
	});
}

const token = fc.string({unit: fc.constantFrom('a', 'b', '1', '-', '%', '\xa0', '\xff'), minLength: 1, maxLength: 4});
const otherCookie = fc.tuple(token, token).map(([name, value]) => `o${name}=${value}`);
const mine = fc.constantFrom('SERVERID=web1', 'SERVERID=x', 'SERVERID=', 'SERVERID=web2|abc');

test('removing our cookie never changes the other cookies', t => {
	fc.assert(
		fc.property(fc.array(fc.oneof(otherCookie, mine), {maxLength: 8}), cookies => {
			const others = cookies.filter(cookie => !cookie.startsWith('SERVERID='));
			const expected =
				others.length > 0 || cookies.length === 0 ? head(...(cookies.length === 0 ? [] : [others.join('; ')])) : head();
			const request = cookies.length === 0 ? head() : head(cookies.join('; '));
			t.is(stripRequestCookie(hidden, request), expected);
		}),
	);
});

test('no header text makes reading or stripping fail, and stripping leaves nothing to strip', t => {
	const text = fc.string({
		unit: fc.constantFrom('S', 'SERVERID', '=', ';', ',', '"', '\\', ' ', '\t', '$', '~', '|', 'web1', '\xff', 'x'),
	});
	const plans = [hidden, makePlan({mode: 'prefix'}), dated];
	fc.assert(
		fc.property(fc.array(text, {maxLength: 3}), values => {
			const request = head(...values);
			for (const plan of plans) {
				readRequestCookie(plan, request, up, now);
				const stripped = stripRequestCookie(plan, request);
				t.true(stripped.startsWith('GET / HTTP/1.1\r\nHost: h\r\n'));
				t.true(stripped.endsWith('Accept: */*\r\n\r\n'));
				if (plan === hidden) t.false(readRequestCookie(plan, stripped, up, now).present, JSON.stringify(stripped));
			}
		}),
		{numRuns: 300},
	);
});
