/** Scripts of checks: connections, comments, variables and texts with variables. */
import test from 'ava';
import {backendOf, backendRemarks} from '../helpers/sections.ts';

test('one request and one expectation need no script', t => {
	const {check, httpExpect} = backendOf([
		'option httpchk',
		'http-check send meth GET uri /a hdr Host x',
		'http-check expect status 200',
	]);
	t.like(check, {kind: 'http', method: 'GET', uri: '/a', headers: ['Host: x']});
	t.false('script' in check);
	t.like(httpExpect, {match: 'status'});
});

test('http-check lines are steps; the option is the first request, or the rest of it', t => {
	const {check} = backendOf([
		'option httpchk HEAD /x',
		'http-check comment "first"',
		'http-check connect port 81',
		'http-check set-var(check.a) str(x)',
		'http-check send uri-lf /%[var(check.a)] hdr X-A %[srv_name]',
		'http-check expect status 200',
		'http-check expect string ok comment "own"',
		'http-check connect port var(check.p) addr 10.0.0.1 send-proxy linger',
		'http-check send body-lf b',
	]);
	t.like(check, {
		script: [
			{kind: 'comment', text: 'first'},
			{kind: 'connect', port: 81, comment: 'first'},
			{kind: 'set-var', name: 'check.a'},
			{
				kind: 'send',
				request: {
					method: 'HEAD',
					version: 'HTTP/1.0',
					uri: '/%[var(check.a)]',
					isUriFormat: true,
					headers: ['X-A: %[srv_name]'],
				},
			},
			{kind: 'expect', expect: {match: 'status'}},
			{kind: 'expect', expect: {match: 'string'}, comment: 'own'},
			{kind: 'connect', port: {fetch: 'var'}, address: '10.0.0.1', sendsProxy: true},
			{kind: 'send', request: {method: 'GET', uri: '/', body: 'b', isBodyFormat: true}},
		],
	});
	const {check: implied} = backendOf(['option httpchk GET /x', 'http-check connect', 'http-check comment c']);
	t.like(implied, {script: [{kind: 'connect'}, {kind: 'send', request: {uri: '/x'}}, {kind: 'comment'}]});
});

test('tcp-check: texts with variables, comments for what follows', t => {
	const {check} = backendOf([
		'option tcp-check',
		'tcp-check comment "who"',
		'tcp-check connect',
		'tcp-check set-var(check.a) str(x)',
		'tcp-check send-lf "%[var(check.a)]\\r\\n"',
		'tcp-check send-binary-lf 0d%[var(check.a)]',
		'tcp-check comment "both"',
		'tcp-check expect string a',
		'tcp-check expect string b',
		'tcp-check unset-var(check.a)',
	]);
	t.like(check, {
		steps: [
			{kind: 'comment'},
			{kind: 'connect', comment: 'who'},
			{kind: 'set-var'},
			{kind: 'send-format', format: 'text'},
			{kind: 'send-format', format: 'hex'},
			{kind: 'comment'},
			{kind: 'expect', comment: 'both'},
			{kind: 'expect', comment: 'both'},
			{kind: 'unset-var', name: 'check.a'},
		],
	});
});

test('what is wrong with a step is pointed at', t => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['http-check connect port', /^error 10:21 the value of 'port' is missing/],
		['http-check connect port x', /^error 10:26 .*'x'/],
		['http-check connect port 99999', /^error 10:26 port: 99999 is out of range/],
		['http-check connect foo', /^error 10:21 'http-check connect foo' is not known/],
		['http-check connect ssl', /^error 10:21 'http-check connect ssl' is not supported/],
		['http-check comment', /^error 10:13 the comment is missing/],
		['http-check comment a b', /^error 10:23 'b' is one word too many here/],
		['http-check set-var(check.a)', /^error 10:13 the expression is missing/],
		['http-check set-var(check.a) foo', /^error 10:30 .*'foo'/],
		['http-check send uri-lf %[foo]', /^error 10:25 'foo' is not a sample fetch/],
		['http-check send hdr a %[foo]', /^error 10:24 /],
	];
	for (const [line, expected] of cases) t.regex(backendRemarks('option httpchk', line)[0] ?? '', expected, line);
	const order = (...lines: readonly string[]) => backendRemarks('option httpchk', ...lines)[0] ?? '';
	t.regex(
		order('http-check expect status 200', 'http-check send meth GET'),
		/^error 11:2 'http-check send' cannot follow 'expect' \(add a line 'http-check connect' before it\)/,
	);
	t.regex(order('http-check connect', 'http-check expect status 200'), /^error 11:2 .*cannot follow 'connect'/);
	t.regex(order('http-check send meth GET', 'http-check connect'), /^error 11:2 .*cannot follow 'send'/);
	t.regex(
		order('http-check expect status 200', 'http-check connect'),
		/^error 8:9 the first step of a check must be a connect/,
	);
});
