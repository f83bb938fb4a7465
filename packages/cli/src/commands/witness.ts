/**
 * `hapair witness`: the third opinion, in the foreground until SIGINT or SIGTERM.
 *
 * Decides what it needs to start. Leaves the judgement to the heartbeat package; it holds no address and needs no privilege.
 */
import {mkdirSync} from 'node:fs';
import {isIP} from 'node:net';
import {dirname} from 'node:path';
import {WitnessServer} from '@hapair/heartbeat';
import {readKeys} from '../daemon/keys.ts';
import {notifyServiceManager} from '../daemon/service-manager.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {createLog} from '../logging.ts';
import type {CommandIo} from './command-io.ts';

export interface WitnessOptions {
	readonly listen: string;
	readonly keyFiles: readonly string[];
	readonly stateFile: string;
	readonly json: boolean;
}

/** @throws a `UserError` when the port, a key or the state file cannot be used. */
export async function witness(options: WitnessOptions, io: CommandIo): Promise<ExitCode> {
	const {address, port} = readListen(options.listen);
	const keys = readKeys(options.keyFiles, process.geteuid?.() ?? 0);
	const log = createLog({level: 'info', terminal: io.terminal && !options.json, colour: io.terminal});
	const own = log.forComponent('witness');
	const server = openLedgers({
		address,
		port,
		keys,
		stateFile: options.stateFile,
		now: () => performance.now(),
		log: (level, message) => own[level]({}, message),
	});
	try {
		await server.open();
	} catch (error) {
		throw describeBindError(options.listen, error);
	}
	const {interrupted} = io;
	own.info(
		{address, port: server.port, stateFile: options.stateFile},
		`the witness listens at ${address} port ${server.port}`,
	);
	notifyServiceManager('READY=1');
	if (!interrupted.aborted) await new Promise(resolve => interrupted.addEventListener('abort', resolve, {once: true}));
	server.close();
	own.info({refused: server.refused}, 'the witness has ended');
	await log.end(1000);
	return exitCodes.ok;
}

function openLedgers(options: ConstructorParameters<typeof WitnessServer>[0]): WitnessServer {
	const {stateFile} = options;
	try {
		mkdirSync(dirname(stateFile), {recursive: true, mode: 0o700});
		return new WitnessServer(options);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		if (message.includes('is damaged')) throw new UserError(message);
		throw new UserError(`the witness cannot keep its promises in ${stateFile}: ${message}`, {
			hint: 'give a file in a directory that this user may write, with --state PATH',
		});
	}
}

function readListen(text: string): {readonly address: string; readonly port: number} {
	const parts = /^(?:\[(.*)\]|(.*)):(\d{1,5})$/.exec(text);
	const address = parts?.[1] ?? parts?.[2] ?? '';
	const port = Number(parts?.[3] ?? 0);
	if (isIP(address) === 0 || port > 65_535) {
		throw new UserError(`--listen: '${text}' is not an address and a port`, {
			hint: 'such as 0.0.0.0:3695 or [::]:3695',
			exitCode: exitCodes.usage,
		});
	}
	return {address, port};
}

function describeBindError(listen: string, error: unknown): UserError {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'EADDRINUSE') return new UserError(`UDP ${listen} is in use`, {hint: 'is a witness running already?'});
	if (code === 'EADDRNOTAVAIL') return new UserError(`${listen} is not an address of this machine`);
	return new UserError(`UDP ${listen} cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
}
