/**
 * When a request that a server has received may be sent once more (HAProxy manual, `retry-on`, `http-request disable-l7-retry`).
 *
 * Decides by what went wrong, and that a request which was not kept as a whole cannot be. Leaves attempts and servers to `Session`.
 */
import type {Backend} from '@hapair/config';

/** How a server fails a request that it has received; a status counts as one when `retry-on` names it. */
export type Trouble = 'empty-response' | 'junk-response' | 'response-timeout' | number;

export class RetryPlan {
	/** Connections that could not be made are tried again. */
	readonly reconnects: boolean;
	/** `retry-on none`: not even what a kept connection lost. */
	readonly isNever: boolean;
	readonly #reasons: ReadonlySet<string | number>;
	readonly #maxBytes: number;

	/** `maxBytes`: of head and body of a request that is kept. */
	constructor({retryOn = ['conn-failure']}: Backend, maxBytes: number) {
		this.#reasons = new Set(retryOn);
		this.reconnects = this.#reasons.has('conn-failure');
		this.isNever = retryOn.length === 0;
		this.#maxBytes = maxBytes;
	}

	/** `kept`: what the server was sent; empty when it was not kept. */
	allows(trouble: Trouble, kept: string): boolean {
		return this.#reasons.has(trouble) && kept !== '' && kept.length <= this.#maxBytes;
	}
}
