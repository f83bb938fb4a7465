/** ACL criteria, flags, operators and predefined ACLs: one request, and a line under which it passes or does not. */
import {clientHello} from '../../packages/proxy/test/helpers/client-hello.ts';
import {type Asked, ask, serverOf} from './client.ts';
import type {Case, Group} from './harness.ts';

const ROUTED = `
frontend NAME
    bind 127.0.0.1:PORT
    LINE
    default_backend NAME-b
backend NAME-b
    server s1 127.0.0.1:S1
backend NAME-hit
    server s2 127.0.0.1:S2
`;

/** `acl hit CRITERION` chooses a backend; `other` is the same criterion asking for something else. */
function routed(row: string, criterion: string, other: string, asked: Asked = {}): Case {
	return {
		rows: [row],
		config: ROUTED,
		line: `acl hit ${criterion}\n    use_backend NAME-hit if hit`,
		without: `acl hit ${other}\n    use_backend NAME-hit if hit`,
		observe: async ({port}) => serverOf(await ask(port, asked)),
		sees: 's2',
		otherwise: 's1',
	};
}

/** The same with a condition as it stands. */
function condition(row: string, text: string, other: string, asked: Asked = {}): Case {
	return {
		...routed(row, '', '', asked),
		line: `acl a path_beg /a\n    acl b path_end b\n    use_backend NAME-hit ${text}`,
		without: `acl a path_beg /a\n    acl b path_end b\n    use_backend NAME-hit ${other}`,
	};
}

const l7 = (name: string) => `acl criterion (L7 request)|${name}`;
const header = (name: string) => `acl criterion (L7 request headers)|${name}`;
const l4 = (name: string) => `acl criterion (L4 and below)|${name}`;
const predefined = (name: string) => `acl predefined|${name}`;
const operator = (name: string) => `acl operator|${name}`;

const AB: Asked = {path: '/a/some.Page?q=1'};
const LISTED: Asked = {headers: ['X-A: one, two.example.com', 'X-A: 17 things', 'X-IP: 192.0.2.7']};
const LOGIN: Asked = {headers: [`Authorization: Basic ${Buffer.from('ann:secret').toString('base64')}`]};

const requests: Case[] = [
	routed(l7('method'), 'method PUT', 'method POST', {method: 'PUT'}),
	routed(l7('path'), 'path /a/some.Page', 'path /a/some', AB),
	routed(l7('path_beg'), 'path_beg /a/some', 'path_beg /some', AB),
	routed(l7('path_dir'), 'path_dir a', 'path_dir some', AB),
	routed(l7('path_end'), 'path_end .Page', 'path_end q=1', AB),
	routed(l7('path_reg'), 'path_reg ^/a/[a-z]+\\\\.P', 'path_reg ^/a/[a-z]+$', AB),
	routed(l7('path_sub'), 'path_sub me.Pa', 'path_sub q=1', AB),
	routed(l7('url'), 'url /a/some.Page?q=1', 'url /a/some.Page', AB),
	routed(l7('url_beg'), 'url_beg /a/some.Page?q', 'url_beg a/some', AB),
	routed(l7('url_dir'), 'url_dir some.Page', 'url_dir Page', AB),
	routed(l7('url_end'), 'url_end ?q=1', 'url_end .Page', AB),
	routed(l7('url_reg'), 'url_reg q=[0-9]$', 'url_reg q=[a-z]$', AB),
	routed(l7('url_sub'), 'url_sub Page?q', 'url_sub page?q', AB),
	routed(header('hdr'), 'hdr(x-a) two.example.com', 'hdr(x-a) example.com', LISTED),
	routed(header('hdr_beg'), 'hdr_beg(x-a) two', 'hdr_beg(x-a) example', LISTED),
	routed(header('hdr_cnt'), 'hdr_cnt(x-a) 3', 'hdr_cnt(x-a) 2', LISTED),
	routed(header('hdr_dom'), 'hdr_dom(x-a) example', 'hdr_dom(x-a) exam', LISTED),
	routed(header('hdr_end'), 'hdr_end(x-a) .com', 'hdr_end(x-a) two', LISTED),
	routed(header('hdr_ip'), 'hdr_ip(x-ip) 192.0.2.0/24', 'hdr_ip(x-ip) 192.0.3.0/24', LISTED),
	routed(header('hdr_reg'), 'hdr_reg(x-a) ^t.o\\\\.', 'hdr_reg(x-a) ^wo', LISTED),
	routed(header('hdr_sub'), 'hdr_sub(x-a) wo.ex', 'hdr_sub(x-a) WO.EX', LISTED),
	routed(header('hdr_val'), 'hdr_val(x-a) 15:20', 'hdr_val(x-a) 18:20', LISTED),
	routed(l7('http_auth'), 'http_auth(people)', 'http_auth(others)', LOGIN),
	routed(l7('http_auth_group'), 'http_auth_group(people) staff', 'http_auth_group(people) guests', LOGIN),
	routed('acl flag|-i', 'path_end -i .PAGE', 'path_end .PAGE', AB),
	routed('acl flag|-f', 'path_beg -f DIR/paths', 'path_beg -f DIR/others', AB),
	routed(operator('eq'), 'hdr_val(x-n) eq 7', 'hdr_val(x-n) eq 8', {headers: ['X-N: 7']}),
	routed(operator('ge'), 'hdr_val(x-n) ge 7', 'hdr_val(x-n) ge 8', {headers: ['X-N: 7']}),
	routed(operator('gt'), 'hdr_val(x-n) gt 6', 'hdr_val(x-n) gt 7', {headers: ['X-N: 7']}),
	routed(operator('le'), 'hdr_val(x-n) le 7', 'hdr_val(x-n) le 6', {headers: ['X-N: 7']}),
	routed(operator('lt'), 'hdr_val(x-n) lt 8', 'hdr_val(x-n) lt 7', {headers: ['X-N: 7']}),
	routed(operator('range'), 'hdr_val(x-n) :7', 'hdr_val(x-n) 8:', {headers: ['X-N: 7']}),
	condition(operator('{ } anonymous acl'), 'if { path_beg /a }', 'if { path_beg /b }', AB),
	condition(operator('!'), 'if !b', 'if ! a', AB),
	condition(operator('or / ||'), 'if b or a', 'if b b', AB),
	condition(operator('or / ||'), 'if b || a', 'if b a', AB),
	condition(operator('if / unless'), 'unless b', 'if b', AB),
	{
		...routed('proxy|acl', '', '', AB),
		rows: ['proxy|acl'],
		line: 'acl hit path /x\n    acl hit path_beg /a\n    use_backend NAME-hit if hit',
		without: 'acl hit path /x\n    acl hit path_beg /b\n    use_backend NAME-hit if hit',
	},
	condition('proxy|use_backend', 'if a', 'if b', AB),
];

const predefinedAcls: Case[] = [
	condition(predefined('HTTP_1.0'), 'if HTTP_1.0', 'if HTTP_1.1', {version: '1.0'}),
	condition(predefined('HTTP_1.1'), 'if HTTP_1.1', 'if HTTP_1.0', {version: '1.1'}),
	condition(predefined('HTTP_CONTENT'), 'if HTTP_CONTENT', 'if !HTTP_CONTENT', {method: 'POST', body: 'x'}),
	condition(predefined('LOCALHOST'), 'if LOCALHOST', 'if !LOCALHOST'),
	condition(predefined('METH_GET'), 'if METH_GET', 'if METH_POST'),
	condition(predefined('METH_HEAD'), 'if METH_HEAD', 'if METH_POST', {method: 'HEAD'}),
	condition(predefined('METH_OPTIONS'), 'if METH_OPTIONS', 'if METH_GET', {method: 'OPTIONS'}),
	condition(predefined('METH_POST'), 'if METH_POST', 'if METH_GET', {method: 'POST', body: 'x'}),
	condition(predefined('METH_TRACE'), 'if METH_TRACE', 'if METH_GET', {method: 'TRACE'}),
	condition(predefined('TRUE'), 'if TRUE', 'if !TRUE'),
	{
		...condition(predefined('METH_CONNECT'), '', ''),
		line: 'use_backend NAME-hit if METH_CONNECT',
		without: 'use_backend NAME-hit if METH_GET',
		observe: async ({port}) =>
			serverOf(
				await ask(port, {
					raw: 'CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n',
					withinMs: 2000,
				}),
			),
	},
];

const connections: Case[] = [
	routed(l4('src'), 'src 127.0.0.5', 'src 127.0.0.6', {from: '127.0.0.5'}),
	routed(l4('dst'), 'dst 127.0.0.0/8', 'dst 10.0.0.0/8'),
	routed(l4('dst_port'), 'dst_port PORT', 'dst_port 1'),
	routed(l4('be_conn'), 'be_conn(NAME-hit) lt 1', 'be_conn(NAME-hit) gt 0'),
	routed(l4('fe_conn'), 'fe_conn(NAME) ge 1', 'fe_conn(NAME) gt 1'),
	routed(l4('queue'), 'queue(NAME-b) lt 1', 'queue(NAME-b) gt 0'),
	routed(l4('nbsrv'), 'nbsrv(NAME-b) eq 1', 'nbsrv(NAME-b) eq 0'),
	routed(l4('srv_is_up'), 'srv_is_up(NAME-b/s1)', 'srv_is_up(NAME-down/s1)'),
	routed(l4('fe_sess_rate'), 'fe_sess_rate(NAME) lt 100', 'fe_sess_rate(NAME) ge 100'),
	routed(l4('be_sess_rate'), 'be_sess_rate(NAME-b) lt 100', 'be_sess_rate(NAME-b) ge 100'),
];
for (const one of connections) {
	if (one.rows[0] !== l4('srv_is_up')) continue;
	connections[connections.indexOf(one)] = {
		...one,
		config: `${ROUTED}backend NAME-down\n    server s1 127.0.0.1:S1 disabled\n`,
	};
}

/** Rates grow: ten requests are seen by the eleventh. */
function rate(row: string, criterion: string): Case {
	return {
		...routed(row, criterion, criterion.replace(/\d+$/, '1000')),
		async observe({port}) {
			// The second that a rate is counted in may end meanwhile: then once more.
			for (let round = 0; round < 5; round++) {
				for (let i = 0; i < 20; i++) if (serverOf(await ask(port)) === 's2') return 's2';
			}
			return 's1';
		},
	};
}

connections.push(
	rate(l4('fe_sess_rate'), 'fe_sess_rate(NAME) gt 5'),
	rate(l4('be_sess_rate'), 'be_sess_rate(NAME-b) gt 5'),
	{
		...routed(l4('fe_conn'), 'fe_conn(NAME) gt 1', 'fe_conn(NAME) gt 2'),
		async observe({port}) {
			const first = ask(port, {path: '/delay/500'});
			const second = await ask(port);
			await first;
			return serverOf(second);
		},
	},
	{
		...routed(l4('be_conn'), 'be_conn(NAME-b) gt 0', 'be_conn(NAME-b) gt 1'),
		async observe({port, servers}) {
			const before = servers[0].heads.length;
			const first = ask(port, {path: '/delay/500'});
			while (servers[0].heads.length === before) await new Promise(resolve => setTimeout(resolve, 5));
			const second = await ask(port);
			await first;
			return serverOf(second);
		},
	},
);

/** Rules for responses. */
function response(row: string, criterion: string, other: string, path: string): Case {
	return {
		rows: [row],
		config: `
listen NAME 127.0.0.1:PORT
    LINE
    rspadd X-Hit:\\ yes if hit
    server s1 127.0.0.1:S1
`,
		line: `acl hit ${criterion}`,
		without: `acl hit ${other}`,
		observe: async ({port}) => ((await ask(port, {path})).includes('\r\nX-Hit: yes\r\n') ? 'hit' : 'miss'),
		sees: 'hit',
		otherwise: 'miss',
	};
}

const shdr = (name: string) => `acl criterion (L7 response headers)|${name}`;
const PATH = '/head/X-R/one%2C%20two.example.com';
const responses: Case[] = [
	response(shdr('shdr'), 'shdr(x-r) two.example.com', 'shdr(x-r) two', PATH),
	response(shdr('shdr_beg'), 'shdr_beg(x-r) two', 'shdr_beg(x-r) example', PATH),
	response(shdr('shdr_dom'), 'shdr_dom(x-r) example', 'shdr_dom(x-r) exam', PATH),
	response(shdr('shdr_end'), 'shdr_end(x-r) .com', 'shdr_end(x-r) two', PATH),
	response(shdr('shdr_reg'), 'shdr_reg(x-r) ^t.o', 'shdr_reg(x-r) ^wo', PATH),
	response(shdr('shdr_sub'), 'shdr_sub(x-r) o.ex', 'shdr_sub(x-r) O.EX', PATH),
	response('acl criterion (L7 response)|status', 'status 404', 'status 405', '/status/404'),
];

/** The bytes of a TLS client hello's record header; the version is 3.1. */
const HELLO = clientHello('www.example.com');

/** `tcp-request content`: let through, or closed. */
function contents(row: string, accept: string, other: string, raw: string): Case {
	return {
		rows: [row],
		config: `
listen NAME 127.0.0.1:PORT
    mode tcp
    tcp-request inspect-delay 300
    LINE
    tcp-request content reject
    server s1 127.0.0.1:S1
`,
		line: `tcp-request content accept if ${accept}`,
		without: `tcp-request content accept if ${other}`,
		async observe({name, port, cell}) {
			const answer = await ask(port, {raw, withinMs: 1500});
			return answer !== '' || (await cell(name, 's1', 'stot')) !== '0' ? 'through' : 'closed';
		},
		sees: 'through',
		otherwise: 'closed',
	};
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const tcp: Case[] = [
	contents('acl criterion (L4 contents)|req_len', '{ req_len gt 5 }', '{ req_len gt 5000 }', GET),
	contents('acl criterion (L4 contents)|req_ssl_ver', '{ req_ssl_ver 3.3 }', '{ req_ssl_ver 3.1 }', HELLO),
	contents(predefined('REQ_CONTENT'), 'REQ_CONTENT', '!REQ_CONTENT', GET),
	contents(predefined('WAIT_END'), 'WAIT_END', '!WAIT_END', 'x'),
];

export const aclGroup: Group = {
	name: 'acl',
	cases: [...requests, ...predefinedAcls, ...connections, ...responses, ...tcp],
	files: {paths: '# comment\n/b\n\n/a/some\n', others: '/b\n/some\n'},
	global: `
userlist people
    group staff users ann
    group guests
    user ann insecure-password secret
userlist others
    user ann insecure-password other
`,
};
