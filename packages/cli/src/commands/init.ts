/**
 * `hapair init`: a first pair configuration and its key, from flags or, on a terminal, from questions.
 *
 * Decides that nothing is written unless all of it is right: the text is parsed before it is saved. A file that exists is
 * kept; `--force` replaces the configuration but never the key, since the other node has the same one.
 */
import {existsSync, renameSync, rmSync} from 'node:fs';
import {isIP} from 'node:net';
import {join, resolve} from 'node:path';
import {createInterface} from 'node:readline/promises';
import {countErrors, formatFindings, parseText} from '../configuration/load.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {makeDirectory} from '../processes/make-directory.ts';
import type {CommandIo} from './command-io.ts';
import {describeWriteError, generateKey, writeNewFile} from './keygen.ts';
import {type SampleAnswers, writeSampleConfiguration} from './sample-configuration.ts';

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
	/** Replace a configuration that is there. */
	readonly force: boolean;
	readonly json: boolean;
}

export async function init(options: InitOptions, io: CommandIo): Promise<ExitCode> {
	const complete = await askForMissing(options, io);
	const directory = resolve(complete.directory);
	const configFile = join(directory, 'hapair.cfg');
	const keyFile = join(directory, 'pair.key');
	const text = writeSampleConfiguration(readAnswers(complete, keyFile));
	const parsed = parseText(configFile, text);
	if (countErrors(parsed.diagnostics) > 0) {
		io.error(formatFindings(parsed, parsed.diagnostics, io.paintError));
		throw new UserError('these answers make no valid configuration; nothing was written');
	}
	if (existsSync(configFile) && !options.force) {
		throw new UserError(`${configFile} exists and is not overwritten; nothing was written`, {
			hint: 'replace it with --force, or name another directory with --directory',
		});
	}
	prepareDirectory(directory);
	const keyIsNew = !existsSync(keyFile);
	if (keyIsNew) writeNewFile(keyFile, `${generateKey()}\n`, 0o600);
	replaceFile(configFile, text);
	if (options.json) io.out(`${JSON.stringify({ok: true, configFile, keyFile, keyIsNew})}\n`);
	else io.out(describeNextSteps(configFile, keyFile, keyIsNew, complete));
	return exitCodes.ok;
}

function prepareDirectory(directory: string): void {
	try {
		makeDirectory(directory, 0o755);
	} catch (error) {
		throw describeWriteError(directory, error);
	}
}

/** Written beside and moved into place, so that a full disk leaves the old file whole. */
function replaceFile(file: string, text: string): void {
	const temporary = `${file}.new`;
	rmSync(temporary, {force: true});
	writeNewFile(temporary, text, 0o644);
	renameSync(temporary, file);
}

function describeNextSteps(configFile: string, keyFile: string, keyIsNew: boolean, {nodes}: InitOptions): string {
	const second = nodes[1]?.split('=')[0] ?? 'the other node';
	return [
		keyIsNew
			? `${configFile} and ${keyFile} written. Next:`
			: `${configFile} written; ${keyFile} was there and is kept. Next:`,
		`  1. copy both files to ${second}, to the same place; the key stays readable for root only`,
		`  2. on both nodes: hapair check -f ${configFile}`,
		`  3. on both nodes: hapair run -f ${configFile}`,
		'  4. on either node: hapair status',
		'',
	].join('\n');
}

async function askForMissing(options: InitOptions, io: CommandIo): Promise<InitOptions> {
	if (options.nodes.length > 2) throw usage('a pair has two nodes: give --node twice', 'write --node lb1=10.0.0.11');
	const missing = [
		...(options.nodes.length === 2 ? [] : ['--node NAME=ADDRESS (twice)']),
		...(options.vip === undefined ? ['--vip ADDRESS/PREFIX'] : []),
		...(options.dev === undefined ? ['--dev INTERFACE'] : []),
		...(options.servers.length > 0 ? [] : ['--server NAME=ADDRESS:PORT (one or more)']),
	];
	if (missing.length === 0) return options;
	if (!io.interactive) {
		throw new UserError(`missing: ${missing.join(', ')}`, {
			hint: 'run it on a terminal to be asked, or see the example in: hapair init --help',
			exitCode: exitCodes.usage,
		});
	}
	const questions = createInterface({input: process.stdin, output: process.stdout});
	// Ctrl-C and Ctrl-D close the interface, and a question that is then still open would never be answered.
	const closed = new AbortController();
	questions.once('close', () => closed.abort());
	try {
		const ask = async (question: string): Promise<string> => {
			const answer = await questions.question(`${question}: `, {signal: closed.signal});
			return answer.trim();
		};
		const nodes =
			options.nodes.length === 2
				? options.nodes
				: [await ask('first node (NAME=ADDRESS, as lb1=10.0.0.11)'), await ask('second node (as lb2=10.0.0.12)')];
		return {
			...options,
			nodes,
			vip: options.vip ?? (await ask('floating address (ADDRESS/PREFIX, as 10.0.0.100/24)')),
			dev: options.dev ?? (await ask('its interface (as eth0)')),
			servers:
				options.servers.length > 0
					? options.servers
					: (await ask('web servers (NAME=ADDRESS:PORT, separated by spaces)'))
							.split(/\s+/)
							.filter(word => word !== ''),
		};
	} catch (error) {
		if (!closed.signal.aborted) throw error;
		io.out('\n');
		throw new UserError('interrupted; nothing was written', {exitCode: exitCodes.interrupted});
	} finally {
		questions.close();
	}
}

function readAnswers(options: InitOptions, keyFile: string): SampleAnswers {
	const nodes = options.nodes.map((text, index) => {
		const {name, value} = splitNamed(text, `lb${index + 1}`);
		if (isIP(value) === 0) throw usage(`--node ${text}: "${value}" is not an IP address`, 'write --node lb1=10.0.0.11');
		return {name, address: value, priority: index === 0 ? 150 : 100};
	});
	const {vip = '', dev = ''} = options;
	if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(vip))
		throw usage(`--vip ${vip}: is not ADDRESS/PREFIX`, 'write --vip 10.0.0.100/24');
	if (!/^[^\s/]{1,15}$/.test(dev)) throw usage(`--dev ${dev}: is not the name of an interface`, 'write --dev eth0');
	const servers = options.servers.map((text, index) => {
		const {name, value} = splitNamed(text, `web${index + 1}`);
		if (!/^\S+:\d{1,5}$/.test(value))
			throw usage(`--server ${text}: is not NAME=ADDRESS:PORT`, 'write --server web1=10.0.0.1:80');
		return {name, address: value};
	});
	if (servers.length === 0) throw usage('at least one --server is needed', 'write --server web1=10.0.0.1:80');
	return {pairName: options.pairName, nodes, virtualAddress: vip, interface: dev, bind: options.bind, servers, keyFile};
}

function splitNamed(text: string, fallback: string): {name: string; value: string} {
	const at = text.indexOf('=');
	return at === -1 ? {name: fallback, value: text} : {name: text.slice(0, at), value: text.slice(at + 1)};
}

function usage(message: string, hint: string): UserError {
	return new UserError(message, {hint, exitCode: exitCodes.usage});
}
