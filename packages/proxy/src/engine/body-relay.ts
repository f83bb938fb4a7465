/**
 * One message body on its way from one end to the other.
 *
 * Decides which of the bytes read belong to the body, and sends them with as few writes and copies as their size allows. A large
 * body is read into a buffer of its own and written from there. Leaves heads, deadlines and what follows the body to sessions.
 */
import {ChunkedDecoder} from '../http1/chunked.ts';
import {CHUNKED, UNTIL_CLOSE} from '../http1/framing.ts';
import type {Endpoint} from './endpoint.ts';

/** From this much in one read on, the rest is read into an own buffer. Smaller ones are cheaper as text. */
const BULK_BYTES = 16_384;

export class BodyRelay {
	/** All of it has been read. */
	done = true;
	/** The chunks are broken. */
	failed = false;
	/** Offset behind the last byte taken from the latest read. */
	stoppedAt = 0;
	/** Bytes sent for the body in the latest call, framing included. */
	sentBytes = 0;
	#left = 0;
	#decoder: ChunkedDecoder | undefined;

	/** `length` bytes, `CHUNKED` or `UNTIL_CLOSE`; `unpack` sends chunked data without chunks. */
	begin(length: number, unpack: boolean): void {
		this.#left = length;
		this.done = length === 0;
		this.failed = false;
		if (length !== CHUNKED) return;
		this.#decoder ??= new ChunkedDecoder();
		this.#decoder.reset(unpack);
	}

	/** The sender has ended. True if that ends the body properly. */
	endWithConnection(): boolean {
		if (this.#left === UNTIL_CLOSE) this.done = true;
		return this.done;
	}

	/** Ends with the connection only. */
	get isUntilClose(): boolean {
		return this.#left === UNTIL_CLOSE;
	}

	/** Takes the body's part of `bytes` and returns it as text to send later. */
	collect(bytes: Buffer, start: number, end: number): string {
		if (this.#left !== CHUNKED) return bytes.toString('latin1', start, this.#take(start, end));
		const decoder = this.#decode(bytes, start, end);
		let text = decoder.prefix;
		const {spans} = decoder;
		for (let i = 0; i < spans.length; i += 2) text += bytes.toString('latin1', spans[i], spans[i + 1]);
		return text + decoder.tail;
	}

	/** Sends `head` and the body's part of a read of `from` to `to`; holds `from` back when `to` does not keep up. */
	relay(from: Endpoint, to: Endpoint, head: string, bytes: Buffer, start: number, end: number): void {
		if (this.#left === CHUNKED) {
			this.#relayChunks(from, to, head, bytes, start, end);
		} else {
			const stop = this.#take(start, end);
			this.sentBytes = stop - start;
			if (head !== '' || stop > start) to.writeRead(from, head, bytes, start, stop);
		}
		if (this.done) from.shareBuffer();
		else if (end - start >= BULK_BYTES) from.ownBuffer();
	}

	#take(start: number, end: number): number {
		let stop = end;
		if (this.#left >= 0) {
			stop = Math.min(end, start + this.#left);
			this.#left -= stop - start;
			if (this.#left === 0) this.done = true;
		}
		this.stoppedAt = stop;
		return stop;
	}

	#decode(bytes: Buffer, start: number, end: number): ChunkedDecoder {
		const decoder = this.#decoder!;
		this.stoppedAt = decoder.decode(bytes, start, end);
		this.done = decoder.done;
		this.failed = decoder.failed;
		return decoder;
	}

	#relayChunks(from: Endpoint, to: Endpoint, head: string, bytes: Buffer, start: number, end: number): void {
		if (end - start <= BULK_BYTES) {
			const text = this.collect(bytes, start, end);
			this.sentBytes = text.length;
			to.writeText(head + text);
			if (to.backlog > 0) to.holdBack(from);
			return;
		}
		const {spans, prefix, tail} = this.#decode(bytes, start, end);
		this.sentBytes = prefix.length + tail.length;
		// One call to the kernel for text and buffers together.
		to.writeCorked(() => {
			to.writeText(head + prefix);
			for (let i = 0; i < spans.length; i += 2) {
				const span = bytes.subarray(spans[i]!, spans[i + 1]!);
				this.sentBytes += span.length;
				to.writeBytes(from.ownsBuffer ? span : Buffer.from(span));
			}
			to.writeText(tail);
		});
		if (to.backlog > 0) to.holdBack(from);
	}
}
