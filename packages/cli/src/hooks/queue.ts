/**
 * The order of hooks: one at a time, in the order of the events.
 *
 * Decides what waits and what is dropped: while a hook still waits for its turn with one state, a newer state of the same
 * hook takes its place at the end of the queue and the older one is recorded as superseded. `solo` and `drift` are not
 * states and are never superseded. Leaves running one hook, and its deadline, to `run`.
 */
import type {Hook} from '@hapair/config';
import {concerns, type HookOccasion} from './events.ts';

export interface HookRecord {
	readonly hook: Hook;
	readonly occasion: HookOccasion;
	readonly outcome: 'ok' | 'failed' | 'superseded' | 'dropped';
	/** One clause: "exited with 0 after 12 ms". */
	readonly detail: string;
}

export interface HookQueueOptions {
	readonly hooks: readonly Hook[];
	/** Runs one hook to its end or its deadline. Never rejects. */
	readonly run: (hook: Hook, occasion: HookOccasion) => Promise<{readonly ok: boolean; readonly detail: string}>;
	readonly onRecord: (record: HookRecord) => void;
	/** Longest queue; beyond it the oldest waiting run is dropped and recorded. 256 unless given. */
	readonly limit?: number;
}

interface WaitingRun {
	readonly hook: Hook;
	readonly occasion: HookOccasion;
	/** Of the configuration that the hook is from. */
	readonly run: HookQueueOptions['run'];
}

export class HookQueue {
	readonly #options: HookQueueOptions;
	#hooks: Pick<HookQueueOptions, 'hooks' | 'run'>;
	readonly #waiting: WaitingRun[] = [];
	#working: Promise<void> | undefined;

	constructor(options: HookQueueOptions) {
		this.#options = options;
		this.#hooks = options;
	}

	/** The configuration was read again: later events meet these. What waits still runs. */
	use(hooks: Pick<HookQueueOptions, 'hooks' | 'run'>): void {
		this.#hooks = hooks;
	}

	/** Queues every hook that the occasion concerns, in the order of the configuration. */
	push(occasion: HookOccasion): void {
		const {hooks, run} = this.#hooks;
		for (const hook of hooks) {
			if (!concerns(hook, occasion)) continue;
			if (occasion.isState) this.#supersede(hook, occasion);
			this.#waiting.push({hook, occasion, run});
			if (this.#waiting.length > (this.#options.limit ?? 256)) {
				this.#record(this.#waiting.shift(), 'dropped', 'too many hooks were waiting');
			}
		}
		// With nothing to do `#work` would end before its promise is stored, and `idle` would wait for a promise that never goes.
		if (this.#waiting.length > 0) this.#working ??= this.#work();
	}

	/** Resolves when nothing runs or waits. */
	async idle(): Promise<void> {
		while (this.#working !== undefined) await this.#working;
	}

	#supersede(hook: Hook, by: HookOccasion): void {
		for (let index = this.#waiting.length - 1; index >= 0; index--) {
			const waiting = this.#waiting[index];
			if (waiting?.hook !== hook || !waiting.occasion.isState) continue;
			this.#waiting.splice(index, 1);
			this.#record(waiting, 'superseded', `${by.event} followed before its turn came`);
		}
	}

	async #work(): Promise<void> {
		for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
			const {ok, detail} = await next.run(next.hook, next.occasion);
			this.#record(next, ok ? 'ok' : 'failed', detail);
		}
		this.#working = undefined;
	}

	#record(run: WaitingRun | undefined, outcome: HookRecord['outcome'], detail: string): void {
		if (run === undefined) return;
		const {hook, occasion} = run;
		this.#options.onRecord({hook, occasion, outcome, detail});
	}
}
