import test from 'ava';
import {createGuard, readGuard, removeGuard} from '../src/guard-table.ts';

const near = {local: '10.0.0.11', remote: '10.0.0.12', isOnLink: true};
const far = {local: '192.168.0.1', remote: '172.16.0.1', isOnLink: false};

test('On one segment only what arrives with TTL 255 is from the peer (RFC 5082); behind a router nobody can know', t => {
	const text = createGuard('hapair_c0ffee00', 3694, [near, far]);
	t.true(
		text.includes('ip saddr 10.0.0.12 ip daddr 10.0.0.11 udp sport 3694 udp dport 3694 ip ttl != 255 counter drop'),
	);
	t.false(/172\.16\.0\.1[^;]*ttl/.test(text));
	t.true(text.includes('ip saddr 172.16.0.1 ip daddr 192.168.0.1 udp sport 3694 udp dport 3694 accept'));
});

test('The peer is let through before strangers are limited', t => {
	const rules = createGuard('hapair_c0ffee00', 3694, [near]).split('; ');
	const accepted = rules.findIndex(rule => rule.endsWith('accept') && rule.includes('saddr'));
	const limited = rules.findIndex(rule => rule.includes('limit rate over'));
	t.true(accepted > 0 && limited > accepted);
});

test('IPv6 counts hops', t => {
	const text = createGuard('hapair_c0ffee00', 3694, [{local: 'fe80::1', remote: 'fe80::2', isOnLink: true}]);
	t.true(
		text.includes('ip6 saddr fe80::2 ip6 daddr fe80::1 udp sport 3694 udp dport 3694 ip6 hoplimit != 255 counter drop'),
	);
});

test('A table that is not there is removed without an error', t => {
	t.is(removeGuard('hapair_c0ffee00'), 'add table inet hapair_c0ffee00; delete table inet hapair_c0ffee00');
});

test('What was dropped is read from the listing, and a flushed table is none', t => {
	const listing = `table inet hapair_c0ffee00 {
	chain in {
		type filter hook input priority -300; policy accept;
		ip saddr 10.0.0.12 ip daddr 10.0.0.11 udp sport 3694 udp dport 3694 ip ttl != 255 counter packets 5 bytes 150 drop comment "ttl"
		ip daddr 10.0.0.11 udp dport 3694 limit rate over 100/second burst 100 packets counter packets 7 bytes 9 drop comment "flood"
	}
}`;
	t.deepEqual(readGuard(listing), {ttl: 5, flood: 7});
	t.is(readGuard('table inet hapair_c0ffee00 {\n}'), undefined);
});
