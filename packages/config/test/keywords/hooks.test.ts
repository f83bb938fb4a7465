import test from 'ava';
import {pairOf, pairRemarks} from '../helpers/sections.ts';

const position = {file: 'test.cfg', line: 6, column: 2};

test('every event may run commands and webhooks, several of each', t => {
	const events = ['change', 'master', 'backup', 'fault', 'stop', 'solo', 'drift', 'drill'] as const;
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
		"error 6:12 'exce' is neither exec nor webhook (did you mean 'exec'?)",
	]);
	t.deepEqual(pairRemarks('on master exec'), [
		'error 6:12 the program is missing at the end of this line (a path from the root)',
	]);
	t.deepEqual(pairRemarks('on master'), [
		"error 6:5 'exec' or 'webhook' is missing at the end of this line (on master exec PATH ARGS…, or on master webhook URL)",
	]);
	t.deepEqual(pairRemarks('on mastre exec /x'), [
		"error 6:5 unknown 'on mastre' in section 'pair' (did you mean 'master'?)",
	]);
});
