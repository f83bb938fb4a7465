/**
 * The memory that sockets read into.
 *
 * Decides that all connections of a thread share one buffer for what they read and forget at once (measured: 1.04 times
 * HAProxy's CPU a request, against 1.1–1.3 with a buffer a read). What flows through in bulk gets a buffer of its own for as long as it flows:
 * then a read can be written without a copy (measured: 1 MiB bodies 0.93 times).
 */

/** As much as libuv would read at once. */
export const READ_BYTES = 65_536;

/** Own buffers kept for the next transfer, a thread. */
const KEPT = 32;

const kept: Buffer[] = [];

/** Valid only until the read callback returns. */
export const sharedBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);

/** A buffer for one direction of one connection. */
export function takeBuffer(): Buffer {
	return kept.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
}

/** Only for a buffer that no unfinished write refers to. */
export function giveBuffer(buffer: Buffer): void {
	if (kept.length < KEPT) kept.push(buffer);
}
