/**
 * Can this machine be that node of the pair? Pure.
 *
 * Decides what cannot work, before anything is written: an interface that is called otherwise here, a virtual address outside of the
 * interface's subnets. What only the network can tell is `doctor`'s.
 */
import {type Pair, type PairNode, parseNetwork} from '@hapair/config';
import {exitCodes, UserError} from '../exit-codes.ts';

export interface LocalAddress {
	readonly interface: string;
	readonly address: string;
	readonly prefixLength: number;
}

/** Throws a `UserError` for the first thing that cannot work. */
export function refuseUnfit(pair: Pair, own: PairNode, local: readonly LocalAddress[]): void {
	// A provider or a router brings such an address, wherever it is.
	const delivered = pair.drivers.length > 0;
	for (const {address, interface: device} of pair.virtualAddresses) {
		const here = local.filter(each => each.interface === device);
		const home = local.find(each => each.address === own.address);
		if (here.length === 0) {
			const found = home === undefined ? '' : `: ${own.address} is on ${home.interface} here`;
			throw refusal(
				`this machine has no interface ${device} with an address${found}`,
				'both nodes have one configuration, so give the interface the same name on both: a .link file of systemd (systemd.link(5)), or Name= in netplan',
			);
		}
		if (delivered) continue;
		const subnets = here.filter(
			each => each.address !== address && each.address.includes(':') === address.includes(':'),
		);
		if (subnets.some(subnet => contains(subnet, address))) continue;
		const list = subnets.map(each => `${each.address}/${each.prefixLength}`).join(', ');
		throw refusal(
			`the virtual address ${address} is in no subnet of ${device} (${list}), so neighbours would not look for it there`,
			'choose a free address of that subnet, or the interface of its own',
		);
	}
	for (const track of pair.tracks) {
		if (track.kind !== 'interface' || local.some(each => each.interface === track.interface)) continue;
		throw refusal(
			`this machine has no interface ${track.interface} with an address, which the line track interface names`,
			'give the interface the same name on both nodes',
		);
	}
}

/** Whether the subnet of a local address holds another one. */
export function contains(
	{address, prefixLength}: Pick<LocalAddress, 'address' | 'prefixLength'>,
	other: string,
): boolean {
	const network = parseNetwork(`${address}/${prefixLength}`);
	const wanted = parseNetwork(`${other}/${prefixLength}`);
	return network !== undefined && network.address === wanted?.address;
}

function refusal(message: string, hint: string): UserError {
	return new UserError(message, {hint, exitCode: exitCodes.refused});
}
