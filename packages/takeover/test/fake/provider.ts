/**
 * A provider as providers are: orders are accepted and take effect later, only one runs at a time, some fail, and a reading
 * may lag behind. One address; what its API looks like is in the file of each provider.
 */
import type {Random} from './random.ts';

export interface FakeRequest {
	readonly method: string;
	readonly url: URL;
	readonly headers: Headers;
	readonly body: string;
}

export interface FakeAnswer {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body: unknown;
}

/** An API: a pure function of a request and the time, beside what it remembers. */
export type FakeApi = (request: FakeRequest, nowMs: number) => FakeAnswer;

interface Action {
	readonly id: number;
	readonly holder: string | undefined;
	readonly endsMs: number;
	readonly fails: boolean;
	settled: boolean;
}

export interface FakeHabits {
	/** How long an action runs, ms. */
	readonly actionMs: readonly [number, number];
	readonly actionFails: number;
	/** A reading may show what was this long ago, ms. */
	readonly lagMs: number;
}

export const calmHabits: FakeHabits = {actionMs: [0, 0], actionFails: 0, lagMs: 0};

export class FakeAddress {
	readonly #random: Random;
	readonly #habits: FakeHabits;
	readonly #actions: Action[] = [];
	#holder: string | undefined;
	#before: string | undefined;
	#changedMs = Number.NEGATIVE_INFINITY;
	/** Every order that was accepted, with its time. */
	readonly orders: {readonly holder: string | undefined; readonly atMs: number}[] = [];

	constructor(random: Random, habits: FakeHabits) {
		this.#random = random;
		this.#habits = habits;
	}

	/** Where the network really delivers. */
	holder(nowMs: number): string | undefined {
		this.#settle(nowMs);
		return this.#holder;
	}

	/** Where a reading says that it does. */
	shown(nowMs: number): string | undefined {
		const holder = this.holder(nowMs);
		const lags = nowMs - this.#changedMs < this.#habits.lagMs && this.#random.chance(0.5);
		return lags ? this.#before : holder;
	}

	isBusy(nowMs: number): boolean {
		this.#settle(nowMs);
		return this.#actions.some(({settled}) => !settled);
	}

	/** Starts an action; its number. */
	order(holder: string | undefined, nowMs: number): number {
		const [least, most] = this.#habits.actionMs;
		const lengthMs = least + (most - least) * this.#random.next() ** 3;
		const fails = this.#random.chance(this.#habits.actionFails);
		const id = this.#actions.length + 1;
		this.#actions.push({id, holder, endsMs: nowMs + lengthMs, fails, settled: false});
		this.orders.push({holder, atMs: nowMs});
		this.#settle(nowMs);
		return id;
	}

	/** Moves at once, as some APIs do. */
	move(holder: string | undefined, nowMs: number): void {
		this.orders.push({holder, atMs: nowMs});
		this.#become(holder, nowMs);
	}

	stateOf(id: number, nowMs: number): 'running' | 'done' | 'failed' | undefined {
		this.#settle(nowMs);
		const action = this.#actions.find(candidate => candidate.id === id);
		if (action === undefined) return undefined;
		if (!action.settled) return 'running';
		return action.fails ? 'failed' : 'done';
	}

	#settle(nowMs: number): void {
		const due = this.#actions.filter(({settled, endsMs}) => !settled && endsMs <= nowMs);
		for (const action of due.sort((a, b) => a.endsMs - b.endsMs)) {
			action.settled = true;
			if (!action.fails) this.#become(action.holder, action.endsMs);
		}
	}

	#become(holder: string | undefined, nowMs: number): void {
		if (this.#holder === holder) return;
		this.#before = this.#holder;
		this.#holder = holder;
		this.#changedMs = nowMs;
	}
}
