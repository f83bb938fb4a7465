/**
 * The other end of the control socket: how a command talks to the daemon.
 *
 * Decides what "not running" means: no socket file, or nobody behind it. Leaves the words of each command to `commands/`.
 */
import {lstatSync} from 'node:fs';
import {createConnection, type Socket} from 'node:net';
import {createInterface} from 'node:readline';
import {exitCodes, UserError} from '../exit-codes.ts';
import type {ControlReply, ControlRequest} from './control-protocol.ts';
import type {StatusReport} from './status-report.ts';

/** Where daemon and commands meet unless `--socket` or `HAPAIR_SOCKET` says otherwise. */
export const defaultSocketPath = '/run/hapair/hapair.sock';

/** `sun_path` less its final zero (unix(7)). */
export const longestSocketPathBytes = 107;

/** A daemon that is well answers in milliseconds. */
const statusLimitMs = 5000;

/** The socket a command uses. */
export function chooseSocketPath(option: string | undefined, environment: NodeJS.ProcessEnv): string {
	return option ?? (environment.HAPAIR_SOCKET || defaultSocketPath);
}

/** Sends one request and calls `onReply` for each answer until the final one. Throws a `UserError`. */
export async function converse(
	path: string,
	request: ControlRequest,
	options: {
		/** Longest silence between two answers; 0 for ever. */
		readonly silenceLimitMs: number;
		readonly onReply: (reply: ControlReply) => void;
		readonly signal?: AbortSignal;
	},
): Promise<void> {
	const socket = await connect(path);
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	const end = (): void => {
		socket.destroy();
	};
	options.signal?.addEventListener('abort', end, {once: true});
	socket.setTimeout(options.silenceLimitMs, () => {
		reject(
			new UserError(`the daemon on ${path} did not answer within ${options.silenceLimitMs} ms`, {
				hint: 'it is stopped or busy; its log says more',
				exitCode: exitCodes.timedOut,
			}),
		);
		socket.destroy();
	});
	let finished = false;
	createInterface({input: socket}).on('line', line => {
		const reply = readReply(line);
		if (reply === undefined || finished) return;
		finished = isFinal(reply, request);
		options.onReply(reply);
		if (finished) socket.destroy();
	});
	socket.once('error', error => reject(new UserError(`the connection to the daemon broke: ${error.message}`)));
	socket.once('close', () => {
		options.signal?.removeEventListener('abort', end);
		if (finished || options.signal?.aborted === true) resolve();
		else
			reject(
				new UserError('the daemon closed the connection before it had answered', {
					hint: 'look at its log: it may have stopped',
				}),
			);
	});
	socket.write(`${JSON.stringify(request)}\n`);
	return promise;
}

function isFinal(reply: ControlReply, request: ControlRequest): boolean {
	return reply.type === 'result' || reply.type === 'pong' || (reply.type === 'status' && request.command === 'status');
}

function readReply(line: string): ControlReply | undefined {
	try {
		return JSON.parse(line) as ControlReply;
	} catch {
		return undefined;
	}
}

async function connect(path: string): Promise<Socket> {
	if (Buffer.byteLength(path) > longestSocketPathBytes) {
		throw new UserError(`${path}: a socket path has at most ${longestSocketPathBytes} bytes`, {
			exitCode: exitCodes.usage,
		});
	}
	const socket = createConnection(path);
	const {promise, resolve, reject} = Promise.withResolvers<Socket>();
	socket.once('connect', () => {
		socket.removeAllListeners('error');
		resolve(socket);
	});
	socket.once('error', (error: NodeJS.ErrnoException) => reject(explain(path, error)));
	return promise;
}

function explain(path: string, error: NodeJS.ErrnoException): UserError {
	if (error.code === 'EACCES') {
		return new UserError(`${path}: this user may not talk to the daemon`, {hint: 'use sudo, or join the group hapair'});
	}
	const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
	if (nobody && isOrdinary(path)) {
		return new UserError(`${path} is not a socket`, {
			hint: 'name the socket of the daemon with --socket or HAPAIR_SOCKET; it says where it listens when it starts',
			exitCode: exitCodes.notRunning,
		});
	}
	return new UserError(nobody ? `the daemon is not running: nobody answers on ${path}` : `${path}: ${error.message}`, {
		hint: 'start it with "systemctl start hapair" (where there is no pair yet, with "hapair init") or "hapair run -f FILE", or name its socket with --socket or HAPAIR_SOCKET',
		exitCode: exitCodes.notRunning,
	});
}

/** Connecting to a file or directory is refused just like connecting to a socket that nobody serves. */
function isOrdinary(path: string): boolean {
	try {
		return !lstatSync(path).isSocket();
	} catch {
		return false;
	}
}

/** `absent`: no socket file. `refused`: a file, but nobody behind it. No replies: somebody who did not answer. */
export type DaemonAnswer =
	| {readonly kind: 'absent'}
	| {readonly kind: 'refused'}
	| {readonly kind: 'failed'; readonly error: Error}
	| {readonly kind: 'answered'; readonly replies: readonly ControlReply[]};

/** The daemon's status. Throws a `UserError`. */
export async function fetchStatus(path: string): Promise<StatusReport> {
	let status: StatusReport | undefined;
	const onReply = (reply: ControlReply): void => {
		if (reply.type === 'status') ({status} = reply);
	};
	await converse(path, {command: 'status'}, {silenceLimitMs: statusLimitMs, onReply});
	if (status === undefined) throw new UserError(`${path}: the daemon did not tell its status`);
	return status;
}

/** What a daemon that was asked for its status told; absent where none did. */
export function readStatus(answer: DaemonAnswer): StatusReport | undefined {
	const reply = answer.kind === 'answered' ? answer.replies.find(({type}) => type === 'status') : undefined;
	return reply?.type === 'status' ? reply.status : undefined;
}

/** Is anybody there? Never rejects; asks at most `limitMs`. */
export async function askDaemon(path: string, request: ControlRequest, limitMs: number): Promise<DaemonAnswer> {
	const {promise, resolve} = Promise.withResolvers<DaemonAnswer>();
	const replies: ControlReply[] = [];
	const socket = createConnection(path);
	const answered = (): void => resolve({kind: 'answered', replies});
	socket.setTimeout(limitMs, () => socket.destroy());
	const limit = setTimeout(() => socket.destroy(), limitMs);
	socket.once('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') resolve({kind: 'absent'});
		else if (error.code === 'ECONNREFUSED') resolve({kind: 'refused'});
		else resolve({kind: 'failed', error});
	});
	socket.once('close', () => {
		clearTimeout(limit);
		answered();
	});
	createInterface({input: socket})
		.on('error', () => {})
		.on('line', line => {
			const reply = readReply(line);
			if (reply !== undefined) replies.push(reply);
			socket.destroy();
		});
	socket.write(`${JSON.stringify(request)}\n`);
	return promise;
}
