/**
 * Events per second of frontends, backends, servers and the process, exact over all threads without a shared write.
 *
 * Each worker counts into slots of its own, one a second; a slot holds its second and its count in one Float64, so that another thread
 * never reads the one without the other. Readers add up. That is one load, one comparison and one store for an event: an atomic counter
 * would make the threads fight for the line that every request writes. The main thread keeps the highest second of each meter.
 */

/** Seconds that can be told apart at a time: the present one, the last, and room for a main thread that comes late. */
const SLOTS = 4;
/** Counts of one second in one slot; the seconds since 1970 above them leave a Float64 exact. */
const RADIX = 2 ** 20;

export type MeterKind = 'process' | 'sessions' | 'requests' | 'backend' | 'server';

export interface MeterSize {
	readonly frontends: number;
	readonly backends: number;
	readonly servers: number;
	readonly workers: number;
}

export class RateMeters {
	readonly #size: MeterSize;
	readonly #meters: number;
	readonly #own: number;
	readonly #slots: Float64Array;
	readonly #highest: Float64Array;

	/** `offset` in bytes, a multiple of 8; `workerIndex` -1 in the main thread. */
	constructor(buffer: SharedArrayBuffer, offset: number, size: MeterSize, workerIndex: number) {
		this.#size = size;
		this.#meters = countMeters(size);
		this.#own = Math.max(0, workerIndex) * this.#meters * SLOTS;
		const slots = this.#meters * SLOTS * size.workers;
		this.#slots = new Float64Array(buffer, offset, slots);
		this.#highest = new Float64Array(buffer, offset + slots * 8, this.#meters);
	}

	static bytes(size: MeterSize): number {
		return countMeters(size) * (SLOTS * size.workers + 1) * 8;
	}

	/** `sessions` and `requests` are those of a frontend. */
	meter(kind: MeterKind, index = 0): number {
		const {frontends, backends} = this.#size;
		switch (kind) {
			case 'process':
				return 0;
			case 'sessions':
				return 1 + index;
			case 'requests':
				return 1 + frontends + index;
			case 'backend':
				return 1 + 2 * frontends + index;
			case 'server':
				return 1 + 2 * frontends + backends + index;
		}
	}

	/** Workers only: one event, now. Milliseconds of the clock that all threads share. */
	hit(meter: number, nowMs: number): void {
		const second = Math.floor(nowMs / 1000);
		const at = this.#own + meter * SLOTS + (second % SLOTS);
		const base = second * RADIX;
		const slot = this.#slots[at]!;
		this.#slots[at] = slot >= base ? slot + 1 : base + 1;
	}

	/** Events in the second that ends now: those of this one, and of the last as much as is still within it. */
	read(meter: number, nowMs: number): number {
		const second = Math.floor(nowMs / 1000);
		const present = this.#count(meter, second);
		const last = this.#count(meter, second - 1);
		// A lone event would flicker between 1 and 0.
		if (present === 0 && last <= 1) return last;
		return present + Math.floor(last * (1 - (nowMs - second * 1000) / 1000));
	}

	/** The highest `read` in the limits of whole seconds. */
	highest(meter: number, nowMs: number): number {
		return Math.max(this.#highest[meter]!, this.read(meter, nowMs));
	}

	/** Main thread, about once a second: notes the highest counts. */
	note(nowMs: number): void {
		const second = Math.floor(nowMs / 1000);
		for (let meter = 0; meter < this.#meters; meter++) {
			for (let back = 0; back < SLOTS - 1; back++) {
				const count = this.#count(meter, second - back);
				if (count > this.#highest[meter]!) this.#highest[meter] = count;
			}
		}
	}

	/** Main thread: the highest counts begin anew. What was counted in the present second may come back. */
	clearHighest(): void {
		this.#highest.fill(0);
	}

	#count(meter: number, second: number): number {
		const base = second * RADIX;
		let sum = 0;
		for (let worker = 0; worker < this.#size.workers; worker++) {
			const slot = this.#slots[(worker * this.#meters + meter) * SLOTS + (second % SLOTS)]!;
			if (slot >= base && slot < base + RADIX) sum += slot - base;
		}
		return sum;
	}
}

function countMeters({frontends, backends, servers}: MeterSize): number {
	return 1 + 2 * frontends + backends + servers;
}
