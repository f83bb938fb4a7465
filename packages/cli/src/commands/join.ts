/**
 * `hapair join`: makes this machine the second node of a pair that waits for it.
 *
 * Decides that nothing is written before this machine is known to fit, and that the code comes from the command line, a file, or a
 * question. On a node that has joined already it only sees to it that everything runs.
 */
import {isIP} from 'node:net';
import {join as joinPath, resolve} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Pair} from '@hapair/config';
import {countErrors, formatFindings, parseText} from '../configuration/load.ts';
import {findPeer} from '../configuration/own-node.ts';
import {chooseSocketPath} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {type AcceptSetup, acceptOffer, NobodyWaits} from '../joining/accept-offer.ts';
import {expectCode, readCodeFile} from '../joining/code-file.ts';
import {joinPort, type Keys, type Offered} from '../joining/exchange.ts';
import {refuseUnfit} from '../joining/fit.ts';
import {keepConfiguration} from '../joining/keep-configuration.ts';
import {listInterfaceAddresses} from '../joining/local-addresses.ts';
import {awaitMeeting} from '../joining/meeting.ts';
import {
	comparePresent,
	readPresent,
	refuseReplacing,
	refuseUnwritable,
	writeConfigurationFile,
	writeKeyFile,
} from '../joining/pair-files.ts';
import {startService} from '../joining/service.ts';
import {version} from '../version.ts';
import type {CommandIo} from './command-io.ts';
import {withQuestions} from './init-answers.ts';
import {examineBeforeStart, findSelf, meetingLimitMs} from './pair-start.ts';

/** Between two attempts. */
const pauseMs = 2000;

export interface JoinOptions {
	/** `ADDRESS` or `ADDRESS:PORT` of the node where `hapair init` waits. */
	readonly target: string;
	readonly code: string | undefined;
	/** A file with the code; `-` is stdin. */
	readonly codeFile: string | undefined;
	/** How long to try while nobody waits there. */
	readonly waitMs: number;
	readonly directory: string;
	readonly force: boolean;
	/** Start the service. */
	readonly start: boolean;
	readonly json: boolean;
}

export async function join(options: JoinOptions, io: CommandIo): Promise<ExitCode> {
	const {address, port} = readTarget(options.target);
	const directory = resolve(options.directory);
	const configFile = joinPath(directory, 'hapair.cfg');
	refuseUnwritable(directory);
	const say = options.json ? () => {} : (text: string) => io.out(`${text}\n`);
	let changed = false;
	let pair = options.code === undefined && options.codeFile === undefined ? findJoined(configFile, address) : undefined;
	if (pair === undefined) {
		const judged: {pair?: Pair} = {};
		const setup: AcceptSetup = {
			address,
			port,
			code: await findCode(options, io),
			version,
			judge: async offered => {
				judged.pair = judge(offered, configFile, options.force, io);
			},
			store: ({text}, keys) => {
				changed = store(configFile, text, keys, judged.pair?.secretFiles ?? [], options.force);
			},
		};
		// The same line once more: nobody waits, and its code has done what it was for.
		const joined = findJoined(configFile, address);
		pair = await acceptWithin(joined === undefined ? options.waitMs : 0, setup, io.interrupted, say).then(
			() => judged.pair,
			(error: unknown) => {
				if (joined !== undefined && error instanceof NobodyWaits) return joined;
				throw error;
			},
		);
	}
	if (pair === undefined) throw new UserError('the exchange ended without a configuration');
	say(`${configFile}: ${changed ? 'written' : 'is as it should be'}`);
	return start({pair, configFile, changed}, options, io, say);
}

/** The first node may not be there yet. Whoever does wait there has the last word: a code that it refuses is not tried again. */
async function acceptWithin(
	waitMs: number,
	setup: AcceptSetup,
	interrupted: AbortSignal,
	say: (text: string) => void,
): Promise<void> {
	const deadlineMs = performance.now() + waitMs;
	for (let attempt = 1; ; attempt++) {
		try {
			return await acceptOffer(setup);
		} catch (error) {
			if (!(error instanceof NobodyWaits) || performance.now() > deadlineMs || interrupted.aborted) throw error;
			if (attempt === 1) say(`${error.message}; trying again until it does`);
			await sleep(pauseMs);
		}
	}
}

async function start(
	{pair, configFile, changed}: {readonly pair: Pair; readonly configFile: string; readonly changed: boolean},
	options: JoinOptions,
	io: CommandIo,
	say: (text: string) => void,
): Promise<ExitCode> {
	const {force, json} = options;
	const own = findSelf(pair);
	const peer = findPeer(pair, own);
	const socketPath = chooseSocketPath(undefined, io.environment);
	const advice = {'pair-id': `on ${peer.name}: hapair init --force --pair NAME …`};
	await examineBeforeStart({file: configFile, socketPath, force, advice}, io, say);
	if (options.start) keepConfiguration(pair).forEach(say);
	const started = options.start && (await startService(changed));
	if (!started) say(`no service was started; run: hapair run -f ${configFile}`);
	else say(`the service runs; waiting until ${own.name} and ${peer.name} see each other`);
	const meeting = await awaitMeeting(socketPath, pair.name, started ? meetingLimitMs : 0, io.interrupted);
	if (json) {
		io.out(
			`${JSON.stringify({ok: meeting.complete || !started, configFile, node: own.name, complete: meeting.complete})}\n`,
		);
	}
	if (meeting.complete) {
		say('both nodes see each other: the pair is complete. hapair status shows it');
		return exitCodes.ok;
	}
	if (!started) return exitCodes.ok;
	if (io.interrupted.aborted)
		throw new UserError('interrupted; the service goes on', {exitCode: exitCodes.interrupted});
	throw new UserError(`the service runs, and after a minute ${meeting.lacking}`, {
		hint: `does ${peer.name} run? does a firewall drop UDP ${pair.port}? hapair doctor examines it`,
		exitCode: exitCodes.timedOut,
	});
}

/** This machine's pair, when it has joined that node before. */
function findJoined(configFile: string, address: string): Pair | undefined {
	const text = readPresent(configFile);
	const pair = text === undefined ? undefined : parseText(configFile, text).configuration?.pair;
	if (pair === undefined || !pair.nodes.some(node => node.address === address)) return undefined;
	return findSelf(pair).address === address ? undefined : pair;
}

/** Throws a `UserError` when this machine cannot be the other node, or has a configuration of its own. */
function judge({node, text}: Offered, configFile: string, force: boolean, io: CommandIo): Pair {
	const parsed = parseText(configFile, text);
	const pair = parsed.configuration?.pair;
	if (pair === undefined || countErrors(parsed.diagnostics) > 0) {
		io.error(formatFindings(parsed, parsed.diagnostics, io.paintError));
		throw new UserError(`the configuration of ${node} is wrong here`, {
			hint: `files that it names must be here too: copy them from ${node}, then join again with the same code`,
		});
	}
	const own = findSelf(pair);
	if (own.name === node) {
		throw new UserError(`this machine has the address of ${node} itself (${own.address})`, {
			hint: 'run hapair join on the other machine',
			exitCode: exitCodes.refused,
		});
	}
	refuseUnfit(pair, own, listInterfaceAddresses());
	refuseReplacing(configFile, comparePresent(configFile, text), force);
	return pair;
}

/** Answers whether anything is new. Only keys that the configuration names are written. */
function store(
	configFile: string,
	text: string,
	keys: Keys['keys'],
	expected: readonly string[],
	force: boolean,
): boolean {
	const wanted = keys.filter(({path}) => expected.includes(path));
	const contents = wanted.map(({path, content}) => ({path, bytes: Buffer.from(content, 'base64')}));
	const fresh = contents.filter(({path, bytes}) => readPresent(path) !== bytes.toString('utf8'));
	for (const {path} of fresh) {
		if (readPresent(path) === undefined || force) continue;
		throw new UserError(`${path} exists and holds another key; nothing was written`, {
			hint: 'move it away, or replace it with --force',
			exitCode: exitCodes.refused,
		});
	}
	for (const {path, bytes} of fresh) writeKeyFile(path, bytes);
	const same = comparePresent(configFile, text) === 'same';
	if (!same) writeConfigurationFile(configFile, text);
	return !same || fresh.length > 0;
}

async function findCode({code, codeFile}: JoinOptions, io: CommandIo): Promise<string> {
	const text = code ?? (codeFile === undefined ? await askCode(io) : readCodeFile(codeFile));
	return expectCode(text, 'hapair init on the first node prints it');
}

function askCode(io: CommandIo): Promise<string> {
	if (io.interactive) return withQuestions(io, ask => ask('code that hapair init has printed', ''));
	throw new UserError('the code is missing', {
		hint: 'give it behind the address, or with --code-file PATH (- is stdin)',
		exitCode: exitCodes.usage,
	});
}

function readTarget(target: string): {address: string; port: number} {
	const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+|.*:.*:.*?))(?::(\d{1,5}))?$/.exec(target) ?? [];
	const address = isIP(target) === 0 ? (bracketed ?? plain ?? '') : target;
	const port = isIP(target) === 0 && digits !== undefined ? Number(digits) : joinPort;
	if (isIP(address) !== 0 && port >= 1 && port <= 65_535) return {address, port};
	throw new UserError(`${target}: is not the address of a node`, {
		hint: 'write the line that hapair init has printed: hapair join 10.0.0.11 CODE',
		exitCode: exitCodes.usage,
	});
}
