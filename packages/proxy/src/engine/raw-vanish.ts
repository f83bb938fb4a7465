/**
 * Ends a connection so that its peer does not hear of it (`silent-drop`).
 *
 * Decides how: a socket in repair mode is forgotten without a packet (tcp(7), TCP_REPAIR; it needs CAP_NET_ADMIN). Without it a reset is sent
 * that dies at the first router.
 */
import {SO_LINGER, SOL_IP, SOL_IPV6, SOL_SOCKET} from '../system/socket-constants.ts';
import type {RawLoop} from './raw-loop.ts';

// linux/tcp.h, linux/in.h, asm-generic/socket.h
const IPPROTO_TCP = 6;
const TCP_REPAIR = 19;
const IP_TTL = 2;
const IPV6_UNICAST_HOPS = 16;

/** Before it is closed. */
export function vanish({calls, memory}: RawLoop, descriptor: number): void {
	const {name, nameAt} = memory;
	name.writeInt32LE(1, 0);
	if (calls.setsockopt(descriptor, IPPROTO_TCP, TCP_REPAIR, nameAt, 4) === 0) return;
	calls.setsockopt(descriptor, SOL_IP, IP_TTL, nameAt, 4);
	calls.setsockopt(descriptor, SOL_IPV6, IPV6_UNICAST_HOPS, nameAt, 4);
	// On, for no time: what close(2) sends is a reset.
	name.writeInt32LE(0, 4);
	calls.setsockopt(descriptor, SOL_SOCKET, SO_LINGER, nameAt, 8);
}
