/**
 * Datagrams to the machine's own syslog socket (`log /dev/log local0`).
 *
 * Decides when a lost connection is tried again. A syslog daemon that restarts makes a new socket file: the old connection then fails for ever.
 */
import {type SystemCalls, systemCalls} from '../system/calls.ts';

/** A path that nobody listens on is not tried for each message. */
const retryMs = 1000;

export class UnixDatagrams {
	readonly #path: string;
	readonly #calls: SystemCalls | undefined;
	#fd: number | undefined;
	#failedAtMs = Number.NEGATIVE_INFINITY;

	constructor(path: string, calls: SystemCalls | undefined = systemCalls()) {
		this.#path = path;
		this.#calls = calls;
	}

	/** False when the message was lost. Never blocks. `nowMs` is the wall clock or any other that goes forward. */
	send(message: Buffer, nowMs: number): boolean {
		if (!this.#calls) return false;
		if (this.#fd !== undefined) {
			if (this.#calls.sendDatagram(this.#fd, message)) return true;
			this.close();
		}
		if (nowMs - this.#failedAtMs < retryMs) return false;
		this.#fd = this.#calls.connectDatagram(this.#path);
		if (this.#fd !== undefined && this.#calls.sendDatagram(this.#fd, message)) return true;
		this.close();
		this.#failedAtMs = nowMs;
		return false;
	}

	close(): void {
		if (this.#fd !== undefined) this.#calls?.close(this.#fd);
		this.#fd = undefined;
	}
}
