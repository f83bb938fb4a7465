/**
 * Clients keep their servers when HAProxy is replaced: what HAProxy 2.6 answered on loopback, with servers a, b, c of weights
 * 3, 1, 2, for the same requests in the same order.
 */
import {type BalanceAlgorithm, type BalanceOptions, type HashType, PLAIN_BALANCE} from '@hapair/config';
import test from 'ava';
import type {KeyRequest} from '../../src/balance/algorithm.ts';
import {buildPlan, compileKey} from '../../src/balance/pick.ts';
import {parseAddress} from '../../src/rules/address.ts';

const weights = [3, 1, 2];
const view = {
	count: 3,
	usable: () => true,
	weight: (i: number) => weights[i]!,
	ramp: () => 16,
	id: (i: number) => i + 1,
	backup: () => false,
	slots: () => 0,
	full: () => false,
};

const uris = [
	'/',
	'/a',
	'/a/b',
	'/a/b/c',
	'/index.html',
	'/img/x.png?id=7',
	'/s?q=1&id=abc',
	'/s?id=&x',
	'/very/long/path/with/many/levels?x=1',
];
for (let i = 0; i < 20; i++) uris.push(`/p${i}`);
for (let i = 0; i < 20; i++) uris.push(`/q?id=${i}`);
const values = ['www.example.org', 'example.org', 'localhost', 'a.b.c.d', 'x', 'a, b', 'www.haproxy.org:80'];
for (let i = 0; i < 20; i++) values.push(`h${i}.net`);

function request(over: Partial<KeyRequest>): KeyRequest {
	return {source: undefined, method: 'GET', target: '/', header: () => undefined, payload: '', ...over};
}

function servers(
	balance: BalanceAlgorithm,
	hashType: HashType,
	over: Partial<BalanceOptions>,
	requests: readonly KeyRequest[],
): string {
	const settings = {balance, hashType, balanceOptions: {...PLAIN_BALANCE, ...over}, allBackups: false};
	const plan = buildPlan(settings, view);
	const keyOf = compileKey(settings);
	return requests.map(one => 'abc'.charAt(plan.pick(view, 0, keyOf(one), -1))).join('');
}

const map = {method: 'map-based', function: 'sdbm', avalanche: false} as const;
const circle = {method: 'consistent', function: 'sdbm', avalanche: true} as const;
const byUri = uris.map(target => request({target}));
const byId = uris.filter(target => target.includes('id=')).map(target => request({target}));
const byHeader = values.map(value => request({header: name => (name === 'x-k' ? value : undefined)}));
const bySource = Array.from({length: 29}, (_, i) =>
	request({source: parseAddress(`127.0.${i + 1}.${((i + 1) * 7) % 250}`)}),
);

for (const [title, balance, hashType, over, requests, expected] of [
	['uri', 'uri', map, {}, byUri, 'caccabaacacabcaacabcabcaacabcbbbbbbbbbbbbbbbbbbbb'],
	['uri, avalanche', 'uri', {...map, avalanche: true}, {}, byUri, 'abcaaaaaacbcaaaaccbcacaaacbaaaaaaaaaaaaaaaaaaaaaa'],
	[
		'uri depth 2, djb2',
		'uri',
		{...map, function: 'djb2'},
		{uriDepth: 2},
		byUri,
		'cabbaaaaaaacabcaacacaacabcaaccccccccccccccccccccc',
	],
	[
		'uri len 5 whole, crc32',
		'uri',
		{...map, function: 'crc32'},
		{uriLength: 5, uriWhole: true},
		byUri,
		'baaacacaaaaaacabcaacbacaaaaaacccccccccccccccccccc',
	],
	['uri, consistent', 'uri', circle, {}, byUri, 'abbaacccaaccaabcaaaaaacbacaabaaaaaaaaaaaaaaaaaaaa'],
	[
		'uri, consistent sdbm',
		'uri',
		{...circle, avalanche: false},
		{},
		byUri,
		'aabbbcaacbbbbbbbbbbccccccccccaaaaaaaaaaaaaaaaaaaa',
	],
	[
		'uri whole, consistent crc32 avalanche',
		'uri',
		{...circle, function: 'crc32'},
		{uriWhole: true},
		byUri,
		'aaaaaccaaacbbacaaccbccaacacaaabbabcbaccaaaaaaacaa',
	],
	['hdr', 'hdr', map, {name: 'X-K'}, byHeader, 'aaaaaacaaaccccbabccbabaaaaa'],
	['hdr use_domain_only', 'hdr', map, {name: 'x-k', domainOnly: true}, byHeader, 'bbaaaaacabcaacabcacabcaacab'],
	['url_param', 'url_param', map, {name: 'id'}, byId, 'acaaacabcaacaacabcaacab'],
	['source, consistent', 'source', circle, {}, bySource, 'accabcbcbccacccaaaacaaaaaaaac'],
	['source, avalanche', 'source', {...map, avalanche: true}, {}, bySource, 'aaacbcaaabbcbacbcacaacacbcaab'],
] as const) {
	test(`balance ${title} leads where HAProxy leads`, t => {
		t.is(servers(balance, hashType, over, requests), expected);
	});
}

test('balance source, map-based leads where HAProxy leads', t => {
	const clients = Array.from({length: 24}, (_, i) => request({source: parseAddress(`127.0.0.${i + 1}`)}));
	t.is(servers('source', map, {}, clients), 'caacabcaacabcaacabcaacab');
});
