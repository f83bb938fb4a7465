/**
 * The number that `balance source` divides by the total weight (HAProxy manual, `balance source`, `hash-type map-based`).
 *
 * Decides the hash only: the address as big-endian 32-bit words, combined with exclusive or. It is not
 * scrambled, so neighbours go to neighbouring servers, as they do behind HAProxy.
 */
import type {Address} from '../rules/address.ts';

/** 0 … 2³²−1. Compute once per connection. A client without an address (unix socket) hashes to 0. */
export function hashSource(address: Address | undefined): number {
	if (address === undefined) return 0;
	const [a, b, c, d] = address.words;
	return address.family === 4 ? d : (a ^ b ^ c ^ d) >>> 0;
}
