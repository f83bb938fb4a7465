/**
 * From files to what a daemon runs, at its start and at every reload alike.
 *
 * Decides what must be right before anything starts or changes: the configuration, the node's own name, the keys, the error files and the
 * permission to move the address. Whatever else is missing on this machine is a warning: the node shall serve what it can. Leaves
 * starting to the daemon.
 */
import type {Configuration, Diagnostic, Pair} from '@hapair/config';
import {heartbeatProcessPath} from '@hapair/heartbeat';
import {heartbeatCommand, leanStart, privilegeCommand, processEntry} from '@hapair/proxy';
import {createDrivers} from '@hapair/takeover';
import {readKeys} from '../daemon/keys.ts';
import type {PairSetup} from '../daemon/pair-parts.ts';
import type {DaemonPlan} from '../daemon/setup.ts';
import {UserError} from '../exit-codes.ts';
import {createHookRunner} from '../hooks/runner.ts';
import type {DaemonLog} from '../logging.ts';
import {createProgramRunner, readToken} from '../takeover/surroundings.ts';
import {version} from '../version.ts';
import {digestConfiguration} from './digest.ts';
import {findNoEarlyDemux} from './early-demux.ts';
import {
	emptyConfiguration,
	findTools,
	inspectMachine,
	isEmpty,
	mayMoveAddresses,
	noPermission,
	readErrorFiles,
} from './inspect.ts';
import type {LoadedConfiguration, SyntaxChoice} from './load.ts';
import {findOwnNode, listLocalAddresses} from './own-node.ts';

export interface PlanOptions {
	readonly files: readonly string[];
	readonly syntax: SyntaxChoice | undefined;
	readonly nodeName: string | undefined;
}

export interface RunPlan {
	readonly daemon: DaemonPlan;
	/** What this machine lacks, and what the change of user says. */
	readonly diagnostics: readonly Diagnostic[];
	readonly warnings: readonly string[];
	readonly notices: readonly string[];
}

/** How often the proxy reports its figures; a server's state it reports at once. */
const snapshotIntervalMs = 500;

/** Throws a `UserError` for what makes no sense at all. */
export function planRun(options: PlanOptions, loaded: LoadedConfiguration, configuration: Configuration): RunPlan {
	refuseHopeless(options, configuration);
	const uid = process.getuid?.() ?? 0;
	const {pair} = configuration;
	const localAddresses = pair === undefined ? [] : listLocalAddresses();
	const errorFiles = readErrorFiles(configuration);
	const configDigest = digestConfiguration(loaded, errorFiles);
	const setup = pair === undefined ? undefined : planPair(pair, {options, uid, localAddresses, configDigest});
	const {argvPrefix, identity, inProcess, rootDirectory, warnings, notices} = privilegeCommand(configuration);
	const proxyIdentity =
		identity === undefined || uid === 0
			? {}
			: {proxyIdentity: {uid: identity.uid, gid: identity.gid, command: argvPrefix}};
	const diagnostics = inspectMachine(configuration, {
		files: options.files,
		uid,
		localAddresses,
		nodeName: options.nodeName,
		tools: findTools(),
		mayMoveAddresses: mayMoveAddresses(),
	});
	return {
		daemon: {
			configuration,
			configDigest,
			texts: new Map([...loaded.sources.map(({name, text}) => [name, text] as const), ...loaded.readFiles]),
			proxyArgv: [...argvPrefix, process.execPath, processEntry],
			...proxyIdentity,
			proxyOptions: {
				errorFiles,
				logTag: 'haproxy',
				snapshotIntervalMs,
				...(inProcess === undefined ? {} : {switchTo: inProcess}),
				...(rootDirectory === undefined ? {} : {rootDirectory}),
			},
			...(setup === undefined ? {} : {pair: setup}),
		},
		diagnostics,
		warnings,
		notices,
	};
}

/** What is missing for all of it to make sense; anything less is a warning and the node serves what it can. */
function refuseHopeless({files}: PlanOptions, configuration: Configuration): void {
	if (isEmpty(configuration)) {
		throw new UserError(`${files.join(', ')}: ${emptyConfiguration.message}`, {hint: emptyConfiguration.hint});
	}
	if (configuration.pair !== undefined && !mayMoveAddresses()) {
		throw new UserError(noPermission.message, {hint: noPermission.hint});
	}
}

interface PairFacts {
	readonly options: PlanOptions;
	readonly uid: number;
	readonly localAddresses: readonly string[];
	readonly configDigest: string;
}

function planPair(pair: Pair, {options, uid, localAddresses, configDigest}: PairFacts): PairSetup {
	const own = findOwnNode(pair, localAddresses, options.nodeName);
	const keys = readKeys(pair.secretFiles, uid);
	const noEarlyDemux = findNoEarlyDemux();
	const facts = {tools: findTools(), version, ...(noEarlyDemux === undefined ? {} : {noEarlyDemux})};
	return {
		pair,
		own,
		uid,
		commandLine: {files: options.files, syntax: options.syntax, nodeName: options.nodeName},
		heartbeatArgv: [...heartbeatCommand(), process.execPath, '--import', leanStart, heartbeatProcessPath],
		heartbeatSetup: {pair, nodeName: own.name, keys, configDigest, ...facts},
		drivers: createDrivers({
			pair,
			nodeName: own.name,
			fetcher: fetch,
			readSecret: path => readToken(path, uid),
			runProgram: createProgramRunner(uid),
		}),
		runHook: createHookRunner(pair, uid),
	};
}

/** Writes what was found to the log. */
export function logFindings(log: DaemonLog, loaded: LoadedConfiguration, plan: RunPlan): void {
	const target = log.forComponent('configuration');
	for (const {severity, file, line, message, hint} of [...loaded.diagnostics, ...plan.diagnostics]) {
		const level = severity === 'notice' ? 'info' : 'warn';
		target[level]({file, line, ...(hint === undefined ? {} : {hint})}, message);
	}
	for (const warning of plan.warnings) target.warn({}, warning);
	for (const notice of plan.notices) target.info({}, notice);
}
