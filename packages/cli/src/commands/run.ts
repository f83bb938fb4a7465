/**
 * `hapair run`: from files to a running daemon, and its end by signal.
 *
 * Decides what each signal means: the first TERM or INT stops in order, the second at once, HUP reads the files again. Leaves what must be
 * right before anything starts to `configuration/run-plan.ts`. A daemon that was started to take another one's place tells that one what it
 * tells people.
 */
import {accessSync, constants, mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {keepSpareMemoryLow, lockIdentities} from '@hapair/proxy';
import {countErrors, formatFindings, loadConfiguration, type SyntaxChoice} from '../configuration/load.ts';
import {logFindings, planRun} from '../configuration/run-plan.ts';
import {Daemon} from '../daemon/daemon.ts';
import {removePidFile, writePidFile} from '../daemon/pid-file.ts';
import {readAgain} from '../daemon/read-again.ts';
import {notifyServiceManager, whyNoReplacement} from '../daemon/service-manager.ts';
import type {DaemonPlan} from '../daemon/setup.ts';
import {Predecessor} from '../daemon/upgrade/predecessor.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {createLog, type DaemonLog, type LogLevel} from '../logging.ts';
import {SyncJournal} from '../sync/journal.ts';
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

export async function run(options: RunOptions, io: CommandIo): Promise<ExitCode> {
	const predecessor = Predecessor.find();
	try {
		return await serve(options, io, predecessor);
	} catch (error) {
		const isRefused = error instanceof UserError && error.exitCode === exitCodes.refused;
		await predecessor?.fail(describeError(error), isRefused);
		throw error;
	}
}

function describeError(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const hint = error instanceof UserError && error.hint !== undefined ? `; ${error.hint}` : '';
	return `${error.message}${hint}`;
}

async function serve(options: RunOptions, io: CommandIo, predecessor: Predecessor | undefined): Promise<ExitCode> {
	const settled = new SyncJournal(options.stateDirectory, options.files).settle();
	if (settled !== undefined) io.error(`${settled}\n`);
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration, diagnostics} = loaded;
	if (configuration === undefined || countErrors(diagnostics) > 0) {
		io.error(formatFindings(loaded, diagnostics, io.paintError));
		await predecessor?.fail(`it finds errors in ${options.files.join(', ')}, as hapair check does`);
		return exitCodes.failed;
	}
	const plan = planRun(options, loaded, configuration);
	const {pair} = plan.daemon;
	const log = createLog({
		level: options.logLevel,
		terminal: io.terminal && !options.json,
		colour: io.paint('red', 'x') !== 'x',
		...(pair === undefined ? {} : {fields: {node: pair.own.name}}),
	});
	logFindings(log, loaded, plan);
	confine(plan.daemon, log);
	const pidFile = options.pidFile ?? join(dirname(options.socketPath), 'hapair.pid');
	const interruption = listenForSignals(log);
	const daemon = createDaemon(options, plan.daemon, log, predecessor);
	process.on('SIGHUP', () => void daemon.reload(message => log.forComponent('daemon').info({}, message)));
	try {
		await daemon.start();
	} catch (error) {
		await log.end(lastLinesMs);
		throw error;
	}
	let isReplaced = false;
	try {
		writePidFile(pidFile, process.pid);
		keepSpareMemoryLow();
		// A daemon that takes another one's place is not the main process yet: that one tells who is.
		predecessor?.tell({type: 'serving'});
		// What systemd starts after this unit finds open ports. A proxy that takes longer is no reason to be ended by it.
		const serving = Promise.race([daemon.serving, sleep(readyLimitMs, undefined, {ref: false})]);
		if (predecessor === undefined) void serving.then(() => notifyServiceManager('READY=1'));
		const replaced = daemon.replaced.then(() => 'replaced' as const);
		const end = await Promise.race([interruption.first, daemon.failure, replaced]);
		if (end instanceof UserError) throw end;
		isReplaced = end === 'replaced';
		if (isReplaced) await Promise.all([daemon.retire(interruption.first), sleep(noticeMs)]);
		return exitCodes.ok;
	} finally {
		if (isReplaced) await log.end(lastLinesMs);
		else {
			// Whatever ended it, a child that went on alone would hold the address without a daemon.
			notifyServiceManager('STOPPING=1');
			const unended = await daemon.stop(interruption.hurry);
			removePidFile(pidFile, process.pid);
			await endLog(log, unended);
		}
	}
}

/** A service that may become other users becomes the proxy's and no third one, root neither. */
function confine({proxyIdentity}: DaemonPlan, log: DaemonLog): void {
	if (proxyIdentity === undefined) return;
	const uids = [process.getuid?.() ?? 0, proxyIdentity.uid];
	const gids = [process.getgid?.() ?? 0, proxyIdentity.gid];
	if (lockIdentities({uids, gids})) return;
	const message = 'the kernel takes no filter of system calls: this service could become any user of the machine';
	log.forComponent('daemon').warn({}, message);
}

function createDaemon(
	options: RunOptions,
	plan: DaemonPlan,
	log: DaemonLog,
	predecessor: Predecessor | undefined,
): Daemon {
	const {pair} = plan;
	const stateDirectory = pair === undefined ? undefined : openStateDirectory(options.stateDirectory, log);
	const pairSetup = pair && (stateDirectory === undefined ? pair : {...pair, stateDirectory});
	return new Daemon({
		...plan,
		...(pairSetup === undefined ? {} : {pair: pairSetup}),
		version,
		socketPath: options.socketPath,
		readAgain: purpose => readAgain(options, log, purpose),
		program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
		programArgv: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
		whyNoReplacement: whyNoReplacement(options.pidFile !== undefined),
		...(predecessor === undefined ? {} : {predecessor}),
		log,
	});
}

/** Until systemd has certainly taken the word of who the main process is now, this one is there. */
const noticeMs = 500;

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
