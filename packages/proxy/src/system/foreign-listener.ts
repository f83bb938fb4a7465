/**
 * A TCP socket that listens at an address which need not be this machine's (`bind … transparent`).
 *
 * Decides how: IP_TRANSPARENT, which also takes what the kernel diverts here and needs CAP_NET_ADMIN or CAP_NET_RAW, else IP_FREEBIND,
 * which only lets an address be bound before it arrives (ip(7)). Node can set neither before it binds.
 */
import {getSystemErrorName} from 'node:util';
import {writeSocketAddress} from './socket-address.ts';
import {loadSocketCalls} from './socket-calls.ts';
import {
	AF_INET6,
	IP_TRANSPARENT,
	IPV6_TRANSPARENT,
	SO_REUSEADDR,
	SO_REUSEPORT,
	SOCK_CLOEXEC,
	SOCK_NONBLOCK,
	SOCK_STREAM,
	SOL_IP,
	SOL_IPV6,
	SOL_SOCKET,
} from './socket-constants.ts';

// bits/socket.h, asm-generic/socket.h, linux/in.h, linux/in6.h
const IP_FREEBIND = 15;
const IPV6_V6ONLY = 26;
const IPV6_FREEBIND = 78;

export interface ForeignListenerOrder {
	readonly host: string;
	readonly port: number;
	readonly backlog: number;
	readonly reusePort: boolean;
	readonly v6only: boolean;
}

/** A descriptor that listens, or the code of the error; `ENOSYS` where the calls cannot be made. */
export function listenForeign(order: ForeignListenerOrder): number | string {
	const calls = loadSocketCalls();
	if (calls === undefined) return 'ENOSYS';
	const address = writeSocketAddress(order.host, order.port);
	const family = address.readUInt16LE(0);
	const fd = calls.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) return getSystemErrorName(-calls.errno());
	const value = Buffer.alloc(4);
	const set = (level: number, option: number, number = 1): boolean => {
		value.writeInt32LE(number, 0);
		return calls.setsockopt(fd, level, option, calls.addressOf(value), 4) === 0;
	};
	const isVersion6 = family === AF_INET6;
	set(SOL_SOCKET, SO_REUSEADDR);
	if (order.reusePort) set(SOL_SOCKET, SO_REUSEPORT);
	if (isVersion6) set(SOL_IPV6, IPV6_V6ONLY, order.v6only ? 1 : 0);
	const mayBind = isVersion6
		? set(SOL_IPV6, IPV6_TRANSPARENT) || set(SOL_IPV6, IPV6_FREEBIND)
		: set(SOL_IP, IP_TRANSPARENT) || set(SOL_IP, IP_FREEBIND);
	const isOpen =
		mayBind && calls.bind(fd, calls.addressOf(address), address.length) === 0 && calls.listen(fd, order.backlog) === 0;
	if (isOpen) return fd;
	const code = getSystemErrorName(-calls.errno());
	calls.close(fd);
	return code;
}
