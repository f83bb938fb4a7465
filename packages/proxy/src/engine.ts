/**
 * The proxy engine as one value: shared table, worker threads, checks, syslog.
 *
 * Wires the parts and owns their lives, all in one place. Decides little itself: workers are kept alive by the supervisor, servers' states by
 * `health/`. Leaves reading files, dropping privileges and talking to the daemon to its callers (`process-main.ts`, `standalone.ts`).
 */

import {randomInt} from 'node:crypto';
import {hostname} from 'node:os';
import type {Configuration} from '@hapair/config';
import {shareLookups} from './engine/share-lookups.ts';
import {FiguresReader} from './figures.ts';
import {startAgents} from './health/agents.ts';
import {createSampleMaker} from './health/check-samples.ts';
import {startHealthChecks} from './health/checks.ts';
import {loadSavedStates} from './health/saved-states.ts';
import type {CheckScheduler} from './health/scheduler.ts';
import {ServerStates} from './health/server-states.ts';
import type {AdminState} from './health/tracker.ts';
import {describeListenError} from './listen-errors.ts';
import {withLiveServers} from './live-servers.ts';
import {type LogIdentity, LogSender} from './log/log-sender.ts';
import {logServerEvent} from './log/server-events.ts';
import type {ProxyFigures, ProxySnapshot} from './messages.ts';
import {enterRootDirectory} from './privileges/root-directory.ts';
import {resolveServerNames} from './privileges/server-names.ts';
import {followEvent, Growth, orderAdmin, orderWeight, stateLineOf} from './server-changes.ts';
import {SharedTable} from './shared-table.ts';
import {takeSnapshot} from './snapshot.ts';
import {StartError} from './start-error.ts';
import {carryOutOrder} from './stats/order-actions.ts';
import type {Runtime} from './stats/runtime.ts';
import {SocketFileError} from './stats/socket-file.ts';
import {Statistics} from './stats/statistics.ts';
import {SharedStickTable} from './stick/shared-stick-table.ts';
import type {BoundPort} from './worker-messages.ts';
import {countWorkers} from './workers/count-workers.ts';
import {BindFailedError, type BindFailure, type SupervisorOptions, WorkerSupervisor} from './workers/supervisor.ts';

export type EngineLogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface EngineOptions {
	/** Bytes of each error file, by path. */
	readonly errorFiles: Readonly<Record<string, Uint8Array>>;
	/** Program name in syslog messages unless `log-tag` says otherwise. */
	readonly logTag: string;
	/** The pid written in syslog messages. */
	readonly logPid: number;
	/** Share the ports with the process that this one relieves, even with one worker (`-sf`). */
	readonly reusePort?: boolean;
	/** The threads practise before their first client: for a standby, whose first request comes when the other node has died. */
	readonly warmsUp?: boolean;
	/** `chroot` follows: names of servers are looked up now, as they cannot be later. */
	readonly resolvesNames?: boolean;
	/** For the operator: workers that die, binds that fail. */
	onLog?(level: EngineLogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** A server or a listener changed state: a new snapshot says how. */
	onChange?(): void;
}

export {StartError} from './start-error.ts';

export interface Engine {
	/** How many worker threads there are. */
	readonly workerCount: number;
	/** Where the binds listen. */
	readonly ports: readonly BoundPort[];
	snapshot(): ProxySnapshot;
	/** Every counter, for monitoring. */
	figures(): ProxyFigures;
	/** While draining, every response closes its connection; new connections are still served. */
	drain(on: boolean): void;
	/** Closes client connections on which nothing is asked. */
	closeIdle(): void;
	/** Stops accepting and accepts again, connections go on (`TTOU`, `TTIN`). */
	pause(on: boolean): void;
	/** `chroot`: from now on nothing of the file system is seen but `directory`. Rejects with a `StartError`, having stopped. */
	confine(directory: string): Promise<void>;
	/** Says whether it was done and, if not, why. */
	setServer(backend: string, server: string, admin: AdminState): {readonly ok: boolean; readonly message: string};
	/** `weight` is 0–256; it holds from the next request on. */
	setWeight(backend: string, server: string, weight: number): {readonly ok: boolean; readonly message: string};
	/** `soft`: no new connections, ends with the last one or after `graceMs` (Infinity allowed). Resolves when all is closed. */
	stop(mode: 'soft' | 'hard', graceMs: number): Promise<void>;
	/** The threads, for tests and diagnosis. */
	readonly supervisor: WorkerSupervisor;
}

/** Resolves when every bind accepts; throws `StartError` when one cannot. */
export async function startEngine(given: Configuration, options: EngineOptions): Promise<Engine> {
	const configuration = withLiveServers(options.resolvesNames === true ? await resolveServerNames(given) : given);
	const workerCount = countWorkers(configuration);
	const table = SharedTable.create(configuration, workerCount);
	const log = identify(configuration, options);
	// For what concerns all threads, such as servers going down; each worker sends the lines of its own requests.
	const sender = new LogSender(log);
	const late: LateParts = {};
	const states = createStates(configuration, table, sender, options, late);
	for (const problem of loadSavedStates(configuration, states)) options.onLog?.('warn', problem);
	const growth = new Growth(states);
	const stickTables = createStickTables(configuration, workerCount);
	const shared = shareLookups(configuration, table);
	const {lookups} = shared;
	const hears = {...hearWorkers(states, late), stickTables, ...shared};
	const supervisor = createSupervisor(configuration, table, workerCount, log, options, hears);
	Object.assign(late, {growth, supervisor});
	try {
		await supervisor.start();
	} catch (error) {
		sender.close();
		lookups.close();
		throw toStartError(configuration, error);
	}
	const stateLine = (index: number) => stateLineOf(states, table, configuration, index);
	const scheduler = startHealthChecks(
		configuration,
		states,
		stateLine,
		createSampleMaker(configuration, table, lookups),
	);
	const agents = startAgents(configuration, states, () => late.runtime);
	const parts = {configuration, table, stickTables, lookups, states, supervisor, checks: scheduler, agents};
	const statistics = new Statistics(parts);
	Object.assign(late, {checks: scheduler, runtime: statistics.runtime});
	const close = () => {
		scheduler.stop();
		agents.stop();
		growth.stop();
		statistics.close();
		lookups.close();
		sender.close();
	};
	try {
		await statistics.open();
	} catch (error) {
		await supervisor.stop('hard', 0);
		close();
		throw toSocketError(error);
	}
	return engineOf({configuration, table, states, supervisor, scheduler, statistics, close});
}

interface EngineParts {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	readonly states: ServerStates;
	readonly supervisor: WorkerSupervisor;
	readonly scheduler: CheckScheduler;
	readonly statistics: Statistics;
	close(): void;
}

function engineOf(parts: EngineParts): Engine {
	const {configuration, table, states, supervisor, scheduler, statistics} = parts;
	const figures = new FiguresReader(configuration, table);
	return {
		workerCount: table.workerCount,
		supervisor,
		get ports() {
			return supervisor.ports;
		},
		snapshot: () => takeSnapshot(configuration, table, states, supervisor.listening),
		figures: () => figures.read(),
		drain(on) {
			table.setDraining(on);
			supervisor.tell({type: 'drain', on});
		},
		closeIdle: () => supervisor.tell({type: 'closeIdle'}),
		async confine(directory) {
			try {
				supervisor.keepModules();
				enterRootDirectory(directory);
			} catch (error) {
				await supervisor.stop('hard', 0);
				parts.close();
				const message = error instanceof Error ? error.message : String(error);
				throw new StartError(message, `Create it with: mkdir -p ${directory}`);
			}
		},
		pause: on => supervisor.tell({type: 'listen', on: !on}),
		setServer: (backend, server, admin) => orderAdmin(statistics.runtime, backend, server, admin),
		setWeight: (backend, server, weight) => orderWeight(states, backend, server, weight),
		async stop(mode, graceMs) {
			// Checks go on in a soft stop: requests that are still under way may need another server.
			if (mode === 'hard') scheduler.stop();
			statistics.isStopping = true;
			figures.close();
			await supervisor.stop(mode, Math.min(graceMs, configuration.global.hardStopAfterMs ?? Number.POSITIVE_INFINITY));
			parts.close();
		},
	};
}

/** The seed differs from process to process: nobody can know which keys share a chain. */
function createStickTables({stickTables}: Configuration, workerCount: number): readonly SharedStickTable[] {
	return stickTables.map(table => {
		try {
			return SharedStickTable.create(table, workerCount, randomInt(2 ** 31));
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			throw new StartError(`The stick table '${table.name}' needs more memory than can be had.`, 'Lower its size.');
		}
	});
}

/** What is there only once the engine runs, and is needed by what was made before. */
interface LateParts {
	growth?: Growth;
	supervisor?: WorkerSupervisor;
	checks?: CheckScheduler;
	runtime?: Runtime;
}

function createStates(
	configuration: Configuration,
	table: SharedTable,
	sender: LogSender,
	options: EngineOptions,
	late: LateParts,
): ServerStates {
	const states: ServerStates = new ServerStates({
		configuration,
		table,
		onEvent(event) {
			logServerEvent(sender, table, event);
			if (event.kind === 'checked') return;
			if (late.supervisor) followEvent(event, states, late.supervisor);
			late.growth?.run();
			options.onChange?.();
		},
	});
	return states;
}

/** What workers tell of servers, and want done with them. */
function hearWorkers(states: ServerStates, late: LateParts): Pick<SupervisorOptions, 'onOrder' | 'onTrafficErrors'> {
	return {
		onOrder: order => (late.runtime ? carryOutOrder(late.runtime, order) : 'NONE'),
		onTrafficErrors(server, lastError) {
			const hastenedMs = states.recordTrafficErrors(server, lastError);
			if (hastenedMs !== undefined) late.checks?.hasten(server, hastenedMs);
		},
	};
}

function identify({global}: Configuration, options: EngineOptions): LogIdentity {
	return {
		tag: global.logTag ?? options.logTag,
		pid: options.logPid,
		...(global.logSendHostname === undefined ? {} : {hostname: global.logSendHostname || hostname()}),
	};
}

function createSupervisor(
	configuration: Configuration,
	table: SharedTable,
	workerCount: number,
	log: LogIdentity,
	options: EngineOptions,
	followed: Pick<SupervisorOptions, 'onOrder' | 'onTrafficErrors' | 'stickTables' | 'lookups' | 'feed'>,
): WorkerSupervisor {
	return new WorkerSupervisor({
		configuration,
		table,
		...followed,
		errorFiles: options.errorFiles,
		reusePort: options.reusePort ?? workerCount > 1,
		warmsUp: options.warmsUp ?? false,
		log,
		onDeath(worker, reason, delayMs) {
			options.onLog?.('error', `Worker ${worker} died and is replaced.`, {worker, reason, delayMs});
			options.onChange?.();
		},
		onReplaced(worker, afterMs) {
			options.onLog?.('warn', `Worker ${worker} serves again.`, {worker, afterMs: Math.round(afterMs)});
			options.onChange?.();
		},
		onBindFailed(failure, delayMs) {
			const {message, hint} = describeBindFailure(configuration, failure);
			options.onLog?.('error', message, {hint, delayMs});
		},
	});
}

function toSocketError(error: unknown): StartError {
	const message = error instanceof Error ? error.message : String(error);
	const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
	const hint = error instanceof SocketFileError ? undefined : 'The directory must exist and be writable at start.';
	return new StartError(`stats socket: ${message}`, hint, inUse);
}

function toStartError(configuration: Configuration, error: unknown): StartError {
	if (error instanceof BindFailedError) {
		const {message, hint} = describeBindFailure(configuration, error.failure);
		return new StartError(message, hint, error.failure.code === 'EADDRINUSE');
	}
	return new StartError(`A worker could not start: ${error instanceof Error ? error.message : String(error)}`);
}

function describeBindFailure(configuration: Configuration, {frontend, bind: text, code}: BindFailure) {
	const found = configuration.frontends.find(({name}) => name === frontend)?.binds.find(bind => bind.text === text);
	const address = found?.address ?? {kind: 'ip', host: '', port: 0};
	return describeListenError(text, address, code);
}
