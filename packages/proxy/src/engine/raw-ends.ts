/**
 * What the kernel says of the ends of a socket.
 *
 * Decides nothing. Undefined for a socket that is gone or has no address of the internet.
 */
import {readSocketAddress} from '../system/socket-address.ts';
import {SOL_IP, SOL_IPV6} from '../system/socket-constants.ts';
import type {RawLoop} from './raw-loop.ts';
import type {LocalEnd} from './wire.ts';

// linux/netfilter_ipv4.h, linux/netfilter_ipv6/ip6_tables.h: the same number for both.
const SO_ORIGINAL_DST = 80;

export function readLocalEnd({calls, memory}: RawLoop, descriptor: number): LocalEnd | undefined {
	memory.setLength();
	return calls.getsockname(descriptor, memory.nameAt, memory.lengthAt) < 0 ? undefined : endIn(memory.name);
}

/** Where the client wanted to before the kernel redirected it here; else where it came to. */
export function readOriginalEnd(loop: RawLoop, descriptor: number): LocalEnd | undefined {
	const {calls, memory} = loop;
	const own = readLocalEnd(loop, descriptor);
	if (own === undefined) return undefined;
	memory.setLength();
	const level = own.host.includes(':') ? SOL_IPV6 : SOL_IP;
	// Fails without connection tracking, and for a connection that nothing has redirected.
	if (calls.getsockopt(descriptor, level, SO_ORIGINAL_DST, memory.nameAt, memory.lengthAt) < 0) return own;
	return endIn(memory.name) ?? own;
}

function endIn(name: Buffer): LocalEnd | undefined {
	const {host, port} = readSocketAddress(name);
	return host === undefined ? undefined : {host, port: port ?? 0};
}
