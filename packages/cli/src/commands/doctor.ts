/**
 * `hapair doctor`: will this pair work, on this machine and in this network?
 *
 * Decides what is examined: the node that this machine is, with its daemon's word where one runs. Changes nothing and needs no daemon.
 * Leaves the checks to `../doctor/`.
 */
import type {Pair, PairNode} from '@hapair/config';
import {createDrivers} from '@hapair/takeover';
import {digestConfiguration} from '../configuration/digest.ts';
import {readErrorFiles} from '../configuration/inspect.ts';
import {countErrors, formatFindings, loadConfiguration, type SyntaxChoice} from '../configuration/load.ts';
import {findOwnNode, findPeer, listLocalAddresses} from '../configuration/own-node.ts';
import {askDaemon, readStatus} from '../daemon/control-client.ts';
import {readKeys} from '../daemon/keys.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import {hasCapability, readCapabilities} from '../doctor/checks/capabilities.ts';
import {conclude} from '../doctor/conclude.ts';
import {examine} from '../doctor/examine.ts';
import {type Finding, finding} from '../doctor/finding.ts';
import {formatExamination} from '../doctor/findings-text.ts';
import {findRoutes} from '../doctor/routes.ts';
import type {Subject, ToolName} from '../doctor/subject.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {findTool} from '../processes/find-tool.ts';
import {findDaemonUid, findServiceAccount} from '../processes/service-account.ts';
import {createProgramRunner, readToken} from '../takeover/surroundings.ts';
import type {CommandIo} from './command-io.ts';

export interface DoctorOptions {
	readonly files: readonly string[];
	readonly syntax: SyntaxChoice | undefined;
	readonly nodeName: string | undefined;
	readonly socketPath: string;
	readonly json: boolean;
}

const askLimitMs = 2000;
const toolNames: readonly ToolName[] = ['ip', 'nft', 'arping', 'ping', 'perl'];

/** Exit code 1 when something fails, else 0: warnings and what is not known are for people. */
export async function doctor(options: DoctorOptions, io: CommandIo): Promise<ExitCode> {
	const {subject, findings} = await examineNode(options, io);
	return report(subject, findings, options.json, io);
}

/** Examines and says nothing. Throws a `UserError` when there is no pair to examine. */
export async function examineNode(
	options: DoctorOptions,
	io: CommandIo,
): Promise<{readonly subject: Subject; readonly findings: readonly Finding[]}> {
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration, diagnostics} = loaded;
	if (configuration === undefined || countErrors(diagnostics) > 0) {
		io.error(formatFindings(loaded, diagnostics, io.paintError));
		throw new UserError('the configuration is wrong, so there is no pair to examine', {
			hint: 'hapair check says the same',
		});
	}
	const {pair} = configuration;
	if (pair === undefined) {
		throw new UserError(`${options.files.join(', ')}: there is no pair section to examine`, {
			hint: 'hapair init writes a first one; hapair check is enough for a proxy alone',
		});
	}
	const own = findOwnNode(pair, listLocalAddresses(), options.nodeName);
	const uid = findDaemonUid();
	const digest = digestConfiguration(loaded, readErrorFiles(configuration));
	const {keys, keyTrouble} = tryKeys(pair, uid);
	const mask = readCapabilities('self') ?? 0n;
	const tools = findTools();
	const daemon = await askStatus(options.socketPath, pair, own);
	const subject: Subject = {
		configuration,
		pair,
		own,
		peer: findPeer(pair, own),
		configDigest: digest,
		keys,
		uid,
		tools,
		mayMove: hasCapability(mask, 12),
		mayListen: hasCapability(mask, 13),
		...(daemon === undefined ? {} : {daemon}),
		routes: await findRoutes(pair, own, tools.ip),
	};
	return {subject, findings: [...keyTrouble, ...(await examine(subject, makeDrivers(pair, own, uid)))]};
}

function report(
	{pair, own, peer, daemon}: Subject,
	findings: readonly Finding[],
	json: boolean,
	io: CommandIo,
): ExitCode {
	const conclusion = conclude(pair, findings);
	const ok = findings.every(({grade}) => grade !== 'fail');
	const side = {pair: pair.name, node: own.name, peer: peer.name, daemonRuns: daemon !== undefined};
	if (json) io.out(`${JSON.stringify({ok, ...side, findings, ...conclusion}, undefined, 2)}\n`);
	else io.out(`${formatExamination(findings, conclusion, side, io.paint).join('\n')}\n`);
	return ok ? exitCodes.ok : exitCodes.failed;
}

/** A daemon of another pair on that socket is not this pair's. */
async function askStatus(path: string, pair: Pair, own: PairNode): Promise<StatusReport | undefined> {
	const answer = await askDaemon(path, {command: 'status'}, askLimitMs);
	if (answer.kind === 'failed')
		throw new UserError(`${path}: ${answer.error.message}`, {hint: 'run hapair doctor as root'});
	const status = readStatus(answer);
	if (status?.pair?.name !== pair.name) return undefined;
	return status.pair.nodes[0].name === own.name ? status : undefined;
}

function tryKeys(pair: Pair, uid: number): {readonly keys: Subject['keys']; readonly keyTrouble: readonly Finding[]} {
	try {
		return {keys: readKeys(pair.secretFiles, uid), keyTrouble: []};
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return {keys: [], keyTrouble: [finding('key', 'fail', error.message, error.hint)]};
	}
}

function makeDrivers(pair: Pair, own: PairNode, uid: number) {
	return createDrivers({
		pair,
		nodeName: own.name,
		fetcher: fetch,
		readSecret: path => readToken(path, uid),
		runProgram: createProgramRunner(uid, findServiceAccount()),
	});
}

function findTools(): Subject['tools'] {
	const found: Partial<Record<ToolName, string>> = {};
	for (const name of toolNames) {
		const path = findTool(name);
		if (path !== undefined) found[name] = path;
	}
	return found;
}
