/**
 * The order of hooks: each destination has a lane, and a lane runs one hook at a time in the order of the events.
 *
 * Decides what waits and what is dropped. All programs share one lane, so that what they do to the outside world happens in order; each
 * URL and each mailbox has its own, so that a receiver that is down holds up nobody else. Its lane pauses, longer each time, and
 * tries the same event again for a day. While a hook still waits with one event, a newer event on the same topic takes its place, and the
 * older one is recorded as superseded. Leaves running one hook, and its deadline, to `run`, and memory to `queue-file.ts`.
 */
import {createHash} from 'node:crypto';
import type {Hook} from '@hapair/config';
import {concerns, type HookOccasion, topicOf} from './events.ts';
import type {QueueFile} from './queue-file.ts';

/** What became of one run. */
export interface HookResult {
	readonly ok: boolean;
	/** One clause for the log. */
	readonly detail: string;
	/** It failed for now: worth another attempt later. */
	readonly retry?: boolean;
	/** Of a program that ended by itself. */
	readonly exitCode?: number;
	/** The last answer of a webhook's receiver. */
	readonly status?: number;
}

export interface HookRecord {
	readonly hook: Hook;
	readonly occasion: HookOccasion;
	/** `waiting`: it failed and will be tried again. */
	readonly outcome: 'ok' | 'failed' | 'waiting' | 'superseded' | 'dropped';
	/** One clause: "exited with 0 after 12 ms". */
	readonly detail: string;
}

export interface HookQueueOptions {
	readonly hooks: readonly Hook[];
	/** Runs one hook to its end or its deadline. Never rejects. */
	readonly run: (hook: Hook, occasion: HookOccasion) => Promise<HookResult>;
	readonly onRecord: (record: HookRecord) => void;
	/** Longest lane; beyond it the oldest waiting run is dropped and recorded. 256 unless given. */
	readonly limit?: number;
	/** Remembers what waits. Absent: in memory only. */
	readonly file?: QueueFile;
	/** Before another attempt, ms; the first failure is 1. */
	readonly backOffMs?: (failures: number) => number;
	/** The wall clock, ms: how old an event is. */
	readonly now?: () => number;
	/** Works after so long, unless the answer is called; a pause alone keeps no process alive. */
	readonly later?: (ms: number, work: () => void) => () => void;
}

/** An event that could not be told for this long is news no more. */
const TOLD_WITHIN_MS = 86_400_000;

interface WaitingRun {
	readonly hook: Hook;
	readonly occasion: HookOccasion;
	/** Of the configuration that the hook is from. */
	readonly run: HookQueueOptions['run'];
}

class Lane {
	readonly waiting: WaitingRun[] = [];
	working: Promise<void> | undefined;
	failures = 0;
	/** Ends the pause before another attempt. */
	endPause: (() => void) | undefined;
}

export class HookQueue {
	readonly #options: HookQueueOptions;
	#hooks: Pick<HookQueueOptions, 'hooks' | 'run'>;
	/** Of former configurations too, as long as something of theirs may wait. */
	readonly #names: Map<Hook, string>;
	readonly #lanes = new Map<string, Lane>();

	constructor(options: HookQueueOptions) {
		this.#options = options;
		this.#hooks = options;
		this.#names = nameHooks(options.hooks);
	}

	/** The configuration was read again. What waits for a line that is still there waits for that one now; the rest runs as it was meant. */
	use(hooks: Pick<HookQueueOptions, 'hooks' | 'run'>): void {
		const names = nameHooks(hooks.hooks);
		const byName = new Map([...names].map(([hook, name]) => [name, hook]));
		for (const {waiting} of this.#lanes.values()) {
			for (const [at, run] of waiting.entries()) {
				const hook = byName.get(this.#nameOf(run.hook));
				if (hook !== undefined) waiting[at] = {...run, hook, run: hooks.run};
			}
		}
		for (const [hook, name] of names) this.#names.set(hook, name);
		this.#hooks = hooks;
	}

	/**
	 * Takes up what the last daemon left. Programs are not run for its states: they act on the world, and the state that they would
	 * act for is over. The new daemon tells its own.
	 */
	restore(): void {
		const {file, hooks, now = Date.now} = this.#options;
		for (const run of file?.runs ?? []) {
			const hook = hooks.find(one => this.#names.get(one) === run.hook);
			if (hook === undefined) {
				file?.remove(run);
				continue;
			}
			const waiting = {hook, occasion: run.occasion, run: this.#hooks.run};
			const ageMs = now() - Date.parse(run.occasion.time);
			if (ageMs > TOLD_WITHIN_MS) this.#end(waiting, 'dropped', 'it could not be told for a day');
			else if (hook.kind === 'exec' && run.occasion.isState)
				this.#end(waiting, 'superseded', 'the daemon was started again and tells its new state');
			else this.#enqueue(waiting);
		}
		this.#startAll();
	}

	/** Queues every hook that the occasion concerns, in the order of the configuration. */
	push(occasion: HookOccasion): void {
		const {hooks, run} = this.#hooks;
		for (const hook of hooks) {
			if (!concerns(hook, occasion)) continue;
			this.#options.file?.add({hook: this.#nameOf(hook), occasion});
			this.#enqueue({hook, occasion, run});
		}
		this.#startAll();
	}

	/** Resolves when nothing runs; what pauses before another attempt is not waited for. */
	async idle(): Promise<void> {
		for (;;) {
			const working = [...this.#lanes.values()].flatMap(({working: work}) => work ?? []);
			if (working.length === 0) return;
			await Promise.all(working);
		}
	}

	/** No further attempts; what waits stays in the file. */
	close(): void {
		for (const lane of this.#lanes.values()) lane.endPause?.();
	}

	#enqueue(run: WaitingRun): void {
		const lane = this.#laneOf(run.hook);
		this.#supersede(lane, run);
		lane.waiting.push(run);
		const oldest = lane.waiting.length > (this.#options.limit ?? 256) ? lane.waiting.shift() : undefined;
		if (oldest !== undefined) this.#end(oldest, 'dropped', 'too many hooks were waiting');
	}

	#supersede(lane: Lane, {hook, occasion}: WaitingRun): void {
		const topic = topicOf(occasion);
		for (let index = lane.waiting.length - 1; index >= 0; index--) {
			const older = lane.waiting[index];
			if (older?.hook !== hook || topicOf(older.occasion) !== topic) continue;
			lane.waiting.splice(index, 1);
			this.#end(older, 'superseded', `${occasion.event} followed before its turn came`);
		}
	}

	#startAll(): void {
		for (const lane of this.#lanes.values()) this.#start(lane);
	}

	#start(lane: Lane): void {
		// With nothing to do `#work` would end before its promise is stored, and `idle` would wait for a promise that never goes.
		if (lane.waiting.length > 0 && lane.endPause === undefined) lane.working ??= this.#work(lane);
	}

	async #work(lane: Lane): Promise<void> {
		for (let next = lane.waiting.shift(); next !== undefined; next = lane.waiting.shift()) {
			const {ok, detail, retry = false} = await next.run(next.hook, next.occasion);
			if (!ok && retry && this.#tryLater(lane, next, detail)) break;
			lane.failures = 0;
			this.#end(next, ok ? 'ok' : 'failed', detail);
		}
		lane.working = undefined;
	}

	/** Puts it back in front, unless a newer event has taken its place or it is a day old. True when the lane pauses. */
	#tryLater(lane: Lane, run: WaitingRun, detail: string): boolean {
		const {now = Date.now, backOffMs = defaultBackOffMs, later = startTimer, onRecord} = this.#options;
		if (now() - Date.parse(run.occasion.time) > TOLD_WITHIN_MS) return false;
		lane.failures += 1;
		const pauseMs = backOffMs(lane.failures);
		const topic = topicOf(run.occasion);
		const newer = lane.waiting.find(({hook, occasion}) => hook === run.hook && topicOf(occasion) === topic);
		if (newer !== undefined) this.#end(run, 'superseded', `${newer.occasion.event} followed; ${detail}`);
		else {
			lane.waiting.unshift(run);
			onRecord({
				hook: run.hook,
				occasion: run.occasion,
				outcome: 'waiting',
				detail: `${detail}; again in ${Math.round(pauseMs / 1000)} s`,
			});
		}
		lane.endPause = later(pauseMs, () => {
			lane.endPause = undefined;
			this.#start(lane);
		});
		return true;
	}

	#end({hook, occasion}: WaitingRun, outcome: HookRecord['outcome'], detail: string): void {
		this.#options.file?.remove({hook: this.#nameOf(hook), occasion});
		this.#options.onRecord({hook, occasion, outcome, detail});
	}

	#nameOf(hook: Hook): string {
		return this.#names.get(hook) ?? '';
	}

	#laneOf(hook: Hook): Lane {
		const key = destinationOf(hook);
		const lane = this.#lanes.get(key) ?? new Lane();
		this.#lanes.set(key, lane);
		return lane;
	}
}

function destinationOf(hook: Hook): string {
	switch (hook.kind) {
		case 'exec':
			return 'exec';
		case 'webhook':
			return `webhook ${hook.url}`;
		case 'mail':
			return `mail ${hook.to.join(',')}`;
	}
}

function startTimer(ms: number, work: () => void): () => void {
	const timer = setTimeout(work, ms).unref();
	return () => clearTimeout(timer);
}

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

/** Doubling from 5 s to 5 min, a quarter of it random so that two nodes do not knock together. */
function defaultBackOffMs(failures: number): number {
	const fullMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
	return fullMs * (0.75 + Math.random() * 0.25);
}

/** A name for each hook that stays the same while its line does, wherever the line stands. */
function nameHooks(hooks: readonly Hook[]): Map<Hook, string> {
	const names = new Map<Hook, string>();
	const seen = new Map<string, number>();
	for (const hook of hooks) {
		const {position: _, ...said} = hook;
		const digest = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16);
		const twins = seen.get(digest) ?? 0;
		seen.set(digest, twins + 1);
		names.set(hook, twins === 0 ? digest : `${digest}.${twins}`);
	}
	return names;
}
