import test from 'ava';
import {pairOf, pairRemarks} from '../helpers/sections.ts';

const position = {file: 'test.cfg', line: 6, column: 2};

test('every event may run commands and webhooks, several of each', t => {
	const events = [
		...(['any', 'change', 'master', 'backup', 'fault', 'stop', 'solo', 'paired', 'drift', 'agreed', 'flap'] as const),
		...(['witness', 'drill', 'server-down', 'server-up', 'backend-down', 'backend-up', 'cert-expiry'] as const),
	];
	t.deepEqual(
		pairOf(...events.map(event => `on ${event} exec /bin/hook ${event}`)).hooks.map(({on, kind}) => `${on} ${kind}`),
		events.map(event => `${event} exec`),
	);
	t.deepEqual(pairOf('on change exec /bin/hook -v', 'on change webhook https://example.com/h').hooks, [
		{on: 'change', kind: 'exec', argv: ['/bin/hook', '-v'], timeoutMs: 10_000, position},
		{on: 'change', kind: 'webhook', url: 'https://example.com/h', timeoutMs: 5000, position: {...position, line: 7}},
	]);
});

test('a webhook has a deadline and a key', t => {
	t.deepEqual(pairOf('on master webhook http://127.0.0.1:8080/x timeout 2s secret file /etc/hapair/hook.key').hooks, [
		{
			on: 'master',
			kind: 'webhook',
			url: 'http://127.0.0.1:8080/x',
			timeoutMs: 2000,
			secretFile: '/etc/hapair/hook.key',
			position,
		},
	]);
	t.regex(
		pairRemarks('on master webhook http://x/ timeout 1ms').join(),
		/^error 6:38 timeout: 1ms is out of range \(from 100ms to 5m\)/,
	);
	t.deepEqual(pairRemarks('on master webhook http://x/ timout 1s'), [
		"error 6:30 'timout' is not an option of webhook (did you mean 'timeout'?)",
	]);
	t.deepEqual(pairRemarks('on master webhook http://x/ secret file hook.key'), [
		"error 6:42 the key file 'hook.key' is not an absolute path (begin it with /)",
	]);
});

test('what is wrong is pointed at', t => {
	for (const url of ['ftp://x/', 'example.com', '/x', 'http://', 'javascript:x']) {
		t.deepEqual(pairRemarks(`on master webhook ${url}`), [
			`error 6:20 '${url}' is not an http or https URL (such as https://alerts.example.com/hapair)`,
		]);
	}
	t.regex(
		pairRemarks('on master webhook "https://x/a b"').join(),
		/^error 6:20 'https:\/\/x\/a b' is not an http or https URL/,
	);
	t.deepEqual(pairRemarks('on master exce /x'), [
		"error 6:12 'exce' is neither exec nor webhook nor mail (did you mean 'exec'?)",
	]);
	t.deepEqual(pairRemarks('on master exec'), [
		'error 6:12 the program is missing at the end of this line (a path from the root)',
	]);
	t.deepEqual(pairRemarks('on master'), [
		"error 6:5 'exec', 'webhook' or 'mail' is missing at the end of this line (on master exec PATH ARGS…, on master webhook URL, or on master mail ADDRESS)",
	]);
	t.deepEqual(pairRemarks('on mastre exec /x'), [
		"error 6:5 unknown 'on mastre' in section 'pair' (did you mean 'master'?)",
	]);
});

test('filters and a deadline stand before the kind, for every kind', t => {
	const [first, second] = pairOf(
		'on server-down only app/*,db/web1 unless */canary while master timeout 3s exec /bin/hook timeout 9',
		'on backup unless initialize mail root',
	).hooks;
	t.deepEqual(first, {
		on: 'server-down',
		kind: 'exec',
		only: ['app/*', 'db/web1'],
		unless: ['*/canary'],
		whileState: 'master',
		timeoutMs: 3000,
		argv: ['/bin/hook', 'timeout', '9'],
		position,
	});
	t.like(second, {unless: ['initialize'], kind: 'mail', timeoutMs: 30_000});
	t.deepEqual(pairRemarks('on solo only lb2 exec /bin/hook'), [
		'error 6:15 the event solo is about the pair: there is nothing to choose from (leave it out)',
	]);
	t.deepEqual(pairRemarks('on backup only a,,b exec /bin/hook'), [
		"error 6:17 'a,,b' is not a list of names (names with commas between them; * stands for any text)",
	]);
	t.deepEqual(pairRemarks('on backup while mastr exec /bin/hook'), [
		"error 6:18 while: 'mastr' is not known (did you mean 'master'?)",
	]);
});

test('a webhook has a form or a template, and PagerDuty a key', t => {
	t.like(pairOf('on solo webhook https://x/ as pagerduty token file /etc/hapair/pd.key').hooks[0], {
		form: 'pagerduty',
		tokenFile: '/etc/hapair/pd.key',
	});
	t.like(pairOf('on solo webhook https://x/ template /etc/hapair/t.json').hooks[0], {
		templateFile: '/etc/hapair/t.json',
	});
	t.deepEqual(pairRemarks('on solo webhook https://x/ as pagerduty'), [
		'error 6:18 PagerDuty needs a routing key (token file PATH, a file with the integration key of the service)',
	]);
	t.deepEqual(pairRemarks('on solo webhook https://x/ as slak'), [
		"error 6:32 as: 'slak' is not known (did you mean 'slack'?)",
	]);
	t.deepEqual(pairRemarks('on solo webhook https://x/ as slack template /t'), [
		'error 6:18 the body is either a form (as …) or a template (take one of the two out)',
	]);
	t.deepEqual(pairRemarks('on solo webhook https://x/ token abc'), [
		"error 6:35 'abc' is not 'file' (token file PATH: tokens stand in files, never in the configuration)",
	]);
});

test('mail has recipients and a way', t => {
	const via = (text: string) => {
		const [hook] = pairOf(`on solo mail root@localhost via ${text}`).hooks;
		return hook?.kind === 'mail' ? hook.via : undefined;
	};
	t.deepEqual(pairOf('on solo mail root,admin@example.org from lb1@example.org').hooks, [
		{
			on: 'solo',
			kind: 'mail',
			to: ['root', 'admin@example.org'],
			from: 'lb1@example.org',
			via: {kind: 'sendmail', path: '/usr/sbin/sendmail'},
			timeoutMs: 30_000,
			position,
		},
	]);
	t.deepEqual(via('/usr/local/bin/msmtp'), {kind: 'sendmail', path: '/usr/local/bin/msmtp'});
	t.deepEqual(via('smtp://127.0.0.1'), {kind: 'smtp', host: '127.0.0.1', port: 25, tls: false});
	t.deepEqual(via('smtps://relay.example.org'), {kind: 'smtp', host: 'relay.example.org', port: 465, tls: true});
	t.deepEqual(via('smtp://[::1]:2525'), {kind: 'smtp', host: '::1', port: 2525, tls: false});
	t.deepEqual(via('smtp://lb@example.org@relay:587 password file /etc/hapair/mail.key'), {
		kind: 'smtp',
		host: 'relay',
		port: 587,
		tls: false,
		user: 'lb@example.org',
	});
	const rows: [string, string][] = [
		['on solo mail -oops@x', "error 6:15 '-oops@x' is not a mail address (such as root or admin@example.org)"],
		['on solo mail a@b via smtp://u:pw@h', 'error 6:23 a password does not belong into the configuration'],
		[
			'on solo mail a@b via smtp://u@h',
			"error 6:15 the user 'u' needs a password (via smtp://USER@HOST password file PATH)",
		],
		['on solo mail a@b via pigeon', "error 6:23 'pigeon' is no way for mail"],
		[
			'on solo mail a@b,root via smtp://h',
			"error 6:15 'root' is a user of this machine, and the mail goes by SMTP (USER@DOMAIN)",
		],
		['on solo mail', 'error 6:10 the mail address is missing at the end of this line'],
	];
	for (const [line, remark] of rows) t.true(pairRemarks(line)[0]?.startsWith(remark), `${line}: ${pairRemarks(line)}`);
});

test('certificates are watched for as many days as a line says', t => {
	t.deepEqual(pairOf('certificate /etc/ssl/a.pem', 'certificate /etc/ssl/b.pem warn 30 sync').certificates, [
		{path: '/etc/ssl/a.pem', warnDays: 21, isShared: false, position},
		{path: '/etc/ssl/b.pem', warnDays: 30, isShared: true, position: {...position, line: 7}},
	]);
	t.deepEqual(pairRemarks('certificate a.pem'), [
		"error 6:14 the certificate 'a.pem' is not an absolute path (begin it with /)",
	]);
	t.regex(pairRemarks('certificate /a.pem warn 0').join(), /^error 6:26 warn: 0 is out of range/);
});

test('the history is kept for as many days as a line says', t => {
	t.is(pairOf('keep-history 90').historyDays, 90);
	t.is(pairOf().historyDays, undefined);
	t.regex(pairRemarks('keep-history 0').join(), /^error 6:15 keep-history: 0 is out of range/);
});
