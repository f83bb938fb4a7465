import test from 'ava';
import {createSecondChance, type SecondChanceRoute, setSecondChance} from '../src/second-chance-table.ts';

const four: SecondChanceRoute = {
	family: 4,
	address: '10.0.0.100',
	device: 'eth0',
	local: '10.0.0.11',
	remote: '10.0.0.12',
};
const six: SecondChanceRoute = {family: 6, address: 'fd00::64', device: 'eth1', local: 'fd00::b', remote: 'fd00::c'};
const table = {name: 'hapair_c0ffee00', port: 3694, leaseMs: 500};

test('What has no connection here goes to the peer; what has one, or comes from the peer, stays', t => {
	const rules = createSecondChance(table, [four]).split('; add rule ip hapair_c0ffee00 ').slice(1);
	t.deepEqual(
		rules.map(rule => rule.replace(/; add chain .*/, '')),
		[
			'in ip saddr 10.0.0.12 ip daddr 10.0.0.11 udp sport 3694 udp dport 3694 update @peers { ether saddr }',
			'pass_0 ip ttl <= 1 drop',
			'pass_0 dup to 10.0.0.12 device "eth0" drop',
			'look_0 meta cgroup >= 0 return',
			'look_0 socket wildcard 0-1 goto pass_0',
			'look_0 socket transparent 0-1 return',
			'look_0 goto pass_0',
			'keep_0 tcp flags & syn != 0 goto pass_0',
			'keep_0 goto look_0',
			'in ip daddr 10.0.0.100 meta l4proto tcp iif @ajar ether saddr @peers accept',
			'in ip daddr 10.0.0.100 meta l4proto tcp iif @passing ether saddr @peers accept',
			'in ip daddr 10.0.0.100 tcp flags & syn == 0 iif @passing jump look_0',
			'in ip daddr 10.0.0.100 meta l4proto tcp iif @keeping jump keep_0',
		],
	);
});

test('Each family has a table of its own, and one transaction sets them and the lease’s', t => {
	const text = createSecondChance(table, [four, six]);
	t.true(text.includes('dup to fd00::c device "eth1" drop') && text.includes('ip6 hoplimit <= 1 drop'));
	t.false(/ip6 hapair_c0ffee00 [^;]*10\.0\.0/.test(text), 'nothing of the other family');
	t.is(
		setSecondChance('x', [four, six], {keeping: 2000}),
		[
			'flush set netdev x keeping; add element netdev x keeping { "eth0" timeout 2000ms, "eth1" timeout 2000ms }; flush set netdev x ajar',
			'flush set ip x keeping; add element ip x keeping { "eth0" timeout 2000ms, "eth1" timeout 2000ms }',
			'flush set ip x passing; flush set ip x ajar',
			'flush set ip6 x keeping; add element ip6 x keeping { "eth0" timeout 2000ms, "eth1" timeout 2000ms }',
			'flush set ip6 x passing; flush set ip6 x ajar',
		].join('; '),
	);
	t.regex(setSecondChance('x', [four], {passing: 'always'}), /add element ip x passing \{ "eth0" \};/);
});
