import test from 'ava';
import {configurationOf} from '../helpers/parse.ts';
import {pairOf, pairRemarks} from '../helpers/sections.ts';

const position = (line: number, column: number) => ({file: 'test.cfg', line, column});

test('a pair that says little has defaults for the rest', t => {
	t.deepEqual(pairOf(), {
		name: 'oslo',
		position: position(1, 1),
		nodes: [
			{name: 'lb1', address: '10.0.0.11', priority: 150, position: position(2, 7)},
			{name: 'lb2', address: '10.0.0.12', priority: 100, position: position(3, 7)},
		],
		virtualAddresses: [
			{address: '10.0.0.100', prefixLength: 24, family: 4, interface: 'eth0', position: position(4, 13)},
		],
		advertIntervalMs: 200,
		port: 3694,
		channelPort: 3695,
		secretFiles: ['/etc/hapair/pair.key'],
		paths: [],
		preempt: {mode: 'off'},
		onIsolation: 'claim',
		secondChance: true,
		startDelayMs: 3000,
		tracks: [],
		drivers: [],
		hooks: [],
		admin: {host: '127.0.0.1', port: 8404, hostNames: []},
		certificates: [],
		maintenanceWindows: [],
		failoverWindows: [],
	});
});

test('connections live on unless that is switched off, or a driver moves the address', t => {
	t.true(pairOf('second-chance on').secondChance);
	t.false(pairOf('second-chance off').secondChance);
	t.deepEqual(pairRemarks('second-chance perhaps').length, 1);
	const driver = 'takeover exec user hapair /usr/local/bin/move';
	t.deepEqual(pairRemarks(driver), []);
	t.deepEqual(pairRemarks(driver, 'second-chance on'), [
		'warning 7:2 second-chance on has no effect with takeover exec: such networks drop what one node passes on for clients (take it out: connections are drained before a planned failover)',
	]);
});

test('several addresses of both families', t => {
	const {virtualAddresses} = pairOf('virtual-ip 10.0.1.100/32 dev bond0.7', 'virtual-ip 2001:db8::100/64 dev eth0');
	t.deepEqual(
		virtualAddresses.map(({address, prefixLength, family, interface: dev}) => [address, prefixLength, family, dev]),
		[
			['10.0.0.100', 24, 4, 'eth0'],
			['10.0.1.100', 32, 4, 'bond0.7'],
			['2001:db8::100', 64, 6, 'eth0'],
		],
	);
});

test('a virtual address is one that an interface can have', t => {
	const wrong = (text: string) => pairRemarks(`virtual-ip ${text}`);
	const free = 'choose a free address of the subnet';
	t.deepEqual(wrong('10.0.0.0/24 dev eth0'), [
		`error 6:13 the virtual address 10.0.0.0/24 is the address of the subnet itself (${free})`,
	]);
	t.deepEqual(wrong('10.0.0.255/24 dev eth0'), [
		`error 6:13 the virtual address 10.0.0.255/24 is the broadcast address of the subnet (${free})`,
	]);
	t.deepEqual(wrong('224.0.0.18/24 dev eth0'), [
		`error 6:13 the virtual address 224.0.0.18/24 cannot belong to one machine (${free})`,
	]);
	t.deepEqual(wrong('2001:db8::/64 dev eth0'), [
		`error 6:13 the virtual address 2001:db8::/64 is the address of the subnet itself (${free})`,
	]);
	t.deepEqual(wrong('10.0.0.0/31 dev eth0'), []);
	t.deepEqual(wrong('10.0.0.5/33 dev eth0'), ["error 6:22 '33' is not a prefix length (a number from 1 to 32)"]);
	t.deepEqual(wrong('10.0.0.5/0 dev eth0'), ["error 6:22 '0' is not a prefix length (a number from 1 to 32)"]);
	t.deepEqual(wrong('10.0.0.5/255.255.255.0 dev eth0'), [
		"error 6:22 '255.255.255.0' is not a prefix length (a number from 1 to 32)",
	]);
	t.deepEqual(wrong('2001:db8::5 dev eth0'), [
		"error 6:13 the virtual address '2001:db8::5' has no prefix length (write 2001:db8::5/64, as on the interface)",
	]);
	t.deepEqual(wrong('web/24 dev eth0'), [
		"error 6:13 the virtual address 'web' is not an address (virtual-ip ADDRESS/LENGTH dev INTERFACE)",
	]);
	t.deepEqual(wrong('10.0.0.5/24'), [
		"error 6:13 'dev' is missing at the end of this line (virtual-ip ADDRESS/LENGTH dev INTERFACE)",
	]);
	t.deepEqual(wrong('10.0.0.5/24 dev eth0 x'), [
		"error 6:34 'x' is one word too many here (virtual-ip ADDRESS/LENGTH dev INTERFACE)",
	]);
});

test('advertisements have profiles and a range', t => {
	const interval = (text: string) => pairOf(`advertise ${text}`).advertIntervalMs;
	t.deepEqual(['calm', 'default', 'fast', '10', '250ms', '40s'].map(interval), [1000, 200, 50, 10, 250, 40_000]);
	t.deepEqual(pairRemarks('advertise 9ms'), ['error 6:12 advertise: 9ms is out of range (from 10ms to 40s)']);
	t.deepEqual(pairRemarks('advertise 41s'), ['error 6:12 advertise: 41s is out of range (from 10ms to 40s)']);
	t.deepEqual(pairRemarks('advertise clam'), [
		"error 6:12 advertise: 'clam' is neither a time nor a profile (did you mean 'calm'?)",
	]);
	t.regex(pairRemarks('advertise constructor').join(), /is neither a time nor a profile/);
});

test('keys are files, several for a change of keys', t => {
	t.deepEqual(pairOf('secret file /etc/hapair/next.key').secretFiles, ['/etc/hapair/pair.key', '/etc/hapair/next.key']);
	t.deepEqual(pairRemarks('secret file /etc/hapair/pair.key'), [
		"error 6:14 the key file '/etc/hapair/pair.key' is named twice",
	]);
	t.deepEqual(pairRemarks('secret file pair.key'), [
		"error 6:14 the key file 'pair.key' is not an absolute path (begin it with /)",
	]);
	t.deepEqual(pairRemarks('secret hunter2'), [
		"error 6:9 'hunter2' is not 'file' (secret file PATH: keys stand in files, never in the configuration)",
	]);
});

test('preempt is off, on, or after a time', t => {
	const preempt = (text: string) => pairOf(`preempt ${text}`).preempt;
	t.deepEqual(preempt('off'), {mode: 'off'});
	t.deepEqual(preempt('on'), {mode: 'on'});
	t.deepEqual(preempt('after 30s'), {mode: 'after', delayMs: 30_000});
	t.regex(pairRemarks('preempt after').join(), /^error 6:10 the value of 'preempt after' is missing/);
	t.regex(pairRemarks('preempt after 2d').join(), /^error 6:16 preempt after: 2d is out of range/);
	t.deepEqual(pairRemarks('preempt on 5s'), ["error 6:13 '5s' is one word too many here"]);
});

test('paths, port, isolation and the start', t => {
	t.like(
		pairOf(
			'path 192.168.7.11 192.168.7.12',
			'path fd00::1 fd00::2',
			'port 4000',
			'on isolation hold',
			'start-delay 5s',
		),
		{
			paths: [
				['192.168.7.11', '192.168.7.12'],
				['fd00::1', 'fd00::2'],
			],
			port: 4000,
			onIsolation: 'hold',
			startDelayMs: 5000,
		},
	);
	t.is(pairOf('start delay 0').startDelayMs, 0);
	t.is(pairOf('on isolation claim').onIsolation, 'claim');
	t.deepEqual(pairRemarks('path 192.168.7.11'), [
		"error 6:7 the second node's address is missing at the end of this line (a literal address, such as 10.0.0.11)",
	]);
	t.deepEqual(pairRemarks('port 0'), ['error 6:7 port: 0 is out of range (a number from 1 to 65535)']);
	t.deepEqual(pairRemarks('on isolation wait'), ["error 6:15 on isolation: 'wait' is not known (one of claim, hold)"]);
});

test('nodes have names, addresses and priorities from 1 to 254', t => {
	const nodes = (text: string) =>
		configurationOf(`pair p\n node a ${text}\n node b 10.0.0.2 priority 1\n virtual-ip 10.0.0.9/24 dev eth0\n`).pair
			?.nodes[0];
	t.like(nodes('10.0.0.1 priority 254'), {name: 'a', address: '10.0.0.1', priority: 254});
	const wrong = (text: string) => pairRemarks(`node ${text}`)[0];
	t.is(wrong('c 10.0.0.3 priority 0'), 'error 6:7 a pair has exactly two nodes and this is one more (take it out)');
	t.is(wrong('c web priority 1'), 'error 6:7 a pair has exactly two nodes and this is one more (take it out)');
	t.true(
		pairRemarks('node c 10.0.0.3 priority 255').includes(
			'error 6:27 priority: 255 is out of range (a number from 1 to 254)',
		),
	);
	t.true(
		pairRemarks('node c 10.0.0.3 prio 5').includes(
			"error 6:18 'prio' is not an option of node (node NAME ADDRESS [priority N])",
		),
	);
	t.true(
		pairRemarks('node c 0.0.0.0').includes(
			"error 6:9 the address of node 'c': '0.0.0.0' cannot belong to one machine (a unicast address, such as 10.0.0.11)",
		),
	);
});

test('witness: an address, with a port or without', t => {
	for (const [word, host, port] of [
		['10.0.0.13', '10.0.0.13', 3695],
		['10.0.0.13:4000', '10.0.0.13', 4000],
		['2001:db8::13', '2001:db8::13', 3695],
		['[2001:db8::13]:4000', '2001:db8::13', 4000],
	] as const) {
		t.deepEqual(pairOf(`witness ${word}`).witness, {host, port}, word);
	}
	t.is(pairOf().witness, undefined);
});

test('witness: neither a node nor the virtual address, not by name, one', t => {
	for (const line of [
		'witness 10.0.0.11',
		'witness 10.0.0.100',
		'witness tie.example',
		'witness 10.0.0.13:0',
		'witness 10.0.0.13:70000',
		'witness 0.0.0.0',
		'witness',
	])
		t.true(pairRemarks(line).length > 0, line);
	t.true(pairRemarks('witness 10.0.0.13', 'witness 10.0.0.14').length > 0);
	t.true(pairRemarks('witness 10.0.0.13', 'on isolation hold').length > 0);
	t.deepEqual(pairRemarks('witness 10.0.0.13'), []);
});

test('peer-channel: a port, off, or the one behind the heartbeat', t => {
	t.is(pairOf('peer-channel 4000').channelPort, 4000);
	t.is(pairOf('peer-channel off').channelPort, undefined);
	t.is(pairOf('port 5000').channelPort, 5001);
	t.is(pairOf('port 65535').channelPort, 65_534);
	for (const line of ['peer-channel', 'peer-channel on', 'peer-channel 0', 'peer-channel 70000', 'peer-channel off 1'])
		t.true(pairRemarks(line).length > 0, line);
});
