/**
 * Which addresses the machines of a lab have: IPv4, IPv6 alone, or both.
 *
 * Decides the two plans and what a configuration says in each. In a dual lab the nodes know each other by IPv4, and both virtual addresses
 * move. Pure.
 */
import {addresses, type Role, virtualAddress} from './network.ts';

export type Family = 'ipv4' | 'ipv6' | 'dual';

/** The same last numbers as those of IPv4. Unique local addresses (RFC 4193): nothing of them is visible outside. */
export const addresses6: Readonly<Record<Role, string>> = {
	web1: 'fd00:10::1',
	web2: 'fd00:10::2',
	web3: 'fd00:10::3',
	lb1: 'fd00:10::11',
	lb2: 'fd00:10::12',
	client: 'fd00:10::50',
	eye1: 'fd00:10::201',
	eye2: 'fd00:10::202',
};
export const virtualAddress6 = 'fd00:10::100';

/** The machine's own addresses, as `ip addr add` takes them. IPv6 without duplicate detection, which would take a second. */
export function ownAddresses(family: Family, role: Role): string[] {
	const four = `${addresses[role]}/24`;
	const six = `${addresses6[role]}/64`;
	return {ipv4: [four], ipv6: [`${six} nodad`], dual: [four, `${six} nodad`]}[family];
}

/** By which the machines of a configuration know each other. */
export function addressOf(family: Family, role: Role): string {
	return family === 'ipv6' ? addresses6[role] : addresses[role];
}

/** The virtual addresses with their prefix lengths; the first one is what probes ask for. */
export function virtualAddresses(family: Family): string[] {
	const [four, six] = [`${virtualAddress}/24`, `${virtualAddress6}/64`];
	return {ipv4: [four], ipv6: [six], dual: [four, six]}[family];
}

/** What follows `bind`: port 80 of every address the family has. */
export function bindOf(family: Family): string {
	return {ipv4: '*:80', ipv6: ':::80', dual: ':::80 v4v6'}[family];
}
