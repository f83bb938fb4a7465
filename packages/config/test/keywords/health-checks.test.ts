import test from 'ava';
import {read, readBackend} from '../helpers/read.ts';

for (const [line, check] of [
	['option httpchk', {kind: 'http', method: 'OPTIONS', uri: '/', version: 'HTTP/1.0'}],
	['option httpchk /up', {kind: 'http', method: 'OPTIONS', uri: '/up', version: 'HTTP/1.0'}],
	[
		'option httpchk HEAD /up HTTP/1.1\\r\\nHost:\\ www',
		{kind: 'http', method: 'HEAD', uri: '/up', version: 'HTTP/1.1\r\nHost: www'},
	],
	[
		'option httpchk\nhttp-check send meth GET uri /x ver HTTP/1.1 hdr Host a.org hdr X-A b body hi',
		{kind: 'http', method: 'GET', uri: '/x', version: 'HTTP/1.1', headers: ['Host: a.org', 'X-A: b'], body: 'hi'},
	],
	[
		'option httpchk GET /y\nhttp-check send ver HTTP/1.1',
		{kind: 'http', method: 'GET', uri: '/y', version: 'HTTP/1.1'},
	],
	['option ssl-hello-chk', {kind: 'ssl-hello'}],
	['option smtpchk', {kind: 'smtp', hello: 'HELO localhost'}],
	['option smtpchk EHLO a.org', {kind: 'smtp', hello: 'EHLO a.org'}],
	['option smtpchk FOO a.org', {kind: 'smtp', hello: 'HELO localhost'}],
	['option mysql-check', {kind: 'mysql', protocol: 'post-41'}],
	['option mysql-check user ha', {kind: 'mysql', user: 'ha', protocol: 'post-41'}],
	['option mysql-check user ha pre-41', {kind: 'mysql', user: 'ha', protocol: 'pre-41'}],
	['option pgsql-check user ha', {kind: 'pgsql', user: 'ha'}],
	['option ldap-check', {kind: 'ldap'}],
	['option redis-check', {kind: 'redis'}],
	['option redis-check\nno option redis-check', {kind: 'tcp'}],
	['option redis-check\noption ldap-check', {kind: 'ldap'}],
	[
		'option tcp-check\ntcp-check connect port 25\ntcp-check expect ! rstring ^4..\ntcp-check send-binary 0Aff\ntcp-check send a\\r\\n comment hi',
		{
			kind: 'tcp-check',
			steps: [
				{kind: 'connect', port: 25},
				{kind: 'expect', negate: true, match: 'rstring', pattern: '^4..', text: '^4..'},
				{kind: 'send', bytes: '\n\xff'},
				{kind: 'send', bytes: 'a\r\n', comment: 'hi'},
			],
		},
	],
] as const) {
	test(line, t => {
		const {backend, remarks} = readBackend(line);
		t.deepEqual(remarks, []);
		t.deepEqual(backend.check as unknown, check);
	});
}

for (const [line, expect] of [
	['http-check expect status 200', {negate: false, match: 'status', ranges: [{min: 200, max: 200}]}],
	[
		'http-check expect ! status 400-499,503',
		{
			negate: true,
			match: 'status',
			ranges: [
				{min: 400, max: 499},
				{min: 503, max: 503},
			],
		},
	],
	['http-check expect rstatus ^2', {negate: false, match: 'rstatus', regex: '^2'}],
	['http-check expect ! string not\\ ready', {negate: true, match: 'string', text: 'not ready'}],
	['http-check expect rstring [[:digit:]]+', {negate: false, match: 'rstring', regex: '[[:digit:]]+'}],
] as const) {
	test(line, t => {
		const {backend, remarks} = readBackend(`option httpchk\n${line}`);
		t.deepEqual(remarks, []);
		t.deepEqual(backend.httpExpect as unknown, expect);
	});
}

test('http-check send-state and disable-on-404 are switches', t => {
	const {backend} = readBackend('option httpchk\nhttp-check send-state\nhttp-check disable-on-404');
	t.true(backend.sendState);
	t.true(backend.disableOn404);
});

for (const [line, message] of [
	['option pgsql-check', "'option pgsql-check' needs a user"],
	['option mysql-check ha', "'ha' is not 'user'"],
	['option mysql-check user ha post-40', "the protocol: 'post-40' is not known"],
	['option redis-check foo', "'foo' is one word too many here"],
	['option httpchk GET up', "'up' is not a URI"],
	['http-check expect status abc', "'abc' is not a status"],
	['http-check expect rstring (', "'(' is not a regular expression: unterminated group"],
	['http-check expect', "the value of 'http-check expect' is missing at the end of this line"],
	['http-check expect hdr name x', "'http-check expect hdr' is not supported by this version of hapair"],
	['http-check send ver HTTP/2', "'HTTP/2' is not an HTTP version"],
	['http-check send hdr Content-Length 5', "'Content-Length' is set by the check itself"],
	['http-check send hdr A b\\r\\nC:\\ d', 'a header value is one line'],
	['http-check send method GET', "'method' is not a part of a request"],
	['tcp-check send-binary 5x', "'5x' is not made of hexadecimal pairs"],
	['tcp-check connect ssl', "'tcp-check connect ssl' is not supported by this version of hapair"],
	['tcp-check expect rbinary 50', "'tcp-check expect rbinary' is not supported by this version of hapair"],
] as const) {
	test(`refused: ${line}`, t => {
		const {remarks} = readBackend(`${line.startsWith('tcp') ? 'option tcp-check' : 'option httpchk'}\n${line}`);
		t.deepEqual(remarks, [`error 8: ${message}`]);
	});
}

test('rules without their option have no effect, and the reader is told', t => {
	t.deepEqual(readBackend('http-check expect status 200').remarks, [
		"warning 7: this has no effect without 'option httpchk'",
	]);
	t.deepEqual(readBackend('option httpchk\ntcp-check send x').remarks, [
		"warning 8: this has no effect without 'option tcp-check'",
	]);
});

test('server lines say how traffic is judged and what follows from it', t => {
	const options =
		'check observe layer7 error-limit 5 on-error mark-down slowstart 30s on-marked-down shutdown-sessions';
	const {backend, remarks} = readBackend(
		`server a 127.0.0.1:1 ${options}\nserver b 127.0.0.1:2 backup check on-marked-up shutdown-backup-sessions observe layer4`,
	);
	t.deepEqual(remarks, []);
	t.like(backend.servers[0], {
		observe: {layer: 'layer7', errorLimit: 5, onError: 'mark-down'},
		slowstartMs: 30_000,
		endSessionsWhenDown: true,
	});
	t.like(backend.servers[1], {
		observe: {layer: 'layer4', errorLimit: 10, onError: 'fail-check'},
		endBackupSessionsWhenUp: true,
	});
});

test('track finds its server in any backend, and along a chain', t => {
	const {configuration, remarks} = read(`defaults
mode http
timeout server 1s
timeout connect 1s
backend x
server a 127.0.0.1:1 track y/b
server c 127.0.0.1:1 track a
backend y
server b 127.0.0.1:1 check`);
	t.deepEqual(remarks, []);
	const [x, y] = configuration!.backends;
	t.is(x!.servers[0]!.tracks, y!.servers[0]!.index);
	t.is(x!.servers[1]!.tracks, x!.servers[0]!.index);
	t.is(y!.servers[0]!.tracks, undefined);
});

for (const [lines, message] of [
	['server a 127.0.0.1:1 track nix/b', "error 7: there is no backend 'nix'"],
	['server a 127.0.0.1:1 track b/nix', "error 7: there is no server 'nix' in backend 'b'"],
	['server a 127.0.0.1:1 track a', "error 7: server 'a' follows itself"],
	[
		'server a 127.0.0.1:1 check track c\nserver c 127.0.0.1:1 check',
		"error 7: server 'a' is checked and follows another one",
	],
	['server a 127.0.0.1:1 track c\nserver c 127.0.0.1:1', "error 7: server 'c' has no check to follow"],
	['server a 127.0.0.1:1 track x/y/z', "error 7: 'x/y/z' does not name a server"],
	['server a 127.0.0.1:1 check on-error panic', "error 7: on-error: 'panic' is not known"],
	['server a 127.0.0.1:1 check on-marked-down die', "error 7: on-marked-down: 'die' is not known"],
	['server a 127.0.0.1:1 check error-limit 0', 'error 7: error-limit: 0 is out of range'],
	[
		'server a 127.0.0.1:1 observe layer4',
		"warning 7: server 'a' observes its traffic and has no check to bring it back; it observes nothing",
	],
	['mode tcp\nserver a 127.0.0.1:1 check observe layer7', "error 8: server 'a' observes layer7 and is in mode tcp"],
] as const) {
	test(`${lines.replaceAll('\n', ', ')}: ${message}`, t => {
		t.deepEqual(readBackend(lines).remarks, [message]);
	});
}

test('rate-limit sessions limits a frontend; 0 takes the limit away', t => {
	const frontend = (lines: string) =>
		read(`frontend f\nbind :80\ntimeout client 1s\n${lines}`).configuration?.frontends[0];
	t.is(frontend('rate-limit sessions 50')?.sessionRate, 50);
	t.is(frontend('rate-limit sessions 50\nrate-limit sessions 0')?.sessionRate, undefined);
});

test('a second request needs a second connection', t => {
	t.deepEqual(readBackend('option httpchk\nhttp-check send uri /a\nhttp-check send uri /b').remarks, [
		"error 9: 'http-check send' cannot follow 'send'",
	]);
	t.deepEqual(readBackend('option httpchk\nhttp-check expect string a\nhttp-check expect string b').remarks, []);
});
