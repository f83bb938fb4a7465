/**
 * Opens a TCP connection with the kernel's calls.
 *
 * Decides its options: non-blocking, not inherited, without Nagle's delay, from the source address asked for. Leaves its bytes to `RawWire`.
 */
import {writeSocketAddress} from '../system/socket-address.ts';
import type {RawLoop} from './raw-loop.ts';
import {RawWire} from './raw-wire.ts';
import type {WireUser} from './wire.ts';

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
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
	localAddress: string | undefined,
	user: WireUser,
	onConnect: () => void,
): RawWire {
	const {calls} = loop;
	const address = lookUp(loop, host, port);
	const descriptor = calls.socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const code = descriptor < 0 ? calls.errno() : begin(loop, loop.own(descriptor), address, localAddress);
	const wire = new RawWire(loop, descriptor, user, code === 0 ? onConnect : undefined);
	if (code !== 0) wire.fail(code);
	return wire;
}

/** 0, or the error. */
function begin(loop: RawLoop, descriptor: number, address: Known, localAddress: string | undefined): number {
	const {calls} = loop;
	setNoDelay(loop, descriptor);
	if (localAddress !== undefined) {
		const local = writeSocketAddress(localAddress, 0);
		if (calls.bind(descriptor, calls.addressOf(local), local.length) < 0) return calls.errno();
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
