/**
 * `hapair run`: from files to a running daemon, and its end by signal.
 *
 * Decides what must be right before anything starts: the configuration, the node's own name, the keys, the error files and
 * the permission to move the address. Whatever else is missing on this machine is a warning: the node shall serve what it can.
 */
import {accessSync, constants, mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Configuration} from '@hapair/config';
import {heartbeatProcessPath} from '@hapair/heartbeat';
import {privilegeCommand, processEntry} from '@hapair/proxy';
import {createDrivers} from '@hapair/takeover';
import {digestConfiguration} from '../configuration/digest.ts';
import {
	emptyConfiguration,
	findTools,
	inspectMachine,
	isEmpty,
	mayMoveAddresses,
	noPermission,
	readErrorFiles,
} from '../configuration/inspect.ts';
import {
	countErrors,
	formatFindings,
	type LoadedConfiguration,
	loadConfiguration,
	type SyntaxChoice,
} from '../configuration/load.ts';
import {findOwnNode, listLocalAddresses} from '../configuration/own-node.ts';
import {Daemon, type DaemonSetup, type PairSetup} from '../daemon/daemon.ts';
import {readKeys} from '../daemon/keys.ts';
import {removePidFile, writePidFile} from '../daemon/pid-file.ts';
import {notifyServiceManager} from '../daemon/service-manager.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {createHookRunner} from '../hooks/runner.ts';
import {createLog, type DaemonLog, type LogLevel} from '../logging.ts';
import {SyncJournal} from '../sync/journal.ts';
import {createProgramRunner, readToken} from '../takeover/surroundings.ts';
import {version} from '../version.ts';
import type {CommandIo} from './command-io.ts';

export interface RunOptions {
	readonly files: readonly string[];
	readonly nodeName: string | undefined;
	readonly syntax: SyntaxChoice | undefined;
	readonly socketPath: string;
	readonly pidFile: string | undefined;
	readonly stateDirectory: string;
	readonly logLevel: LogLevel;
	readonly json: boolean;
}

/** How often the proxy reports; the fitness of a node is at most this old. */
const snapshotIntervalMs = 250;

export async function run(options: RunOptions, io: CommandIo): Promise<ExitCode> {
	const settled = new SyncJournal(options.stateDirectory, options.files).settle();
	if (settled !== undefined) io.error(`${settled}\n`);
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration, diagnostics} = loaded;
	if (configuration === undefined || countErrors(diagnostics) > 0) {
		io.error(formatFindings(loaded, diagnostics, io.paintError));
		return exitCodes.failed;
	}
	refuseHopeless(options, configuration);
	const {setup, log} = prepare(options, loaded, configuration, io);
	const pidFile = options.pidFile ?? join(dirname(options.socketPath), 'hapair.pid');
	const interruption = listenForSignals(log);
	const daemon = new Daemon(setup);
	try {
		await daemon.start();
	} catch (error) {
		await log.end(lastLinesMs);
		throw error;
	}
	try {
		writePidFile(pidFile, process.pid);
		// What systemd starts after this unit finds open ports. A proxy that takes longer is no reason to be ended by it.
		void Promise.race([daemon.serving, sleep(readyLimitMs, undefined, {ref: false})]).then(() =>
			notifyServiceManager('READY=1'),
		);
		const end = await Promise.race([interruption.first, daemon.failure]);
		if (end !== 'signal') throw end;
		return exitCodes.ok;
	} finally {
		// Whatever ended it, a child that went on alone would hold the address without a daemon.
		notifyServiceManager('STOPPING=1');
		const unended = await daemon.stop(interruption.hurry);
		removePidFile(pidFile, process.pid);
		await endLog(log, unended);
	}
}

/** systemd's own limit for a start is 90 s unless it is told otherwise. */
const readyLimitMs = 30_000;

/** How long whoever reads the log may take for its last lines. */
const lastLinesMs = 1000;

async function endLog(log: DaemonLog, unended: readonly string[]): Promise<void> {
	const target = log.forComponent('daemon');
	if (unended.length === 0) target.info({}, 'stopped');
	else target.warn({unended}, `stopped, but ${unended.join(' and ')} did not end`);
	if (await log.end(lastLinesMs)) return;
	// A write that nobody takes holds one of Node's threads, and an orderly exit would wait for it for ever.
	process.removeAllListeners('SIGTERM');
	process.kill(process.pid, 'SIGTERM');
}

/** What is missing for all of it to make sense; anything less is a warning and the node serves what it can. */
function refuseHopeless({files}: RunOptions, configuration: Configuration): void {
	if (isEmpty(configuration)) {
		throw new UserError(`${files.join(', ')}: ${emptyConfiguration.message}`, {hint: emptyConfiguration.hint});
	}
	if (configuration.pair !== undefined && !mayMoveAddresses()) {
		throw new UserError(noPermission.message, {hint: noPermission.hint});
	}
}

function prepare(
	options: RunOptions,
	loaded: LoadedConfiguration,
	configuration: Configuration,
	io: CommandIo,
): {setup: DaemonSetup; log: DaemonLog} {
	const uid = process.getuid?.() ?? 0;
	const localAddresses = configuration.pair === undefined ? [] : listLocalAddresses();
	const {pair} = configuration;
	const own = pair === undefined ? undefined : findOwnNode(pair, localAddresses, options.nodeName);
	const keys = pair === undefined ? [] : readKeys(pair.secretFiles, uid);
	const errorFiles = readErrorFiles(configuration);
	const log = createLog({
		level: options.logLevel,
		terminal: io.terminal && !options.json,
		colour: io.paint('red', 'x') !== 'x',
		...(own === undefined ? {} : {fields: {node: own.name}}),
	});
	const tools = findTools();
	const privileges = privilegeCommand(configuration);
	logFindings(
		log,
		loaded,
		inspectMachine(configuration, {
			files: options.files,
			uid,
			localAddresses,
			nodeName: options.nodeName,
			tools,
			mayMoveAddresses: mayMoveAddresses(),
		}),
		privileges,
	);
	const configDigest = digestConfiguration(loaded, errorFiles);
	const stateDirectory = pair === undefined ? undefined : openStateDirectory(options.stateDirectory, log);
	const pairSetup: PairSetup | undefined =
		pair === undefined || own === undefined
			? undefined
			: {
					pair,
					own,
					uid,
					commandLine: {files: options.files, syntax: options.syntax, nodeName: options.nodeName},
					...(stateDirectory === undefined ? {} : {stateDirectory}),
					heartbeatArgv: [process.execPath, heartbeatProcessPath],
					heartbeatSetup: {pair, nodeName: own.name, keys, configDigest, tools, version},
					drivers: createDrivers({
						pair,
						nodeName: own.name,
						fetcher: fetch,
						readSecret: path => readToken(path, uid),
						runProgram: createProgramRunner(uid),
					}),
					runHook: createHookRunner(pair, uid),
				};
	return {
		log,
		setup: {
			configuration,
			configDigest,
			version,
			socketPath: options.socketPath,
			proxyArgv: [...privileges.argvPrefix, process.execPath, processEntry],
			proxyOptions: {
				errorFiles,
				logTag: 'haproxy',
				snapshotIntervalMs,
				...(privileges.inProcess === undefined ? {} : {switchTo: privileges.inProcess}),
				...(privileges.rootDirectory === undefined ? {} : {rootDirectory: privileges.rootDirectory}),
			},
			...(pairSetup === undefined ? {} : {pair: pairSetup}),
			log,
		},
	};
}

function logFindings(
	log: DaemonLog,
	loaded: LoadedConfiguration,
	machine: LoadedConfiguration['diagnostics'],
	privileges: {readonly warnings: readonly string[]; readonly notices: readonly string[]},
): void {
	const target = log.forComponent('configuration');
	for (const {severity, file, line, message, hint} of [...loaded.diagnostics, ...machine]) {
		const level = severity === 'notice' ? 'info' : 'warn';
		target[level]({file, line, ...(hint === undefined ? {} : {hint})}, message);
	}
	for (const warning of privileges.warnings) target.warn({}, warning);
	for (const notice of privileges.notices) target.info({}, notice);
}

interface Interruption {
	readonly first: Promise<'signal'>;
	/** Aborted by the second signal. */
	readonly hurry: AbortSignal;
}

function listenForSignals(log: DaemonLog): Interruption {
	const {promise, resolve} = Promise.withResolvers<'signal'>();
	const hurry = new AbortController();
	let signals = 0;
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.on(signal, () => {
			signals++;
			log
				.forComponent('daemon')
				.info({signal}, signals === 1 ? 'stopping; a second signal stops at once' : 'stopping at once');
			if (signals === 1) resolve('signal');
			else hurry.abort();
		});
	}
	// A lost terminal is no reason to give up the address.
	process.on('SIGHUP', () =>
		log.forComponent('daemon').info({}, 'SIGHUP changes nothing: restart to read the configuration again'),
	);
	return {first: promise, hurry: hurry.signal};
}

/** Without one the daemon runs all the same, and says what that costs. */
function openStateDirectory(directory: string, log: DaemonLog): string | undefined {
	try {
		mkdirSync(directory, {recursive: true, mode: 0o750});
		accessSync(directory, constants.W_OK);
		return directory;
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		const message = `no history and no terms are kept: ${why}; name a directory with --state-dir`;
		log.forComponent('daemon').warn({directory}, message);
		return undefined;
	}
}
