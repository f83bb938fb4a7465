import type {Track} from '@hapair/config';
import test from 'ava';
import {parseText} from '../../src/configuration/load.ts';
import {describeTrack, summarizeConfiguration} from '../../src/configuration/summary.ts';

const timeouts = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

function summarize(text: string): string[] {
	const {configuration} = parseText('x.cfg', timeouts + text);
	if (configuration === undefined) throw new Error('the configuration of the test is wrong');
	return summarizeConfiguration(configuration);
}

test('frontends and backends are told with what matters', t => {
	t.deepEqual(
		summarize(
			'frontend in\n bind *:80\n acl a path /a\n use_backend web if a\n default_backend web\n' +
				'backend web\n balance leastconn\n cookie S insert\n option httpchk GET /ok\n' +
				' server w1 10.0.0.1:80 check cookie w1\n server w2 10.0.0.2:80 cookie w2\n',
		),
		[
			'frontend in takes http on *:80 and sends it to web, 1 rule first',
			'backend web: 2 servers (1 checked by HTTP GET /ok), balance leastconn, persistence by cookie S',
			'no pair section: the proxy would run alone, without a floating address',
		],
	);
});

test('a backend without checks and a disabled frontend say so', t => {
	const lines = summarize('listen a\n disabled\n bind 127.0.0.1:1\n server s 127.0.0.1:2\n');
	t.is(lines[0], 'frontend a is disabled');
	t.regex(lines[1] ?? '', /1 server \(no checks\)/);
});

test('a pair is told with its addresses, timing, tracks and hooks', t => {
	const lines = summarize(
		'frontend in\n bind *:80\n default_backend web\nbackend web\n server w1 10.0.0.1:80\n' +
			'pair oslo\n node lb1 10.0.0.11 priority 150\n node lb2 10.0.0.12\n virtual-ip 10.0.0.100/24 dev eth0\n' +
			' secret file /k\n preempt after 30s\n path 192.168.7.11 192.168.7.12\n track backend web min-up 1\n' +
			' on change exec /hooks/notify --to ops\n on master webhook https://example.org/token\n',
	).slice(2);
	t.is(
		lines[0],
		'pair oslo: lb1 (10.0.0.11, priority 150) and lb2 (10.0.0.12, priority 100) share 10.0.0.100/24 on eth0',
	);
	t.regex(
		lines[1] ?? '',
		/^ {2}advertisement every 200 ms on 2 paths, UDP port \d+; preempt after 30 s; alone: claim$/,
	);
	t.is(lines[2], '  eligible only while backend web has at least 1 server up');
	t.regex(lines[3] ?? '', /^ {2}on change: \/hooks\/notify --to ops, at most \d+ s$/);
	t.regex(lines[4] ?? '', /^ {2}on master: a webhook, at most \d+ s$/);
	t.notRegex(lines.join('\n'), /token/, 'a webhook URL often holds a secret');
});

test('each kind of track is a condition', t => {
	const position = {file: 'x', line: 1, column: 1};
	const timing = {everyMs: 2000, timeoutMs: 1000, rise: 1, fall: 1, position};
	const tracks: readonly Track[] = [
		{kind: 'frontend', frontend: 'in', position},
		{kind: 'script', argv: ['/bin/check', 'a b'], ...timing},
		{kind: 'interface', interface: 'eth0', position},
		{kind: 'gateway', address: '10.0.0.1', ...timing},
	];
	t.deepEqual(tracks.map(describeTrack), [
		'frontend in accepts connections',
		'/bin/check a b exits with 0 (every 2 s)',
		'interface eth0 has a carrier',
		'gateway 10.0.0.1 answers (every 2 s)',
	]);
});

test('each driver says what it moves and between what', t => {
	const lines = summarize(
		'pair oslo\n node lb1 10.0.0.11 priority 150\n node lb2 10.0.0.12\n virtual-ip 10.0.0.100/32 dev eth0\n secret file /k\n' +
			' takeover hetzner-cloud token-file /t server lb1 11 server lb2 12 floating-ip 203.0.113.7\n' +
			' takeover bgp file /run/hapair/bird.conf\n takeover exec /usr/local/bin/move --fast\n',
	);
	t.deepEqual(
		lines.filter(line => line.includes('orders')),
		[
			'  the master orders 203.0.113.7 by hetzner-cloud: lb1 is 11, lb2 is 12',
			'  the master orders 10.0.0.100 by bgp, announced by BIRD at /run/bird/bird.ctl',
			'  the master orders 10.0.0.100 by /usr/local/bin/move --fast, as nobody',
		],
	);
});

test('schedules are told in words', t => {
	const pair =
		'pair oslo\n node lb1 10.0.0.11 priority 150\n node lb2 10.0.0.12\n virtual-ip 10.0.0.100/24 dev eth0\n secret file /k\n' +
		' preempt on\n drill "0 4 * * 0" timezone UTC\n maintenance window "30 2 * * 2" for 1h node lb2\n failover window "0 2 * * *" for 2h\n';
	const lines = summarize(`${pair}listen a\n bind 127.0.0.1:1\n server s 127.0.0.1:2\n`);
	for (const line of [
		'  drill at "0 4 * * 0" in UTC: the master moves the address to its peer, and back',
		'  lb2 is in maintenance at "30 2 * * 2" for 1 h 0 min',
		'  a preferred node takes the address back only at "0 2 * * *" for 2 h 0 min',
	]) {
		t.true(lines.includes(line), lines.join('\n'));
	}
});
