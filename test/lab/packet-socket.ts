/**
 * Whole Ethernet frames of one interface, in and out (packet(7)), through `node:ffi`: Node has no socket for them.
 *
 * Decides that a frame keeps the header that says which checksums are still to be made (PACKET_VNET_HDR): veth passes frames without
 * them, and who writes such a frame out again must say so. Linux on x64 and arm64, and CAP_NET_RAW. Leaves what becomes of frames to its caller.
 */

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_PACKET = 263;
const PACKET_VNET_HDR = 15;
const PACKET_IGNORE_OUTGOING = 23;
const ETH_P_ALL = 0x0003;
const POLLIN = 1;
/** `struct virtio_net_hdr`, which lies before each frame. */
export const frameOffset = 10;
const longestFrameBytes = 65_536 + frameOffset;

const definitions = {
	socket: {arguments: ['i32', 'i32', 'i32'], return: 'i32'},
	setsockopt: {arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32'},
	bind: {arguments: ['i32', 'buffer', 'u32'], return: 'i32'},
	recv: {arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64'},
	send: {arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64'},
	poll: {arguments: ['buffer', 'u64', 'i32'], return: 'i32'},
	if_nametoindex: {arguments: ['buffer'], return: 'u32'},
} as const;

function loadCalls() {
	const {emitWarning} = process;
	process.emitWarning = () => {};
	const ffi = process.getBuiltinModule('node:ffi') as typeof import('node:ffi') | undefined;
	process.emitWarning = emitWarning;
	if (ffi === undefined) throw new Error('This Node has no node:ffi');
	return ffi.dlopen(null, definitions).functions;
}

const calls = loadCalls();
const scratch = Buffer.alloc(longestFrameBytes);

export class PacketSocket {
	readonly fd: number;

	/** Throws a sentence when there is no such interface or no permission. */
	constructor(device: string) {
		const index = calls.if_nametoindex(Buffer.from(`${device}\0`));
		if (index === 0) throw new Error(`There is no interface ${device}`);
		// In network order, as `sockaddr_ll` wants it.
		const protocol = (ETH_P_ALL << 8) & 0xffff;
		this.fd = calls.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (this.fd < 0) throw new Error('The kernel gives no packet socket: CAP_NET_RAW is needed');
		const on = Buffer.from(Int32Array.of(1).buffer);
		for (const option of [PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING]) {
			if (calls.setsockopt(this.fd, SOL_PACKET, option, on, on.length) !== 0)
				throw new Error(`The kernel refuses option ${option} of packet sockets`);
		}
		const address = Buffer.alloc(20);
		address.writeUInt16LE(AF_PACKET, 0);
		address.writeUInt16LE(protocol, 2);
		address.writeInt32LE(index, 4);
		if (calls.bind(this.fd, address, address.length) !== 0)
			throw new Error(`A packet socket does not bind to ${device}`);
	}

	/** A copy of the next frame with its header before it, or `undefined` when none waits (or the interface is down). */
	receive(): Buffer | undefined {
		const length = Number(calls.recv(this.fd, scratch, BigInt(scratch.length), 0));
		return length <= frameOffset ? undefined : Buffer.from(scratch.subarray(0, length));
	}

	/** Sends what `receive` gave; a frame that the interface does not take is lost, as on a wire. */
	send(frame: Buffer): void {
		calls.send(this.fd, frame, BigInt(frame.length), 0);
	}
}

/** Waits until one of the sockets has a frame, for `limitMs` at most. Blocks the thread. */
export function waitForFrames(sockets: readonly PacketSocket[], limitMs: number): void {
	const entries = Buffer.alloc(8 * sockets.length);
	for (const [index, {fd}] of sockets.entries()) {
		entries.writeInt32LE(fd, 8 * index);
		entries.writeInt16LE(POLLIN, 8 * index + 4);
	}
	calls.poll(entries, BigInt(sockets.length), Math.max(0, Math.ceil(limitMs)));
}
