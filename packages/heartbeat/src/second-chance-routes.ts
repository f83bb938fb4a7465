/**
 * How a node that has given an address away still receives what belongs to its connections, and only that (text for `ip`; pure).
 *
 * Decides that the address leaves the table of local addresses for a table of its own, which only TCP from the address's interface looks
 * into. So the sockets here go on, no interface answers ARP for the address (also when somebody has flushed the lease's rules: the kernel
 * answers for what an ARP question would be routed to), and what this node itself asks of the address goes to the new master. IPv4 sends from no address that the machine has not: it has it on `lo`, where nobody can ask for it; IPv6 does not mind.
 *
 * The rule that leads to the table stands all the time, which has a second use: where the kernel has rules that are not its own, it looks up
 * each packet by itself (early demultiplexing) and does not take the route of the packet before (`ip_extract_route_hint`, Linux 5.5).
 * Rule and route say that they are the kernel's: systemd-networkd removes those of others.
 */
import type {VirtualAddress as ConfiguredAddress} from '@hapair/config';
import {putAddress, removeAddress, requireDevice} from './address-text.ts';

type VirtualAddress = Omit<ConfiguredAddress, 'position'>;

const loopback = 'lo';
/** Before every table but that of local addresses, in which the address is not. */
const preference = 1;
const firstTable = 10_000_000;
const tcpOnly = ['ipproto', '6'];

/** A routing table of this pair's own. @param port of the advertisements, which no two pairs of a machine share. */
export function tableOf(port: number): number {
	return firstTable + port;
}

/** A line for `ip -batch` of the address's family; adding again is refused by the kernel (`isRefusedTwin`) and harmless. */
export function ruleLine(vip: VirtualAddress, port: number, verb: 'add' | 'del'): string {
	const packets = ['iif', requireDevice(vip.interface), 'to', hostOf(vip), ...(vip.family === 4 ? tcpOnly : [])];
	const how = ['lookup', `${tableOf(port)}`, 'protocol', 'kernel'];
	return ['rule', verb, 'pref', `${preference}`, ...packets, ...how].join(' ');
}

/** Is this line of an answer about a rule or route that stood already? */
export function isRefusedTwin(line: string): boolean {
	return line.includes('File exists');
}

/** Lines for `ip -batch`: puts the address there, or prolongs it; a route that stands is refused. @param lifetimeS of the address on `lo`. */
export function shelterLines(vip: VirtualAddress, port: number, lifetimeS: number): string[] {
	const route = `route add local ${hostOf(vip)} dev ${loopback} table ${tableOf(port)} proto kernel`;
	if (vip.family === 6) return [route];
	return [
		route,
		putAddress(onLoopback(vip), lifetimeS, false),
		`route del local ${vip.address} dev ${loopback} table local`,
	];
}

/** Takes it away again. @param onLo it is on `lo` now, with an end. */
export function unshelterLines(vip: VirtualAddress, port: number, onLo: boolean): string[] {
	const route = `route del local ${hostOf(vip)} dev ${loopback} table ${tableOf(port)}`;
	return onLo ? [removeAddress(onLoopback(vip)), route] : [route];
}

function onLoopback(vip: VirtualAddress): VirtualAddress {
	return {...vip, interface: loopback, prefixLength: vip.family === 4 ? 32 : 128};
}

function hostOf({address, family}: VirtualAddress): string {
	return `${address}/${family === 4 ? 32 : 128}`;
}
