/**
 * The line to the daemon: messages out, never waiting for it.
 *
 * Decides what is dropped when the daemon does not read (it is stopped, or hangs): first status and log lines, at the
 * hard limit everything. The heartbeat goes on either way; a transition that the daemon missed shows in the next status.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {FromHeartbeat} from './messages.ts';

const softLimit = 64;
const hardLimit = 2000;

export class DaemonChannel {
	#pending = 0;
	/** Messages not sent because the daemon did not read. */
	dropped = 0;

	/** Never blocks, never throws. */
	send(message: FromHeartbeat): void {
		const limit = message.type === 'status' || message.type === 'log' ? softLimit : hardLimit;
		if (!process.connected || !process.send || this.#pending >= limit) {
			this.dropped += 1;
			return;
		}
		this.#pending += 1;
		try {
			process.send(message, undefined, {}, this.#onSent);
		} catch {
			this.#onSent();
		}
	}

	/** Resolves when everything was handed over, at the latest after `deadlineMs`. */
	async flush(deadlineMs: number): Promise<void> {
		const endMs = performance.now() + deadlineMs;
		while (this.#pending > 0 && performance.now() < endMs) await sleep(5);
	}

	readonly #onSent = (): void => {
		this.#pending = Math.max(0, this.#pending - 1);
	};
}
