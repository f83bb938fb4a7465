/**
 * What `hapair init` has to know: from flags, and on a terminal from questions.
 *
 * Decides the defaults that it offers: this machine's name, address and interface. Every answer is checked here; leaves the text to
 * `sample-configuration.ts`.
 */
import {isIP} from 'node:net';
import {hostname} from 'node:os';
import {createInterface} from 'node:readline/promises';
import {exitCodes, UserError} from '../exit-codes.ts';
import {contains} from '../joining/fit.ts';
import {listInterfaceAddresses} from '../joining/local-addresses.ts';
import type {CommandIo} from './command-io.ts';
import type {InitOptions} from './init.ts';
import type {SampleAnswers} from './sample-configuration.ts';

export async function askForMissing(options: InitOptions, io: CommandIo): Promise<InitOptions> {
	if (options.nodes.length > 2) throw usage('a pair has two nodes: give --node twice', 'write --node lb1=10.0.0.11');
	const missing = [
		...(options.nodes.length === 2 ? [] : ['--node NAME=ADDRESS (twice)']),
		...(options.vip === undefined ? ['--vip ADDRESS/PREFIX'] : []),
		...(options.dev === undefined && guessDevice(options) === undefined ? ['--dev INTERFACE'] : []),
		...(options.servers.length > 0 ? [] : ['--server NAME=ADDRESS:PORT (one or more)']),
	];
	if (missing.length === 0) return {...options, dev: options.dev ?? guessDevice(options)};
	if (!io.interactive) {
		throw new UserError(`missing: ${missing.join(', ')}`, {
			hint: 'run it on a terminal to be asked, or see the example in: hapair init --help',
			exitCode: exitCodes.usage,
		});
	}
	return withQuestions(io, async ask => {
		const nodes = options.nodes.length === 2 ? options.nodes : await askNodes(options, ask);
		const vip = options.vip ?? (await ask('floating address, free in that network (as 10.0.0.100/24)', ''));
		const dev = options.dev ?? (await ask('its interface', guessDevice({...options, nodes}) ?? ''));
		const servers =
			options.servers.length > 0
				? options.servers
				: (await ask('web servers (ADDRESS:PORT or NAME=ADDRESS:PORT, separated by spaces)', '')).split(/\s+/);
		const answers = {...options, nodes, vip, dev, servers: servers.filter(word => word !== '')};
		if (!options.json) io.out(`\nThe same without questions:\n\n  ${writeCommand(answers)}\n\n`);
		return answers;
	});
}

/** For whoever has to correct one answer of many. */
function writeCommand({nodes, vip, dev, servers}: Pick<InitOptions, 'nodes' | 'vip' | 'dev' | 'servers'>): string {
	const flags = [
		...nodes.map(node => ['--node', node]),
		['--vip', vip],
		['--dev', dev],
		...servers.map(server => ['--server', server]),
	];
	return `hapair init ${flags.flat().join(' ')}`;
}

type Ask = (question: string, proposal: string) => Promise<string>;

/** Asks on the terminal; Ctrl-C and Ctrl-D end it with a `UserError`. */
export async function withQuestions<Value>(_io: CommandIo, work: (ask: Ask) => Promise<Value>): Promise<Value> {
	const questions = createInterface({input: process.stdin, output: process.stdout});
	// Ctrl-C and Ctrl-D close the interface, and a question that is then still open would never be answered.
	const closed = new AbortController();
	questions.once('close', () => closed.abort());
	try {
		return await work(async (question, proposal) => {
			const shown = proposal === '' ? question : `${question} [${proposal}]`;
			const answer = (await questions.question(`${shown}: `, {signal: closed.signal})).trim();
			return answer === '' ? proposal : answer;
		});
	} catch (error) {
		if (!closed.signal.aborted) throw error;
		process.stdout.write('\n');
		throw new UserError('interrupted; nothing was written', {exitCode: exitCodes.interrupted});
	} finally {
		questions.close();
	}
}

async function askNodes({nodes: [given]}: InitOptions, ask: Ask): Promise<string[]> {
	const [name = 'lb1'] = hostname().split('.');
	const first = listInterfaceAddresses().find(each => each.interface !== 'lo' && !each.address.startsWith('fe80:'));
	const proposal = first === undefined ? '' : `${name}=${first.address}`;
	return [
		given ?? (await ask('this node (NAME=ADDRESS)', proposal)),
		await ask('the other node (NAME=ADDRESS, as lb2=10.0.0.12)', ''),
	];
}

/** The interface of the address of a node; else the one in whose subnet the virtual address is. */
function guessDevice({nodes, vip}: Pick<InitOptions, 'nodes' | 'vip'>): string | undefined {
	const addresses = nodes.map((text, index) => splitNamed(text, `lb${index + 1}`).value);
	const local = listInterfaceAddresses();
	const [wanted = ''] = vip?.split('/') ?? [];
	const found =
		local.find(({address}) => addresses.includes(address)) ??
		local.find(each => wanted !== '' && isIP(wanted) !== 0 && contains(each, wanted));
	return found?.interface;
}

export function readAnswers(options: InitOptions, keyFile: string): SampleAnswers {
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
