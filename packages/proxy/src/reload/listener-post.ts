/**
 * Listening sockets on their way from the old proxy process to the new one, over the channel to the daemon.
 *
 * Decides how a descriptor travels: as the handle of a socket that Node passes on (SCM_RIGHTS, unix(7)), so that both processes have the
 * same socket open and its queue outlives the first. The daemon only carries it. Leaves which are taken to `lent-listeners.ts`.
 */
import net from 'node:net';
import {systemCalls} from '../system/calls.ts';

/** What `process.send` takes and gives for a bare socket: a handle of Node's, with its descriptor. */
export interface SocketHandle {
	readonly fd: number;
	close(): void;
}

/** A handle for a copy of `fd`, and what ends it once it was sent; undefined where descriptors cannot be copied. */
export function wrapDescriptor(fd: number): {readonly handle: unknown; release(): void} | undefined {
	const copy = systemCalls()?.duplicate(fd);
	if (copy === undefined) return undefined;
	try {
		const socket = new net.Socket({fd: copy, readable: false, writable: false});
		const {_handle: handle} = socket as unknown as {_handle: unknown};
		return {handle, release: () => void socket.destroy()};
	} catch {
		systemCalls()?.close(copy);
		return undefined;
	}
}

/** The descriptor of a handle that has arrived, as a copy that nobody else closes; -1 when there is none. */
export function takeDescriptor(handle: unknown): number {
	const {fd} = (handle ?? {fd: -1}) as SocketHandle;
	const copy = fd < 0 ? undefined : systemCalls()?.duplicate(fd);
	(handle as SocketHandle | undefined)?.close?.();
	return copy ?? -1;
}
