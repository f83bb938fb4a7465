/**
 * `hapair run`: from files to a running daemon, and its end by signal.
 *
 * Decides what must be right before anything starts: the configuration, the node's own name, the keys and the error files.
 * Whatever else is missing on this machine is a warning: the node shall serve what it can.
 */
import {dirname, join} from 'node:path';
import type {Configuration, Hook, Pair} from '@hapair/config';
import {heartbeatProcessPath} from '@hapair/heartbeat';
import {privilegeCommand, processEntry} from '@hapair/proxy';
import {computeConfigDigest} from '../configuration/digest.ts';
import {inspectMachine, readErrorFiles} from '../configuration/inspect.ts';
import {
	countErrors,
	formatFindings,
	type LoadedConfiguration,
	loadConfiguration,
	type SyntaxChoice,
} from '../configuration/load.ts';
import {findOwnNode, listLocalAddresses} from '../configuration/own-node.ts';
import {Daemon, type DaemonSetup, type PairSetup} from '../daemon/daemon.ts';
import {readKeys, readSecretFile} from '../daemon/keys.ts';
import {removePidFile, writePidFile} from '../daemon/pid-file.ts';
import {notifyServiceManager} from '../daemon/service-manager.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import type {HookOccasion} from '../hooks/events.ts';
import {runExecHook} from '../hooks/exec.ts';
import {deliverWebhook} from '../hooks/webhook.ts';
import {createLog, type DaemonLog, type LogLevel} from '../logging.ts';
import {findTool} from '../processes/find-tool.ts';
import {version} from '../version.ts';
import type {CommandIo} from './command-io.ts';

export interface RunOptions {
	readonly files: readonly string[];
	readonly nodeName: string | undefined;
	readonly syntax: SyntaxChoice | undefined;
	readonly socketPath: string;
	readonly pidFile: string | undefined;
	readonly logLevel: LogLevel;
	readonly json: boolean;
}

/** How often the proxy reports; the fitness of a node is at most this old. */
const snapshotIntervalMs = 250;

export async function run(options: RunOptions, io: CommandIo): Promise<ExitCode> {
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration, diagnostics} = loaded;
	if (configuration === undefined || countErrors(diagnostics) > 0) {
		io.error(formatFindings(loaded, diagnostics, io.paintError));
		return exitCodes.failed;
	}
	const {setup, log} = prepare(options, loaded, configuration, io);
	const daemon = new Daemon(setup);
	const pidFile = options.pidFile ?? join(dirname(options.socketPath), 'hapair.pid');
	const interruption = listenForSignals(log);
	try {
		await daemon.start();
		writePidFile(pidFile, process.pid);
	} catch (error) {
		// Whatever has begun by now would keep this process, and nobody would be there to end it.
		await daemon.stop(AbortSignal.abort());
		throw error;
	}
	notifyServiceManager('--ready');
	const end = await Promise.race([interruption.first, daemon.failure]);
	notifyServiceManager('--stopping');
	await daemon.stop(interruption.hurry);
	removePidFile(pidFile);
	log.flush();
	if (end === 'signal') return exitCodes.ok;
	throw end;
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
	const privileges = privilegeCommand(configuration.global);
	logFindings(
		log,
		loaded,
		inspectMachine(configuration, {uid, localAddresses, nodeName: options.nodeName}),
		privileges,
	);
	const configDigest = computeConfigDigest([
		...loaded.sources.map(({text}) => Buffer.from(text)),
		...Object.values(errorFiles),
	]);
	const pairSetup: PairSetup | undefined =
		pair === undefined || own === undefined
			? undefined
			: {
					pair,
					own,
					uid,
					heartbeatArgv: [process.execPath, heartbeatProcessPath],
					heartbeatSetup: {pair, nodeName: own.name, keys, configDigest, tools: findTools(), version},
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

function findTools(): {ip?: string; nft?: string; arping?: string} {
	const tools: {ip?: string; nft?: string; arping?: string} = {};
	for (const name of ['ip', 'nft', 'arping'] as const) {
		const path = findTool(name);
		if (path !== undefined) tools[name] = path;
	}
	return tools;
}

/** Webhook secrets are read now: a wrong one is refused at start, not at the first failover. */
function createHookRunner(pair: Pair, uid: number): PairSetup['runHook'] {
	const secrets = new Map<Hook, Uint8Array>();
	for (const hook of pair.hooks) {
		if (hook.kind === 'webhook' && hook.secretFile !== undefined)
			secrets.set(hook, readSecretFile(hook.secretFile, uid));
	}
	return (hook: Hook, occasion: HookOccasion) => {
		if (hook.kind === 'exec') return runExecHook(hook, occasion, uid);
		const secret = secrets.get(hook);
		return deliverWebhook(hook, occasion, {version, ...(secret === undefined ? {} : {secret})});
	};
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
