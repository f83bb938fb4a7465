/**
 * Keeps the worker threads alive: starts them, waits until each listens, replaces one that dies.
 *
 * Decides when a replacement starts (at once, then with growing delays while it keeps dying) and gives back in the table what the dead
 * worker held. Leaves the traffic to the workers and the words for users to the engine. It is longer than other files because every
 * message of a worker passes through here.
 *
 * What the death of a worker costs: its own connections. Those that wait to be accepted, and new ones, wait for the replacement in the
 * socket that `listener-keeper.ts` holds open, or go to the other workers.
 */
import {Worker} from 'node:worker_threads';
import type {Configuration} from '@hapair/config';
import type {LogIdentity} from '../log/log-sender.ts';
import type {SharedFeed} from '../patterns/change-feed.ts';
import type {Lookups} from '../patterns/lookups.ts';
import type {AssignedListener} from '../reload/lent-listeners.ts';
import type {SharedTable} from '../shared-table.ts';
import type {SharedStickTable} from '../stick/shared-stick-table.ts';
import {systemCalls} from '../system/calls.ts';

import type {
	BindPlace,
	BoundPort,
	FromWorker,
	InheritedListener,
	PageOrder,
	PageOutcome,
	StopMode,
	ToWorker,
	WorkerData,
} from '../worker-messages.ts';
import {hasChosenPorts, withPorts} from './chosen-ports.ts';

import {closeNoted, createJournal} from './descriptor-journal.ts';
import {KEPT_ENTRY, type KeptModules, keepModules} from './kept-modules.ts';
import {ListenerKeeper} from './listener-keeper.ts';
import {type Answer, Questions, type WorkerQuestion} from './questions.ts';

export interface SupervisorOptions {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	/** Patterns and variables as the main thread has them, and what carries changes of them. */
	readonly lookups: Lookups;
	readonly feed: SharedFeed;
	readonly stickTables: readonly SharedStickTable[];
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	readonly reusePort: boolean;
	/** Sockets of the process before this one: its workers accept nothing until `hold` ends. */
	readonly takenOver?: readonly AssignedListener[];
	/** Each worker practises before its first client (`engine/warm-up.ts`). */
	readonly warmsUp: boolean;
	/** Under which name the workers send their log lines. */
	readonly log: LogIdentity;
	/** The statistics page wants servers changed. */
	onOrder(order: PageOrder): PageOutcome;
	/** `observe`: traffic to a server has failed too often. */
	onTrafficErrors(server: number, lastError: string): void;
	/** A worker died; `delayMs` until its replacement starts. */
	onDeath(workerIndex: number, reason: string, delayMs: number): void;
	/** A replacement listens, `afterMs` after the death. */
	onReplaced(workerIndex: number, afterMs: number): void;
	/** A replacement could not bind; it is tried again after `delayMs`. */
	onBindFailed(failure: BindFailure, delayMs: number): void;
}

export interface BindFailure {
	readonly frontend: string;
	readonly bind: string;
	readonly code: string;
}

/** Start failed: a bind could not listen. */
export class BindFailedError extends Error {
	readonly failure: BindFailure;

	constructor(failure: BindFailure) {
		super(`bind ${failure.bind}: ${failure.code}`);
		this.failure = failure;
	}
}

interface Slot {
	readonly index: number;
	worker?: Worker;
	listening: boolean;
	/** Deaths in a row, each within `quietMs` of the start. */
	deaths: number;
	diedAtMs: number;
	startedAtMs: number;
	restart?: NodeJS.Timeout;
}

/**
 * Of a worker's heap, for what dies young: two halves and one between, 1 MiB each. With V8's 48 a burst of new connections left 24 MiB
 * behind, and requests took no less CPU (medians 24.5 and 25.0 µs, 28.8 and 29.8).
 */
const YOUNG_MIB = 3;
/** From its source, or beside this file where everything is built into one folder. */
const workerEntry = new URL(import.meta.url.endsWith('.ts') ? '../worker.ts' : './worker.js', import.meta.url);
const startDeadlineMs = 20_000;
/** A worker that lived this long was healthy: its next death is the first again. */
const quietMs = 10_000;
const longestDelayMs = 5000;
/** A worker that was told to end and has not: it is cut off. */
const hardStopMs = 1000;

export class WorkerSupervisor {
	/** Ports that the kernel chose for binds with port 0, and the others. */
	ports: readonly BoundPort[] = [];
	readonly #options: SupervisorOptions;
	readonly #slots: Slot[];
	readonly #keeper = new ListenerKeeper();
	readonly #questions = new Questions();
	#configuration: Configuration;
	#stopping = false;
	/** Workers that start accept nothing yet. */
	#isHeld: boolean;
	#modules: KeptModules | undefined;
	/** What a replacement must be told after it has started. */
	#state: readonly ToWorker[] = [];

	constructor(options: SupervisorOptions) {
		this.#options = options;
		this.#configuration = options.configuration;
		this.#isHeld = options.takenOver !== undefined;
		this.#slots = Array.from({length: options.table.workerCount}, (_, index) => ({
			index,
			listening: false,
			deaths: 0,
			diedAtMs: 0,
			startedAtMs: 0,
		}));
	}

	/** From now on replacements need no file. Throws when one cannot be read. */
	keepModules(): void {
		this.#modules ??= keepModules(workerEntry);
	}

	/** Workers that accept connections now. */
	get listening(): number {
		return this.#slots.filter(slot => slot.listening).length;
	}

	/** Threads that are alive, by index; undefined where one is being replaced. */
	get threads(): readonly (Worker | undefined)[] {
		return this.#slots.map(slot => slot.worker);
	}

	/** Resolves when every worker listens; rejects with `BindFailedError` or the worker's own error, with none left running. */
	async start(): Promise<void> {
		const [first, ...others] = this.#slots;
		if (!first) return;
		try {
			if (hasChosenPorts(this.#configuration)) {
				// The kernel chooses the port once; the others must share that one.
				await this.#startFirst(first);
				await Promise.all(others.map(slot => this.#startFirst(slot)));
			} else {
				await Promise.all(this.#slots.map(slot => this.#startFirst(slot)));
			}
		} catch (error) {
			this.#stopping = true;
			this.#keeper.letGoAll();
			await this.#terminateAll();
			throw error;
		}
	}

	/** Tells all workers, and later replacements too when `lasting`. */
	tell(message: ToWorker, lasting = true): void {
		if (lasting) this.#state = [...this.#state.filter(({type}) => type !== message.type), message];
		if (message.type === 'stop' || (message.type === 'listen' && !message.on)) this.#keeper.letGoAll();
		for (const {worker} of this.#slots) worker?.postMessage(message);
	}

	/** Asks every worker that listens; resolves with the answers that came in time. Never rejects. */
	ask(question: WorkerQuestion): Promise<readonly Answer[]> {
		const asked = this.#slots.filter(slot => slot.listening).map(({index}) => index);
		return this.#questions.ask(asked, (index, requestId) =>
			this.#slots[index]?.worker?.postMessage({...question, requestId}),
		);
	}

	/**
	 * Accepts nothing on these binds, or on any, and again when the hold ends; resolves when every worker obeys. The sockets stay open, and
	 * who comes meanwhile waits in them.
	 */
	async hold(on: boolean, binds?: readonly BindPlace[]): Promise<void> {
		if (!on) this.#isHeld = false;
		await this.ask({type: 'hold', on, ...(binds === undefined ? {} : {binds})});
	}

	/** With one worker the ports are its own, except while one process follows another and opens what it has not been given. */
	sharePorts(on: boolean): void {
		if (!on && this.#options.table.workerCount > 1) return;
		for (const {fd} of this.#keeper.all) systemCalls()?.sharePort(fd, on);
	}

	/** The sockets that listen, as descriptors of the main thread's that stay its own. */
	get sockets(): readonly InheritedListener[] {
		return this.#keeper.all;
	}

	/** The frontend stops listening: nothing may queue in its sockets. */
	letGo(frontend: number): void {
		this.#keeper.letGoFrontend(frontend);
	}

	/** `soft` and `finish` wait for the last connection, at most `graceMs`; then, as with `hard`, everything ends. Never rejects. */
	async stop(mode: StopMode, graceMs: number): Promise<void> {
		this.#stopping = true;
		for (const slot of this.#slots) clearTimeout(slot.restart);
		const exits = this.#slots.flatMap(({worker}) => (worker ? [exitOf(worker)] : []));
		this.tell({type: 'stop', mode});
		const allGone = Promise.all(exits);
		if (mode !== 'hard' && (await within(allGone, graceMs))) return;
		if (mode !== 'hard') this.tell({type: 'stop', mode: 'hard'});
		if (await within(allGone, hardStopMs)) return;
		await this.#terminateAll();
	}

	async #terminateAll(): Promise<void> {
		await Promise.all(this.#slots.map(slot => slot.worker?.terminate()));
	}

	#startFirst(slot: Slot): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#spawn(slot, resolve, reject);
		});
	}

	#setupOf(slot: Slot, journal: SharedArrayBuffer): WorkerData {
		return {
			configuration: this.#configuration,
			table: this.#options.table.buffer,
			workerIndex: slot.index,
			stickTables: this.#options.stickTables.map(({buffer}) => buffer),
			feed: this.#options.feed,
			errorFiles: this.#options.errorFiles,
			reusePort: this.#options.reusePort,
			log: this.#options.log,
			descriptors: journal,
			warmsUp: this.#options.warmsUp,
			listeners: [...this.#keeper.lend(slot.index), ...this.#inheritedListeners(), ...this.#takenOver(slot)],
			isHeld: this.#isHeld,
		};
	}

	/** Once: what a replacement needs, the keeper has. */
	#takenOver({index, startedAtMs}: Slot): readonly InheritedListener[] {
		const own = startedAtMs === 0 ? (this.#options.takenOver ?? []).filter(({worker}) => worker === index) : [];
		return own.flatMap(({isShared, ...listener}) => (isShared ? (this.#keeper.duplicate(listener) ?? []) : listener));
	}

	/** Starts one thread; exactly one of `onListening` and `onFailed` is called for this start. */
	#spawn(slot: Slot, onListening: () => void, onFailed: (error: Error) => void): void {
		const journal = createJournal();
		const workerData = this.#setupOf(slot, journal);
		slot.startedAtMs = performance.now();
		const modules = this.#modules;
		const worker = new Worker(modules === undefined ? workerEntry : KEPT_ENTRY, {
			workerData: modules === undefined ? workerData : {...workerData, modules},
			eval: modules !== undefined,
			name: `worker-${slot.index}`,
			resourceLimits: {maxYoungGenerationSizeMb: YOUNG_MIB},
		});
		slot.worker = worker;
		let bindFailure: BindFailure | undefined;
		let failure: Error | undefined;
		const deadline = setTimeout(() => {
			failure = new Error(`Worker ${slot.index} did not listen within ${startDeadlineMs / 1000} s.`);
			void worker.terminate();
		}, startDeadlineMs);
		worker.on('message', (message: FromWorker) => {
			if (message.type === 'listening') {
				clearTimeout(deadline);
				slot.listening = true;
				this.#notePorts(message.ports);
				if (!this.#stopping) this.#keeper.keep(slot.index, message.ports);
				this.#tellStarted(worker, slot.diedAtMs > 0);
				onListening();
			} else if (message.type === 'bindFailed') {
				bindFailure = message;
			} else {
				this.#answer(slot.index, worker, message);
			}
		});
		worker.on('error', (error: unknown) => {
			failure = error instanceof Error ? error : new Error(String(error));
		});
		worker.on('exit', code => {
			closeNoted(journal);
			clearTimeout(deadline);
			const listened = slot.listening;
			slot.listening = false;
			delete slot.worker;
			this.#options.table.reclaim(slot.index);
			this.#options.lookups.reclaim(slot.index);
			for (const shared of this.#options.stickTables) shared.reclaim(slot.index);
			this.#questions.forget(slot.index);
			if (bindFailure) failure = new BindFailedError(bindFailure);
			failure ??= new Error(`Worker ${slot.index} exited with code ${code}.`);
			if (!listened) onFailed(failure);
			else this.#replace(slot, failure);
		});
	}

	/** What the others were told. Servers may have changed since a replacement was given its configuration; nobody waits for its answer. */
	#tellStarted(worker: Worker, isReplacement: boolean): void {
		for (const state of this.#state) worker.postMessage(state);
		if (!isReplacement) return;
		for (const [backend, {servers}] of this.#configuration.backends.entries()) {
			worker.postMessage({type: 'setServers', requestId: 0, backend, servers} satisfies ToWorker);
		}
	}

	/** What a thread wants of this one, or answers it. */
	#answer(index: number, worker: Worker, message: Exclude<FromWorker, {type: 'listening' | 'bindFailed'}>): void {
		const {lookups, onOrder, onTrafficErrors} = this.#options;
		switch (message.type) {
			case 'trafficErrors':
				onTrafficErrors(message.server, message.lastError);
				break;
			case 'wantLookups':
				worker.postMessage({type: 'lookups', snapshot: lookups.snapshot()} satisfies ToWorker);
				break;
			case 'order': {
				const {requestId, order} = message;
				worker.postMessage({type: 'ordered', requestId, outcome: onOrder(order)} satisfies ToWorker);
				break;
			}
			case 'stopped':
				break;
			default:
				this.#questions.take(index, message);
		}
	}

	/** `fd@N`: one descriptor may stand on several lines, and it must outlive the worker that listens on it. */
	#inheritedListeners(): readonly InheritedListener[] {
		return this.#configuration.frontends.flatMap(({binds}, frontend) =>
			binds.flatMap(({address}, bind) => {
				if (address.kind !== 'fd') return [];
				return this.#keeper.duplicate({frontend, bind, fd: address.fd}) ?? [];
			}),
		);
	}

	/** A worker that listened is gone: another one takes its index. */
	#replace(slot: Slot, failure: Error): void {
		if (this.#stopping) return;
		const nowMs = performance.now();
		slot.deaths = nowMs - slot.startedAtMs > quietMs ? 0 : slot.deaths;
		slot.diedAtMs = nowMs;
		// The first replacement starts at once: one crash is an accident, only a row of them needs a pause.
		const delayMs = slot.deaths === 0 ? 0 : Math.min(longestDelayMs, 50 * 2 ** slot.deaths);
		slot.deaths++;
		this.#options.onDeath(slot.index, failure.stack ?? failure.message, delayMs);
		this.#respawn(slot, delayMs);
	}

	#respawn(slot: Slot, delayMs: number): void {
		const spawn = () => {
			this.#spawn(
				slot,
				() => this.#options.onReplaced(slot.index, performance.now() - slot.diedAtMs),
				error => {
					if (this.#stopping) return;
					const nextMs = Math.min(longestDelayMs, 50 * 2 ** slot.deaths++);
					if (error instanceof BindFailedError) this.#options.onBindFailed(error.failure, nextMs);
					else this.#options.onDeath(slot.index, error.stack ?? error.message, nextMs);
					this.#respawn(slot, nextMs);
				},
			);
		};
		// Behind a chroot the user is another: the address could not be bound again beside root's sockets.
		if (delayMs > 0 && this.#modules === undefined) this.#keeper.letGo(slot.index);
		if (delayMs === 0) spawn();
		else slot.restart = setTimeout(spawn, delayMs);
	}

	#notePorts(ports: readonly BoundPort[]): void {
		if (this.ports.length > 0) return;
		this.ports = ports;
		this.#configuration = withPorts(this.#configuration, ports);
	}
}

function exitOf(worker: Worker): Promise<void> {
	return new Promise(resolve => worker.once('exit', () => resolve()));
}

/** True when `promise` settles within `ms`; Infinity waits for ever. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
	if (ms === Number.POSITIVE_INFINITY) {
		await promise;
		return true;
	}
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<false>(resolve => {
		timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1), false);
	});
	const inTime = await Promise.race([promise.then(() => true), late]);
	clearTimeout(timer);
	return inTime;
}
