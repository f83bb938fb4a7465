/**
 * When a request that a server has received may be sent once more (HAProxy manual, `retry-on`, `http-request disable-l7-retry`).
 *
 * Decides by what went wrong, and that a request which was not kept as a whole cannot be. Leaves attempts and servers to `Session`.
 */
import type {Backend} from '@hapair/config';

/** How a server fails a request that it has received; a status counts as one when `retry-on` names it. */
export type Trouble = 'empty-response' | 'junk-response' | 'response-timeout' | number;

/** Methods whose repetition changes nothing (RFC 9110 §9.2.2). */
const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/;

export class RetryPlan {
	/** Connections that could not be made are tried again. */
	readonly reconnects: boolean;
	readonly #reasons: ReadonlySet<string | number>;
	readonly #maxBytes: number;

	/** `maxBytes`: of head and body of a request that is kept. */
	constructor({retryOn = ['conn-failure']}: Backend, maxBytes: number) {
		this.#reasons = new Set(retryOn);
		this.reconnects = this.#reasons.has('conn-failure');
		this.#maxBytes = maxBytes;
	}

	/** What a kept connection lost goes out on a new one, as the server may not have seen it; not under `retry-on none`. */
	repeats(method: string): boolean {
		return this.#reasons.size > 0 && IDEMPOTENT.test(method);
	}

	/** `kept`: what the server was sent; empty when it was not kept. */
	allows(trouble: Trouble, kept: string): boolean {
		return this.#reasons.has(trouble) && kept !== '' && kept.length <= this.#maxBytes;
	}
}
