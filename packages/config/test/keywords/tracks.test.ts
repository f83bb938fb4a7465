import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {pairOf, pairRemarks, pairText} from '../helpers/sections.ts';

const position = {file: 'test.cfg', line: 6, column: 2};
const times = {everyMs: 2000, timeoutMs: 1000, rise: 2, fall: 2};

test('frontends and backends of the proxy', t => {
	const proxies = 'frontend web\n bind *:80\nbackend app\n server a 10.0.0.1:80\n server b 10.0.0.2:80\n';
	const {pair} = configurationOf(
		pairText('track frontend web', 'track backend app', 'track backend app min-up 2') + proxies,
	);
	t.deepEqual(pair?.tracks, [
		{kind: 'frontend', frontend: 'web', position},
		{kind: 'backend', backend: 'app', minUp: 1, position: {...position, line: 7}},
		{kind: 'backend', backend: 'app', minUp: 2, position: {...position, line: 8}},
	]);
});

test('a script is one quoted word: a program and arguments, without a shell', t => {
	t.deepEqual(pairOf('track script "/bin/check -a \'b c\'"').tracks, [
		{kind: 'script', argv: ['/bin/check', '-a', 'b c'], position, ...times},
	]);
	t.like(pairOf('track script /bin/check fall 5 rise 3 timeout 500 every 1s').tracks[0], {
		everyMs: 1000,
		timeoutMs: 500,
		rise: 3,
		fall: 5,
	});
	t.like(pairOf('track script /bin/check every 500ms').tracks[0], {everyMs: 500, timeoutMs: 500});
});

test('an interface and a gateway', t => {
	t.deepEqual(pairOf('track interface eth0').tracks, [{kind: 'interface', interface: 'eth0', position}]);
	t.deepEqual(pairOf('track gateway 10.0.0.1 every 1s').tracks, [
		{kind: 'gateway', address: '10.0.0.1', position, ...times, everyMs: 1000},
	]);
	t.like(pairOf('track gateway fe80::1').tracks[0], {address: 'fe80::1'});
});

test('what is wrong is pointed at', t => {
	t.deepEqual(pairRemarks('track script check'), [
		"error 6:15 'check' is not an absolute path (name the program by its full path; no shell is used)",
	]);
	t.deepEqual(pairRemarks('track script "/bin/check \'x"'), [
		'error 6:15 the command: the single quote is never closed',
	]);
	t.deepEqual(pairRemarks('track script /bin/x evry 1s'), [
		"error 6:22 'evry' is not an option of this track (did you mean 'every'?)",
	]);
	t.deepEqual(pairRemarks('track script /bin/x every 1s timeout 2s'), [
		'error 6:2 the timeout of this track is longer than its interval (make timeout at most every)',
	]);
	t.deepEqual(pairRemarks('track script /bin/x every 10ms'), [
		'error 6:28 every: 10ms is out of range (from 100ms to 1h)',
	]);
	t.deepEqual(pairRemarks('track script /bin/x rise 0'), [
		'error 6:27 rise: 0 is out of range (a number from 1 to 65535)',
	]);
	t.deepEqual(pairRemarks('track interface eth0:1'), [
		"error 6:18 'eth0:1' is not an interface name (such as eth0; at most 15 letters, digits and - _ .)",
	]);
	t.deepEqual(pairRemarks('track gateway gw'), [
		"error 6:16 the gateway: 'gw' is not an address (a literal address; names are not resolved here)",
	]);
	t.deepEqual(pairRemarks('track gateway 224.0.0.1'), [
		"error 6:16 the gateway: '224.0.0.1' cannot belong to one machine (a unicast address, such as 10.0.0.11)",
	]);
	t.regex(
		pairRemarks('track backend app minup 2').join(),
		/6:20 'minup' is not an option of this track \(did you mean 'min-up'\?\)/,
	);
});

test('a process, a file, stolen time, late timers', t => {
	t.deepEqual(pairOf('track process postfix').tracks, [{kind: 'process', process: 'postfix', position, ...times}]);
	t.deepEqual(pairOf('track file /run/out absent every 1s').tracks, [
		{kind: 'file', path: '/run/out', present: false, position, ...times, everyMs: 1000, timeoutMs: 1000},
	]);
	t.like(pairOf('track file /run/in').tracks[0], {present: true});
	t.deepEqual(pairOf('track steal 30').tracks, [{kind: 'steal', percent: 30, position, ...times}]);
	t.deepEqual(pairOf('track delay 200ms').tracks, [{kind: 'delay', delayMs: 200, position, ...times}]);
	for (const line of [
		'track process',
		'track process /usr/sbin/x',
		'track process a-name-that-is-too-long',
		'track file run/out',
		'track file /x maybe',
		'track steal 0',
		'track steal 101',
		'track delay 0',
	])
		t.true(pairRemarks(line).length > 0, line);
});
