import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {globalOf, globalRemarks} from '../helpers/sections.ts';

test('every value of the process', t => {
	t.like(
		globalOf(
			'maxconn 4096',
			'user haproxy',
			'group haproxy',
			'uid 1',
			'gid 2',
			'pidfile /run/h.pid',
			'chroot /var/empty',
			'log-tag web',
			'node lb1',
			'nbthread 4',
			'spread-checks 5',
			'tune.bufsize 32768',
			'tune.maxrewrite 2048',
			'daemon',
			'description the   web farm',
			'log-send-hostname lb1',
		),
		{
			maxconn: 4096,
			user: 'haproxy',
			group: 'haproxy',
			uid: 1,
			gid: 2,
			pidfile: '/run/h.pid',
			chroot: '/var/empty',
			logTag: 'web',
			node: 'lb1',
			nbthread: 4,
			spreadChecksPercent: 5,
			bufsizeBytes: 32_768,
			maxrewriteBytes: 2048,
			daemon: true,
			description: 'the web farm',
			logSendHostname: 'lb1',
		},
	);
	t.is(globalOf('log-send-hostname').logSendHostname, '');
	t.deepEqual(globalOf(), {
		environment: {},
		variables: [],
		logTargets: [],
		statsSockets: [],
		statsTimeoutMs: 10_000,
		statsMaxconn: 10,
		daemon: false,
		maxconn: 2000,
		spreadChecksPercent: 0,
		bufsizeBytes: 16_384,
		maxrewriteBytes: 1024,
	});
});

test('a stats socket has an address, a level and a mode, in any order', t => {
	const sockets = (line: string) => globalOf(`stats socket ${line}`).statsSockets;
	t.deepEqual(sockets('/run/h.sock'), [
		{
			address: {kind: 'unix', path: '/run/h.sock'},
			level: 'operator',
			position: {file: 'test.cfg', line: 2, column: 15},
		},
	]);
	t.like(sockets('/run/h.sock level admin mode 600')[0], {level: 'admin', mode: 0o600});
	t.like(sockets('/run/h.sock mode 660 level user user root group haproxy')[0], {
		level: 'user',
		mode: 0o660,
		user: 'root',
		group: 'haproxy',
	});
	t.like(sockets('fd@5 level admin')[0], {address: {kind: 'fd', fd: 5}});
	t.like(sockets('ipv4@127.0.0.1:9999')[0], {address: {kind: 'ip', host: '127.0.0.1', port: 9999}});
	const {global} = configurationOf(`global\n stats socket "fd@\${CLI}" level admin\n`, {environment: {CLI: '4'}});
	t.deepEqual(global.statsSockets[0]?.address, {kind: 'fd', fd: 4});
	t.regex(
		globalRemarks('stats socket /x expose-fd listeners name y').join('\n'),
		/^notice 2:18 'expose-fd' .*\nnotice 2:38 'name' /,
	);
});

test('what is wrong is pointed at', t => {
	t.deepEqual(globalRemarks('stats socket /x level root'), [
		"error 2:24 level: 'root' is not known (one of user, operator, admin)",
	]);
	t.deepEqual(globalRemarks('stats socket /x mode rw'), ["error 2:23 'rw' is not an octal mode (such as mode 660)"]);
	t.deepEqual(globalRemarks('stats socket /x,/y'), [
		'error 2:15 a stats socket has one address (write one stats socket line for each)',
	]);
	t.deepEqual(globalRemarks('stats socket /x levle admin'), [
		"error 2:18 'levle' is not a stats socket option (did you mean 'level'?)",
	]);
	t.deepEqual(globalRemarks('user -x'), ["error 2:7 '-x' is not a user name"]);
	t.deepEqual(globalRemarks('chroot var'), [
		"error 2:9 'var' is not an absolute path (a path from the root, such as /run/hapair.pid)",
	]);
	t.deepEqual(globalRemarks('log-tag "a b"'), ["error 2:10 'a b' is not a word for the syslog header"]);
	t.deepEqual(globalRemarks('log-send-hostname "a b"'), [
		"error 2:20 'a b' cannot stand in the syslog header (one word without blanks)",
	]);
	t.deepEqual(globalRemarks('daemon yes'), ["error 2:9 'yes' is one word too many here"]);
	t.deepEqual(globalRemarks('spread-checks 51'), [
		'error 2:16 spread-checks: 51 is out of range (a number from 0 to 50)',
	]);
	t.deepEqual(globalRemarks('description'), ['error 2:2 the text is missing at the end of this line']);
});
