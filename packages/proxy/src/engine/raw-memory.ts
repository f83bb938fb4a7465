/**
 * Memory of a thread that the kernel reads and fills in calls, and its addresses.
 *
 * Decides that it is asked for its addresses once: that costs more than a call. Nothing in it outlives the call it was filled for.
 */
import type {SocketCalls} from '../system/socket-calls.ts';
import {sharedBuffer} from './read-buffers.ts';

const NAME_BYTES = 128;
const OUT_BYTES = 131_072;

export class RawMemory {
	/** What is written is gathered here. */
	readonly out: Buffer = Buffer.allocUnsafeSlow(OUT_BYTES);
	/** A socket's address, or an option's value. */
	readonly name: Buffer = Buffer.allocUnsafeSlow(NAME_BYTES).fill(0);
	readonly outAt: bigint;
	readonly nameAt: bigint;
	/** Of the length that calls read and change. */
	readonly lengthAt: bigint;
	/** Of `sharedBuffer`. */
	readonly sharedAt: bigint;
	readonly #length = Buffer.allocUnsafeSlow(4).fill(0);

	constructor(calls: SocketCalls) {
		this.outAt = calls.addressOf(this.out);
		this.nameAt = calls.addressOf(this.name);
		this.lengthAt = calls.addressOf(this.#length);
		this.sharedAt = calls.addressOf(sharedBuffer);
	}

	/** Before a call that fills `name`. */
	setLength(bytes: number = NAME_BYTES): void {
		this.#length.writeInt32LE(bytes, 0);
	}
}
