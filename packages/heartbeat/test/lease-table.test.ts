import type {VirtualAddress} from '@hapair/config';
import test from 'ava';
import {leaseTableName, removeTable} from '../src/index.ts';
import {
	createChains,
	createTable,
	flushSet,
	type LeaseTable,
	leaseInterfaces,
	setElements,
} from '../src/lease-table.ts';

const position = {file: 'pair.cfg', line: 1, column: 1};
const four: VirtualAddress = {address: '10.0.0.100', prefixLength: 24, family: 4, interface: 'eth0', position};
const six: VirtualAddress = {address: '2001:db8::64', prefixLength: 64, family: 6, interface: 'eth1', position};
const table: LeaseTable = {
	name: 'hapair_c0ffee00',
	addresses: [four, six],
	port: 3694,
	leaseMs: 500,
	uid: 0,
	egressHook: true,
	paths: [{local: '10.0.0.11', remote: '10.0.0.12'}],
};

test('The table is named after the pair, and nothing but hex gets into the name', t => {
	t.is(leaseTableName('c0ffee00c0ffee00'), 'hapair_c0ffee00');
	t.throws(() => leaseTableName('x; delete table inet filter'), {message: /lower-case hex/});
});

test('Each interface is fenced once, in the order of the configuration', t => {
	t.deepEqual(leaseInterfaces([six, four, {...six, address: '2001:db8::65'}]), ['eth1', 'eth0']);
});

test('To remove succeeds when there is nothing: add, then delete', t => {
	t.is(removeTable('x'), 'add table netdev x; delete table netdev x');
});

test('The new table is empty, so the node is mute: every set that lets something through lapses', t => {
	t.is(
		createTable(table),
		'add table netdev hapair_c0ffee00; delete table netdev hapair_c0ffee00; add table netdev hapair_c0ffee00; ' +
			'add set netdev hapair_c0ffee00 lease { type iface_index; size 64; flags dynamic,timeout; timeout 500ms; }; ' +
			'add set netdev hapair_c0ffee00 door { type iface_index; size 64; flags timeout; }; ' +
			'add set netdev hapair_c0ffee00 keeping { type iface_index; size 64; flags timeout; }; ' +
			'add set netdev hapair_c0ffee00 ajar { type iface_index; size 64; flags timeout; }; ' +
			'add set netdev hapair_c0ffee00 peers { type ether_addr; size 8; flags dynamic,timeout; timeout 5000ms; }',
	);
});

test('IPv4: without a lease ARP questions and packets for the address are dropped, and nothing leaves from it', t => {
	const rules = createChains(table, 'eth0', 0).split('; add rule netdev hapair_c0ffee00 ').slice(1);
	t.deepEqual(rules, [
		'in_0 ip saddr 10.0.0.12 ip daddr 10.0.0.11 udp sport 3694 udp dport 3694 update @peers { ether saddr }',
		'in_0 arp daddr ip 10.0.0.100 arp saddr ip != 10.0.0.100 iif != @lease drop',
		'in_0 ip daddr 10.0.0.100 meta l4proto tcp iif @keeping accept',
		'in_0 ip daddr 10.0.0.100 meta l4proto tcp iif @ajar ether saddr @peers accept',
		'in_0 ip daddr 10.0.0.100 iif != @lease drop',
		'in_0 ip daddr 10.0.0.100 tcp flags & (fin|syn|rst|ack) == syn iif @door drop; ' +
			'add chain netdev hapair_c0ffee00 out_0 { type filter hook egress device "eth0" priority -300; policy accept; }; ' +
			'flush chain netdev hapair_c0ffee00 out_0',
		'out_0 ip daddr 224.0.0.18 udp dport 3694 meta skuid 0 update @lease { oif }',
		'out_0 ip6 daddr ff02::12 udp dport 3694 meta skuid 0 update @lease { oif }',
		'out_0 arp operation request arp saddr ip 10.0.0.100 oif @keeping arp saddr ip set 0.0.0.0 accept',
		'out_0 arp operation request arp saddr ip 10.0.0.100 oif @ajar arp saddr ip set 0.0.0.0 accept',
		'out_0 arp saddr ip 10.0.0.100 oif != @lease drop',
		'out_0 ip saddr 10.0.0.100 tcp flags & syn == 0 oif @keeping accept',
		'out_0 ip saddr 10.0.0.100 meta l4proto tcp oif @ajar accept',
		'out_0 ip saddr 10.0.0.100 oif != @lease drop',
	]);
});

test('IPv6: neighbour solicitations and advertisements for the address are dropped', t => {
	const text = createChains(table, 'eth1', 1);
	const target = '0x20010db8000000000000000000000064';
	t.true(text.includes(`in_1 icmpv6 type nd-neighbor-solicit @th,64,128 ${target} iif != @lease drop`));
	t.true(text.includes(`out_1 icmpv6 type nd-neighbor-advert @th,64,128 ${target} oif != @lease drop`));
	t.true(text.includes('in_1 ip6 daddr 2001:db8::64 iif != @lease drop'));
	t.true(text.includes('out_1 ip6 saddr 2001:db8::64 oif != @lease drop'));
	t.true(text.includes('in_1 ip6 daddr 2001:db8::64 meta l4proto tcp iif @keeping accept'));
	t.true(text.includes('out_1 ip6 saddr 2001:db8::64 tcp flags & syn == 0 oif @keeping accept'));
	t.false(text.includes('10.0.0.100'), 'the address of the other interface has no business here');
});

test('Without the egress hook only what comes in is fenced', t => {
	const text = createChains({...table, egressHook: false}, 'eth0', 0);
	t.true(text.includes('hook ingress'));
	t.false(text.includes('egress') || text.includes('out_0'));
});

test('A renewal by process empties the set first: adding again would prolong nothing', t => {
	t.is(
		setElements('x', 'lease', ['eth0', 'eth1'], 500),
		'flush set netdev x lease; add element netdev x lease { "eth0" timeout 500ms, "eth1" timeout 500ms }',
	);
	t.is(flushSet('x', 'door'), 'flush set netdev x door');
});
