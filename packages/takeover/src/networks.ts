/**
 * Whether an address lies in what a provider calls it: an address, or for IPv6 often a network. Pure.
 */
import {BlockList, isIP} from 'node:net';

/** `network` is an address, or one with a prefix length. False for anything else. */
export function covers(network: string, address: string): boolean {
	const [base = '', bits] = network.split('/');
	const family = isIP(base);
	if (family === 0 || isIP(address) !== family) return false;
	const length = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
	if (!Number.isInteger(length) || length < 0 || length > (family === 4 ? 32 : 128)) return false;
	const list = new BlockList();
	const word = family === 4 ? 'ipv4' : 'ipv6';
	list.addSubnet(base, length, word);
	return list.check(address, word);
}
