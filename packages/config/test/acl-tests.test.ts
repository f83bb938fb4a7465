import test from 'ava';
import {parseConfiguration} from '../src/index.ts';
import {only} from './helpers/parse.ts';
import {frontendOf, frontendRemarks} from './helpers/sections.ts';

const read = (test: string) => only(frontendOf([`acl x ${test}`]).acls).test;
const wrong = (test: string) => frontendRemarks(`acl x ${test}`);
const texts = (...list: readonly string[]) => list.map(text => ({kind: 'text', text}));

test('paths and headers are compared in many ways', t => {
	t.deepEqual(read('path_beg /static /img'), {
		list: 0,
		sample: {fetch: 'path', arguments: [], converters: []},
		match: 'beg',
		ignoreCase: false,
		patterns: texts('/static', '/img'),
	});
	t.deepEqual(read('path_end -i .PNG'), {
		list: 0,
		sample: {fetch: 'path', arguments: [], converters: []},
		match: 'end',
		ignoreCase: true,
		patterns: texts('.PNG'),
	});
	t.deepEqual(read('hdr(Host) -i www.example.com'), {
		list: 0,
		sample: {fetch: 'hdr', arguments: ['Host'], converters: []},
		match: 'str',
		ignoreCase: true,
		patterns: texts('www.example.com'),
	});
	for (const match of ['beg', 'end', 'sub', 'dir', 'dom', 'reg'] as const) {
		for (const name of ['path', 'url']) t.is(read(`${name}_${match} x`).match, match);
		t.is(read(`hdr_${match}(host) x`).match, match);
		t.is(read(`path -m ${match} x`).match, match);
	}
	t.is(read('req.hdr(host) x').sample.fetch, 'req.hdr');
	t.deepEqual(read('hdr(host) -m found'), {
		list: 0,
		sample: {fetch: 'hdr', arguments: ['host'], converters: []},
		match: 'found',
		ignoreCase: false,
		patterns: [],
	});
});

test('addresses are networks', t => {
	t.deepEqual(read('src 10.0.0.0/8 ::1').patterns, [
		{kind: 'network', network: {address: '10.0.0.0', bits: 8, family: 4}},
		{kind: 'network', network: {address: '::1', bits: 128, family: 6}},
	]);
	t.is(read('dst 10.0.0.1').sample.fetch, 'dst');
	t.deepEqual(wrong('src 10.0.0.0/33'), [
		"error 8:12 '10.0.0.0/33' is not an address or network (such as 10.0.0.0/8; names are not resolved here)",
	]);
});

test('numbers are ranges, an operator holds for all after it', t => {
	const ranges = (test: string) =>
		read(test).patterns.map(pattern => (pattern.kind === 'range' ? [pattern.min, pattern.max] : []));
	t.deepEqual(ranges('dst_port 80 443 8000:8009'), [
		[80, 80],
		[443, 443],
		[8000, 8009],
	]);
	t.deepEqual(ranges('nbsrv(app) lt 2'), [[Number.MIN_SAFE_INTEGER, 1]]);
	t.deepEqual(ranges('hdr_cnt(x) gt 0'), [[1, Number.MAX_SAFE_INTEGER]]);
	t.deepEqual(ranges('hdr_val(content-length) ge 5'), [[5, Number.MAX_SAFE_INTEGER]]);
	t.deepEqual(ranges('path_len le 5 10'), [
		[Number.MIN_SAFE_INTEGER, 5],
		[Number.MIN_SAFE_INTEGER, 10],
	]);
	t.deepEqual(ranges('dst_port :1023'), [[Number.MIN_SAFE_INTEGER, 1023]]);
	t.deepEqual(ranges('dst_port 1024:'), [[1024, Number.MAX_SAFE_INTEGER]]);
	t.deepEqual(ranges('dst_port eq 80'), [[80, 80]]);
	for (const bad of ['x', ':', '9:1', '1.5']) {
		t.deepEqual(wrong(`dst_port ${bad}`), [
			`error 8:17 '${bad}' is not a number or a range (such as gt 0, 80 or 8000:8099)`,
		]);
	}
	t.deepEqual(wrong('dst_port gt'), ["error 8:17 'gt' has no number after it (such as gt 1)"]);
});

test('what is true or false always takes no pattern', t => {
	t.is(read('always_true').sample.fetch, 'always_true');
	t.is(read('always_false').match, 'bool');
	t.deepEqual(wrong('always_true x'), ["error 8:20 'x' is neither true nor false (true, false, or no pattern at all)"]);
});

test('-- ends the flags', t => {
	t.deepEqual(read('path -i -- -i').patterns, texts('-i'));
	t.deepEqual(wrong('path -z x'), [
		"error 8:13 '-z' is not an ACL flag (-i ignores case; put '--' before a pattern that begins with '-')",
	]);
	t.deepEqual(wrong('path -f /etc/list'), [
		"error 8:16 '/etc/list' cannot be read (such as -f /etc/hapair/networks.lst)",
	]);
	t.deepEqual(wrong('path -f'), ['error 8:13 the file of patterns is missing (such as -f /etc/hapair/networks.lst)']);
	t.regex(wrong('path -m foo x').join(), /^error 8:16 'foo' is not a way to match/);
	t.regex(wrong('path -m').join(), /^error 8:13 '-m' is not a way to match/);
});

test('-f reads patterns from files, one a line, beside those of the line', t => {
	const files: Readonly<Record<string, string>> = {
		'/nets': '# ours\n10.0.0.0/8\r\n\n  192.0.2.1  \n',
		'/bad': '10.0.0.0/33\n',
	};
	const parse = (test: string) =>
		parseConfiguration(
			[{name: 'a.cfg', text: `frontend in\n mode http\n bind :80\n timeout client 1s\n acl x ${test}\n`}],
			{
				environment: {},
				readFile: path => files[path],
			},
		);
	const {configuration} = parse('src -f /nets 127.0.0.1');
	t.deepEqual(
		configuration!.patternLists.map(({file, entries}) => [file, entries.map(({key}) => key)]),
		[
			['/nets', ['10.0.0.0/8', '192.0.2.1']],
			[undefined, ['127.0.0.1']],
		],
	);
	t.like(only(configuration!.frontends[0]!.acls).test, {files: ['/nets'], list: 1});
	t.regex(parse('src -f /bad').diagnostics[0]?.message ?? '', /^'10\.0\.0\.0\/33' is not an address or network$/);
});

test('regular expressions are compiled when they are read', t => {
	t.deepEqual(read('path_reg ^/[[:digit:]]+\\.png$').patterns, [{kind: 'regex', source: '^/[[:digit:]]+\\.png$'}]);
	t.deepEqual(wrong('path_reg ('), ["error 8:17 '(' is not a regular expression: unterminated group"]);
});

test('a criterion that is not there, or not yet, is told apart from a mistyped one', t => {
	t.deepEqual(wrong('path_begg /'), ["error 8:8 'path_begg' is not an ACL criterion (did you mean 'path_beg'?)"]);
	t.deepEqual(wrong('ssl_fc_sni x'), [
		"error 8:8 ACL criterion 'ssl_fc_sni' is not supported by this version of hapair",
	]);
	t.deepEqual(wrong('hdr(a,b) x'), ["error 8:8 'b' is not a number"]);
	t.deepEqual(wrong('hdr(a:) x'), ["error 8:8 'a:' is not a header name"]);
	t.deepEqual(wrong('path(x) /'), ["error 8:8 'path' takes no argument in parentheses"]);
	t.deepEqual(wrong('path'), ["error 8:8 'path' has nothing to compare with (such as path /text)"]);
	t.deepEqual(wrong(''), ["error 8:6 ACL 'x' has no test (such as acl x path_beg /static)"]);
});

test('nbsrv counts the servers of a backend that exists', t => {
	t.deepEqual(read('nbsrv(app) lt 1').sample.arguments, ['app']);
	t.deepEqual(wrong('nbsrv(ap) lt 1'), ["error 8:2 there is no backend 'ap' (did you mean 'app'?)"]);
	t.deepEqual(wrong('nbsrv lt 1'), ["error 8:2 'nbsrv' needs the name of a backend in a frontend (write nbsrv(NAME))"]);
});

test('a word of conditions is no name', t => {
	for (const name of ['if', 'unless', 'or', 'OR']) {
		t.deepEqual(frontendRemarks(`acl ${name} path /`), [
			`error 8:6 '${name}' is a word of conditions and cannot name an ACL (choose another name)`,
		]);
	}
});
