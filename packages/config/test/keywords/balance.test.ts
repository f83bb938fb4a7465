import test from 'ava';
import {read, readBackend} from '../helpers/read.ts';

for (const [line, balance, options] of [
	['balance random', 'random', {draws: 2}],
	['balance random(5)', 'random', {draws: 5}],
	['balance uri', 'uri', {uriLength: 0, uriDepth: 0, uriWhole: false, uriPathOnly: false}],
	[
		'balance uri len 10 depth 3 whole path-only',
		'uri',
		{uriLength: 10, uriDepth: 3, uriWhole: true, uriPathOnly: true},
	],
	['balance url_param id', 'url_param', {name: 'id', checkPost: false}],
	['balance url_param id check_post 64', 'url_param', {name: 'id', checkPost: true}],
	['balance hdr(Host) use_domain_only', 'hdr', {name: 'Host', domainOnly: true}],
	['balance rdp-cookie', 'rdp-cookie', {name: 'mstshash'}],
	['balance rdp-cookie(msts)', 'rdp-cookie', {name: 'msts'}],
] as const) {
	test(line, t => {
		const {backend, remarks} = readBackend(line);
		t.deepEqual(remarks, []);
		t.is(backend.balance, balance);
		t.like(backend.balanceOptions, options);
	});
}

for (const [line, message] of [
	['balance rondrobin', "'rondrobin' is not a balance algorithm"],
	['balance hash src', "balance 'hash' is not supported by this version of hapair"],
	['balance hdr()', "'hdr' needs the name of a header"],
	['balance hdr', "'hdr' needs the name of a header"],
	['balance rdp-cookie()', "'rdp-cookie()' has no name in it"],
	['balance random(0)', "'0' is not a number of draws"],
	['balance leastconn(2)', "'leastconn' takes nothing in parentheses"],
	['balance url_param', 'the name of the parameter is missing at the end of this line'],
	['balance uri deep 3', "'deep' is not an option of 'balance uri'"],
	['balance uri len 0', 'len: 0 is out of range'],
	['balance source whole', "'whole' is one word too many here"],
	['hash-type avalanche', "'avalanche' is not a hash type by itself"],
	['hash-type consistent wt6', "hash function 'wt6' is not supported by this version of hapair"],
	['hash-type map-based md5', "the hash function: 'md5' is not known"],
] as const) {
	test(`refused: ${line}`, t => {
		t.deepEqual(readBackend(line).remarks, [`error 7: ${message}`]);
	});
}

test('what takes no options has none, whatever was said before', t => {
	t.is(readBackend('balance uri len 3\nbalance source').backend.balanceOptions, undefined);
	t.is(readBackend('balance source').backend.balance, 'source');
});

test('a circle without a function is scrambled, a map is not', t => {
	t.deepEqual(readBackend('hash-type consistent').backend.hashType, {
		method: 'consistent',
		function: 'sdbm',
		avalanche: true,
	});
	t.false(readBackend('hash-type map-based').backend.hashType?.avalanche);
	t.false(readBackend('hash-type consistent djb2').backend.hashType?.avalanche);
	t.true(readBackend('hash-type map-based crc32 avalanche').backend.hashType?.avalanche);
});

test('what needs HTTP takes turns in mode tcp, with a warning', t => {
	const {configuration, remarks} = read(
		'backend b\nbalance uri\nserver s 127.0.0.1:1\ntimeout server 1s\ntimeout connect 1s',
	);
	t.is(configuration?.backends[0]?.balance, 'roundrobin');
	t.deepEqual(remarks, ["warning 1: 'balance uri' needs mode http; backend 'b' balances by roundrobin"]);
});
