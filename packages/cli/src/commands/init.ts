/**
 * `hapair init`: a pair from nothing, on its first node. Configuration and key, examined, started, and offered to the second node.
 *
 * Decides that nothing stays written unless all of it is right: the text is parsed, and held against this machine, before it is saved, and taken back
 * when `doctor` finds fault. What is there already is kept, so that a second run goes on where the first one ended: it offers a new code, or finds the
 * pair complete.
 */
import {existsSync, readFileSync, rmSync} from 'node:fs';
import {isIPv6} from 'node:net';
import {join, resolve} from 'node:path';
import type {Pair, PairNode} from '@hapair/config';
import {countErrors, formatFindings, parseText} from '../configuration/load.ts';
import {findPeer} from '../configuration/own-node.ts';
import {chooseSocketPath} from '../daemon/control-client.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {makeCode} from '../joining/code.ts';
import {expectCode, readCodeFile} from '../joining/code-file.ts';
import {joinPort} from '../joining/exchange.ts';
import {refuseUnfit} from '../joining/fit.ts';
import {keepConfiguration} from '../joining/keep-configuration.ts';
import {listInterfaceAddresses} from '../joining/local-addresses.ts';
import {askMeeting, awaitMeeting} from '../joining/meeting.ts';
import {codeLifetimeMs, type OfferEnd, offerConfiguration} from '../joining/offer.ts';
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
import {askForMissing, readAnswers} from './init-answers.ts';
import {generateKey} from './keygen.ts';
import {examineBeforeStart, findSelf, meetingLimitMs} from './pair-start.ts';
import {writeSampleConfiguration} from './sample-configuration.ts';

export interface InitOptions {
	readonly directory: string;
	readonly pairName: string;
	/** `NAME=ADDRESS`, two of them. */
	readonly nodes: readonly string[];
	/** `ADDRESS/PREFIX`. */
	readonly vip: string | undefined;
	readonly dev: string | undefined;
	readonly bind: string;
	/** `NAME=ADDRESS:PORT` or `ADDRESS:PORT`. */
	readonly servers: readonly string[];
	/** Replace a configuration that is there, and start although doctor finds fault. */
	readonly force: boolean;
	/** The files and nothing else. */
	readonly writeOnly: boolean;
	/** Start the service. */
	readonly start: boolean;
	/** A file with the code to admit the second node by; absent: a new one is made. */
	readonly codeFile: string | undefined;
	/** TCP, where the second node is waited for. */
	readonly port: number;
	readonly json: boolean;
}

const codeHint = 'make one with: tr -dc 0-9A-HJKMNP-TV-Z </dev/urandom | head -c 20';

interface Prepared {
	readonly configFile: string;
	readonly keyFile: string;
	readonly text: string;
	readonly pair: Pair;
	readonly changed: boolean;
	readonly keyIsNew: boolean;
	/** Puts things back as they were before this command; does nothing when it has changed nothing. */
	takeBack(): void;
}

export async function init(options: InitOptions, io: CommandIo): Promise<ExitCode> {
	const {codeFile} = options;
	const given = codeFile === undefined ? undefined : {codeFile, code: expectCode(readCodeFile(codeFile), codeHint)};
	const prepared = await prepare(options, io);
	if (options.writeOnly) {
		const {configFile, keyFile, keyIsNew} = prepared;
		if (options.json) io.out(`${JSON.stringify({ok: true, configFile, keyFile, keyIsNew})}\n`);
		else io.out(describeNextSteps(prepared));
		return exitCodes.ok;
	}
	const own = findSelf(prepared.pair);
	const socketPath = chooseSocketPath(undefined, io.environment);
	const say = options.json ? () => {} : (text: string) => io.out(`${text}\n`);
	const {configFile, pair} = prepared;
	const advice = {
		'pair-id': `hapair init ${prepared.changed ? '' : '--force '}--pair NAME …`,
		unicast: `a second node joins: hapair init on ${findPeer(pair, own).name}, then here the line that it prints`,
	};
	try {
		await examineBeforeStart({file: configFile, socketPath, force: options.force, advice}, io, say);
	} catch (error) {
		prepared.takeBack();
		throw error;
	}
	say(`${configFile}: ${prepared.changed ? 'written' : 'is as it should be'}`);
	if (options.start) keepConfiguration(pair).forEach(say);
	const started = options.start && (await startService(prepared.changed));
	say(started ? 'the service runs' : `no service was started; run: hapair run -f ${configFile}`);
	if ((await askMeeting(socketPath, pair.name)).complete) {
		const {name} = findPeer(pair, own);
		say(`${own.name} and ${name} see each other: the pair is complete`);
		if (options.json) io.out(`${JSON.stringify({ok: true, ...filesOf(prepared), complete: true})}\n`);
		return exitCodes.ok;
	}
	return admitPeer(options, {...prepared, given}, own, io, say);
}

/** Waits for the other node, for as long as its code is good. */
async function admitPeer(
	options: InitOptions,
	{given, ...prepared}: Prepared & {readonly given: {readonly codeFile: string; readonly code: string} | undefined},
	own: PairNode,
	io: CommandIo,
	say: (text: string) => void,
): Promise<ExitCode> {
	const {pair, text} = prepared;
	const code = given?.code ?? makeCode();
	const peer = findPeer(pair, own);
	const offer = await offerConfiguration({
		address: own.address,
		port: options.port,
		code: expectCode(code, codeHint),
		version,
		node: own.name,
		text,
		keys: pair.secretFiles.map(path => ({path, content: readFileSync(path).toString('base64')})),
		onRefusal: sentence => io.error(`${io.paintError('yellow', 'hapair:')} ${sentence}\n`),
		signal: io.interrupted,
	});
	const host = isIPv6(own.address) && offer.port !== joinPort ? `[${own.address}]` : own.address;
	const command = `hapair join ${host}${offer.port === joinPort ? '' : `:${offer.port}`} ${given === undefined ? code : `--code-file ${given.codeFile}`}`;
	if (options.json) {
		const expires = new Date(Date.now() + codeLifetimeMs).toISOString();
		// A code that was given is no news, and not to be repeated in logs.
		const join = {command, ...(given === undefined ? {code} : {}), expires};
		io.out(`${JSON.stringify({ok: true, ...filesOf(prepared), complete: false, join})}\n`);
	}
	say(`\nOn ${peer.name} (${peer.address}), as root, within 15 minutes:\n\n  ${io.paint('bold', command)}\n`);
	say(`Waiting for ${peer.name}. Ctrl-C ends this and the code; hapair init makes a new one.`);
	return conclude(await offer.end, {prepared, peer, json: options.json}, io, say);
}

async function conclude(
	end: OfferEnd,
	{prepared, peer, json}: {readonly prepared: Prepared; readonly peer: PairNode; readonly json: boolean},
	io: CommandIo,
	say: (text: string) => void,
): Promise<ExitCode> {
	const again = {hint: `the configuration stays; hapair init makes a new code`};
	switch (end.kind) {
		case 'expired':
			throw new UserError(`${peer.name} did not come within 15 minutes, and the code is void`, {
				...again,
				exitCode: exitCodes.timedOut,
			});
		case 'exhausted':
			throw new UserError('too many wrong codes were tried, and the right one is void', {
				...again,
				exitCode: exitCodes.refused,
			});
		case 'interrupted':
			throw new UserError('interrupted, and the code is void', {...again, exitCode: exitCodes.interrupted});
	}
	say(`${peer.name} has the configuration (hapair ${end.version})`);
	const socketPath = chooseSocketPath(undefined, io.environment);
	const {daemon} = await askMeeting(socketPath, prepared.pair.name);
	const meeting = await awaitMeeting(socketPath, prepared.pair.name, daemon ? meetingLimitMs : 0, io.interrupted);
	if (json) io.out(`${JSON.stringify({ok: true, joined: peer.name, complete: meeting.complete})}\n`);
	if (meeting.complete) say('both nodes see each other: the pair is complete. hapair status shows it');
	else say(`not complete yet: ${meeting.lacking}. hapair status and hapair doctor tell more`);
	return meeting.complete || !meeting.daemon ? exitCodes.ok : exitCodes.timedOut;
}

function filesOf({configFile, keyFile, keyIsNew}: Prepared) {
	return {configFile, keyFile, keyIsNew};
}

/** Everything up to the files; those are only written when all of it is right. */
async function prepare(options: InitOptions, io: CommandIo): Promise<Prepared> {
	const directory = resolve(options.directory);
	const configFile = join(directory, 'hapair.cfg');
	const defaultKey = join(directory, 'pair.key');
	const asked = options.nodes.length > 0 || options.vip !== undefined || options.servers.length > 0;
	refuseUnwritable(directory);
	const kept = asked || options.force ? undefined : readPresent(configFile);
	const keptPair = kept === undefined ? undefined : parseText(configFile, kept).configuration?.pair;
	const text =
		kept !== undefined && keptPair !== undefined
			? kept
			: writeSampleConfiguration(readAnswers(await askForMissing(options, io), defaultKey));
	const parsed = parseText(configFile, text);
	if (parsed.configuration?.pair === undefined || countErrors(parsed.diagnostics) > 0) {
		io.error(formatFindings(parsed, parsed.diagnostics, io.paintError));
		throw new UserError('these answers make no valid configuration; nothing was written');
	}
	const {pair} = parsed.configuration;
	if (!options.writeOnly) {
		refuseUnfit(pair, findSelf(pair), listInterfaceAddresses());
	}
	const present = comparePresent(configFile, text);
	refuseReplacing(configFile, present, options.force);
	const keyFile = pair.secretFiles[0] ?? defaultKey;
	const keyIsNew = !existsSync(keyFile);
	const before = readPresent(configFile);
	if (keyIsNew) writeKeyFile(keyFile, `${generateKey()}\n`);
	if (present !== 'same') writeConfigurationFile(configFile, text);
	const takeBack = (): void => {
		if (keyIsNew) rmSync(keyFile, {force: true});
		if (before === undefined) rmSync(configFile, {force: true});
		else if (before !== text) writeConfigurationFile(configFile, before);
	};
	return {configFile, keyFile, text, pair, changed: present !== 'same' || keyIsNew, keyIsNew, takeBack};
}

function describeNextSteps({configFile, keyFile, keyIsNew, pair}: Prepared): string {
	return [
		keyIsNew
			? `${configFile} and ${keyFile} written. Next:`
			: `${configFile} written; ${keyFile} was there and is kept. Next:`,
		`  1. copy both files to ${pair.nodes[1].name}, to the same place; the key stays readable for root only`,
		`  2. on both nodes: hapair check -f ${configFile}`,
		`  3. on both nodes: hapair run -f ${configFile}`,
		'  4. on either node: hapair status',
		'',
	].join('\n');
}
