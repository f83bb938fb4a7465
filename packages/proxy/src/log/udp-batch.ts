/**
 * Log lines to one UDP address, many in one system call (sendmmsg(2)).
 *
 * Decides when a batch leaves: when it is full, or a few milliseconds after its first line. Measured beside one `dgram` send a line from
 * the main thread: a request takes 5.9 µs of CPU less (33.8 instead of 39.7). Never blocks: what the kernel does not take at once is lost and counted.
 * Needs `system/calls.ts`; without it `LogSender` uses `node:dgram`.
 */
import type {LogSocket, SystemCalls} from '../system/calls.ts';

/** How long a line waits for others. */
const DELAY_MS = 5;
const MOST_LINES = 64;
const BATCH_BYTES = 65_536;

export class UdpBatch {
	/** Lines that the kernel did not take. */
	dropped = 0;
	readonly #socket: LogSocket;
	readonly #slotBytes: number;
	#timer: NodeJS.Timeout | undefined;
	#lines = 0;

	private constructor(socket: LogSocket, slotBytes: number) {
		this.#socket = socket;
		this.#slotBytes = slotBytes;
	}

	/** For messages of at most `longestBytes`; undefined when there can be no such socket. `host` is numeric. */
	static open(calls: SystemCalls, host: string, port: number, longestBytes: number): UdpBatch | undefined {
		const slots = Math.max(1, Math.min(MOST_LINES, Math.floor(BATCH_BYTES / longestBytes)));
		const socket = calls.openLogSocket(host, port, slots, longestBytes);
		return socket && new UdpBatch(socket, longestBytes);
	}

	/** `text` is latin1; what is longer than a slot loses its end and keeps a line feed. */
	add(text: string): void {
		const {buffer, slots} = this.#socket;
		const at = this.#lines * this.#slotBytes;
		const written = buffer.write(text, at, this.#slotBytes - 1, 'latin1');
		buffer[at + written] = 10;
		this.#socket.setLength(this.#lines, written + 1);
		if (++this.#lines === slots) this.flush();
		else this.#timer ??= setTimeout(() => this.flush(), DELAY_MS);
	}

	/** Sends what waits. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const lines = this.#lines;
		this.#lines = 0;
		if (lines > 0) this.dropped += lines - this.#socket.send(lines);
	}

	close(): void {
		this.flush();
		this.#socket.close();
	}
}
