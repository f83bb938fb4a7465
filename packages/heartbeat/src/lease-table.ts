/**
 * The text of the nftables table that is the lease (pure).
 *
 * Decides which packets a node without a lease must neither take nor send, and what renews the lease. Leaves talking to
 * nft to `lease.ts`.
 *
 * The table sits in family netdev, where packets are seen before ARP and IP are; loopback never passes there, so the
 * node itself reaches its address even when mute. The set `lease` holds interfaces, not packet marks: a renewing
 * advertisement that leaves through eth0 permits eth0 to answer, and no packet is changed. Only ARP that asks for the address is dropped on the
 * way in, not the peer's own announcement, so that this node learns where the address went.
 * Two sets open the fence by a crack for a planned failover (`second-chance.ts`). An interface in `keeping` lets TCP in, and
 * out what is no part of a handshake: connections that live here go on, and no new one is answered. One in `ajar` lets in what the peer
 * passes on, just before this node takes over. ARP stays closed in both; the node's own questions do not name the address.
 * Limit: a second interface on the same segment could answer for an address of the first (arp_ignore = 0).
 */
import type {VirtualAddress} from '@hapair/config';
import {groupsOf} from './address-text.ts';

/** Link-local groups that the renewing copy goes to; VRRP's own (RFC 5798 §5.1.1.2, §5.1.2.2), but UDP. */
export const renewalGroups = {4: '224.0.0.18', 6: 'ff02::12'} as const;

export interface LeaseTable {
	readonly name: string;
	readonly addresses: readonly VirtualAddress[];
	/** Port of the advertisements. */
	readonly port: number;
	readonly leaseMs: number;
	/** Only packets of this user renew: no other user's process can keep a dead master talking. */
	readonly uid: number;
	/** Without it (kernel < 5.16) the process renews the set itself. */
	readonly egressHook: boolean;
	/** Heartbeat paths: whose frames are the peer's is learned from what comes over them. */
	readonly paths: readonly {readonly local: string; readonly remote: string}[];
}

/** The table's name for a pair. @param clusterId hex, at least 8 digits. */
export function leaseTableName(clusterId: string): string {
	if (!/^[0-9a-f]{8}/.test(clusterId)) throw new Error('a cluster id is lower-case hex');
	return `hapair_${clusterId.slice(0, 8)}`;
}

/** Interfaces that carry a virtual address, each once, in the order of the configuration. */
export function leaseInterfaces(addresses: readonly VirtualAddress[]): string[] {
	return [...new Set(addresses.map(address => address.interface))];
}

/** Removes the table, and succeeds when there is none. */
export function removeTable(name: string): string {
	return `add table netdev ${name}; delete table netdev ${name}`;
}

/** The table with its sets and without chains; one transaction, nothing of an earlier life stays. */
export function createTable(table: LeaseTable): string {
	const {name, leaseMs} = table;
	return (
		`${removeTable(name)}; add table netdev ${name}; ` +
		`add set netdev ${name} lease { type iface_index; size 64; flags dynamic,timeout; timeout ${leaseMs}ms; }; ` +
		`add set netdev ${name} door { type iface_index; size 64; flags timeout; }; ` +
		`add set netdev ${name} keeping { type iface_index; size 64; flags timeout; }; ` +
		`add set netdev ${name} ajar { type iface_index; size 64; flags timeout; }; ` +
		`add set netdev ${name} ${peersSet(leaseMs)}`
	);
}

/** The chains of one interface (its `index` in `leaseInterfaces`), one transaction. */
export function createChains(table: LeaseTable, device: string, index: number): string {
	const own = table.addresses.filter(address => address.interface === device);
	const into = `${table.name} in_${index}`;
	const commands = [
		`add chain netdev ${into} { type filter hook ingress device "${device}" priority -300; policy accept; }`,
		`flush chain netdev ${into}`,
		...[...table.paths.map(path => learnPeer(path, table.port)), ...own.flatMap(ingressRules)].map(
			rule => `add rule netdev ${into} ${rule}`,
		),
	];
	if (table.egressHook) {
		const out = `${table.name} out_${index}`;
		commands.push(
			`add chain netdev ${out} { type filter hook egress device "${device}" priority -300; policy accept; }`,
			`flush chain netdev ${out}`,
			...renewalRules(table).map(rule => `add rule netdev ${out} ${rule}`),
			...own.flatMap(egressRules).map(rule => `add rule netdev ${out} ${rule}`),
		);
	}
	return commands.join('; ');
}

/** Puts interfaces into `lease` (for its own timeout) or `door`; flushed first, since adding again prolongs nothing. */
export function setElements(
	table: string,
	set: 'lease' | 'door',
	devices: readonly string[],
	timeoutMs: number,
): string {
	const elements = devices.map(device => `"${device}" timeout ${timeoutMs}ms`).join(', ');
	return `flush set netdev ${table} ${set}; add element netdev ${table} ${set} { ${elements} }`;
}

/** Empties a set. */
export function flushSet(table: string, set: 'lease' | 'door'): string {
	return `flush set netdev ${table} ${set}`;
}

/** Hardware addresses of the peer: none is forgotten between two advertisements, at whatever interval. */
export function peersSet(leaseMs: number): string {
	return `peers { type ether_addr; size 8; flags dynamic,timeout; timeout ${Math.max(5000, 2 * leaseMs)}ms; }`;
}

/** The hardware address that the peer's advertisements come from; forging one gains no more than a frame on this segment can do anyway. */
export function learnPeer({local, remote}: {local: string; remote: string}, port: number): string {
	const ip = remote.includes(':') ? 'ip6' : 'ip';
	return `${ip} saddr ${remote} ${ip} daddr ${local} udp sport ${port} udp dport ${port} update @peers { ether saddr }`;
}

function renewalRules({port, uid}: LeaseTable): string[] {
	return [
		`ip daddr ${renewalGroups[4]} udp dport ${port} meta skuid ${uid} update @lease { oif }`,
		`ip6 daddr ${renewalGroups[6]} udp dport ${port} meta skuid ${uid} update @lease { oif }`,
	];
}

function ingressRules({address, family}: VirtualAddress): string[] {
	const ip = family === 4 ? 'ip' : 'ip6';
	const closed = `${ip} daddr ${address} tcp flags & (fin|syn|rst|ack) == syn iif @door drop`;
	const cracks = [
		`${ip} daddr ${address} meta l4proto tcp iif @keeping accept`,
		`${ip} daddr ${address} meta l4proto tcp iif @ajar ether saddr @peers accept`,
	];
	if (family === 4) {
		return [
			`arp daddr ip ${address} arp saddr ip != ${address} iif != @lease drop`,
			...cracks,
			`ip daddr ${address} iif != @lease drop`,
			closed,
		];
	}
	return [
		`icmpv6 type nd-neighbor-solicit @th,64,128 ${hex128(address)} iif != @lease drop`,
		...cracks,
		`ip6 daddr ${address} iif != @lease drop`,
		closed,
	];
}

function egressRules({address, family}: VirtualAddress): string[] {
	const ip = family === 4 ? 'ip' : 'ip6';
	const cracks = [
		`${ip} saddr ${address} tcp flags & syn == 0 oif @keeping accept`,
		`${ip} saddr ${address} meta l4proto tcp oif @ajar accept`,
	];
	if (family === 4) {
		// A question that names the address would move it in the neighbours' tables; without a name it is a probe (RFC 5227 §1.1).
		const asking = `arp operation request arp saddr ip ${address}`;
		return [
			`${asking} oif @keeping arp saddr ip set 0.0.0.0 accept`,
			`${asking} oif @ajar arp saddr ip set 0.0.0.0 accept`,
			`arp saddr ip ${address} oif != @lease drop`,
			...cracks,
			`ip saddr ${address} oif != @lease drop`,
		];
	}
	return [
		...cracks,
		`icmpv6 type nd-neighbor-advert @th,64,128 ${hex128(address)} oif != @lease drop`,
		`ip6 saddr ${address} oif != @lease drop`,
	];
}

/** An IPv6 address as nft's raw payload constant. */
function hex128(address: string): string {
	return `0x${groupsOf(address, 6)
		.map(group => group.toString(16).padStart(4, '0'))
		.join('')}`;
}
