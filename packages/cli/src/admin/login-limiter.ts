/**
 * How often wrong tokens may be tried: a few at once, then slowly, by sender and over all of them. Pure: time comes in as `nowMs`.
 *
 * Decides how long whoever was wrong has to wait. Leaves what counts as a failure to `credentials.ts`.
 */

/** Failures at once, and how long one takes to be forgotten. */
const SENDER = {burst: 5, eachMs: 10_000};
const EVERYBODY = {burst: 50, eachMs: 1000};
/** Senders that are remembered. Beyond it the oldest is forgotten; the limit over all still holds. */
const MOST_SENDERS = 1000;

/** When all failures will be forgotten: `burst` of them at most lie ahead. */
type Debt = {untilMs: number};

export class LoginLimiter {
	readonly #senders = new Map<string, Debt>();
	readonly #everybody: Debt = {untilMs: 0};

	/** 0 when a try is allowed now. */
	waitMs(address: string, nowMs: number): number {
		const sender = this.#senders.get(address);
		const own = sender === undefined ? 0 : overdraft(sender, SENDER, nowMs);
		return Math.max(own, overdraft(this.#everybody, EVERYBODY, nowMs));
	}

	noteFailure(address: string, nowMs: number): void {
		const sender = this.#senders.get(address) ?? {untilMs: 0};
		// Told again, it is the youngest.
		this.#senders.delete(address);
		this.#senders.set(address, sender);
		const [oldest] = this.#senders.keys();
		if (this.#senders.size > MOST_SENDERS && oldest !== undefined) this.#senders.delete(oldest);
		sender.untilMs = Math.max(sender.untilMs, nowMs) + SENDER.eachMs;
		this.#everybody.untilMs = Math.max(this.#everybody.untilMs, nowMs) + EVERYBODY.eachMs;
	}
}

function overdraft({untilMs}: Debt, {burst, eachMs}: typeof SENDER, nowMs: number): number {
	return Math.max(0, Math.ceil(untilMs - nowMs - (burst - 1) * eachMs));
}
