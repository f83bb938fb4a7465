import test from 'ava';
import {remarks} from '../helpers/parse.ts';
import {frontendOf, frontendRemarks} from '../helpers/sections.ts';

const binds = (line: string) => frontendOf([`bind ${line}`]).binds.slice(1);
const addresses = (line: string) =>
	binds(line).map(({address}) => (address.kind === 'ip' ? `${address.host} ${address.port}` : address));
const wrong = (line: string) => frontendRemarks(`bind ${line}`);

test('an address and a port, in every spelling', t => {
	t.deepEqual(addresses('10.0.0.1:80'), ['10.0.0.1 80']);
	t.deepEqual(addresses('*:80'), ['0.0.0.0 80']);
	t.deepEqual(addresses(':80'), ['0.0.0.0 80']);
	t.deepEqual(addresses('[::1]:80'), ['::1 80']);
	t.deepEqual(addresses('::1:80'), ['::1 80']);
	t.deepEqual(addresses(':::80'), [':: 80']);
	t.deepEqual(addresses('ipv4@10.0.0.1:80'), ['10.0.0.1 80']);
	t.deepEqual(addresses('web.example.com:80'), ['web.example.com 80']);
});

test('lists and port ranges are several sockets, each with its own text', t => {
	t.deepEqual(
		binds('10.0.0.1:80,[::1]:81-83').map(({text}) => text),
		['10.0.0.1:80', '[::1]:81', '[::1]:82', '[::1]:83'],
	);
	t.deepEqual(addresses('*:65535'), ['0.0.0.0 65535']);
	t.deepEqual(addresses('*:1-1'), ['0.0.0.0 1']);
});

test('unix sockets and inherited descriptors', t => {
	t.deepEqual(addresses('/run/web.sock'), [{kind: 'unix', path: '/run/web.sock'}]);
	t.deepEqual(addresses('unix@/run/web.sock'), [{kind: 'unix', path: '/run/web.sock'}]);
	t.deepEqual(addresses('fd@7'), [{kind: 'fd', fd: 7}]);
});

test('options that have an effect', t => {
	t.like(binds('*:80 name web id 7 interface eth0 transparent v6only mode 660')[0], {
		name: 'web',
		id: 7,
		interface: 'eth0',
		transparent: true,
		v6only: true,
		mode: 0o660,
		position: {file: 'test.cfg', line: 8, column: 7},
	});
	t.is(binds(':::80 v6only v4v6')[0]?.v6only, false);
});

test('options without an effect say why, and take their values with them', t => {
	const line =
		'*:80 defer-accept mss 1400 tfo nice 5 process 1 thread 1 shards 2 maxconn 5 backlog 5 user u group g uid 1 gid 1 level user name x';
	const found = wrong(line);
	t.is(found.length, 14);
	for (const remark of found) t.regex(remark, /^notice 8:\d+ '[\w-]+' has no effect: ./);
	t.is(binds(line)[0]?.name, 'x');
});

test('what is wrong is pointed at, part by part', t => {
	t.deepEqual(wrong('10.0.0.1'), ["error 8:7 '10.0.0.1' has no port (write 10.0.0.1:80)"]);
	t.deepEqual(wrong('10.0.0.1:'), ["error 8:7 '10.0.0.1:' has no port (write 10.0.0.1:80)"]);
	t.deepEqual(wrong('*:0'), ["error 8:9 '0' is not a port (a number from 1 to 65535, or a range such as 8000-8009)"]);
	t.deepEqual(wrong('*:65536'), [
		"error 8:9 '65536' is not a port (a number from 1 to 65535, or a range such as 8000-8009)",
	]);
	t.deepEqual(wrong('*:80,*:x'), [
		"error 8:14 'x' is not a port (a number from 1 to 65535, or a range such as 8000-8009)",
	]);
	t.deepEqual(wrong('*:90-80'), ['error 8:9 the range 90-80 runs backwards (write 80-90)']);
	t.deepEqual(wrong('*:80,'), ['error 8:12 an address is empty (write ADDRESS:PORT, as in *:80)']);
	t.deepEqual(wrong('10.0.0.256:80'), [
		"error 8:7 '10.0.0.256' is not an IPv4 address (four numbers from 0 to 255, as in 10.0.0.1)",
	]);
	t.deepEqual(wrong('unix@web.sock'), ["error 8:7 'web.sock' is not an absolute path (write unix@/run/name.sock)"]);
	t.deepEqual(wrong(`/${'x'.repeat(107)}`), ['error 8:7 the path is too long (at most 107 bytes)']);
	t.regex(wrong('fd@x').join(), /^error 8:7 'x' is not a descriptor number/);
	t.deepEqual(wrong('abns@x'), [
		"error 8:7 'abns@' is not supported by this version of hapair (write ADDRESS:PORT, unix@PATH or fd@N)",
	]);
	t.deepEqual(wrong('*:80 nmae x'), ["error 8:12 'nmae' is not a bind option (did you mean 'name'?)"]);
	t.deepEqual(wrong('*:80 ssl crt /x'), ["error 8:12 bind option 'ssl' is not supported by this version of hapair"]);
	t.deepEqual(wrong('*:80 mode 888'), ["error 8:17 '888' is not an octal mode (such as mode 660)"]);
	t.deepEqual(wrong('*:80 interface -x'), [
		"error 8:22 '-x' is not an interface name (such as eth0; at most 15 characters)",
	]);
	t.deepEqual(wrong('*:80 maxconn'), [
		"error 8:12 the value of 'maxconn' is missing at the end of this line",
		"notice 8:12 'maxconn' has no effect: the frontend's `maxconn` limits all its addresses together",
	]);
	t.deepEqual(remarks('frontend f\n timeout client 1s\n bind\n'), [
		'error 3:2 the address is missing at the end of this line (bind ADDRESS:PORT, as in bind *:80)',
	]);
});
