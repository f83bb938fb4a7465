import test from 'ava';
import {backendOf, backendRemarks} from '../helpers/sections.ts';

const server = (line: string) => backendOf([`server s ${line}`]).servers[0]!;
const wrong = (line: string) => backendRemarks(`server s ${line}`);

test('a server is at an address, a name or a path', t => {
	t.deepEqual(server('10.0.0.1:80').address, {kind: 'ip', host: '10.0.0.1', port: 80});
	t.deepEqual(server('[::1]:80').address, {kind: 'ip', host: '::1', port: 80});
	t.deepEqual(server('::1:80').address, {kind: 'ip', host: '::1', port: 80});
	t.deepEqual(server('web1.example.com:80').address, {kind: 'ip', host: 'web1.example.com', port: 80});
	t.deepEqual(server('/run/web.sock').address, {kind: 'unix', path: '/run/web.sock'});
});

test('without a port, or with a relative one, it is the port of the client', t => {
	t.like(server('10.0.0.1'), {address: {port: 0}, portOffset: 0});
	t.like(server('10.0.0.1:+100'), {address: {port: 0}, portOffset: 100});
	t.like(server('10.0.0.1:-100'), {address: {port: 0}, portOffset: -100});
	t.false('portOffset' in server('10.0.0.1:80'));
});

test('weight, backup, disabled, limits, cookie, in any order', t => {
	t.like(server('10.0.0.1:80 backup weight 10 disabled maxconn 5 minconn 2 maxqueue 3'), {
		weight: 10,
		backup: true,
		disabled: true,
		maxconn: 5,
		minconn: 2,
		maxqueue: 3,
	});
	t.like(server('10.0.0.1:80'), {weight: 1, backup: false, disabled: false, maxconn: 0, minconn: 0, maxqueue: 0});
	t.is(server('10.0.0.1:80 weight 0').weight, 0);
	t.is(server('10.0.0.1:80 weight 256').weight, 256);
	t.is(backendOf(['cookie S insert', 'server s 10.0.0.1:80 cookie a']).servers[0]?.cookie, 'a');
});

test('checks have their times and another address', t => {
	t.deepEqual(server('10.0.0.1:80 check').check, {interMs: 2000, rise: 2, fall: 3});
	t.deepEqual(
		server('10.0.0.1:80 check inter 1s fastinter 500 downinter 1m rise 1 fall 5 addr 10.0.0.9 port 81').check,
		{
			interMs: 1000,
			fastinterMs: 500,
			downinterMs: 60_000,
			rise: 1,
			fall: 5,
			address: '10.0.0.9',
			port: 81,
		},
	);
	t.is(server('10.0.0.1:80 inter 1s').check, undefined);
	t.is(server('10.0.0.1:80 check no-check').check, undefined);
});

test('default-server holds for the lines after it, and a line goes before it', t => {
	const {servers} = backendOf([
		'server a 10.0.0.1:80 check',
		'default-server check inter 5s weight 7',
		'default-server rise 9',
		'server b 10.0.0.2:80',
		'server c 10.0.0.3:80 weight 2 rise 1 no-check',
	]);
	t.deepEqual(
		servers.map(({weight, check}) => [weight, check?.interMs, check?.rise]),
		[
			[1, 2000, 2],
			[7, 5000, 9],
			[2, undefined, undefined],
		],
	);
	t.deepEqual(backendRemarks('default-server cookie x'), [
		"error 9:17 'cookie' cannot stand in 'default-server' (say it on each server line)",
	]);
	t.is(backendRemarks('default-server').length, 1);
});

test('what is wrong is pointed at', t => {
	t.deepEqual(wrong('10.0.0.1:99999'), [
		"error 9:20 '99999' is not a port (a number from 1 to 65535, or +N / -N from the port that the client used)",
	]);
	t.deepEqual(wrong('10.0.0.1:80 weight 257'), ['error 9:30 weight: 257 is out of range (a number from 0 to 256)']);
	t.deepEqual(wrong('10.0.0.1:80 check inter 0'), ['error 9:35 inter: 0 is out of range (from 1ms to 2147483647ms)']);
	t.deepEqual(wrong('10.0.0.1:80 wieght 5 check'), [
		"error 9:23 'wieght' is not a server option (did you mean 'weight'?)",
	]);
	t.deepEqual(wrong('10.0.0.1:80 ssl verify none check'), [
		"error 9:23 server option 'ssl' is not supported by this version of hapair",
	]);
	t.deepEqual(wrong('check'), ["error 9:11 server 's' has no address (server NAME ADDRESS:PORT [check] [weight N] …)"]);
	t.deepEqual(wrong('*:80 check'), [
		"error 9:9 server 's' is checked and has no address to check (say 'addr A' and 'port N')",
	]);
	t.deepEqual(backendRemarks('server s 10.0.0.1:80 cookie a;b', 'cookie S insert'), [
		"error 9:30 'a;b' cannot stand in a cookie (no blanks, quotes, commas or semicolons)",
	]);
	t.deepEqual(wrong('10.0.0.1:80 check addr 1.2.3'), [
		"error 9:34 '1.2.3' is not an IPv4 address (an address without a port; the port is said with `port N`)",
	]);
	t.deepEqual(wrong('10.0.0.1:80 source 10.0.0.9:9-5'), [
		"error 9:30 '9-5' is not a source port (a number from 1 to 65535, or a range such as 20000-29999)",
	]);
	t.deepEqual(wrong('10.0.0.1:80 source 10.0.0.9 usesrc hdr_ip()'), [
		"error 9:46 'hdr_ip()' names no header (such as hdr_ip(x-forwarded-for,-1))",
	]);
	t.deepEqual(wrong('10.0.0.1:80 source 10.0.0.9 usesrc *:5'), [
		"error 9:46 '*:5' is no address to show (usesrc ADDRESS, client, clientip or hdr_ip(NAME))",
	]);
	t.deepEqual(wrong('10.0.0.1:80 source web'), [
		"error 9:30 'web' is not an address (a literal address, such as source 10.0.0.10)",
	]);
	t.deepEqual(wrong('10.0.0.1:80 weight'), [
		"error 9:23 the value of 'weight' is missing at the end of this line (a number from 0 to 256)",
	]);
});

test('source: an address, ports, whom servers see, an interface', t => {
	const server = (words: string) => backendOf([`server s 10.0.0.1:80 source ${words}`]).servers[0]!;
	t.like(server('10.0.0.9:5'), {sourceAddress: '10.0.0.9', source: {ports: {from: 5, to: 5}}});
	t.like(server('*:20000-20009 weight 3'), {weight: 3, source: {ports: {from: 20_000, to: 20_009}}});
	t.is(server('10.0.0.9').source, undefined);
	t.deepEqual(server('0.0.0.0 usesrc client').source, {shown: {kind: 'client'}});
	t.deepEqual(server('0.0.0.0 usesrc clientip interface eth0').source, {shown: {kind: 'clientip'}, interface: 'eth0'});
	t.deepEqual(server('10.0.0.9 usesrc 192.0.2.1:7').source?.shown, {kind: 'address', address: '192.0.2.1', port: 7});
	t.deepEqual(server('10.0.0.9 usesrc hdr_ip(X-From,2)').source?.shown, {
		kind: 'header',
		name: 'x-from',
		occurrence: 2,
	});
	const [own] = backendOf(['source 10.0.0.8 interface eth1', 'server s 10.0.0.1:80']).servers;
	t.like(own, {sourceAddress: '10.0.0.8', source: {interface: 'eth1'}});
});

test('a server without an address is where the client connected to', t => {
	t.like(backendOf(['server s *']).servers[0], {target: 'original', portOffset: 0});
	t.like(backendOf(['server s 0.0.0.0:81']).servers[0], {target: 'original', address: {port: 81}});
});

test('option http_proxy and option transparent are servers of that name, and balance nothing', t => {
	const backend = (...lines: readonly string[]) => backendOf([...lines]);
	t.like(backend('option http_proxy').servers[0], {name: 'http_proxy', target: 'uri'});
	t.like(backend('transparent').servers[0], {name: 'transparent', target: 'original'});
	t.true(backend('option transparent').sendsOnward);
	t.deepEqual(backend('option transparent', 'no option transparent').servers, []);
	t.deepEqual(backendRemarks('option transparent', 'balance roundrobin'), [
		"error 9:2 backend 'web' has both 'balance' and 'option transparent' (keep one: nothing is balanced towards the address that a client wants)",
	]);
});
