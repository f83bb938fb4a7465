/**
 * The kernel's calls for stream sockets and epoll(7), through `node:ffi`.
 *
 * Decides how they are spelled: numbers, and the address of memory that stays where it is. An address costs a call about 10 ns, a
 * buffer 50. None may block but `epoll_wait`, which its caller bounds. Undefined wherever `system/calls.ts` has nothing either.
 */
import {loadFfi} from './calls.ts';

const definitions = {
	read: {arguments: ['i32', 'pointer', 'i32'], return: 'i32'},
	write: {arguments: ['i32', 'pointer', 'i32'], return: 'i32'},
	close: {arguments: ['i32'], return: 'i32'},
	fcntl: {arguments: ['i32', 'i32', 'i32'], return: 'i32'},
	shutdown: {arguments: ['i32', 'i32'], return: 'i32'},
	socket: {arguments: ['i32', 'i32', 'i32'], return: 'i32'},
	bind: {arguments: ['i32', 'pointer', 'i32'], return: 'i32'},
	listen: {arguments: ['i32', 'i32'], return: 'i32'},
	connect: {arguments: ['i32', 'pointer', 'i32'], return: 'i32'},
	accept4: {arguments: ['i32', 'pointer', 'pointer', 'i32'], return: 'i32'},
	getsockname: {arguments: ['i32', 'pointer', 'pointer'], return: 'i32'},
	getsockopt: {arguments: ['i32', 'i32', 'i32', 'pointer', 'pointer'], return: 'i32'},
	setsockopt: {arguments: ['i32', 'i32', 'i32', 'pointer', 'i32'], return: 'i32'},
	epoll_create1: {arguments: ['i32'], return: 'i32'},
	epoll_wait: {arguments: ['i32', 'pointer', 'i32', 'i32'], return: 'i32'},
	epoll_ctl: {arguments: ['i32', 'i32', 'i32', 'pointer'], return: 'i32'},
	uv_backend_fd: {arguments: ['pointer'], return: 'i32'},
	__errno_location: {arguments: [], return: 'pointer'},
} as const;

type Functions = ReturnType<typeof import('node:ffi').dlopen<typeof definitions>>['functions'];

export interface SocketCalls extends Functions {
	/** Of the call just made, in this thread. */
	errno(): number;
	/** Valid as long as `bytes` live. */
	addressOf(bytes: Uint8Array): bigint;
	/** The descriptor on which Node waits for its own events, in this thread. */
	readonly nodeEvents: number;
}

/** Once a thread; undefined where this Node or machine has no way to make them. */
export function loadSocketCalls(): SocketCalls | undefined {
	const ffi = loadFfi();
	if (ffi === undefined) return undefined;
	try {
		const {functions} = ffi.dlopen(null, definitions);
		const code = new Int32Array(ffi.toArrayBuffer(functions.__errno_location(), 4, false));
		return {
			...functions,
			errno: () => code[0]!,
			addressOf: bytes => ffi.getRawPointer(bytes),
			nodeEvents: functions.uv_backend_fd(ffi.getCurrentEventLoop()),
		};
	} catch {
		return undefined;
	}
}
