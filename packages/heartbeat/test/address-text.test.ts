import type {VirtualAddress} from '@hapair/config';
import test from 'ava';
import {
	explainFailure,
	findAddress,
	groupsOf,
	hasSubnet,
	putAddress,
	readInterface,
	removeAddress,
	requireDevice,
	restoreAddress,
	sameAddress,
	showInterface,
} from '../src/address-text.ts';

const position = {file: 'pair.cfg', line: 1, column: 1};
const four: VirtualAddress = {address: '10.0.0.100', prefixLength: 24, family: 4, interface: 'eth0', position};
const six: VirtualAddress = {address: '2001:db8::64', prefixLength: 64, family: 6, interface: 'eth0', position};

const answer = JSON.stringify([
	{},
	{
		ifname: 'eth0',
		flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
		addr_info: [
			{family: 'inet', local: '10.0.0.11', prefixlen: 24, valid_life_time: 4_294_967_295},
			{family: 'inet', local: '10.0.0.100', prefixlen: 24, secondary: true, valid_life_time: 5},
			{family: 'inet6', local: '2001:db8:0:0::64', prefixlen: 64, valid_life_time: 5},
			{family: 'inet6', prefixlen: 64},
		],
	},
]);

test('An IPv4 address is put with a lifetime, and again is harmless', t => {
	t.is(putAddress(four, 5, false), 'addr replace 10.0.0.100/24 dev eth0 valid_lft 5 preferred_lft 5');
});

test('An IPv6 address: no detection, not preferred as a source, no route with its lifetime', t => {
	t.is(
		putAddress(six, 5, true),
		'addr replace 2001:db8::64/64 dev eth0 valid_lft 5 preferred_lft 0 nodad noprefixroute',
	);
});

test('Removing and putting back name prefix length and device', t => {
	t.is(removeAddress(four), 'addr del 10.0.0.100/24 dev eth0');
	const lost = {address: '10.0.0.12', prefixLength: 24, family: 4, secondary: true} as const;
	t.is(restoreAddress('eth0', lost), 'addr replace 10.0.0.12/24 dev eth0');
	t.is(
		restoreAddress('eth0', {...lost, validLifetimeS: 30}),
		'addr replace 10.0.0.12/24 dev eth0 valid_lft 30 preferred_lft 30',
	);
});

test('Nothing but an interface name or an address gets into a command', t => {
	for (const name of ['', 'eth0 eth1', 'a;b', '-eth0', 'sixteencharacters', 'eth0\n', '$(x)', 'a/b']) {
		t.throws(() => requireDevice(name), undefined, name);
		t.throws(() => showInterface(name));
	}
	t.is(requireDevice('br-lan.100@x'), 'br-lan.100@x');
	t.throws(() => removeAddress({...four, address: '10.0.0.1 dev lo'}));
	t.throws(() => putAddress({...four, address: 'x\naddr flush'}, 5, false));
});

test('The answer of ip is read: link, addresses, lifetimes, who is secondary', t => {
	const shown = readInterface(['garbage', '[broken', answer], 'eth0');
	t.true(shown?.up);
	t.deepEqual(shown?.addresses, [
		{address: '10.0.0.11', prefixLength: 24, family: 4, secondary: false},
		{address: '10.0.0.100', prefixLength: 24, family: 4, secondary: true, validLifetimeS: 5},
		{address: '2001:db8:0:0::64', prefixLength: 64, family: 6, secondary: false, validLifetimeS: 5},
	]);
	t.is(readInterface([answer], 'eth1'), undefined);
	t.is(readInterface([], 'eth0'), undefined);
});

test('A link without carrier is not up', t => {
	t.false(readInterface(['[{"ifname":"eth0","flags":["UP"]}]'], 'eth0')?.up);
});

test('An address is found whatever its spelling', t => {
	const {addresses} = readInterface([answer], 'eth0') ?? {addresses: []};
	t.is(findAddress(addresses, '2001:db8::64')?.prefixLength, 64);
	t.is(findAddress(addresses, '10.0.0.101'), undefined);
	t.true(sameAddress('::ffff:10.0.0.1', '0:0:0:0:0:ffff:a00:1'));
	t.false(sameAddress('::1', '::2'));
});

test('The subnet is there when another address of it is, the virtual one itself does not count', t => {
	const {addresses} = readInterface([answer], 'eth0') ?? {addresses: []};
	t.true(hasSubnet(addresses, four));
	t.false(hasSubnet(addresses, six));
	t.false(hasSubnet(addresses, {...four, address: '10.0.1.100'}));
	t.false(hasSubnet(addresses, {...four, prefixLength: 25}));
});

test('Groups of an address, short forms and dotted quads included', t => {
	t.deepEqual(groupsOf('10.0.0.255', 4), [10, 0, 0, 255]);
	t.deepEqual(groupsOf('::', 6), [0, 0, 0, 0, 0, 0, 0, 0]);
	t.deepEqual(groupsOf('2001:db8::1f', 6), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x1f]);
	t.deepEqual(groupsOf('fe80::', 6), [0xfe80, 0, 0, 0, 0, 0, 0, 0]);
	t.deepEqual(groupsOf('::ffff:192.0.2.1', 6), [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201]);
	t.deepEqual(groupsOf('1:2:3:4:5:6:7:8', 6), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('A failure says what to do about it', t => {
	t.regex(explainFailure(four, ['Device "eth0" does not exist.'], ''), /no such interface; correct `dev`/);
	t.regex(explainFailure(four, ['RTNETLINK answers: Operation not permitted'], ''), /run as root/);
	t.is(explainFailure(four, ['Error: strange.'], ''), 'cannot claim 10.0.0.100/24 on eth0: Error: strange.');
	t.is(
		explainFailure(four, [], 'no answer within 500 ms'),
		'cannot claim 10.0.0.100/24 on eth0: no answer within 500 ms',
	);
	t.regex(explainFailure(four, [], ''), /the address is not there after/);
});
