/**
 * All deadlines of a thread in one wheel.
 *
 * Decides when a timer's owner is told. A request moves its deadlines several times, so moving one later, or off, is a store
 * and nothing more: the timer is looked at again when its old slot comes up. Never early, at most one tick late.
 */

const TICK_MS = 20;
const SLOT_COUNT = 512;

export interface TimerOwner {
	/** The deadline of `timer` has passed; it is off until set again. */
	onDeadline(nowMs: number): void;
}

/** One deadline of one owner. */
export class Timer {
	readonly owner: TimerOwner;
	/** Monotonic milliseconds; Infinity when off. */
	deadlineMs: number = Number.POSITIVE_INFINITY;
	/** The tick at which the wheel looks at it; -1 when it is in no slot. */
	tick = -1;
	previous: Timer | undefined;
	next: Timer | undefined;

	constructor(owner: TimerOwner) {
		this.owner = owner;
	}
}

export class TimerWheel {
	readonly #slots: (Timer | undefined)[] = new Array(SLOT_COUNT).fill(undefined);
	#tick: number;
	#linked = 0;

	/** `nowMs` is any monotonic clock; every later time given must be of the same. */
	constructor(nowMs: number) {
		this.#tick = Math.floor(nowMs / TICK_MS);
	}

	/** How often `advance` wants to be called, milliseconds. */
	get tickMs(): number {
		return TICK_MS;
	}

	/** No timer waits in it. */
	get isEmpty(): boolean {
		return this.#linked === 0;
	}

	/** Sets or moves the deadline; Infinity turns it off. */
	set(timer: Timer, deadlineMs: number): void {
		timer.deadlineMs = deadlineMs;
		if (deadlineMs === Number.POSITIVE_INFINITY) return;
		const tick = Math.ceil(deadlineMs / TICK_MS);
		if (timer.tick >= 0) {
			if (timer.tick <= tick) return;
			this.#unlink(timer);
		}
		this.#link(timer, tick);
	}

	/** Takes the timer out, so that the wheel does not keep its owner alive. */
	remove(timer: Timer): void {
		timer.deadlineMs = Number.POSITIVE_INFINITY;
		if (timer.tick >= 0) this.#unlink(timer);
	}

	/** Tells the owners whose deadline has passed. */
	advance(nowMs: number): void {
		const target = Math.floor(nowMs / TICK_MS);
		// After a long stall every slot is looked at once.
		if (target - this.#tick > SLOT_COUNT) this.#tick = target - SLOT_COUNT;
		while (this.#tick < target) {
			this.#tick++;
			this.#runSlot(this.#tick % SLOT_COUNT, nowMs);
		}
	}

	#runSlot(slot: number, nowMs: number): void {
		let timer = this.#slots[slot];
		this.#slots[slot] = undefined;
		// Unhook the whole list first: owners may set timers, also into this very slot.
		const due: Timer[] = [];
		while (timer !== undefined) {
			const {next} = timer;
			timer.next = undefined;
			timer.previous = undefined;
			timer.tick = -1;
			this.#linked--;
			if (timer.deadlineMs <= nowMs) due.push(timer);
			else if (timer.deadlineMs !== Number.POSITIVE_INFINITY) this.#link(timer, Math.ceil(timer.deadlineMs / TICK_MS));
			timer = next;
		}
		for (const one of due) {
			if (one.deadlineMs > nowMs) continue;
			one.deadlineMs = Number.POSITIVE_INFINITY;
			one.owner.onDeadline(nowMs);
		}
	}

	#link(timer: Timer, wantedTick: number): void {
		const tick = Math.min(Math.max(wantedTick, this.#tick + 1), this.#tick + SLOT_COUNT - 1);
		const slot = tick % SLOT_COUNT;
		const head = this.#slots[slot];
		this.#linked++;
		timer.tick = tick;
		timer.previous = undefined;
		timer.next = head;
		if (head !== undefined) head.previous = timer;
		this.#slots[slot] = timer;
	}

	#unlink(timer: Timer): void {
		this.#linked--;
		if (timer.previous === undefined) {
			const slot = timer.tick % SLOT_COUNT;
			if (this.#slots[slot] === timer) this.#slots[slot] = timer.next;
		} else {
			timer.previous.next = timer.next;
		}
		if (timer.next !== undefined) timer.next.previous = timer.previous;
		timer.next = undefined;
		timer.previous = undefined;
		timer.tick = -1;
	}
}
