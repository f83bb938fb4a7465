import test from 'ava';
import {configurationOf, remarks} from '../helpers/parse.ts';
import {pairOf, pairRemarks} from '../helpers/sections.ts';

const position = {file: 'test.cfg', line: 6, column: 11};
const uuid = (digit: string) =>
	`${digit.repeat(8)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(12)}`;
const hetzner = 'takeover hetzner-cloud token-file /etc/hapair/token server lb1 11 server lb2 12';

test('ip is what every pair does, and names no driver', t => {
	t.deepEqual(pairOf().drivers, []);
	t.deepEqual(pairOf('takeover ip').drivers, []);
	t.deepEqual(pairRemarks('takeover ip eth0'), [
		"error 6:14 'eth0' is one word too many here (the addresses are said with virtual-ip)",
	]);
	t.deepEqual(pairRemarks('takeover exce /x'), [
		"error 6:11 unknown 'takeover exce' in section 'pair' (did you mean 'exec'?)",
	]);
	t.deepEqual(pairRemarks('takeover'), [
		"error 6:2 'takeover' is not complete (one of ip, exec, hetzner-cloud, digitalocean, openstack, aws, bgp)",
	]);
});

test('a program is run without a shell, as nobody unless a user is named', t => {
	t.deepEqual(pairOf('takeover exec /usr/bin/move "a b" $HOME').drivers, [
		{kind: 'exec', argv: ['/usr/bin/move', 'a b', '$HOME'], user: 'nobody', timeoutMs: 10_000, position},
	]);
	t.deepEqual(pairOf('takeover exec user root timeout 30s /usr/bin/move').drivers, [
		{kind: 'exec', argv: ['/usr/bin/move'], user: 'root', timeoutMs: 30_000, position},
	]);
	t.deepEqual(pairRemarks('takeover exec move'), [
		"error 6:16 the program 'move' is not an absolute path (begin it with /)",
	]);
	t.deepEqual(pairRemarks('takeover exec timeout 2h /x'), [
		'error 6:24 timeout: 2h is out of range (from 100ms to 1m)',
	]);
});

test('each provider has its words', t => {
	const members = [
		{node: 'lb1', id: '11'},
		{node: 'lb2', id: '12'},
	];
	t.deepEqual(pairOf(`${hetzner} floating-ip 203.0.113.7 floating-ip 4711 api http://127.0.0.1:80/v1/`).drivers, [
		{
			kind: 'hetzner-cloud',
			members,
			targets: ['203.0.113.7', '4711'],
			tokenFile: '/etc/hapair/token',
			api: 'http://127.0.0.1:80/v1',
			position,
		},
	]);
	t.deepEqual(pairOf('takeover digitalocean token-file /t droplet lb1 11 droplet lb2 12').drivers, [
		{kind: 'digitalocean', members, targets: [], tokenFile: '/t', api: 'https://api.digitalocean.com/v2', position},
	]);
	const openstack = `takeover openstack auth-url https://id.example.com/v3 credential ${uuid('a')} secret-file /s port lb1 ${uuid('1')} port lb2 ${uuid('2')} region R1`;
	t.deepEqual(pairOf(openstack).drivers, [
		{
			kind: 'openstack',
			members: [
				{node: 'lb1', id: uuid('1')},
				{node: 'lb2', id: uuid('2')},
			],
			targets: [],
			authUrl: 'https://id.example.com/v3',
			credential: uuid('a'),
			secretFile: '/s',
			region: 'R1',
			position,
		},
	]);
	const aws =
		'takeover aws region eu-central-1 network-interface lb1 eni-00000001 network-interface lb2 eni-00000002 allocation eipalloc-00000003';
	t.deepEqual(pairOf(aws).drivers, [
		{
			kind: 'aws',
			members: [
				{node: 'lb1', id: 'eni-00000001'},
				{node: 'lb2', id: 'eni-00000002'},
			],
			targets: ['eipalloc-00000003'],
			region: 'eu-central-1',
			api: 'https://ec2.eu-central-1.amazonaws.com',
			metadata: 'http://169.254.169.254',
			position,
		},
	]);
	t.deepEqual(
		configurationOf(pair('10.0.0.100/32', 'takeover bgp file /etc/bird/hapair.conf')).pair?.drivers.map(driver => ({
			...driver,
			position: undefined,
		})),
		[{kind: 'bgp', file: '/etc/bird/hapair.conf', control: '/run/bird/bird.ctl', position: undefined}],
	);
});

function pair(address: string, line: string): string {
	return `pair oslo\n node lb1 10.0.0.11 priority 150\n node lb2 10.0.0.12\n virtual-ip ${address} dev eth0\n secret file /k\n ${line}\n`;
}

test('what a driver lacks or cannot carry is said where it stands', t => {
	const cases: readonly (readonly [string, string])[] = [
		['takeover hetzner-cloud server lb1 1 server lb2 2', "6:11 this driver needs 'token-file' (add token-file PATH)"],
		[
			'takeover hetzner-cloud x',
			"6:25 'x' is not an option of this driver (one of token-file, server, floating-ip, api)",
		],
		[`${hetzner} floting-ip 1`, "6:82 'floting-ip' is not an option of this driver (did you mean 'floating-ip'?)"],
		[`${hetzner} server lb1 x5`, "6:93 server: 'x5' does not look like one (such as 4711)"],
		[`${hetzner} server lb1 13`, "6:11 takeover hetzner-cloud: node 'lb1' has 2 times a server (one server lb1 ID)"],
		[
			'takeover hetzner-cloud token-file /t server lb1 1',
			"6:11 takeover hetzner-cloud: node 'lb2' has no server (one server lb2 ID)",
		],
		[
			'takeover hetzner-cloud token-file /t server lb1 1 server lb3 2',
			"6:11 server: there is no node 'lb3' (did you mean 'lb1'?)",
		],
		[
			'takeover hetzner-cloud token-file /t server lb1 1 server lb2 1',
			'6:11 takeover hetzner-cloud: both nodes have the server 1 (each node has its own server)',
		],
		[`${hetzner} token-file /t`, "6:82 'token-file' stands here twice (leave one of them out)"],
		[
			`${hetzner} api http://api.example.com/v1`,
			"6:86 api: 'http://api.example.com/v1' is not an https URL (such as https://api.example.com/v1; http only to this machine and to link-local addresses)",
		],
		[
			'takeover hetzner-cloud token-file token',
			"6:36 the value of 'token-file' 'token' is not an absolute path (begin it with /)",
		],
		[
			'takeover bgp file /etc/bird/hapair.conf',
			'6:11 takeover bgp announces host routes, and 10.0.0.100/24 is an address of a shared segment (write virtual-ip 10.0.0.100/32 dev eth0)',
		],
	];
	for (const [line, remark] of cases) t.deepEqual(pairRemarks(line), [`error ${remark}`], line);
	t.deepEqual(pairRemarks(hetzner, hetzner), [
		'error 7:11 takeover hetzner-cloud stands here twice for the same addresses (leave one out)',
	]);
	t.deepEqual(remarks(pair('2001:db8::5/64', 'takeover digitalocean token-file /t droplet lb1 11 droplet lb2 12')), [
		'error 6:11 takeover digitalocean moves IPv4 addresses only, and 2001:db8::5 is none (take that virtual-ip out)',
	]);
});
