/**
 * Says in one sentence why a bind did not work and what to do.
 *
 * Decides the words from the code of the failed call, which comes in. Leaves finding the other program to the reader (`ss` names it).
 */
import type {SocketAddress} from '@hapair/config';

export interface ListenError {
	readonly message: string;
	readonly hint: string;
}

/** The sentence for `bind` failing with `code` (`EADDRINUSE`, `EACCES`, … of bind(2) and listen(2)). */
export function describeListenError(text: string, address: SocketAddress, code: string): ListenError {
	const where = `bind ${text}`;
	if (address.kind === 'fd') return describeDescriptorError(where, address.fd, code);
	if (address.kind === 'unix') return describeUnixError(where, address.path, code);
	const port = address.kind === 'ip' ? address.port : 0;
	switch (code) {
		case 'EADDRINUSE':
			return {
				message: `${where}: port ${port} is in use by another program.`,
				hint: `Find it with: ss -ltnp 'sport = :${port}' and stop it, or choose another port.`,
			};
		case 'EACCES':
		case 'EPERM':
			return {
				message: `${where}: no permission, a port below 1024 needs root or CAP_NET_BIND_SERVICE.`,
				hint: `Start as root, or allow it with: sysctl -w net.ipv4.ip_unprivileged_port_start=${port}`,
			};
		case 'EADDRNOTAVAIL':
			return {
				message: `${where}: this machine does not hold the address.`,
				hint: `Set net.ipv4.ip_nonlocal_bind=1 (IPv6: net.ipv6.ip_nonlocal_bind=1) so that a backup node can bind it, or bind *:${port}.`,
			};
		case 'EAFNOSUPPORT':
			return {
				message: `${where}: this machine has no IPv6.`,
				hint: `Bind an IPv4 address, such as *:${port}, or enable IPv6.`,
			};
		case 'ENODEV':
			return {
				message: `${where}: the interface of this line cannot be used.`,
				hint: 'See the names with: ip link; limiting a bind to an interface needs root, CAP_NET_RAW or Linux 5.7.',
			};
		default:
			return genericError(where, code);
	}
}

function describeDescriptorError(where: string, fd: number, code: string): ListenError {
	if (code === 'EBADF' || code === 'EINVAL' || code === 'ENOTSOCK') {
		return {
			message: `${where}: descriptor ${fd} is not a listening socket of this process.`,
			hint: 'The starting program must hand over an open, listening socket without close-on-exec.',
		};
	}
	return genericError(where, code);
}

function describeUnixError(where: string, path: string, code: string): ListenError {
	switch (code) {
		case 'EADDRINUSE':
			return {
				message: `${where}: ${path} exists and another program listens on it.`,
				hint: `Stop that program, or remove the file when it is left over: rm ${path}`,
			};
		case 'EACCES':
		case 'EPERM':
			return {
				message: `${where}: no permission to create ${path}.`,
				hint: 'Give the directory to the user that the proxy runs as, or choose another path; under hapair.service one in /run/hapair-proxy.',
			};
		case 'ENOENT':
			return {
				message: `${where}: the directory of ${path} does not exist.`,
				hint: 'Create it, or choose another path.',
			};
		default:
			return genericError(where, code);
	}
}

function genericError(where: string, code: string): ListenError {
	return {message: `${where}: cannot listen (${code}).`, hint: 'Check the address of this bind line.'};
}
