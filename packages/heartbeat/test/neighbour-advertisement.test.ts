import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {neighbourAdvertisementProgram} from '../src/neighbour-advertisement.ts';

/** Stands in for the kernel below the program, so that no packet leaves and no root is needed: prints what it is given. */
const kernel = `BEGIN {
	*CORE::GLOBAL::socket = sub (*$$$) { open($_[0], '<', '/dev/null'); print "socket @_[1..3]\\n" };
	*CORE::GLOBAL::setsockopt = sub (*$$$) { print "option $_[1] $_[2] ", unpack('i', $_[3]), "\\n"; 1 };
	*CORE::GLOBAL::bind = sub (*$) { print 'from ', unpack('x8 H32', $_[1]), "\\n"; 1 };
	*CORE::GLOBAL::send = sub (*$$;$) { print 'packet ', unpack('H*', $_[1]), ' to ', unpack('x8 H32', $_[3]), "\\n"; 1 };
}`;

function say(lines: string): string[] {
	const {stdout, stderr} = spawnSync('/usr/bin/perl', ['-e', `${kernel}${neighbourAdvertisementProgram}`], {
		input: lines,
		encoding: 'utf8',
	});
	return `${stderr}${stdout}`.trim().split('\n').filter(Boolean);
}

test('RFC 4861 §4.4: the packet of an unsolicited advertisement, byte by byte', t => {
	const index = readFileSync('/sys/class/net/lo/ifindex', 'utf8').trim();
	const address = '20010db8000000000000000000000064';
	const lines = say('lo 2001:db8::64\n');
	// AF_INET6, SOCK_RAW, ICMPv6; IPV6_MULTICAST_HOPS 255; IPV6_MULTICAST_IF.
	t.deepEqual(lines.slice(0, 4), ['socket 10 3 58', 'option 41 18 255', `option 41 17 ${index}`, `from ${address}`]);
	const header = '88000000'; // type 136, code 0, checksum left to the kernel
	const flags = '20000000'; // override; neither router nor solicited
	const option = '0201000000000000'; // target link-layer address, one unit of 8 bytes, the MAC of lo
	t.is(lines[4], `packet ${header}${flags}${address}${option} to ff020000000000000000000000000001`);
});

test('Lines that are not a device and an address are skipped, the next one is sent', t => {
	const lines = say('lo\nlo 10.0.0.1; rm -rf x\nno-such-dev 2001:db8::1\nlo nonsense:::\nlo 2001:db8::1\n');
	t.is(lines.filter(line => line.startsWith('packet')).length, 1);
	t.is(lines.length, 5);
});
