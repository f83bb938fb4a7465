/**
 * The TOS byte and the kernel's mark of what a connection sends, and its end (HAProxy manual, `http-request set-tos`, `set-mark`, `option nolinger`;
 * ip(7), socket(7)).
 *
 * Decides which options of a socket they are, of both families. A mark needs CAP_NET_ADMIN; without it nothing happens, as in HAProxy.
 */
import {SO_LINGER, SOL_IP, SOL_IPV6, SOL_SOCKET} from '../system/socket-constants.ts';
import type {RawLoop} from './raw-loop.ts';

// linux/in.h, linux/in6.h, asm-generic/socket.h
const SO_MARK = 36;
const IP_TOS = 1;
const IPV6_TCLASS = 67;

export function markPackets(
	{calls, memory}: RawLoop,
	descriptor: number,
	what: 'tos' | 'mark' | 'linger',
	value: number,
): void {
	const {name, nameAt} = memory;
	if (what === 'linger') {
		// On, for no time.
		name.writeInt32LE(1, 0);
		name.writeInt32LE(value, 4);
		calls.setsockopt(descriptor, SOL_SOCKET, SO_LINGER, nameAt, 8);
		return;
	}
	name.writeUInt32LE(value, 0);
	if (what === 'mark') {
		calls.setsockopt(descriptor, SOL_SOCKET, SO_MARK, nameAt, 4);
		return;
	}
	// A socket of IPv6 may carry IPv4: each option is for its own packets.
	calls.setsockopt(descriptor, SOL_IP, IP_TOS, nameAt, 4);
	calls.setsockopt(descriptor, SOL_IPV6, IPV6_TCLASS, nameAt, 4);
}
