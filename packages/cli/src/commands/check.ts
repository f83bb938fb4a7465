/**
 * `hapair check`: everything that is wrong with a configuration, at once, and what it would do.
 */
import type {Configuration, Diagnostic} from '@hapair/config';
import {privilegeCommand} from '@hapair/proxy';
import {findTools, inspectMachine, mayMoveAddresses} from '../configuration/inspect.ts';
import {countErrors, formatFindings, loadConfiguration, type SyntaxChoice} from '../configuration/load.ts';
import {listOutcomes} from '../configuration/outcomes.ts';
import {listLocalAddresses} from '../configuration/own-node.ts';
import {probeBinds} from '../configuration/probe-binds.ts';
import {summarizeConfiguration} from '../configuration/summary.ts';
import {driftSentence} from '../daemon/contradictions.ts';
import {askDaemon, type DaemonAnswer, readStatus} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes} from '../exit-codes.ts';
import {findDaemonUid, readDaemonFacts} from '../processes/service-account.ts';
import type {CommandIo} from './command-io.ts';

export interface CheckOptions {
	readonly files: readonly string[];
	readonly syntax: SyntaxChoice | undefined;
	readonly nodeName: string | undefined;
	/** Where a running daemon of this node would answer. */
	readonly socketPath: string;
	readonly json: boolean;
}

/** How long a running daemon may take to say that it is there. */
const askLimitMs = 500;

export async function check(options: CheckOptions, io: CommandIo): Promise<ExitCode> {
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration} = loaded;
	const machine = configuration === undefined ? [] : await checkMachine(configuration, options);
	const diagnostics = [...loaded.diagnostics, ...machine];
	const errors = countErrors(diagnostics);
	const summary = configuration === undefined ? [] : summarizeConfiguration(configuration);
	const outcomes = configuration?.pair === undefined ? [] : listOutcomes(configuration.pair);
	const warnings = configuration === undefined ? [] : privilegeCommand(configuration, readDaemonFacts()).warnings;
	if (options.json) {
		io.out(`${JSON.stringify({ok: errors === 0, diagnostics, warnings, summary, outcomes}, undefined, 2)}\n`);
		return errors === 0 ? exitCodes.ok : exitCodes.failed;
	}
	io.error(formatFindings(loaded, diagnostics, io.paintError));
	for (const warning of warnings) io.error(`${io.paintError('yellow', 'warning:')} ${warning}\n`);
	if (errors > 0) {
		io.error(`${io.paintError('red', `${errors} error${errors === 1 ? '' : 's'}`)} in ${options.files.join(', ')}\n`);
		return exitCodes.failed;
	}
	io.out(
		`${io.paint('green', 'The configuration is valid.')} It would run:\n${summary.map(line => `  ${line}`).join('\n')}\n`,
	);
	return exitCodes.ok;
}

async function checkMachine(configuration: Configuration, options: CheckOptions): Promise<Diagnostic[]> {
	const found = inspectMachine(configuration, {
		files: options.files,
		uid: findDaemonUid(),
		nodeName: options.nodeName,
		localAddresses: configuration.pair === undefined ? [] : listLocalAddresses(),
		tools: findTools(),
		mayMoveAddresses: mayMoveAddresses(),
	});
	const answer = await askDaemon(options.socketPath, {command: 'status'}, askLimitMs);
	return [
		...found,
		...reportContradictions(configuration, answer),
		...(await probeBinds(configuration, answer.kind === 'answered')),
	];
}

/** What the running daemon knows of the peer's configuration; of a daemon of another pair, nothing. */
function reportContradictions({pair}: Configuration, answer: DaemonAnswer): Diagnostic[] {
	const running = readStatus(answer)?.pair;
	if (pair === undefined || running === undefined || running.name !== pair.name) return [];
	const {contradictions, drift} = running;
	return [...contradictions, ...(drift === true ? [driftSentence] : [])].map(message => ({
		severity: 'warning',
		...pair.position,
		length: 1,
		message,
	}));
}
