/** `global` keywords about the process and its surroundings, and named `defaults`. */
import test from 'ava';
import {parseConfiguration} from '../../src/index.ts';
import {configurationOf, remarks} from '../helpers/parse.ts';
import {backendOf, backendRemarks, frontendOf, globalOf, globalRemarks} from '../helpers/sections.ts';

const DEFAULTS =
	'defaults one\n mode http\n timeout client 1s\ndefaults two from one\n retries 7\ndefaults\n mode tcp\n timeout client 2s\n';

test('from: the settings of a defaults section by its name', t => {
	const {frontends, backends} = configurationOf(
		`${DEFAULTS}frontend a from one\n bind :80\nfrontend b\n bind :81\nbackend c from two\n server s 127.0.0.1:80\n timeout connect 1s\n timeout server 1s\n`,
	);
	t.like(frontends, [
		{name: 'a', mode: 'http', timeouts: {clientMs: 1000}},
		{name: 'b', mode: 'tcp', timeouts: {clientMs: 2000}},
	]);
	t.like(backends, [{mode: 'http', retries: 7}]);
	t.deepEqual(remarks(`${DEFAULTS}frontend a from on\n bind :80\n`), [
		"error 9:17 there is no section defaults 'on' above this line (did you mean 'one'?)",
	]);
	t.deepEqual(remarks('defaults x\n timeout client 1s\ndefaults x\nfrontend a from x\n bind :80\n').slice(-1), [
		"error 4:17 there are several sections defaults 'x' (give them different names)",
	]);
});

test('default-path: names of files count from there', t => {
	const text = (line: string) =>
		`global\n default-path ${line}\ndefaults\n mode http\n timeout client 1s\nfrontend f\n bind :80\n errorfile 503 e/503\n acl x path -f e/list\n http-request deny if x\n`;
	for (const [line, directory] of [
		['current', ''],
		['config', '/etc/h/'],
		['parent', '/etc/h/../'],
		['origin /srv', '/srv/'],
	]) {
		const asked = new Set<string>();
		const {configuration} = parseConfiguration([{name: '/etc/h/a.cfg', text: text(line!)}], {
			environment: {},
			readFile: path => {
				asked.add(path);
				return '/a\n';
			},
		});
		t.is(configuration?.frontends[0]?.errorFiles[0]?.path, `${directory}e/503`, line);
		t.deepEqual([...asked], [`${directory}e/list`], line);
	}
});

test('unix-bind: a prefix and a mode for all sockets, owners for those of stats', t => {
	const {frontends, global} = configurationOf(
		'global\n unix-bind prefix /run/h mode 660 user web gid 7\n stats socket /s level admin\ndefaults\n timeout client 1s\nfrontend f\n bind unix@/a.sock\n bind unix@/b.sock mode 600\n',
	);
	t.like(frontends[0]?.binds, [
		{address: {path: '/run/h/a.sock'}, mode: 0o660},
		{address: {path: '/run/h/b.sock'}, mode: 0o600},
	]);
	t.like(global.statsSockets, [{address: {path: '/run/h/s'}, mode: 0o660, user: 'web', gid: 7, level: 'admin'}]);
});

test('rates, the end, spellings', t => {
	t.like(
		globalOf(
			'maxconnrate 100',
			'maxsessrate 50',
			'hard-stop-after 30s',
			'h1-case-adjust content-length Content-Length',
			'h1-case-adjust etag ETag',
		),
		{
			connectionRate: 100,
			sessionRate: 50,
			hardStopAfterMs: 30_000,
			headerCases: {'content-length': 'Content-Length', etag: 'ETag'},
		},
	);
	t.like(frontendOf(['option h1-case-adjust-bogus-client', 'option nolinger', 'option idle-close-on-response']), {
		adjustsCase: true,
		noLinger: true,
		closesOnResponse: true,
	});
	t.like(backendOf(['option h1-case-adjust-bogus-server', 'hash-type consistent', 'hash-balance-factor 150']), {
		adjustsCase: true,
		hashBalanceFactor: 150,
	});
	t.is(backendOf(['mode tcp', 'persist rdp-cookie']).persistCookie, 'msts');
	t.is(backendOf(['mode tcp', 'persist rdp-cookie(x)']).persistCookie, 'x');
});

test('zero-warning turns warnings into a refusal', t => {
	const text = (line: string) => `global\n ${line}\nfrontend f\n bind :80\n`;
	t.is(remarks(text('daemon')).filter(one => one.startsWith('error')).length, 0);
	t.deepEqual(
		remarks(text('zero-warning')).filter(one => one.startsWith('error')),
		["error 2:2 'zero-warning' refuses a configuration with a warning (see the warnings)"],
	);
	t.is(
		remarks(`global\n zero-warning\n no zero-warning\nfrontend f\n bind :80\n`).filter(one => one.startsWith('error'))
			.length,
		0,
	);
});

test('what has no effect here is accepted with a notice', t => {
	for (const line of [
		'insecure-fork-wanted',
		'insecure-setuid-wanted',
		'strict-limits',
		'no strict-limits',
		'numa-cpu-mapping',
		'set-dumpable',
		'localpeer lb1',
	]) {
		const found = globalRemarks(line);
		t.is(found.length, 1, line);
		t.regex(found[0]!, /^notice 2:\d /, line);
	}
});

test('what is wrong with these lines is pointed at', t => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['default-path', /^error 2:2 .*default-path.* is missing/],
		['default-path home', /^error 2:15 default-path: 'home' is not known/],
		['default-path origin', /^error 2:15 the directory is missing/],
		['unix-bind foo', /^error 2:12 'foo' is not an option of unix-bind/],
		['unix-bind mode 999', /^error 2:17 '999' is not an octal mode/],
		['hard-stop-after x', /^error 2:18 hard-stop-after: 'x' is not a time/],
		['maxconnrate x', /^error 2:14 maxconnrate: 'x' is not a whole number/],
		['h1-case-adjust a b', /^error 2:19 'a' and 'b' are different names/],
		['zero-warning x', /^error 2:15 'x' is one word too many/],
	];
	for (const [line, expected] of cases) t.regex(globalRemarks(line)[0] ?? '', expected, line);
	t.regex(backendRemarks('hash-balance-factor 50')[0]!, /^error 9:22 50 leaves no room above the mean/);
	t.regex(
		backendRemarks('email-alert from a@b')[0]!,
		/^error 9:2 'email-alert' is not supported .*the proxy sends no mail/,
	);
});
