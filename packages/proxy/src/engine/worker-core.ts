/**
 * One thread's engine: builds everything from the setup and runs it.
 *
 * Decides the life of a worker: bind, serve, drain, stop; it is longer than other files because all orders come here. It does not know whether it runs in a thread of its own, so tests can run it
 * in theirs. Leaves the parent port to `worker.ts`.
 */
import {setFlagsFromString} from 'node:v8';
import type {Server} from '@hapair/config';
import {Lookups, type LookupsSnapshot} from '../patterns/lookups.ts';
import {SharedTable} from '../shared-table.ts';
import {FrontendColumn, FrontendState} from '../status-board.ts';
import {StickPlan} from '../stick/stick-rules.ts';
import {StickTables} from '../stick/stick-tables.ts';
import type {
	BadMessage,
	BindPlace,
	BoundPort,
	EndCause,
	SessionFacts,
	StopMode,
	WorkerLogLine,
	WorkerSetup,
} from '../worker-messages.ts';
import {BackendRuntime} from './backend-runtime.ts';
import {BadMessages} from './bad-messages.ts';
import type {Core} from './core.ts';
import {FrontendRuntime} from './frontend-runtime.ts';
import {Listener} from './listener.ts';
import {createProxyFacts} from './proxy-facts.ts';
import type {Deadlines} from './raw-loop.ts';
import {Way} from './session.ts';
import {SessionList} from './session-list.ts';
import {TimerWheel} from './timer-wheel.ts';

export interface WorkerCore {
	readonly ports: readonly BoundPort[];
	stop(mode: StopMode): void;
	/** Accepts nothing on these binds, or on any, until the hold ends. */
	hold(on: boolean, binds?: readonly BindPlace[]): void;
	listen(on: boolean): Promise<void>;
	endSessions(server: number, cause: EndCause): void;
	/** False when there is no such session (any more). */
	endSession(session: string): boolean;
	/** Listens for the frontends that the status board says are open, and only those. Rejects with `BindError`. */
	obeyBoard(): Promise<void>;
	/** The servers of a backend from now on. */
	setServers(backend: number, servers: readonly Server[]): void;
	readonly sessions: readonly SessionFacts[];
	readonly badMessages: readonly BadMessage[];
	/** The table already says so to new responses. */
	drain(on: boolean): void;
	/** Closes client connections on which nothing is asked. */
	closeIdle(): void;
	/** Ends sessions whose own end is one of the addresses; behind a PROXY header that end is not known, so they end too. */
	endAt(addresses: readonly string[]): void;
	/** Resolves when stopped and the last connection has ended. */
	readonly stopped: Promise<void>;
	/** What this thread has set for later. */
	readonly deadlines: Deadlines;
}

/** Binds and serves. Rejects with `BindError`, having closed what it had opened. */
export async function startWorkerCore(
	setup: WorkerSetup,
	onLog: (line: WorkerLogLine) => void,
	onTrafficErrors: Core['onTrafficErrors'] = () => {},
	order: Core['order'] = async () => 'NONE',
	fetchLookups?: () => Promise<LookupsSnapshot>,
): Promise<WorkerCore> {
	const lookups = new Lookups(setup.configuration, setup.feed, setup.workerIndex);
	if (lookups.isBehind && fetchLookups !== undefined) lookups.restore(await fetchLookups());
	const engine = new Engine(setup, lookups, onLog, onTrafficErrors, order);
	await engine.open();
	return engine;
}

function attachStickTables(
	{configuration, stickTables}: WorkerSetup,
	{workerCount, workerIndex}: SharedTable,
	nowMs: () => number,
): StickTables | undefined {
	const tables = configuration.stickTables;
	return tables.length === 0
		? undefined
		: StickTables.attach(tables, stickTables ?? [], workerCount, workerIndex, nowMs);
}

class Engine implements WorkerCore {
	ports: BoundPort[] = [];
	readonly stopped: Promise<void>;
	readonly #core: Core;
	readonly #frontends: readonly FrontendRuntime[];
	readonly #listeners: readonly Listener[];
	readonly #sessions: SessionList;
	readonly #ticker: NodeJS.Timeout;
	#onStopped: () => void = () => {};
	#isStopped = false;
	#isPaused = false;

	constructor(
		setup: WorkerSetup,
		lookups: Lookups,
		onLog: (line: WorkerLogLine) => void,
		onTrafficErrors: Core['onTrafficErrors'],
		order: Core['order'],
	) {
		// Before any expression is compiled: one that backtracks too much goes on in V8's linear engine, so that none can hang a thread.
		setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
		const {configuration} = setup;
		const table = SharedTable.attach(setup.table, configuration, setup.workerIndex);
		const origin = performance.timeOrigin;
		const nowMs = () => origin + performance.now();
		const frontendsMaxconn = configuration.frontends.reduce((sum, {maxconn}) => sum + maxconn, 0);
		const backends = configuration.backends.map(
			(backend, index) =>
				new BackendRuntime(backend, index, table, {
					frontendsMaxconn,
					bufsizeBytes: configuration.global.bufsizeBytes,
				}),
		);
		const backendsByName = new Map(backends.map(runtime => [runtime.backend.name, runtime]));
		const stick = attachStickTables(setup, table, nowMs);
		const core: Core = {
			configuration,
			table,
			wheel: new TimerWheel(nowMs()),
			backends,
			backendsByName,
			proxies: createProxyFacts(configuration, table, backendsByName, nowMs, lookups),
			stick,
			stickPlans: configuration.backends.map(backend => {
				const sticks = backend.stickRules !== undefined || backend.appSession !== undefined;
				return sticks && stick ? new StickPlan(backend, stick) : undefined;
			}),
			maxHeadBytes: configuration.global.bufsizeBytes - configuration.global.maxrewriteBytes,
			isStopping: false,
			badMessages: new BadMessages(),
			errorFiles: setup.errorFiles,
			nowMs,
			wallMs: Date.now,
			emitLog: (frontend, severity, text, structuredData) => onLog({frontend, severity, text, structuredData}),
			order,
			onSessionClosed: () => this.#onSessionClosed(),
			onTrafficErrors,
		};
		this.#core = core;
		this.#frontends = configuration.frontends.map((frontend, index) => new FrontendRuntime(frontend, index, core));
		this.#sessions = new SessionList(this.#frontends, table.workerIndex, table.workerCount);
		this.#listeners = this.#frontends.map(runtime => new Listener(core, runtime, setup));
		this.stopped = new Promise(resolve => {
			this.#onStopped = resolve;
		});
		this.#ticker = setInterval(() => this.#onTick(), core.wheel.tickMs);
		void this.#answerBell();
	}

	async open(): Promise<void> {
		try {
			const ports: BoundPort[] = [];
			for (const [frontend, listener] of this.#listeners.entries()) {
				if (!this.#mayListen(frontend)) continue;
				ports.push(...(await listener.open()));
			}
			this.ports = ports;
		} catch (error) {
			this.#finish();
			throw error;
		}
	}

	#mayListen(frontend: number): boolean {
		const runtime = this.#frontends[frontend]!;
		const state = this.#core.table.board.get(runtime.boardRow, FrontendColumn.state);
		return !runtime.frontend.disabled && state === FrontendState.open;
	}

	async obeyBoard(): Promise<void> {
		for (const [frontend, listener] of this.#listeners.entries()) {
			if (!this.#mayListen(frontend)) listener.close();
			else if (!listener.isOpen && !this.#core.isStopping && !this.#isPaused) await listener.open();
		}
	}

	setServers(backend: number, servers: readonly Server[]): void {
		this.#core.backends[backend]?.setServers(servers);
	}

	get sessions(): readonly SessionFacts[] {
		return this.#sessions.describe(this.#core.nowMs());
	}

	endSession(name: string): boolean {
		const session = this.#sessions.find(name);
		session?.stop('hard');
		return session !== undefined;
	}

	get badMessages(): readonly BadMessage[] {
		return this.#core.badMessages.all;
	}

	async listen(on: boolean): Promise<void> {
		this.#isPaused = !on;
		for (const listener of this.#listeners) listener.close();
		if (on && !this.#core.isStopping) await this.open();
	}

	drain(on: boolean): void {
		this.#core.table.setDraining(on);
	}

	closeIdle(): void {
		for (const {sessions} of this.#frontends) {
			for (const session of [...sessions]) session.closeIdle();
		}
	}

	endAt(addresses: readonly string[]): void {
		for (const {sessions} of this.#frontends) {
			for (const session of [...sessions]) {
				const own = session.localAddress?.replace(/^::ffff:(?=\d+\.)/, '');
				if (own === undefined) continue;
				if (session.proxied !== undefined || addresses.includes(own)) session.stop('hard');
			}
		}
	}

	endSessions(server: number, cause: EndCause): void {
		for (const {sessions} of this.#frontends) {
			for (const session of [...sessions]) {
				// Who still waits for the server may find another one.
				if (session.server?.index === server && session.way !== Way.queued) session.endBecause(cause);
			}
		}
	}

	hold(on: boolean, binds?: readonly BindPlace[]): void {
		for (const listener of this.#listeners) listener.hold(on, binds);
	}

	stop(mode: StopMode): void {
		this.#core.isStopping = true;
		for (const listener of this.#listeners) {
			listener.close();
			if (mode === 'hard') listener.dropWaiting();
		}
		for (const {sessions} of this.#frontends) {
			for (const session of [...sessions]) session.stop(mode);
		}
		for (const {servers} of this.#core.backends) {
			for (const {idle} of servers) {
				for (const connection of [...idle]) connection.destroy();
			}
		}
		this.#checkStopped();
	}

	get deadlines(): Deadlines {
		return this.#core.wheel;
	}

	#onTick(): void {
		this.#core.wheel.advance(this.#core.nowMs());
		this.#serveWaiters();
	}

	/** Another thread has freed what somebody here waits for. */
	async #answerBell(): Promise<void> {
		const {table} = this.#core;
		let seen = table.bellCount;
		while (!this.#isStopped) {
			await table.waitForBell(seen);
			seen = table.bellCount;
			this.#serveWaiters();
		}
	}

	#serveWaiters(): void {
		for (const backend of this.#core.backends) {
			if (backend.hasLimits && backend.hasWaiters) backend.runQueue();
		}
		for (const listener of this.#listeners) {
			if (listener.hasWaiting) listener.admit();
		}
	}

	#onSessionClosed(): void {
		const {table} = this.#core;
		for (const [frontend, listener] of this.#listeners.entries()) {
			const owner = table.workerWithOldestWaiter('frontend', frontend);
			if (owner < 0) continue;
			if (owner === table.workerIndex) listener.admit();
			else table.ring(owner);
		}
		if (this.#core.isStopping) this.#checkStopped();
	}

	#checkStopped(): void {
		const isBusy =
			this.#frontends.some(({sessions}) => sessions.size > 0) || this.#listeners.some(listener => listener.hasWaiting);
		if (!isBusy) this.#finish();
	}

	#finish(): void {
		if (this.#isStopped) return;
		this.#isStopped = true;
		clearInterval(this.#ticker);
		for (const listener of this.#listeners) {
			listener.close();
			listener.dropWaiting();
		}
		this.#core.proxies.lookups.close();
		this.#core.table.ring(this.#core.table.workerIndex);
		this.#onStopped();
	}
}
