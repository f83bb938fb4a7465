import test from 'ava';
import {remarks} from './helpers/parse.ts';
import {pairRemarks} from './helpers/sections.ts';

const NODES = 'pair p\n node a 10.0.0.1 priority 2\n node b 10.0.0.2\n';
const VIP = ' virtual-ip 10.0.0.9/24 dev eth0\n';
const KEY = ' secret file /k\n';

test('a pair has two nodes, one address and a key', t => {
	t.deepEqual(remarks(`${NODES}${VIP}${KEY}`), []);
	t.deepEqual(remarks(`pair p\n${VIP}${KEY}`), [
		"error 1:1 a pair has exactly two nodes and 'p' has none (add node NAME ADDRESS)",
	]);
	t.deepEqual(remarks(`pair p\n node a 10.0.0.1\n${VIP}${KEY}`), [
		"error 1:1 a pair has exactly two nodes and 'p' has one (add node NAME ADDRESS)",
	]);
	t.deepEqual(remarks(`${NODES} node c 10.0.0.3\n${VIP}${KEY}`), [
		'error 4:7 a pair has exactly two nodes and this is one more (take it out)',
	]);
	t.deepEqual(remarks(`${NODES}${KEY}`), [
		"error 1:1 pair 'p' has no virtual address (add virtual-ip ADDRESS/LENGTH dev INTERFACE)",
	]);
	t.deepEqual(remarks(`${NODES}${VIP}`), [
		"warning 1:1 pair 'p' has no key: its advertisements cannot be signed (make one with `hapair keygen PATH` and name it: secret file PATH)",
	]);
});

test('there is one pair', t => {
	t.deepEqual(remarks(`${NODES}${VIP}${KEY}pair q\n`), [
		'error 6:1 there is a second pair section (two nodes form one pair; it may hold several virtual-ip lines)',
	]);
});

test('nodes differ in name and address and share a family', t => {
	const nodes = (first: string, second: string) => remarks(`pair p\n node ${first}\n node ${second}\n${VIP}${KEY}`);
	t.deepEqual(nodes('a 10.0.0.1', 'a 10.0.0.2'), [
		"error 3:7 both nodes are named 'a' (a node knows itself by its name)",
	]);
	t.deepEqual(nodes('a 10.0.0.1', 'b 10.0.0.1'), [
		'error 3:7 both nodes have the address 10.0.0.1 (each node has its own address)',
	]);
	t.deepEqual(nodes('a 2001:db8::1', 'b 2001:DB8:0::1'), [
		'error 3:7 both nodes have the address 2001:DB8:0::1 (each node has its own address)',
	]);
	t.deepEqual(nodes('a 10.0.0.1', 'b 2001:db8::1'), [
		"error 3:7 the nodes' addresses 10.0.0.1 and 2001:db8::1 are of two families (both IPv4 or both IPv6)",
	]);
	t.deepEqual(nodes('a 10.0.0.1', 'b 10.0.0.2'), [
		'notice 3:7 both nodes have priority 100: between equals the higher address is preferred (say priority 150 on the one that you prefer)',
	]);
});

test('a virtual address is nobody else and is given once', t => {
	t.deepEqual(pairRemarks('virtual-ip 10.0.0.11/24 dev eth0'), [
		"error 6:13 the virtual address 10.0.0.11 is the own address of node 'lb1' (choose a third address that neither node has)",
	]);
	t.deepEqual(pairRemarks('virtual-ip 10.0.0.100/32 dev eth1'), [
		'error 6:13 the virtual address 10.0.0.100 is given twice (take one of the two out)',
	]);
	t.deepEqual(pairRemarks('path 10.1.0.1 10.1.0.2', 'virtual-ip 10.1.0.2/24 dev eth1'), [
		'error 7:13 the virtual address 10.1.0.2 is also an end of a path (paths use addresses that stay with their node)',
	]);
	t.deepEqual(pairRemarks('virtual-ip 10.0.0.101/24 dev eth0', 'virtual-ip 2001:db8::100/64 dev eth0'), []);
});

test('a path leads from the first node to the second, once', t => {
	t.deepEqual(pairRemarks('path 10.1.0.1 10.1.0.2', 'path 10.2.0.1 10.2.0.2'), []);
	t.deepEqual(pairRemarks('path 10.1.0.1 10.1.0.1'), [
		'error 6:2 both ends of this path are 10.1.0.1 (one address of each node)',
	]);
	t.deepEqual(pairRemarks('path 10.1.0.1 2001:db8::2'), [
		'error 6:2 the ends of this path are of two families (both IPv4 or both IPv6)',
	]);
	t.deepEqual(pairRemarks('path 10.0.0.12 10.0.0.11'), [
		'error 6:2 the ends of this path are the wrong way round (the order is that of the node lines)',
	]);
	t.deepEqual(pairRemarks('path 10.0.0.11 10.0.0.12'), [
		"error 6:2 this path is there already (the first path is that between the nodes' own addresses)",
	]);
	t.is(pairRemarks('path 10.1.0.1 10.1.0.2', 'path 10.1.0.1 10.1.0.2').length, 1);
});

test('what is tracked exists and can become well', t => {
	const proxies =
		'defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nfrontend web\n bind *:80\nfrontend off\n disabled\n bind *:81\nbackend app\n server s 10.0.0.5:80\n';
	const tracks = (...lines: readonly string[]) =>
		remarks(`${proxies}${NODES}${VIP}${KEY}${lines.map(line => ` track ${line}\n`).join('')}`);
	t.deepEqual(tracks('frontend web', 'backend app', 'backend app min-up 1'), []);
	t.deepEqual(tracks('frontend wbe'), ["error 17:17 there is no frontend 'wbe' to track (did you mean 'web'?)"]);
	t.deepEqual(tracks('backend ap'), ["error 17:16 there is no backend 'ap' to track (did you mean 'app'?)"]);
	t.deepEqual(tracks('frontend off'), [
		"error 17:17 frontend 'off' is disabled: no node would ever be eligible (enable it or take the track out)",
	]);
	t.regex(
		tracks('backend app min-up 2').join('\n'),
		/^error 17:\d+ backend 'app' has 1 servers and can never have 2 up/,
	);
});
