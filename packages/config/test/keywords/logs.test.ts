import test from 'ava';
import {configurationOf, errors} from '../helpers/parse.ts';
import {globalOf, globalRemarks} from '../helpers/sections.ts';

const target = (line: string) => globalOf(`log ${line}`).logTargets[0];
const wrong = (line: string) => globalRemarks(`log ${line}`);

test('a syslog server by address, path, descriptor or stream', t => {
	t.deepEqual(target('127.0.0.1 local0'), {
		address: {kind: 'ip', host: '127.0.0.1', port: 514},
		facility: 16,
		level: 7,
		minLevel: 0,
		lengthBytes: 1024,
	});
	t.deepEqual(target('10.0.0.1:5514 daemon')?.address, {kind: 'ip', host: '10.0.0.1', port: 5514});
	t.deepEqual(target('[::1]:514 daemon')?.address, {kind: 'ip', host: '::1', port: 514});
	t.deepEqual(target('udp@10.0.0.1:514 daemon')?.address, {kind: 'ip', host: '10.0.0.1', port: 514});
	t.deepEqual(target('/dev/log daemon')?.address, {kind: 'unix', path: '/dev/log'});
	t.deepEqual(target('fd@2 daemon')?.address, {kind: 'fd', fd: 2});
	t.deepEqual(target('stdout format raw local0'), {
		address: {kind: 'stream', name: 'stdout'},
		facility: 16,
		level: 7,
		minLevel: 0,
		lengthBytes: 1024,
		format: 'raw',
	});
});

test('length, format, levels', t => {
	t.like(target('127.0.0.1:514 len 2048 local7 notice err'), {facility: 23, level: 5, minLevel: 3, lengthBytes: 2048});
	t.like(target('stderr len 200 format raw daemon info'), {lengthBytes: 200, format: 'raw', level: 6});
	t.is(target('127.0.0.1 format rfc3164 local0')?.format, undefined);
});

test('no log forgets what was inherited', t => {
	const {frontends} = configurationOf(
		'global\n log 127.0.0.1 local0\ndefaults\n log global\n log 127.0.0.2 local1\n timeout client 1s\nfrontend a\n bind *:80\nfrontend b\n bind *:81\n no log\n log 127.0.0.3 local2\n',
	);
	t.deepEqual(
		frontends.map(({logTargets}) => logTargets.map(({facility}) => facility)),
		[[16, 17], [18]],
	);
});

test('what is wrong is pointed at', t => {
	t.deepEqual(wrong('127.0.0.1 locale0'), ["error 2:16 'locale0' is not a log facility (did you mean 'local0'?)"]);
	t.deepEqual(wrong('127.0.0.1'), [
		'error 2:6 the facility is missing at the end of this line (such as local0 or daemon)',
	]);
	t.deepEqual(wrong('127.0.0.1 local0 notic'), ["error 2:23 the level: 'notic' is not known (did you mean 'notice'?)"]);
	t.deepEqual(wrong('127.0.0.1 len 79 local0'), ['error 2:20 len: 79 is out of range (a number from 80 to 65535)']);
	t.deepEqual(wrong('127.0.0.1 format rfc5425 local0'), [
		"error 2:23 'rfc5425' is not a log format (rfc3164, local, raw, rfc5424, priority, short, timed, iso)",
	]);
	t.deepEqual(wrong('127.0.0.1 sample 1,3-4:5 local0'), []);
	for (const text of ['0:2', '3:2', '2-1:3', '1', ':2'])
		t.deepEqual(wrong(`127.0.0.1 sample ${text} local0`), [
			`error 2:23 '${text}' does not say which messages (RANGES:SIZE, such as 1,3-4:5)`,
		]);
	t.deepEqual(wrong('127.0.0.1 local0 info err x'), [
		"error 2:32 'x' is one word too many here (log ADDRESS [len BYTES] [format F] [sample RANGES:SIZE] FACILITY [LEVEL [MINLEVEL]])",
	]);
	t.deepEqual(wrong('10.0.0.300 local0'), [
		"error 2:6 '10.0.0.300' is not an IPv4 address (write ADDRESS[:PORT], a path, stdout, stderr or journald)",
	]);
	t.deepEqual(wrong('global'), [
		'error 2:6 the facility is missing at the end of this line (such as local0 or daemon)',
	]);
	t.is(globalRemarks(...Array.from({length: 17}, () => 'log 127.0.0.1 local0')).length, 1);
});

test('journald has its own protocol and room for long lines', t => {
	t.deepEqual(target('journald daemon notice'), {
		address: {kind: 'unix', path: '/run/systemd/journal/socket'},
		facility: 3,
		level: 5,
		minLevel: 0,
		lengthBytes: 8192,
		format: 'journal',
	});
	t.like(target('journald len 500 sample 1:10 local0'), {
		lengthBytes: 500,
		sample: {size: 10, ranges: [{from: 1, to: 1}]},
	});
	t.deepEqual(wrong('journald format raw local0'), [
		'error 2:15 journald has a format of its own (leave the format out)',
	]);
});

test('JSON lines have room, unless the line says how much', t => {
	const lengths = (format: string) =>
		configurationOf(
			`global\n log 127.0.0.1 local0\n log 127.0.0.2 len 2000 local0\ndefaults\n mode http\n log global\n timeout client 1s\nfrontend a\n bind *:80\n option httplog ${format}\n`,
		).frontends[0]?.logTargets.map(({lengthBytes}) => lengthBytes);
	t.deepEqual(lengths('json'), [8192, 2000]);
	t.deepEqual(lengths(''), [1024, 2000]);
});

test('of clients’ addresses as many bits stay as the line says', t => {
	const bits = (...lines: string[]) =>
		configurationOf(
			`defaults\n mode http\n timeout client 1s\n option anonymize 16/48\nfrontend a\n bind *:80\n${lines.join('\n')}\n`,
		).frontends[0]?.log.anonymize;
	t.deepEqual(bits(), {bits4: 16, bits6: 48});
	t.deepEqual(bits('option anonymize'), {bits4: 24, bits6: 64});
	t.is(bits('no option anonymize'), undefined);
	const problems = (text: string) => errors(`frontend a\n bind *:80\n timeout client 1s\n option anonymize ${text}\n`);
	for (const text of ['33/64', '24/129', '24', '24/x', 'full']) {
		t.deepEqual(problems(text), [
			`error 4:19 '${text}' does not say how many bits of an address stay (V4BITS/V6BITS, such as 24/64)`,
		]);
	}
});
