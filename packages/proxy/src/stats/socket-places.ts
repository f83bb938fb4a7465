/**
 * How addresses of stats sockets are written, as HAProxy writes them.
 *
 * Pure.
 */
import type {SocketAddress} from '@hapair/config';

/** `unix@/run/sock`, `ipv4@127.0.0.1:9999`. */
export function describeSocket(address: SocketAddress): string {
	switch (address.kind) {
		case 'unix':
			return `unix@${address.path}`;
		case 'ip':
			return `${address.host.includes(':') ? 'ipv6' : 'ipv4'}@${address.host}:${address.port}`;
		case 'fd':
			return `fd@${address.fd}`;
		case 'stream':
			return address.name;
	}
}
