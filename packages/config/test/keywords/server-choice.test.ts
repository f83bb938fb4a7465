import test from 'ava';
import {backendOf, backendRemarks} from '../helpers/sections.ts';

test('server-template: servers under one address, numbered from 1 or as the range says', t => {
	const {servers} = backendOf([
		'server-template a 2 10.0.0.1:80 check weight 5 id 7',
		'server-template b 8-9 10.0.0.2',
	]);
	t.like(servers, [
		{name: 'a1', id: 7, index: 0, weight: 5, check: {rise: 2}, address: {host: '10.0.0.1', port: 80}},
		{name: 'a2', id: 1, index: 1, weight: 5, check: {rise: 2}, address: {host: '10.0.0.1', port: 80}},
		{name: 'b8', id: 2, index: 2, weight: 1, portOffset: 0},
		{name: 'b9', id: 3, index: 3, weight: 1, portOffset: 0},
	]);
});

test('use-server: a name or what makes one, with a condition', t => {
	const {useServers} = backendOf([
		'acl big url_len gt 100',
		'use-server s2 if big',
		'use-server %[path,field(2,/)] unless big',
		'server s2 10.0.0.1:80',
	]);
	t.like(useServers, [
		{server: 's2', isFormat: undefined, condition: {negate: false, anyOf: [[{name: 'big'}]]}},
		{server: '%[path,field(2,/)]', isFormat: true, condition: {negate: true}},
	]);
});

test('what is wrong with either is pointed at', t => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['server-template', /^error 9:2 the prefix of the names is missing/],
		['server-template a', /^error 9:18 how many servers is missing/],
		['server-template a 0 10.0.0.1:80', /^error 9:20 '0' is not a number of servers/],
		['server-template a 5-3 10.0.0.1:80', /^error 9:20 '5-3' is not a number of servers/],
		['server-template a 100000 10.0.0.1:80', /^error 9:20 '100000' is not a number of servers/],
		['server-template a 2', /^error 9:20 the address of server 'a1' is missing/],
		['server-template a 2 10.0.0.1:80 foo', /^error 9:34 'foo' is not a server option/],
		['server-template a!b 2 10.0.0.1:80', /^error 9:18 the prefix of the names: 'a!b' holds a forbidden character/],
		['use-server', /^error 9:2 the server is missing/],
		['use-server s', /^error 9:13 'if' or 'unless' is missing/],
		['use-server s if TRUE', /^error 9:13 there is no server 's' in backend 'web'/],
		['use-server %[foo] if TRUE', /^error 9:13 .*foo/],
		['use-server s if nope', /^error 9:13 there is no server/],
	];
	for (const [line, expected] of cases) t.regex(backendRemarks(line)[0] ?? '', expected, line);
	t.regex(
		backendRemarks('server-template a 2 10.0.0.1:80', 'server a2 10.0.0.1:80').join(),
		/the name 'a2' is taken by the server on line 9/,
	);
});
