/**
 * When each server is checked: spread starts, intervals with jitter (`spread-checks`), one timer for all.
 *
 * Decides times only. What a check is, `run` knows; what follows from its result, and the delay until the next one, `onResult`
 * returns. A server never has two checks at once: the interval counts from the end of the last one.
 */
import type {RunningCheck} from './check-connection.ts';
import type {CheckResult} from './check-result.ts';

export interface ScheduledServer {
	/** Any number that names the server, unique in the scheduler. */
	readonly key: number;
	readonly interMs: number;
}

export interface SchedulerOptions {
	readonly servers: readonly ScheduledServer[];
	/** `spread-checks`: the delay varies by up to this many percent either way, 0–50. */
	readonly spreadPercent: number;
	/** Starts one check; `done` is called once, never before `run` has returned. */
	run(key: number, done: (result: CheckResult) => void): RunningCheck;
	/** Takes the result in and returns the milliseconds until the next check. */
	onResult(key: number, result: CheckResult): number;
	/** Monotonic. */
	readonly nowMs?: () => number;
	/** 0 to 1. */
	readonly random?: () => number;
}

interface Entry {
	readonly key: number;
	/** Infinity while paused or running. */
	dueMs: number;
	paused: boolean;
	running?: RunningCheck;
}

/** Starts closer together than this are not worth spreading wider: servers with tiny intervals do not hold the others back. */
const shortestSpreadMs = 1000;

export class CheckScheduler {
	readonly #options: SchedulerOptions;
	readonly #entries: Entry[];
	readonly #byKey: Map<number, Entry>;
	readonly #nowMs: () => number;
	readonly #random: () => number;
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;

	constructor(options: SchedulerOptions) {
		this.#options = options;
		this.#nowMs = options.nowMs ?? (() => performance.now());
		this.#random = options.random ?? Math.random;
		const startMs = this.#nowMs();
		const spreadMs = spreadOfStarts(options.servers);
		this.#entries = options.servers.map(({key}, place) => ({
			key,
			dueMs: startMs + (spreadMs * place) / options.servers.length,
			paused: false,
		}));
		this.#byKey = new Map(this.#entries.map(entry => [entry.key, entry]));
	}

	start(): void {
		this.#arm();
	}

	/** One more, which is not checked before `resume`. */
	add(key: number): void {
		const entry: Entry = {key, dueMs: Number.POSITIVE_INFINITY, paused: true};
		this.#entries.push(entry);
		this.#byKey.set(key, entry);
	}

	remove(key: number): void {
		const entry = this.#byKey.get(key);
		if (!entry) return;
		this.pause(key);
		this.#byKey.delete(key);
		this.#entries.splice(this.#entries.indexOf(entry), 1);
	}

	/** No checks while a server is in maintenance. A running one is cut off. */
	pause(key: number): void {
		const entry = this.#byKey.get(key);
		if (!entry) return;
		entry.paused = true;
		entry.dueMs = Number.POSITIVE_INFINITY;
		entry.running?.cancel();
		delete entry.running;
		this.#arm();
	}

	/** Checks again, the first one now. */
	resume(key: number): void {
		const entry = this.#byKey.get(key);
		if (!entry?.paused) return;
		entry.paused = false;
		entry.dueMs = this.#nowMs();
		this.#arm();
	}

	/** The next check comes within `delayMs`, unless it comes sooner or runs already. */
	hasten(key: number, delayMs: number): void {
		const entry = this.#byKey.get(key);
		if (!entry || entry.paused || entry.running) return;
		entry.dueMs = Math.min(entry.dueMs, this.#nowMs() + delayMs);
		this.#arm();
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		for (const entry of this.#entries) entry.running?.cancel();
	}

	#arm(): void {
		clearTimeout(this.#timer);
		if (this.#stopped) return;
		let dueMs = Number.POSITIVE_INFINITY;
		for (const entry of this.#entries) dueMs = Math.min(dueMs, entry.dueMs);
		if (dueMs === Number.POSITIVE_INFINITY) return;
		this.#timer = setTimeout(() => this.#runDue(), Math.max(0, Math.ceil(dueMs - this.#nowMs())));
	}

	#runDue(): void {
		const nowMs = this.#nowMs();
		for (const entry of this.#entries) {
			if (entry.dueMs <= nowMs) this.#run(entry);
		}
		this.#arm();
	}

	#run(entry: Entry): void {
		entry.dueMs = Number.POSITIVE_INFINITY;
		const running = this.#options.run(entry.key, result => {
			// A result of a check that was cut off says nothing any more.
			if (this.#stopped || entry.running !== running) return;
			delete entry.running;
			const delayMs = this.#options.onResult(entry.key, result);
			if (entry.paused) return;
			entry.dueMs = this.#nowMs() + spreadDelay(delayMs, this.#options.spreadPercent, this.#random());
			this.#arm();
		});
		entry.running = running;
	}
}

/** All first checks fall within the shortest interval, so that no server waits longer than its own. */
function spreadOfStarts(servers: readonly ScheduledServer[]): number {
	let spreadMs = Number.POSITIVE_INFINITY;
	for (const {interMs} of servers) {
		if (interMs >= shortestSpreadMs) spreadMs = Math.min(spreadMs, interMs);
	}
	return spreadMs === Number.POSITIVE_INFINITY ? shortestSpreadMs : spreadMs;
}

/** `delayMs` plus or minus up to `percent` of it; `random` is 0 to 1. */
function spreadDelay(delayMs: number, percent: number, random: number): number {
	return delayMs + ((delayMs * percent) / 100) * (2 * random - 1);
}
