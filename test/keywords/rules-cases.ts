/** Rules, redirects, error answers and header lines of proxies: what a client gets, or what the server behind it does. */
import {ask, forwardedLine} from './client.ts';
import type {Case, Group} from './harness.ts';
import {given, got, location, server, status, web} from './web-case.ts';

const USERS = `
userlist NAME-users
    LINE
listen NAME
    bind 127.0.0.1:PORT
    http-request auth unless { http_auth_group(NAME-users) staff }
    server s1 127.0.0.1:S1
`;
const ANN = {headers: [`Authorization: Basic ${Buffer.from('ann:secret').toString('base64')}`]};
const HASH = '$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA';

const access: Case[] = [
	web('proxy|block', 'block if { path /a }', status({path: '/a'}), '403', '200'),
	web(
		'proxy|acl',
		'acl a path /a\n acl a path /b\n block if a',
		status({path: '/b'}),
		'403',
		'200',
		'acl a path /a\n block if a',
	),
	web('proxy|http-request deny', 'http-request deny if { path /a }', status({path: '/a'}), '403', '200'),
	web(
		'proxy|http-request allow',
		'http-request allow if { path / }\n http-request deny',
		status(),
		'200',
		'403',
		'http-request deny',
	),
	web('proxy|http-request auth', 'http-request auth realm Here', given('www-authenticate'), 'Basic realm="Here"', '-'),
	web('proxy|reqdeny', 'reqdeny ^X-Bad:', status({headers: ['X-Bad: 1']}), '403', '200', 'reqdeny ^x-bad:'),
	web('proxy|reqideny', 'reqideny ^x-bad:', status({headers: ['X-Bad: 1']}), '403', '200', 'reqdeny ^x-bad:'),
	web(
		'userlist|user, userlist|insecure-password',
		'group staff\n user ann insecure-password secret groups staff',
		status(ANN),
		'200',
		'401',
		'group staff\n user ann insecure-password other groups staff',
		USERS,
	),
	web(
		'userlist|password',
		`group staff\n user ann password ${HASH} groups staff`,
		status(ANN),
		'200',
		'401',
		`group staff\n user ann insecure-password ${HASH} groups staff`,
		USERS,
	),
	web(
		'userlist|group',
		'group staff users ann\n user ann insecure-password secret',
		status(ANN),
		'200',
		'401',
		'group staff\n user ann insecure-password secret',
		USERS,
	),
	web(
		'section|userlist',
		'group staff users ann\n user ann insecure-password secret\nuserlist NAME-other',
		status(ANN),
		'200',
		'401',
		'group staff\nuserlist NAME-other\n group staff users ann\n user ann insecure-password secret',
		USERS,
	),
];

const redirects: Case[] = [
	web('proxy|redirect location', 'redirect location http://x/y', location(), '302 http://x/y', '200 -'),
	web('proxy|redirect prefix', 'redirect prefix http://x', location(), '302 http://x/a?b=1', '200 -'),
	web('proxy|redirect scheme', 'redirect scheme https', location(), '302 https://www.example.com/a?b=1', '200 -'),
	web(
		'redirect option|code',
		'redirect prefix http://x code 301',
		location(),
		'301 http://x/a?b=1',
		'302 http://x/a?b=1',
		'redirect prefix http://x',
	),
	web(
		'redirect option|drop-query',
		'redirect prefix http://x drop-query',
		location(),
		'302 http://x/a',
		'302 http://x/a?b=1',
		'redirect prefix http://x',
	),
	web(
		'proxy|errorloc',
		'block if TRUE\n errorloc 403 http://x/e',
		location(),
		'302 http://x/e',
		'403 -',
		'block if TRUE',
	),
	web(
		'proxy|errorloc302',
		'block if TRUE\n errorloc302 403 http://x/e',
		location(),
		'302 http://x/e',
		'403 -',
		'block if TRUE',
	),
	web(
		'proxy|errorloc303',
		'block if TRUE\n errorloc303 403 http://x/e',
		location(),
		'303 http://x/e',
		'302 http://x/e',
		'block if TRUE\n errorloc302 403 http://x/e',
	),
	web(
		'proxy|errorfile',
		'block if TRUE\n errorfile 403 DIR/page',
		({port}) => ask(port),
		/^HTTP\/1\.0 403 Mine\r\n/,
		/^HTTP\/1\.[01] 403 Forbidden/,
		'block if TRUE',
	),
	web(
		'proxy|monitor-uri',
		'monitor-uri /alive\n block if TRUE',
		status({path: '/alive'}),
		'200',
		'403',
		'block if TRUE',
	),
	web(
		'proxy|monitor fail',
		'monitor-uri /alive\n monitor fail if { nbsrv lt 2 }',
		status({path: '/alive'}),
		'503',
		'200',
		'monitor-uri /alive\n monitor fail if { nbsrv lt 1 }',
	),
	web(
		'acl operator|if / unless',
		'block if { path /a }',
		status({path: '/a'}),
		'403',
		'200',
		'block unless { path /a }',
	),
];

const TWO = {headers: ['X-One: 1', 'x-two: 2']};
const XS = (value: string) => ({path: `/head/X-One/${value}`});
const firstLine = (answer: string) => answer.split('\r\n')[0] ?? '';
const lines: Case[] = [
	web('proxy|reqadd', 'reqadd X-New:\\ yes', got('x-new'), 'yes', '-'),
	web('proxy|reqdel', 'reqdel ^X-One:', got('x-one', TWO), '-', '1', 'reqdel ^x-one:'),
	web('proxy|reqidel', 'reqidel ^x-one:', got('x-one', TWO), '-', '1', 'reqdel ^x-one:'),
	web(
		'proxy|reqrep',
		'reqrep ^([^\\ ]*)\\ /a(.*) \\1\\ /b\\2',
		async ({port}) => forwardedLine(await ask(port, {path: '/a/c'})),
		'GET /b/c HTTP/1.1',
		'GET /a/c HTTP/1.1',
	),
	web(
		'proxy|reqirep',
		'reqirep ^x-one:\\ (.*) X-One:\\ <\\1>',
		got('x-one', TWO),
		'<1>',
		'1',
		'reqrep ^x-one:\\ (.*) X-One:\\ <\\1>',
	),
	web('proxy|rspadd', 'rspadd X-New:\\ yes', given('x-new'), 'yes', '-'),
	web('proxy|rspdel', 'rspdel ^X-One:', given('x-one', XS('1')), '-', '1', 'rspdel ^x-one:'),
	web('proxy|rspidel', 'rspidel ^x-one:', given('x-one', XS('1')), '-', '1', 'rspdel ^x-one:'),
	web(
		'proxy|rsprep',
		'rsprep ^(HTTP/1.1)\\ 200\\ .* \\1\\ 299\\ New',
		async ({port}) => firstLine(await ask(port)),
		'HTTP/1.1 299 New',
		'HTTP/1.1 200 Status',
	),
	web(
		'proxy|rspirep',
		'rspirep ^x-one:\\ (.*) X-One:\\ <\\1>',
		given('x-one', XS('1')),
		'<1>',
		'1',
		'rsprep ^x-one:\\ (.*) X-One:\\ <\\1>',
	),
	web(
		'proxy option|option forwardfor',
		'option forwardfor',
		got('x-forwarded-for', {from: '127.0.0.7'}),
		'127.0.0.7',
		'-',
	),
	web(
		'proxy option|option forwardfor except',
		'option forwardfor except 127.0.0.0/8',
		got('x-forwarded-for'),
		'-',
		'127.0.0.1',
		'option forwardfor',
	),
	web(
		'proxy option|option forwardfor header',
		'option forwardfor header X-Client',
		got('x-client'),
		'127.0.0.1',
		'-',
		'option forwardfor',
	),
	web(
		'proxy option|option forwardfor if-none',
		'option forwardfor if-none',
		got('x-forwarded-for', {headers: ['X-Forwarded-For: 192.0.2.1']}),
		'192.0.2.1',
		'192.0.2.1|127.0.0.1',
		'option forwardfor',
	),
	web('syntax|backslash escapes', 'reqadd X-New:\\ a\\ \\#\\x41', got('x-new'), 'a #A', 'a B', 'reqadd X-New:\\ a\\ B'),
	web('syntax|quotes are literal', 'reqadd X-New:\\ "a\'', got('x-new'), '"a\'', 'a', 'reqadd X-New:\\ a'),
	web('syntax|dollar is literal', 'reqadd X-New:\\ "$HOME"', got('x-new'), '"$HOME"', 'a', 'reqadd X-New:\\ a'),
	web(
		'syntax|# comment',
		'block if { path /a } # or { path /b }',
		status({path: '/b'}),
		'200',
		'403',
		'block if { path /a } or { path /b }',
	),
];

const ROUTED = `
frontend NAME
    bind 127.0.0.1:PORT
    LINE
backend NAME-one
    server s1 127.0.0.1:S1
backend NAME-two
    server s2 127.0.0.1:S2
`;
const routes: Case[] = [
	web(
		'proxy|use_backend',
		'use_backend NAME-two if { path /a }\n use_backend NAME-one if TRUE',
		server({path: '/a'}),
		's2',
		's1',
		'use_backend NAME-one if TRUE',
		ROUTED,
	),
	web(
		'proxy|default_backend, section|frontend, section|backend',
		'default_backend NAME-one',
		server(),
		's1',
		'503',
		'',
		ROUTED,
	),
];

export const rulesGroup: Group = {
	name: 'rules',
	cases: [...access, ...redirects, ...lines, ...routes],
	files: {page: 'HTTP/1.0 403 Mine\r\nContent-Length: 0\r\n\r\n'},
};
