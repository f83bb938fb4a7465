import test from 'ava';
import {
	createSecondChance,
	readSecondChance,
	type SecondChanceRoute,
	setSecondChance,
} from '../src/second-chance-table.ts';

const four: SecondChanceRoute = {
	family: 4,
	address: '10.0.0.100',
	device: 'eth0',
	local: '10.0.0.11',
	remote: '10.0.0.12',
};
const six: SecondChanceRoute = {family: 6, address: 'fd00::64', device: 'eth1', local: 'fd00::b', remote: 'fd00::c'};
const table = {name: 'hapair_c0ffee00', port: 3694, leaseMs: 500};

test('What has no connection here goes to the peer; what has one, or comes from the peer, stays; nothing goes round', t => {
	const rules = createSecondChance(table, [four]).split('; add rule ip hapair_c0ffee00 ').slice(1);
	t.deepEqual(
		rules.map(rule => rule.replace(/; add chain .*/, '')),
		[
			'back_0 ip ttl set 2 counter name returned dup to 10.0.0.12 device "eth0" drop',
			'pass_0 ip ttl <= 1 counter name stopped drop',
			'pass_0 ether saddr @peers goto back_0',
			'pass_0 counter name passed dup to 10.0.0.12 device "eth0" drop',
			'look_0 meta cgroup >= 0 return',
			'look_0 socket wildcard 0-1 goto pass_0',
			'look_0 ether saddr @peers socket transparent 0-1 return',
			'look_0 goto pass_0',
			'keep_0 tcp flags & (syn | ack) == syn ether saddr @peers counter name stopped drop',
			'keep_0 tcp flags & (syn | ack) == syn goto pass_0',
			'keep_0 goto look_0',
			'at_0 iif @ajar ether saddr @peers accept',
			'at_0 iif @passing ether saddr @peers accept',
			'at_0 iif @passing tcp flags & (syn | ack) != syn goto look_0',
			'at_0 iif @keeping goto keep_0',
			'in ip saddr 10.0.0.12 ip daddr 10.0.0.11 udp sport 3694 udp dport 3694 update @peers { ether saddr }',
			'in ip daddr 10.0.0.100 meta l4proto tcp jump at_0',
		],
	);
});

test('Each family has a table of its own, and one transaction sets them and the lease’s', t => {
	const text = createSecondChance(table, [four, six]);
	t.true(text.includes('ip6 hoplimit set 2 counter name returned dup to fd00::c device "eth1" drop'));
	t.false(/ip6 hapair_c0ffee00 [^;]*10\.0\.0/.test(text), 'nothing of the other family');
	const keeping = 'keeping { "eth0" timeout 2000ms, "eth1" timeout 2000ms }';
	t.is(
		setSecondChance('x', [four, six], {keeping: 2000}),
		[
			`flush set netdev x keeping; add element netdev x ${keeping}; flush set netdev x ajar`,
			`flush set ip x keeping; add element ip x ${keeping}`,
			'flush set ip x passing; flush set ip x ajar',
			`flush set ip6 x keeping; add element ip6 x ${keeping}`,
			'flush set ip6 x passing; flush set ip6 x ajar',
		].join('; '),
	);
	t.regex(setSecondChance('x', [four], {passing: 'always'}), /add element ip x passing \{ "eth0" \};/);
});

test('Who claims lets what lives here through the fence as before, and passes no new connection on any more', t => {
	const text = setSecondChance('x', [four], {keeping: 2000, passing: 'always'}, true);
	t.true(text.includes('add element netdev x keeping'));
	t.false(text.includes('add element ip x keeping'));
	t.true(text.includes('add element ip x passing'));
});

test('Counts are those of both families; tables that are gone, or attached nowhere, are seen', t => {
	const of = (family: string, packets: number, hook = 'type filter hook input priority raw - 10; policy accept;') =>
		`table ${family} x {\n\tcounter passed {\n\t\tpackets ${packets} bytes 1\n\t}\n\n\tcounter returned {\n\t\tpackets 0 bytes 0\n\t}\n\n\tcounter stopped {\n\t\tpackets 1 bytes 0\n\t}\n\tchain in {\n\t\t${hook}\n\t}\n}\n`;
	t.deepEqual(readSecondChance(of('ip', 3) + of('ip6', 4), 'x', [four, six]), {passed: 7, returned: 0, stopped: 2});
	t.is(readSecondChance(of('ip', 3), 'x', [four, six]), undefined);
	t.is(readSecondChance(of('ip', 3, ''), 'x', [four]), undefined);
	t.is(readSecondChance('Error: No such file or directory', 'x', [four]), undefined);
});
