/**
 * How long a child has said nothing, and whether that is too long. Pure: time is the ticks that it is told.
 *
 * Decides that a child has a minute for its first word, whatever its limit is later. Leaves when a tick is to `supervisor.ts`: counted in the
 * daemon's own ticks, a stall of the daemon is not blamed on the child.
 */

/** Between two ticks. */
export const tickMs = 500;
/** A start takes a second; on a machine that others keep busy it took 20 s, and to kill it and begin anew would never come to an end. */
const startLimitMs = 60_000;

export class ChildSilence {
	readonly #limitMs: number;
	#silentTicks = 0;
	/** It has said something in this life. */
	#spoke = false;
	/** Undefined before the first sign of this life: not every child can give one. */
	#signlessTicks: number | undefined;

	/** @param limitMs after the first word; before it a minute, if that is longer. */
	constructor(limitMs: number) {
		this.#limitMs = limitMs;
	}

	/** Since the child's last message. */
	get silentMs(): number {
		return this.#silentTicks * tickMs;
	}

	/** Since a thread's last sign of life; undefined while none has ever come in this life. */
	get signlessMs(): number | undefined {
		return this.#signlessTicks === undefined ? undefined : this.#signlessTicks * tickMs;
	}

	/** A new life. */
	begin(): void {
		this.#silentTicks = 0;
		this.#spoke = false;
		this.#signlessTicks = undefined;
	}

	hearWord(): void {
		this.#silentTicks = 0;
		this.#spoke = true;
	}

	hearSign(): void {
		this.#signlessTicks = 0;
	}

	/** @returns the limit in ms when it is exceeded; for a silent child, unlike for threads, not again before as long a silence. */
	tick(): number | undefined {
		this.#silentTicks++;
		if (this.#signlessTicks !== undefined) this.#signlessTicks++;
		const limitMs = this.#spoke ? this.#limitMs : Math.max(this.#limitMs, startLimitMs);
		if (Math.max(this.silentMs, this.signlessMs ?? 0) <= limitMs) return undefined;
		this.#silentTicks = 0;
		return limitMs;
	}
}
