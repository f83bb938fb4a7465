/**
 * Opens a TCP connection with the kernel's calls.
 *
 * Decides its options: non-blocking, not inherited, without Nagle's delay, from the source address asked for. Leaves its bytes to `RawWire`.
 */
import {writeSocketAddress} from '../system/socket-address.ts';
import {SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM} from '../system/socket-constants.ts';
import {bindSource, type LocalSource, nextPort, portsOf} from './local-source.ts';
import type {RawLoop} from './raw-loop.ts';
import {RawWire} from './raw-wire.ts';
import type {WireUser} from './wire.ts';

const EADDRINUSE = 98;
const EADDRNOTAVAIL = 99;
const EINPROGRESS = 115;

/** `struct sockaddr` of servers, by address and port: there are few, and each connection would make it again. */
const known = new Map<string, Known>();
const MOST_KNOWN = 4096;

interface Known {
	readonly bytes: Buffer;
	readonly at: bigint;
	readonly family: number;
}

export function connectRaw(
	loop: RawLoop,
	host: string,
	port: number,
	from: LocalSource | undefined,
	keepAlive: boolean,
	user: WireUser,
	onConnect: () => void,
): RawWire {
	const {calls} = loop;
	const address = lookUp(loop, host, port);
	let descriptor = -1;
	let code = 0;
	for (let left = from === undefined ? 1 : portsOf(from); left > 0; left--) {
		descriptor = calls.socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (descriptor >= 0 && keepAlive) setKeepAlive(loop, descriptor);
		code = descriptor < 0 ? calls.errno() : begin(loop, loop.own(descriptor), address, from);
		if ((code !== EADDRINUSE && code !== EADDRNOTAVAIL) || left === 1) break;
		// The port leads to this server already: the next one of the range.
		loop.close(descriptor);
	}
	const wire = new RawWire(loop, descriptor, user, code === 0 ? onConnect : undefined);
	if (code !== 0) wire.fail(code);
	return wire;
}

/** 0, or the error. */
function begin(loop: RawLoop, descriptor: number, address: Known, from: LocalSource | undefined): number {
	const {calls} = loop;
	setNoDelay(loop, descriptor);
	if (from !== undefined) {
		const problem = bindSource(loop, descriptor, from, nextPort(from), address.family);
		if (problem !== 0) return problem;
	}
	if (calls.connect(descriptor, address.at, address.bytes.length) === 0) return 0;
	const code = calls.errno();
	return code === EINPROGRESS ? 0 : code;
}

/** Sockets that are accepted have it from the one that listens. */
export function setNoDelay({calls, memory}: RawLoop, descriptor: number): void {
	const IPPROTO_TCP = 6;
	const TCP_NODELAY = 1;
	memory.name.writeInt32LE(1, 0);
	calls.setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, memory.nameAt, 4);
}

/** The same. */
export function setKeepAlive({calls, memory}: RawLoop, descriptor: number): void {
	const SOL_SOCKET = 1;
	const SO_KEEPALIVE = 9;
	memory.name.writeInt32LE(1, 0);
	calls.setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, memory.nameAt, 4);
}

function lookUp({calls}: RawLoop, host: string, port: number): Known {
	const key = `${host} ${port}`;
	let address = known.get(key);
	if (address === undefined) {
		if (known.size >= MOST_KNOWN) known.clear();
		const bytes = writeSocketAddress(host, port);
		address = {bytes, at: calls.addressOf(bytes), family: bytes.readUInt16LE(0)};
		known.set(key, address);
	}
	return address;
}
