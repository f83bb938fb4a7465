/**
 * The parts of an engine, made so that they hear of each other, and what their errors mean for people.
 *
 * Leaves the order in which they begin and end to `engine.ts`.
 */
import {randomInt} from 'node:crypto';
import {hostname} from 'node:os';
import type {Configuration} from '@hapair/config';
import type {CheckScheduler} from './health/scheduler.ts';
import {ServerStates} from './health/server-states.ts';
import {describeListenError} from './listen-errors.ts';
import type {LogIdentity, LogSender} from './log/log-sender.ts';
import {logServerEvent} from './log/server-events.ts';
import type {AssignedListener} from './reload/lent-listeners.ts';
import {followEvent, type Growth} from './server-changes.ts';
import type {SharedTable} from './shared-table.ts';
import {StartError} from './start-error.ts';
import {carryOutOrder} from './stats/order-actions.ts';
import type {Runtime} from './stats/runtime.ts';
import {SocketFileError} from './stats/socket-file.ts';
import {SharedStickTable} from './stick/shared-stick-table.ts';
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
	/** Sockets of the process that this one follows. */
	readonly takenOver?: readonly AssignedListener[];
	/** `chroot` follows: names of servers are looked up now, as they cannot be later. */
	readonly resolvesNames?: boolean;
	/** For the operator: workers that die, binds that fail. */
	onLog?(level: EngineLogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** A server or a listener changed state: a new snapshot says how. */
	onChange?(): void;
}

/** The seed differs from process to process: nobody can know which keys share a chain. */
export function createStickTables({stickTables}: Configuration, workerCount: number): readonly SharedStickTable[] {
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
export interface LateParts {
	growth?: Growth;
	supervisor?: WorkerSupervisor;
	checks?: CheckScheduler;
	runtime?: Runtime;
	/** Another process logs what servers do. */
	isQuiet?: boolean;
}

export function createStates(
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
			if (late.isQuiet !== true) logServerEvent(sender, table, event);
			if (event.kind === 'checked') return;
			if (late.supervisor) followEvent(event, states, late.supervisor);
			late.growth?.run();
			options.onChange?.();
		},
	});
	return states;
}

/** What workers tell of servers, and want done with them. */
export function hearWorkers(
	states: ServerStates,
	late: LateParts,
): Pick<SupervisorOptions, 'onOrder' | 'onTrafficErrors'> {
	return {
		onOrder: order => (late.runtime ? carryOutOrder(late.runtime, order) : 'NONE'),
		onTrafficErrors(server, lastError) {
			const hastenedMs = states.recordTrafficErrors(server, lastError);
			if (hastenedMs !== undefined) late.checks?.hasten(server, hastenedMs);
		},
	};
}

export function identify({global}: Configuration, options: EngineOptions): LogIdentity {
	return {
		tag: global.logTag ?? options.logTag,
		pid: options.logPid,
		...(global.logSendHostname === undefined ? {} : {hostname: global.logSendHostname || hostname()}),
	};
}

export function createSupervisor(
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
		reusePort: options.reusePort ?? (workerCount > 1 || options.takenOver !== undefined),
		warmsUp: options.warmsUp ?? false,
		...(options.takenOver === undefined ? {} : {takenOver: options.takenOver}),
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

export function toSocketError(error: unknown): StartError {
	const message = error instanceof Error ? error.message : String(error);
	const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
	const hint = error instanceof SocketFileError ? undefined : 'The directory must exist and be writable at start.';
	return new StartError(`stats socket: ${message}`, hint, inUse);
}

export function toStartError(configuration: Configuration, error: unknown): StartError {
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
