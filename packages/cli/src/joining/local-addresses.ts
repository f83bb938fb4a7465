/**
 * The addresses of this machine with their interfaces and subnets.
 *
 * Decides that loopback counts as any other. Leaves what they are good for to `fit.ts`.
 */
import {networkInterfaces} from 'node:os';
import type {LocalAddress} from './fit.ts';

export function listInterfaceAddresses(): LocalAddress[] {
	return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) =>
		addresses.map(({address, cidr}) => ({
			interface: device,
			address,
			prefixLength: Number(cidr?.split('/')[1] ?? (address.includes(':') ? 128 : 32)),
		})),
	);
}
