/** `stats …` lines (HAProxy manual, `stats socket`, `stats enable` and its kin). */
import test from 'ava';
import {type Configuration, parseConfiguration} from '../../src/index.ts';

function read(text: string): {configuration?: Configuration; messages: readonly string[]} {
	const {configuration, diagnostics} = parseConfiguration([{name: 'test.cfg', text}], {environment: {}});
	const messages = diagnostics
		.filter(({severity, message}) => severity !== 'warning' || message.includes('stats'))
		.map(({severity, line, message}) => `${severity} ${line}: ${message}`);
	return configuration ? {configuration, messages} : {messages};
}

const proxy = (lines: string, mode = 'http') => `
listen web
	mode ${mode}
	bind 127.0.0.1:80
	acl local src 127.0.0.1
${lines}
`;

test('A stats socket has an owner, a mode and a level, in any order', t => {
	const {configuration, messages} = read(`
global
	stats socket /run/a.sock mode 660 level admin user root group adm
	stats socket fd@7 level user
	stats socket /run/b.sock uid 5 gid 6
	stats timeout 2m
	stats maxconn 3
`);
	t.deepEqual(messages, []);
	const {statsSockets, statsTimeoutMs, statsMaxconn} = configuration!.global;
	t.deepEqual(
		statsSockets.map(({position: _, ...socket}) => socket),
		[
			{address: {kind: 'unix', path: '/run/a.sock'}, level: 'admin', mode: 0o660, user: 'root', group: 'adm'},
			{address: {kind: 'fd', fd: 7}, level: 'user'},
			{address: {kind: 'unix', path: '/run/b.sock'}, level: 'operator', uid: 5, gid: 6},
		],
	);
	t.is(statsTimeoutMs, 120_000);
	t.is(statsMaxconn, 3);
});

test('Without lines of its own the socket waits 10 s and serves 10 connections', t => {
	const {statsTimeoutMs, statsMaxconn} = read('global\n').configuration!.global;
	t.deepEqual([statsTimeoutMs, statsMaxconn], [10_000, 10]);
});

test('Every line of the page is read', t => {
	const {configuration, messages} = read(
		proxy(`
	stats enable
	stats uri /hs
	stats auth a:b:c
	stats auth d:e
	stats realm Our\\ Statistics
	stats refresh 5
	stats hide-version
	stats scope .
	stats scope other
	stats show-desc The front door
	stats show-legends
	stats show-node
	stats admin if local`),
	);
	t.deepEqual(messages, []);
	const {admin, ...stats} = configuration!.backends[0]!.stats!;
	t.deepEqual(stats, {
		uri: '/hs',
		auth: [
			{user: 'a', password: 'b:c'},
			{user: 'd', password: 'e'},
		],
		realm: 'Our Statistics',
		refreshS: 5,
		hideVersion: true,
		scope: ['.', 'other'],
		description: 'The front door',
		showLegends: true,
		rules: [],
		node: '',
	});
	t.is(admin[0]?.anyOf[0]?.[0]?.name, 'local');
	t.deepEqual(configuration!.frontends[0]!.stats, configuration!.backends[0]!.stats);
});

test('One line is enough; what it does not say is as in HAProxy', t => {
	const {stats} = read(proxy('	stats enable')).configuration!.frontends[0]!;
	t.deepEqual(stats, {
		uri: '/haproxy?stats',
		auth: [],
		realm: 'HAProxy Statistics',
		hideVersion: false,
		scope: [],
		showLegends: false,
		rules: [],
		admin: [],
	});
	t.is(read(proxy('')).configuration!.frontends[0]!.stats, undefined);
});

test('A defaults section hands its page down, and a section that adds to it leaves the others as they are', t => {
	const {configuration} = read(`
defaults
	mode http
	stats auth a:b
backend one
	stats auth c:d
backend two
`);
	const users = configuration!.backends.map(({stats}) => stats?.auth.map(({user}) => user));
	t.deepEqual(users, [['a', 'c'], ['a']]);
});

test('In mode tcp there is no page, and one warning says so', t => {
	const {configuration, messages} = read(proxy('	stats enable\n	stats uri /x', 'tcp'));
	t.is(configuration!.frontends[0]!.stats, undefined);
	t.is(messages.length, 1);
	t.regex(messages[0]!, /^warning .*'stats enable' has no effect/);
});

test('Mistakes are named with their line', t => {
	const {messages} = read(`
global
	stats socket /run/a.sock level root
	stats socket /run/b.sock mode 999
	stats socket /run/c.sock levle admin
	stats maxconn 0
${proxy('	stats uri hs\n	stats auth nobody\n	stats refresh 0\n	stats admin\n	stats admin if nosuch')}`);
	const errors = messages.map(message => message.replace(/: .*/, ''));
	t.deepEqual(
		errors.filter(text => text.startsWith('error')).map(text => Number(text.slice(6))),
		[3, 4, 5, 6, 12, 13, 14, 15, 16],
	);
});
