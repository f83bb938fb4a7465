/** `show info`, `show servers state`, `show sess`, `show errors` (HAProxy manual, "Unix Socket commands"). */
import test from 'ava';
import {formatDump, formatErrors} from '../../src/stats/errors-text.ts';
import {formatInfo, formatUptime} from '../../src/stats/info.ts';
import {formatServersState} from '../../src/stats/servers-state.ts';
import {formatSession, formatSessions} from '../../src/stats/sessions-text.ts';
import type {BadMessage, SessionFacts} from '../../src/worker-messages.ts';
import {createRuntime, nowMs} from '../helpers/runtime.ts';

test('show info has every line that hatop looks for', t => {
	const {runtime} = createRuntime();
	const info = formatInfo(runtime.source(false), runtime.processFacts);
	for (const line of [
		'Name: HAProxy',
		'Version: 9.9',
		'Release_date: 2026/01/02',
		'Nbthread: 2',
		'Nbproc: 1',
		'Process_num: 1',
		'Pid: 42',
		'Uptime: 1d 1h01m01s',
		'Uptime_sec: 90061',
		'Maxconn: 100',
		'CurrConns: 0',
		'Maxpipes: 0',
		'PipesUsed: 0',
		'Tasks: 0',
		'Run_queue: 0',
		'node: lb1',
		'description: one of two',
	]) {
		t.true(info.split('\n').includes(line), line);
	}
	t.true(info.endsWith('\n'));
});

test('uptime has HAProxy’s form', t => {
	t.is(formatUptime(0), '0d 0h00m00s');
	t.is(formatUptime(11), '0d 0h00m11s');
	t.is(formatUptime(86_400 * 12 + 3600 * 23 + 61), '12d 23h01m01s');
});

test('show servers state writes 25 columns, with the codes that HAProxy 2.6 writes', t => {
	const {runtime, states, sleep} = createRuntime();
	const server = (index: number) => states.byIndex(index)!;
	const passed = {outcome: 'passed', status: 'L7OK', code: 200, durationMs: 1} as const;
	states.record(0, passed);
	states.record(1, {outcome: 'failed', status: 'L4CON', durationMs: 0});
	sleep(5000);
	const lines = () => formatServersState(runtime.source(true), runtime.configuration.backends).split('\n');
	t.is(lines()[0], '1');
	t.is(lines()[1]!.split(' ').length, 26);
	t.is(lines()[2], '3 out 1 s1 127.0.0.1 2 0 10 10 5 15 3 4 6 0 0 0 - 81 - 0 0 - - 0');
	t.is(lines()[3], '3 out 2 s2 127.0.0.2 0 0 1 1 5 8 2 0 6 0 0 0 - 82 - 0 0 - - 0');
	t.is(lines()[4], '3 out 3 s3 127.0.0.3 2 0 1 1 5 1 0 2 0 0 0 0 - 83 - 0 0 - - 0');
	states.setAdmin(server(2), 'drain');
	t.is(lines()[4], '3 out 3 s3 127.0.0.3 2 8 1 1 0 1 0 2 0 0 0 0 - 83 - 0 0 - - 0');
	states.setAdmin(server(2), 'maint');
	states.setWeight(server(2), 0);
	t.is(lines()[4], '3 out 3 s3 127.0.0.3 0 1 0 1 0 1 0 0 0 0 0 0 - 83 - 0 0 - - 0');
	states.setHealth(server(0), 'nolb');
	t.regex(lines()[2]!, /^3 out 1 s1 127\.0\.0\.1 3 0 /);
});

const session: SessionFacts = {
	session: '0x2a',
	proto: 'tcpv4',
	source: '10.0.0.1:99',
	frontend: 'in',
	backend: 'out',
	server: 's1',
	ageMs: 61_500,
	state: 'connected',
	bytesIn: 10,
	bytesOut: 20,
	expiresMs: 4200,
};

test('show sess: one line a session, and all that is known of one', t => {
	t.is(
		formatSessions([session, {...session, session: '0x2b'}]),
		'0x2a: proto=tcpv4 src=10.0.0.1:99 fe=in be=out srv=s1 ts=00 epoch=0 age=1m1s calls=1 rate=0 cpu=0 lat=0 rq[f=connected,i=10] rp[f=connected,i=20] exp=4s\n' +
			'0x2b: proto=tcpv4 src=10.0.0.1:99 fe=in be=out srv=s1 ts=00 epoch=0 age=1m1s calls=1 rate=0 cpu=0 lat=0 rq[f=connected,i=10] rp[f=connected,i=20] exp=4s\n',
	);
	const {expiresMs: _, ...endless} = session;
	t.regex(formatSession(endless), /^0x2a: proto=tcpv4 source=10\.0\.0\.1:99\n {2}frontend=in\n(?: {2}.*\n)+$/);
	t.regex(formatSession(endless), / exp=\n/);
});

const bad: BadMessage = {
	kind: 'request',
	event: 0,
	wallMs: nowMs,
	source: '10.0.0.1:99',
	frontend: 0,
	backend: -1,
	server: '',
	text: 'GET / HTTP/1.1\r\nbad header\r\n\r\n',
	faultAt: 19,
};

test('show errors: the last request and response of each proxy, over all threads', t => {
	const {configuration} = createRuntime();
	const response: BadMessage = {
		...bad,
		kind: 'response',
		event: 2,
		backend: 0,
		server: 's1',
		text: 'SSH-2.0\r\n',
		faultAt: 0,
	};
	const text = formatErrors(configuration, [bad, response, {...bad, event: 1, source: '10.0.0.2:7'}], 3, nowMs, {
		iid: -1,
	});
	const lines = text.split('\n');
	t.regex(lines[0]!, /^Total events captured on \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] : 3$/);
	t.deepEqual(
		lines.slice(2, 10).map(line => line.replace(/\[.*?\]/, '[T]')),
		[
			'[T] frontend in (#2): invalid request',
			'  backend <NONE> (#-1), server <NONE> (#-1), event #1, src 10.0.0.2:7',
			'  request length 30 bytes, error at position 19:',
			'  ',
			'  00000  GET / HTTP/1.1\\r\\n',
			'  00016  bad header\\r\\n',
			'  00028  \\r\\n',
			' ',
		],
	);
	t.regex(lines[10]!, /backend out \(#3\): invalid response$/);
	t.is(lines[11], '  frontend in (#2), server s1 (#1), event #2, src 10.0.0.1:99');
	const responses = formatErrors(configuration, [bad, response], 3, nowMs, {iid: 3, kind: 'response'});
	t.notRegex(responses, /invalid request/);
	t.is(formatErrors(configuration, [bad], 1, nowMs, {iid: 4}).split('\n').length, 2);
});

test('bytes that are no text are written as such, and long lines go on with +', t => {
	t.is(formatDump('a\t\x00\xff\\\n'), '  00000  a\\t\\x00\\xFF\\\\\\n\n');
	t.is(formatDump(`${'x'.repeat(75)}\n`), `  00000  ${'x'.repeat(70)}\n  00070+ xxxxx\\n\n`);
});
