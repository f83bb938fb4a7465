/**
 * The words that `ip` is given and those it answers with (pure).
 *
 * Decides with which properties a virtual address is put on an interface. Leaves running `ip` to `virtual-address.ts`.
 */
import type {VirtualAddress} from '@hapair/config';

/** An address that an interface has now. */
export interface PresentAddress {
	readonly address: string;
	readonly prefixLength: number;
	readonly family: 4 | 6;
	/** The kernel's second and later addresses of one subnet; they go when the first one goes. */
	readonly secondary: boolean;
	/** Seconds it is still valid; absent means for ever. */
	readonly validLifetimeS?: number;
}

/** Looks at one interface, with its link state. */
export function showInterface(device: string): string {
	return `addr show dev ${requireDevice(device)}`;
}

/**
 * Adds the address, or prolongs it.
 *
 * `replace` because adding again must be harmless. No label: `IF:hapair` does not fit beside a 15-character interface.
 * IPv6: `nodad`, since detection takes a second and meets the old master; `preferred_lft 0`, so that no connection that
 * this node opens starts from an address that may leave. `noprefixroute` where the interface has the subnet already: an IPv6
 * address with a lifetime would put that lifetime on the node's own subnet route.
 */
export function putAddress(vip: Omit<VirtualAddress, 'position'>, lifetimeS: number, subnetPresent: boolean): string {
	const words = ['addr', 'replace', ...addressWords(vip), 'valid_lft', `${lifetimeS}`];
	words.push('preferred_lft', vip.family === 6 ? '0' : `${lifetimeS}`);
	if (vip.family === 6) words.push('nodad');
	if (subnetPresent) words.push('noprefixroute');
	return words.join(' ');
}

/** Removes the address. */
export function removeAddress(vip: Pick<VirtualAddress, 'address' | 'prefixLength' | 'interface'>): string {
	return ['addr', 'del', ...addressWords(vip)].join(' ');
}

/** Puts back an address that went as a secondary of a removed one. */
export function restoreAddress(device: string, lost: PresentAddress): string {
	const words = ['addr', 'replace', ...addressWords({...lost, interface: device})];
	if (lost.validLifetimeS !== undefined) {
		words.push('valid_lft', `${lost.validLifetimeS}`, 'preferred_lft', `${lost.validLifetimeS}`);
	}
	return words.join(' ');
}

interface IpInterface {
	readonly ifname?: string;
	readonly flags?: readonly string[];
	readonly operstate?: string;
	readonly addr_info?: readonly {
		readonly family?: string;
		readonly local?: string;
		readonly prefixlen?: number;
		readonly secondary?: boolean;
		readonly valid_life_time?: number;
	}[];
}

export interface ShownInterface {
	readonly up: boolean;
	readonly addresses: readonly PresentAddress[];
}

/** The state of `device` from an answer of `ip -j addr show`; undefined when it is not there. */
export function readInterface(lines: readonly string[], device: string): ShownInterface | undefined {
	for (const line of lines) {
		if (!line.startsWith('[')) continue;
		const shown = parseInterfaces(line).find(entry => entry.ifname === device);
		if (!shown) continue;
		const flags = shown.flags ?? [];
		return {
			up: flags.includes('UP') && flags.includes('LOWER_UP'),
			addresses: (shown.addr_info ?? []).flatMap(toPresent),
		};
	}
	return undefined;
}

/** Is the virtual address among them, with whatever prefix length? */
export function findAddress(addresses: readonly PresentAddress[], address: string): PresentAddress | undefined {
	return addresses.find(present => sameAddress(present.address, address));
}

/** Does another address of the interface belong to the virtual address's subnet? */
export function hasSubnet(addresses: readonly PresentAddress[], vip: VirtualAddress): boolean {
	const own = networkBits(vip.address, vip.family, vip.prefixLength);
	return addresses.some(
		other =>
			other.family === vip.family &&
			other.prefixLength === vip.prefixLength &&
			!sameAddress(other.address, vip.address) &&
			networkBits(other.address, other.family, other.prefixLength) === own,
	);
}

/** One sentence a person can act on, from iproute2's complaint. */
export function explainFailure(vip: VirtualAddress, lines: readonly string[], reason: string): string {
	const text = lines.join(' ');
	const what = `${vip.address}/${vip.prefixLength} on ${vip.interface}`;
	if (/does not exist|Cannot find device|No such device/.test(text)) {
		return `cannot claim ${what}: there is no such interface; correct \`dev\` in \`virtual-ip\` or bring the interface up`;
	}
	if (/Operation not permitted/.test(text)) {
		return `cannot claim ${what}: not permitted; run as root or with CAP_NET_ADMIN`;
	}
	const said = lines.find(line => line.startsWith('Error') || line.startsWith('RTNETLINK')) ?? reason;
	return `cannot claim ${what}: ${said === '' ? 'the address is not there after `ip addr replace`' : said}`;
}

/** Why an address that was held is missing. @param lapsedMs since it was last prolonged, when that is longer than its lifetime. */
export function explainLoss(address: string, lapsedMs: number | undefined): string {
	if (lapsedMs === undefined) return `somebody removed ${address} from this machine`;
	return `the lifetime of ${address} ran out: this node was late or stood still, and had not prolonged it for ${Math.round(lapsedMs)} ms`;
}

/** Textual forms of one address are equal when the canonical forms are. */
export function sameAddress(a: string, b: string): boolean {
	return a === b || canonical(a) === canonical(b);
}

function addressWords(vip: Pick<VirtualAddress, 'address' | 'prefixLength' | 'interface'>): string[] {
	if (!/^[0-9a-fA-F:.]{2,45}$/.test(vip.address)) throw new Error(`not an address: ${vip.address}`);
	return [`${vip.address}/${vip.prefixLength}`, 'dev', requireDevice(vip.interface)];
}

/** Interface names as the kernel allows them, and nothing `ip` or a shell could take for something else. */
export function requireDevice(device: string): string {
	if (!/^[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,14}$/.test(device)) throw new Error(`not an interface name: ${device}`);
	return device;
}

function parseInterfaces(line: string): readonly IpInterface[] {
	try {
		const parsed: unknown = JSON.parse(line);
		return Array.isArray(parsed) ? parsed : [];
	} catch {
		return [];
	}
}

function toPresent(info: NonNullable<IpInterface['addr_info']>[number]): PresentAddress[] {
	if (info.local === undefined || info.prefixlen === undefined) return [];
	const family = info.family === 'inet6' ? 6 : 4;
	const forEver = info.valid_life_time === undefined || info.valid_life_time === 0xffffffff;
	return [
		{
			address: info.local,
			prefixLength: info.prefixlen,
			family,
			secondary: info.secondary === true,
			...(forEver ? {} : {validLifetimeS: info.valid_life_time}),
		},
	];
}

function networkBits(address: string, family: 4 | 6, bits: number): string {
	return addressBits(address, family).slice(0, bits);
}

function canonical(address: string): string {
	return address.includes(':') ? addressBits(address, 6) : address;
}

function addressBits(address: string, family: 4 | 6): string {
	const width = family === 4 ? 8 : 16;
	return groupsOf(address, family)
		.map(group => group.toString(2).padStart(width, '0'))
		.join('');
}

/** An address as four octets or eight 16-bit groups. */
export function groupsOf(address: string, family: 4 | 6): number[] {
	if (family === 4) return address.split('.').map(Number);
	const [head = '', tail] = address.split('::');
	const expand = (text: string) => (text === '' ? [] : text.split(':').flatMap(expandGroup));
	const front = expand(head);
	const back = tail === undefined ? [] : expand(tail);
	return [...front, ...Array.from({length: Math.max(0, 8 - front.length - back.length)}, () => 0), ...back];
}

/** `1f` → [31]; a dotted quad at the end (RFC 4291 §2.2) → two groups. */
function expandGroup(group: string): number[] {
	if (!group.includes('.')) return [Number.parseInt(group, 16)];
	const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
	return [a * 256 + b, c * 256 + d];
}
