/**
 * `hapair proxy`: the engine alone, in place of `/usr/sbin/haproxy`, with its flags, exit codes and signals.
 *
 * Wires the parts of `standalone/` in the order in which haproxy does things: read, check, go to the background, become the configured
 * user, listen, write the pid file, relieve the old process. Exit codes: 0 ended as told, 1 refused or could not start, 2 nothing to listen on (`-c`).
 */
import {type Configuration, formatDiagnostics, judgePredicate} from '@hapair/config';
import {describeDescriptorShortage, readDescriptorLimit} from './descriptor-limit.ts';
import {type Engine, StartError, startEngine} from './engine.ts';
import type {PrivilegePlan} from './privileges/plan.ts';
import {privilegeCommand, switchInProcess} from './privileges.ts';
import {parseArguments, type StandaloneArguments, usage} from './standalone/arguments.ts';
import {backgroundVariable, reportToParent, startInBackground} from './standalone/background.ts';
import {inheritedDescriptors} from './standalone/inherited-descriptors.ts';
import {LoadError, type Loaded, loadConfiguration} from './standalone/load.ts';
import {overrideLimits} from './standalone/override-limits.ts';
import {removePidFile, writePidFile} from './standalone/pid-file.ts';
import {isReadableBy} from './standalone/readable-by.ts';
import {relieve, startRelieving} from './standalone/relieve.ts';
import {holdEarlySignals, serveUntilSignal} from './standalone/signals.ts';
import {describeVersion} from './standalone/version.ts';
import {keepSpareMemoryLow} from './system/spare-memory.ts';

export interface StandaloneIo {
	/** What was asked for: version, the verdict of `-c`. */
	out(text: string): void;
	/** Messages. */
	err(text: string): void;
}

type LoadedConfiguration = Loaded & {readonly configuration: Configuration};

/** Runs the engine until it is told to end; resolves with the exit code. `argv` without the program's name. */
export async function runStandalone(argv: readonly string[], io: StandaloneIo): Promise<number> {
	const parsed = parseArguments(argv);
	if (!parsed.ok) {
		io.err(`${parsed.message}\n${usage}`);
		return 1;
	}
	const {arguments: wanted} = parsed;
	if (wanted.version) {
		io.out(describeVersion(wanted.version));
		return 0;
	}
	if (wanted.condition !== undefined) return reportCondition(wanted.condition, io);
	const inBackground = process.env[backgroundVariable] !== undefined;
	const say = inBackground ? reportText : io.err;
	try {
		return await run(wanted, inBackground, {out: io.out, err: say});
	} catch (error) {
		if (!(error instanceof LoadError || error instanceof StartError)) throw error;
		say(`${error.message}\n`);
		if (error instanceof StartError && error.hint) say(`  ${error.hint}\n`);
		if (inBackground) reportToParent({type: 'failed'});
		return 1;
	}
}

/** `-cc`: 0 true, 1 false, 2 unreadable. */
function reportCondition(text: string, io: StandaloneIo): number {
	const verdict = judgePredicate(text, name => process.env[name] !== undefined);
	if (typeof verdict === 'boolean') return verdict ? 0 : 1;
	io.err(`${verdict.problem}\n`);
	return 2;
}

function reportText(text: string): void {
	reportToParent({type: 'message', text});
}

async function run(wanted: StandaloneArguments, inBackground: boolean, io: StandaloneIo): Promise<number> {
	const startDirectory = process.cwd();
	if (wanted.directory !== undefined) changeDirectory(wanted.directory);
	const loaded = load(wanted, io);
	if (!loaded) {
		if (inBackground) reportToParent({type: 'failed'});
		return 1;
	}
	const {configuration} = loaded;
	if (wanted.check) return reportCheck(configuration, wanted, io);
	warnOfShortage(configuration, wanted, io);
	const plan = privilegeCommand(configuration);
	if (!wanted.quiet) for (const text of [...plan.warnings, ...plan.notices]) io.err(`${text}\n`);
	const prefix = canStartAnew(loaded, plan) ? plan.argvPrefix : [];
	const descriptors = inheritedDescriptors(configuration);

	if (!inBackground && !wanted.foreground && (wanted.daemon || configuration.global.daemon)) {
		process.chdir(startDirectory);
		const pidFile = wanted.pidFile ?? configuration.global.pidfile;
		return startInBackground({
			argvPrefix: prefix,
			descriptors,
			onText: io.err,
			onListening(pid) {
				if (pidFile !== undefined) tryWritePidFile(pidFile, pid, io);
			},
		});
	}
	if (prefix.length > 0 && descriptors.length === 0) {
		// The same process goes on as another user: its pid, which the caller knows, stays.
		if (wanted.pidFile !== undefined) tryWritePidFile(wanted.pidFile, process.pid, io);
		process.chdir(startDirectory);
		const argv = [...prefix, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
		process.execve?.(argv[0] ?? '', argv, process.env);
	}
	return serve(loaded, wanted, plan, inBackground, io);
}

async function serve(
	loaded: LoadedConfiguration,
	wanted: StandaloneArguments,
	plan: PrivilegePlan,
	inBackground: boolean,
	io: StandaloneIo,
): Promise<number> {
	const start = (what: LoadedConfiguration): Promise<Engine> =>
		startEngine(what.configuration, {
			errorFiles: what.errorFiles,
			logTag: 'haproxy',
			logPid: process.pid,
			reusePort: true,
			resolvesNames: plan.rootDirectory !== undefined,
			onLog(level, message, fields) {
				if (level === 'error' || level === 'warn' || wanted.verbose)
					io.err(`${message} ${JSON.stringify(fields ?? {})}\n`);
			},
		});
	const early = holdEarlySignals();
	const engine = await startRelieving(wanted.relieve, () => start(loaded));
	const pidFile = inBackground ? undefined : wanted.pidFile;
	if (pidFile !== undefined) tryWritePidFile(pidFile, process.pid, io);
	keepSpareMemoryLow();
	if (plan.rootDirectory !== undefined) await engine.confine(plan.rootDirectory);
	if (plan.identity) switchInProcess(plan.identity);
	relieve(wanted.relieve);
	if (inBackground) {
		reportToParent({type: 'listening'});
		process.disconnect?.();
		// The parent that read these is gone.
		process.stderr.on('error', () => {});
	}
	await serveUntilSignal(engine, {
		io,
		early,
		async reload() {
			if (!wanted.masterWorker) return undefined;
			const fresh = load(wanted, io);
			return fresh && inheritedDescriptors(fresh.configuration).length === 0 ? start(fresh) : undefined;
		},
	});
	if (pidFile !== undefined) removePidFile(pidFile, process.pid);
	return 0;
}

/** Reads everything; undefined when the configuration is refused, after saying why. */
function load(wanted: StandaloneArguments, io: StandaloneIo): LoadedConfiguration | undefined {
	const loaded = loadConfiguration(wanted.files, process.env);
	const shown = loaded.diagnostics.filter(
		({severity}) => severity === 'error' || (severity === 'warning' && !wanted.quiet) || wanted.verbose,
	);
	if (shown.length > 0) io.err(`${formatDiagnostics(shown, loaded.files, {colour: process.stderr.isTTY === true})}\n`);
	if (!loaded.configuration) return undefined;
	return {...loaded, configuration: overrideLimits(loaded.configuration, wanted)};
}

function reportCheck(configuration: Configuration, wanted: StandaloneArguments, io: StandaloneIo): number {
	if (!listens(configuration)) {
		io.err('The configuration has no error but nothing to listen on: add a bind line.\n');
		return 2;
	}
	if (!wanted.quiet) io.out('Configuration file is valid\n');
	return 0;
}

function listens({frontends, global}: Configuration): boolean {
	return global.statsSockets.length > 0 || frontends.some(({binds, disabled}) => !disabled && binds.length > 0);
}

function warnOfShortage(configuration: Configuration, wanted: StandaloneArguments, io: StandaloneIo): void {
	if (wanted.quiet) return;
	if (!listens(configuration)) io.err('Nothing to listen on: add a bind line.\n');
	const shortage = describeDescriptorShortage(configuration.global.maxconn, readDescriptorLimit());
	if (shortage) io.err(`${shortage}\n`);
}

/** After the switch of user everything is read and bound again: only when the user may. Else the switch follows the binding. */
function canStartAnew(loaded: LoadedConfiguration, plan: PrivilegePlan): boolean {
	const {identity} = plan;
	if (!identity || plan.argvPrefix.length === 0) return false;
	const {frontends, global} = loaded.configuration;
	const bindsFile = [...global.statsSockets, ...frontends.flatMap(({binds}) => binds)].some(
		({address}) => address.kind === 'unix',
	);
	const program = process.argv[1];
	return (
		!bindsFile &&
		loaded.paths.every(path => isReadableBy(identity, path)) &&
		(program === undefined || isReadableBy(identity, program)) &&
		isReadableBy(identity, process.execPath)
	);
}

function changeDirectory(directory: string): void {
	try {
		process.chdir(directory);
	} catch {
		throw new LoadError(`-C: cannot change to ${directory}.`);
	}
}

function tryWritePidFile(path: string, pid: number, io: StandaloneIo): void {
	try {
		writePidFile(path, pid);
	} catch (error) {
		io.err(`The pid file ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
	}
}
