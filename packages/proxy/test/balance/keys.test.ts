import {type BalanceAlgorithm, type BalanceOptions, PLAIN_BALANCE} from '@hapair/config';
import test from 'ava';
import type {KeyRequest} from '../../src/balance/algorithm.ts';
import {hashText} from '../../src/balance/hash-functions.ts';
import {mainDomain} from '../../src/balance/header.ts';
import {compileKey, NO_HASH} from '../../src/balance/pick.ts';
import {findRdpCookie, isRdpCookieDecided} from '../../src/balance/rdp-cookie.ts';
import {uriPart} from '../../src/balance/uri.ts';
import {findParameter} from '../../src/balance/url-parameter.ts';

function keyOf(balance: BalanceAlgorithm, options: Partial<BalanceOptions>, over: Partial<KeyRequest>): number {
	const request = {source: undefined, method: 'GET', target: '/', header: () => undefined, payload: '', ...over};
	return compileKey({balance, balanceOptions: {...PLAIN_BALANCE, ...options}, allBackups: false})(request);
}

for (const [target, options, expected] of [
	['/a/b/c?x=1', {}, '/a/b/c'],
	['/a/b/c?x=1', {uriWhole: true}, '/a/b/c?x=1'],
	['/a/b/c?x=1', {uriDepth: 1}, '/a'],
	['/a/b/c?x=1', {uriDepth: 2}, '/a/b'],
	['/a/b/c?x=1', {uriDepth: 9}, '/a/b/c'],
	['/a/b/c?x=1', {uriLength: 4}, '/a/b'],
	['/a?/b/c', {uriDepth: 2, uriWhole: true}, '/a?/b'],
	['/a', {uriLength: 40}, '/a'],
	['http://x.org/a/b?c', {}, 'http://x.org/a/b'],
	['http://x.org/a/b?c', {uriPathOnly: true}, '/a/b'],
	['http://x.org', {uriPathOnly: true}, '/'],
	['*', {uriPathOnly: true}, '/'],
] as const) {
	test(`of ${target} with ${JSON.stringify(options)} counts ${expected}`, t => {
		t.is(uriPart(target, {...PLAIN_BALANCE, ...options}), expected);
	});
}

for (const [text, name, expected] of [
	['a=1&id=7&b', 'id', '7'],
	['a=1;id=7;b', 'id', '7'],
	['id=', 'id', ''],
	['id', 'id', undefined],
	['xid=1&ids=2', 'id', undefined],
	['id=1&id=2', 'id', '1'],
	['', 'id', undefined],
	['&&id=1=2', 'id', '1=2'],
] as const) {
	test(`parameter ${name} of "${text}" is ${expected}`, t => {
		t.is(findParameter(text, 0, name), expected);
	});
}

test('the body of a POST is searched with check_post, after the query, and of no other request', t => {
	const hashType = {method: 'map-based', function: 'sdbm', avalanche: false} as const;
	const seven = hashText('7', hashType);
	const body = {target: '/?a=1', payload: 'b=2&id=7'};
	t.is(keyOf('url_param', {name: 'id', checkPost: true}, {...body, method: 'POST'}), seven);
	t.is(keyOf('url_param', {name: 'id', checkPost: true}, {...body, method: 'PUT'}), NO_HASH);
	t.is(keyOf('url_param', {name: 'id'}, {...body, method: 'POST'}), NO_HASH);
	t.is(keyOf('url_param', {name: 'id', checkPost: true}, {target: '/?id=7', payload: 'id=8', method: 'POST'}), seven);
});

test('what a request does not have gives no hash', t => {
	t.is(keyOf('hdr', {name: 'X-Key'}, {}), NO_HASH);
	t.is(keyOf('rdp-cookie', {name: 'mstshash'}, {}), NO_HASH);
	t.is(keyOf('roundrobin', {}, {}), NO_HASH);
	t.is(keyOf('uri', {}, {target: ''}), NO_HASH);
});

for (const [host, expected] of [
	['www.example.org', 'example'],
	['example.org', 'example'],
	['localhost', 'localhost'],
	['a.b.c.', 'c'],
	['.org', ''],
	['', ''],
] as const) {
	test(`the main domain of "${host}" is "${expected}"`, t => {
		t.is(mainDomain(host), expected);
	});
}

const head = '\x03\x00\x00\x2a\x25\xe0\x00\x00\x00\x00\x00';
for (const [title, payload, name, expected] of [
	['a cookie', `${head}Cookie: mstshash=bob\r\n`, 'mstshash', 'bob'],
	['a name in other case', `${head}cookie: MSTSHash=bob\r\n\x01\x00`, 'mstshash', 'bob'],
	['any name', `${head}Cookie: msts=1.2.3\r\n`, '', '1.2.3'],
	['another name', `${head}Cookie: msts=1.2.3\r\n`, 'mstshash', undefined],
	['an unfinished line', `${head}Cookie: mstshash=bo`, 'mstshash', undefined],
	['another protocol', 'GET / HTTP/1.0\r\nCookie: mstshash=bob\r\n', 'mstshash', undefined],
	['nothing', '', 'mstshash', undefined],
] as const) {
	test(`rdp-cookie: ${title}`, t => {
		t.is(findRdpCookie(payload, name), expected);
	});
}

for (const [title, payload, expected] of [
	['nothing', '', false],
	['another protocol', 'S', true],
	['the beginning of a head', head.slice(0, 3), false],
	['a head alone', head, false],
	['a cookie without its end', `${head}Cookie: mstsh`, false],
	['a whole cookie', `${head}Cookie: mstshash=x\r\n`, true],
	['a message that ends without a cookie', `\x03\0\0\x0b\x06\xe0\0\0\0\0\0`, true],
	['another message of the protocol', `\x03\0\0\x40\x06\xf0\0\0\0\0\0abc`, true],
] as const) {
	test(`rdp-cookie: ${title} is ${expected ? 'enough' : 'not enough'} to decide`, t => {
		t.is(isRdpCookieDecided(payload), expected);
	});
}
