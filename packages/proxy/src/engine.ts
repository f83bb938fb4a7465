/**
 * The proxy engine as one value: shared table, worker threads, checks, syslog.
 *
 * Wires the parts and owns their lives, all in one place. Decides little itself: workers are kept alive by the supervisor, servers' states by
 * `health/`. Leaves reading files, dropping privileges and talking to the daemon to its callers (`process-main.ts`, `standalone.ts`).
 */

import type {Configuration} from '@hapair/config';
import {shareLookups} from './engine/share-lookups.ts';
import {
	createStates,
	createStickTables,
	createSupervisor,
	type EngineOptions,
	hearWorkers,
	identify,
	type LateParts,
	toSocketError,
	toStartError,
} from './engine-parts.ts';
import {FiguresReader} from './figures.ts';
import {startAgents} from './health/agents.ts';
import {createSampleMaker} from './health/check-samples.ts';
import {startHealthChecks} from './health/checks.ts';
import {loadSavedStates} from './health/saved-states.ts';
import type {CheckScheduler} from './health/scheduler.ts';
import type {ServerStates} from './health/server-states.ts';
import type {AdminState} from './health/tracker.ts';
import {withLiveServers} from './live-servers.ts';
import {LogSender} from './log/log-sender.ts';
import type {ProxyFigures, ProxySnapshot} from './messages.ts';
import type {Lookups} from './patterns/lookups.ts';
import {enterRootDirectory} from './privileges/root-directory.ts';
import {resolveServerNames} from './privileges/server-names.ts';
import {Bequest} from './reload/bequest.ts';
import type {CarriedState} from './reload/carried-state.ts';
import {Inheritance} from './reload/inheritance.ts';
import {Growth, orderAdmin, orderWeight, stateLineOf} from './server-changes.ts';
import {SharedTable} from './shared-table.ts';
import {takeSnapshot} from './snapshot.ts';
import {StartError} from './start-error.ts';
import {Statistics} from './stats/statistics.ts';
import type {SharedStickTable} from './stick/shared-stick-table.ts';
import type {BoundPort} from './worker-messages.ts';
import {countWorkers} from './workers/count-workers.ts';
import type {WorkerSupervisor} from './workers/supervisor.ts';

export type {EngineLogLevel, EngineOptions} from './engine-parts.ts';
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
	/** Closes client connections on which nothing is asked. Resolves when every worker has, and has accepted who came before. Never rejects. */
	closeIdle(): Promise<void>;
	/** Ends the sessions of clients that came to one of these addresses of this machine. */
	endAt(addresses: readonly string[]): void;
	/** Stops accepting and accepts again, connections go on (`TTOU`, `TTIN`). */
	pause(on: boolean): void;
	/** `chroot`: from now on nothing of the file system is seen but `directory`. Rejects with a `StartError`, having stopped. */
	confine(directory: string): Promise<void>;
	/** Says whether it was done and, if not, why. */
	setServer(backend: string, server: string, admin: AdminState): {readonly ok: boolean; readonly message: string};
	/** `weight` is 0–256; it holds from the next request on. */
	setWeight(backend: string, server: string, weight: number): {readonly ok: boolean; readonly message: string};
	/** What the next process is to know. */
	readonly bequest: Bequest;
	/** What an older process has counted since, and what the other node's process knows. */
	take(state: CarriedState): void;
	/** Puts entries that have come into place. */
	settle(): Promise<void>;
	/**
	 * Another process serves from now on: nothing is accepted, idle clients may ask once more and are told then, and what servers do is the
	 * other's to log. Resolves when the last connection has ended, or after `hard-stop-after`.
	 */
	retire(): Promise<void>;
	/** `soft`: no new connections, ends with the last one or after `graceMs` (Infinity allowed). Resolves when all is closed. */
	stop(mode: 'soft' | 'hard', graceMs: number): Promise<void>;
	/** The threads, for tests and diagnosis. */
	readonly supervisor: WorkerSupervisor;
}

/** Resolves when every bind accepts; throws `StartError` when one cannot. */
export async function startEngine(given: Configuration, options: EngineOptions): Promise<Engine> {
	const prepared = await prepareEngine(given, options);
	return prepared.begin();
}

/** An engine whose workers listen. With `takenOver` sockets nothing is accepted before `begin`. */
export interface PreparedEngine {
	/** What the process before this one knew; before `begin` all, later what it has counted since. */
	take(state: CarriedState): void;
	/** What has come of large tables so far is put into place, so that little is left for `begin`. */
	settle(): Promise<void>;
	/** Checks, stats sockets and the door open. Rejects with a `StartError`, having stopped. */
	begin(): Promise<Engine>;
	abandon(): Promise<void>;
}

/** Everything is there but nothing happens yet. Throws `StartError` when a bind cannot listen. */
export async function prepareEngine(given: Configuration, options: EngineOptions): Promise<PreparedEngine> {
	const file = options.resolvesNames === true ? await resolveServerNames(given) : given;
	const configuration = withLiveServers(file);
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
	const closeFirst = () => {
		growth.stop();
		lookups.close();
		sender.close();
	};
	try {
		await supervisor.start();
	} catch (error) {
		closeFirst();
		throw toStartError(configuration, error);
	}
	const inheritance = new Inheritance({file, configuration, states, table, stickTables, lookups});
	const parts = {file, configuration, table, stickTables, lookups, states, supervisor, late, closeFirst};
	return {
		take: state => inheritance.take(state),
		settle: () => inheritance.settle(),
		async begin() {
			await inheritance.settle();
			growth.run();
			const engine = await beginEngine({...parts, inheritance});
			if (inheritance.hasStoppedFrontends) await supervisor.ask({type: 'obeyBoard'});
			if (options.takenOver !== undefined) await supervisor.hold(false);
			if (options.takenOver !== undefined) supervisor.sharePorts(false);
			return engine;
		},
		async abandon() {
			await supervisor.stop('hard', 0);
			closeFirst();
		},
	};
}

type BeginParts = Pick<
	EngineParts,
	'file' | 'configuration' | 'table' | 'stickTables' | 'lookups' | 'states' | 'supervisor' | 'inheritance'
> & {
	readonly late: LateParts;
	closeFirst(): void;
};

/** From listening workers to an engine that checks its servers and answers on its sockets. */
async function beginEngine(given: BeginParts): Promise<Engine> {
	const {configuration, table, lookups, states, supervisor, late, closeFirst} = given;
	const stateLine = (index: number) => stateLineOf(states, table, configuration, index);
	const scheduler = startHealthChecks(
		configuration,
		states,
		stateLine,
		createSampleMaker(configuration, table, lookups),
	);
	const agents = startAgents(configuration, states, () => late.runtime);
	const statistics = new Statistics({...given, checks: scheduler, agents});
	Object.assign(late, {checks: scheduler, runtime: statistics.runtime});
	const close = () => {
		scheduler.stop();
		agents.stop();
		statistics.close();
		closeFirst();
	};
	try {
		await statistics.open();
	} catch (error) {
		await supervisor.stop('hard', 0);
		close();
		throw toSocketError(error);
	}
	return engineOf({...given, scheduler, statistics, close});
}

interface EngineParts {
	/** As the files say; `configuration` has the servers of the moment. */
	readonly file: Configuration;
	readonly configuration: Configuration;
	readonly table: SharedTable;
	readonly stickTables: readonly SharedStickTable[];
	readonly inheritance: Inheritance;
	readonly lookups: Lookups;
	readonly late: LateParts;
	readonly states: ServerStates;
	readonly supervisor: WorkerSupervisor;
	readonly scheduler: CheckScheduler;
	readonly statistics: Statistics;
	close(): void;
}

function engineOf(parts: EngineParts): Engine {
	const {configuration, table, states, supervisor, scheduler, statistics} = parts;
	const bequest = new Bequest(parts);
	const figures = new FiguresReader(configuration, table);
	let idleClosings = 0;
	return {
		bequest,
		take: state => parts.inheritance.take(state),
		settle: () => parts.inheritance.settle(),
		workerCount: table.workerCount,
		supervisor,
		get ports() {
			return supervisor.ports;
		},
		snapshot: () => ({...takeSnapshot(configuration, table, states, supervisor.listening), idleClosings}),
		figures: () => figures.read(),
		drain(on) {
			table.setDraining(on);
			supervisor.tell({type: 'drain', on});
		},
		async closeIdle() {
			await supervisor.ask({type: 'closeIdle'});
			idleClosings += 1;
		},
		endAt: addresses => supervisor.tell({type: 'endAt', addresses}),
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
		async retire() {
			parts.late.isQuiet = true;
			statistics.retire();
			await supervisor.stop('finish', configuration.global.hardStopAfterMs ?? Number.POSITIVE_INFINITY);
			parts.close();
		},
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
