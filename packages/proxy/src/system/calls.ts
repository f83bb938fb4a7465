/**
 * The few system calls that Node has no name for: a second descriptor for a socket, datagrams to a unix socket.
 *
 * Goes through `node:ffi`, which Node 26 calls experimental: every user has an answer for its absence. Each call takes
 * numbers and bounded buffers only and cannot block. Linux, 64 bits, little-endian (x64 and arm64) only.
 */
import {endianness} from 'node:os';
import {writeSocketAddress} from './socket-address.ts';
import {SO_BINDTODEVICE, SO_REUSEPORT, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET} from './socket-constants.ts';

export interface SystemCalls {
	/** Another descriptor of the same open socket (dup(2)); undefined when the kernel refuses. */
	duplicate(fd: number): number | undefined;
	close(fd: number): void;
	/** From now on others of this user may listen on the same port, or no more (SO_REUSEPORT, socket(7)); false when the kernel refuses. */
	sharePort(fd: number, on: boolean): boolean;
	/** From now on only what arrives on this interface (SO_BINDTODEVICE, socket(7)); false when the kernel refuses. */
	bindToDevice(fd: number, name: string): boolean;
	/** A non-blocking datagram socket connected to `path` (unix(7)); undefined when nobody listens there. */
	connectDatagram(path: string): number | undefined;
	/** One datagram, now or never; false when it did not go. */
	sendDatagram(fd: number, message: Buffer): boolean;
	/** A UDP socket to `host` (numeric) for batches of `slots` messages of up to `slotBytes`; undefined when the kernel refuses. */
	openLogSocket(host: string, port: number, slots: number, slotBytes: number): LogSocket | undefined;
}

/** Messages lie in slots of one buffer and leave in one call. */
export interface LogSocket {
	readonly slots: number;
	/** Slot `n` begins at `n * slotBytes`. */
	readonly buffer: Buffer;
	setLength(slot: number, bytes: number): void;
	/** Sends the first `count` slots, now or never; how many went. */
	send(count: number): number;
	close(): void;
}

// asm-generic/fcntl.h, bits/socket.h: the same on x64 and arm64.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** `IFNAMSIZ`, the final zero included (netdevice(7)). */
const longestInterfaceBytes = 16;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** `sizeof sun_path`, the final zero included (unix(7)). */
const longestPathBytes = 108;
/** `struct mmsghdr` and `struct iovec` where pointers have 64 bits (sendmmsg(2), readv(2)). */
const messageHeaderBytes = 64;
const vectorBytes = 16;

const definitions = {
	dup: {arguments: ['i32'], return: 'i32'},
	close: {arguments: ['i32'], return: 'i32'},
	socket: {arguments: ['i32', 'i32', 'i32'], return: 'i32'},
	connect: {arguments: ['i32', 'buffer', 'u32'], return: 'i32'},
	setsockopt: {arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32'},
	send: {arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64'},
	sendmmsg: {arguments: ['i32', 'buffer', 'u32', 'i32'], return: 'i32'},
} as const;

let loaded: {readonly calls: SystemCalls | undefined} | undefined;

/** The calls, or undefined where this Node or machine has no way to make them. */
export function systemCalls(): SystemCalls | undefined {
	loaded ??= {calls: loadCalls()};
	return loaded.calls;
}

function loadCalls(): SystemCalls | undefined {
	try {
		const ffi = loadFfi();
		return ffi && wrapFunctions(ffi.dlopen(null, definitions).functions, ffi);
	} catch {
		return undefined;
	}
}

type Ffi = typeof import('node:ffi');

/**
 * Loads the module without its notice on stderr, which users could do nothing about: its absence is provided for. Undefined too where
 * structures of the kernel are laid out otherwise than here.
 */
export function loadFfi(): Ffi | undefined {
	if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch) || endianness() !== 'LE')
		return undefined;
	const emitWarning = process.emitWarning;
	process.emitWarning = () => {};
	try {
		return process.getBuiltinModule('node:ffi') as Ffi | undefined;
	} finally {
		process.emitWarning = emitWarning;
	}
}

type Functions = ReturnType<typeof import('node:ffi').dlopen<typeof definitions>>['functions'];

function wrapFunctions(functions: Functions, ffi: Ffi): SystemCalls {
	const {close, connect, dup, send, setsockopt, socket} = functions;
	return {
		duplicate(fd) {
			const copy = dup(fd);
			return copy >= 0 ? copy : undefined;
		},
		close: fd => void close(fd),
		sharePort(fd, on) {
			const value = Buffer.alloc(4);
			value.writeInt32LE(on ? 1 : 0, 0);
			return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, value, value.length) === 0;
		},
		bindToDevice(fd, name) {
			const text = Buffer.from(`${name}\0`);
			if (text.length > longestInterfaceBytes || name.includes('\0')) return false;
			return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, text, text.length) === 0;
		},
		connectDatagram(path) {
			const pathBytes = Buffer.from(path);
			if (pathBytes.length >= longestPathBytes || pathBytes.includes(0)) return undefined;
			const address = Buffer.alloc(2 + longestPathBytes);
			address.writeUInt16LE(AF_UNIX, 0);
			pathBytes.copy(address, 2);
			const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
			if (fd < 0) return undefined;
			if (connect(fd, address, 2 + pathBytes.length + 1) === 0) return fd;
			close(fd);
			return undefined;
		},
		sendDatagram: (fd, message) => send(fd, message, BigInt(message.length), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0n,
		openLogSocket(host, port, slots, slotBytes) {
			const address = writeSocketAddress(host, port);
			const fd = socket(address.readUInt16LE(0), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
			return fd < 0 ? undefined : makeLogSocket(functions, ffi, fd, address, slots, slotBytes);
		},
	};
}

/** The headers point at the slots for ever; only lengths change. `kept` keeps what they point at alive. */
function makeLogSocket(
	functions: Functions,
	ffi: Ffi,
	fd: number,
	address: Buffer,
	slots: number,
	slotBytes: number,
): LogSocket {
	const buffer = Buffer.allocUnsafeSlow(slots * slotBytes);
	const vectors = Buffer.alloc(slots * vectorBytes);
	const headers = Buffer.alloc(slots * messageHeaderBytes);
	const bufferAt = ffi.getRawPointer(buffer);
	const vectorsAt = ffi.getRawPointer(vectors);
	const nameAt = ffi.getRawPointer(address);
	for (let slot = 0; slot < slots; slot++) {
		vectors.writeBigUInt64LE(bufferAt + BigInt(slot * slotBytes), slot * vectorBytes);
		// msg_name and msg_namelen, msg_iov and msg_iovlen. A connected socket would keep the source address it began with.
		headers.writeBigUInt64LE(nameAt, slot * messageHeaderBytes);
		headers.writeUInt32LE(address.length, slot * messageHeaderBytes + 8);
		headers.writeBigUInt64LE(vectorsAt + BigInt(slot * vectorBytes), slot * messageHeaderBytes + 16);
		headers.writeBigUInt64LE(1n, slot * messageHeaderBytes + 24);
	}
	const kept = {address, vectors, headers};
	return {
		slots,
		buffer,
		setLength: (slot, bytes) => void kept.vectors.writeUInt32LE(bytes, slot * vectorBytes + 8),
		send: count => Math.max(0, functions.sendmmsg(fd, kept.headers, count, MSG_DONTWAIT | MSG_NOSIGNAL)),
		close: () => void functions.close(fd),
	};
}
