/**
 * The daemon's door for commands: a Unix socket, JSON lines.
 *
 * Decides who may come in (root and the group `hapair`, by the socket's mode), how long a request may take to arrive and
 * how much may wait to be read. A socket file is removed only when nobody answers on it. Leaves the requests to the daemon.
 */
import {chmodSync, chownSync, lstatSync, readFileSync, unlinkSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import {dirname} from 'node:path';
import {exitCodes, UserError} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {makeDirectory} from '../processes/make-directory.ts';
import {askDaemon, longestSocketPathBytes} from './control-client.ts';
import {type ControlReply, type ControlRequest, readRequest, requestLimitBytes} from './control-protocol.ts';

export interface ControlConnection {
	reply(reply: ControlReply): void;
	/** Aborted when the other side has gone. */
	readonly gone: AbortSignal;
}

export interface ControlSocket {
	/** Another daemon may have the path; who has asked something is answered yet. */
	leave(): void;
	close(): Promise<void>;
}

const longestIdleMs = 10_000;
const mostConnections = 64;
/** A watcher that does not read is cut off rather than kept in memory. */
const mostUnreadBytes = 1_048_576;

/** Throws a `UserError` when another daemon answers there or the path cannot be used. */
export async function openControlSocket(
	path: string,
	onRequest: (request: ControlRequest, connection: ControlConnection) => Promise<void>,
	log: Log,
): Promise<ControlSocket> {
	if (Buffer.byteLength(path) > longestSocketPathBytes) {
		throw new UserError(`${path}: a socket path has at most ${longestSocketPathBytes} bytes`, {
			hint: 'give a shorter --socket',
		});
	}
	prepareDirectory(path);
	await removeStaleSocket(path);
	const sockets = new Set<Socket>();
	const server = createServer(socket => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
		serve(socket, onRequest, log);
	});
	server.maxConnections = mostConnections;
	await listen(server, path);
	return {
		leave: () => void server.close(),
		close: () => {
			for (const socket of sockets) socket.destroy();
			return new Promise(resolve => server.close(() => resolve()));
		},
	};
}

function prepareDirectory(path: string): void {
	try {
		makeDirectory(dirname(path), 0o755);
	} catch (error) {
		throw unusable(path, error);
	}
}

async function removeStaleSocket(path: string): Promise<void> {
	const answer = await askDaemon(path, {command: 'ping'}, 1000);
	if (answer.kind === 'absent') return;
	if (answer.kind === 'refused') {
		// Connecting to an ordinary file is refused as well; that file is somebody's.
		if (!lstatSync(path).isSocket()) throw unusable(path, new Error('a file that is no socket is in its place'));
		try {
			unlinkSync(path);
		} catch (error) {
			throw unusable(path, error);
		}
		return;
	}
	if (answer.kind === 'failed') throw unusable(path, answer.error);
	const pong = answer.replies.find(reply => reply.type === 'pong');
	const who =
		pong?.type === 'pong'
			? `hapair is already running with pid ${pong.pid}`
			: 'a program that is not hapair answers on this socket';
	throw new UserError(`${path}: ${who}`, {
		hint: 'stop it first, or give this one its own with --socket',
		exitCode: exitCodes.failed,
	});
}

function listen(server: Server, path: string): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	// The umask closes the moment between bind and chmod.
	const umask = process.umask(0o177);
	server.once('error', error => reject(unusable(path, error)));
	server.listen(path, () => {
		try {
			const gid = findGroup('hapair');
			if (gid !== undefined && process.getuid?.() === 0) chownSync(path, 0, gid);
			chmodSync(path, 0o660);
			resolve();
		} catch (error) {
			server.close();
			reject(unusable(path, error));
		}
	});
	process.umask(umask);
	return promise;
}

function findGroup(name: string): number | undefined {
	try {
		const line = readFileSync('/etc/group', 'utf8')
			.split('\n')
			.find(entry => entry.startsWith(`${name}:`));
		const gid = Number(line?.split(':')[2]);
		return line !== undefined && Number.isInteger(gid) ? gid : undefined;
	} catch {
		return undefined;
	}
}

function unusable(path: string, error: unknown): UserError {
	const message = error instanceof Error ? error.message : String(error);
	return new UserError(`${path}: the control socket cannot be opened (${message})`, {
		hint: 'run as root, or name a path that you may write with --socket or HAPAIR_SOCKET',
	});
}

function serve(
	socket: Socket,
	onRequest: (request: ControlRequest, connection: ControlConnection) => Promise<void>,
	log: Log,
): void {
	const gone = new AbortController();
	let received = '';
	let queue = Promise.resolve();
	const connection: ControlConnection = {
		gone: gone.signal,
		reply: reply => {
			if (socket.destroyed || socket.writableEnded) return;
			socket.write(`${JSON.stringify(reply)}\n`);
			if (socket.writableLength > mostUnreadBytes) socket.destroy();
		},
	};
	const answer = async (line: string): Promise<void> => {
		socket.setTimeout(0);
		const request = readRequest(line);
		if ('problem' in request) connection.reply({type: 'result', code: exitCodes.usage, message: request.problem});
		else await onRequest(request, connection);
		socket.setTimeout(longestIdleMs);
	};
	socket.setEncoding('utf8');
	socket.setTimeout(longestIdleMs, () => socket.destroy());
	socket.on('error', () => socket.destroy());
	socket.on('close', () => gone.abort());
	socket.on('data', (text: string) => {
		received += text;
		const lines = received.split('\n');
		received = lines.pop() ?? '';
		if (
			received.length > requestLimitBytes ||
			lines.some(line => line.length > requestLimitBytes) ||
			lines.length > 16
		) {
			connection.reply({
				type: 'result',
				code: exitCodes.usage,
				message: `a request has at most ${requestLimitBytes} bytes`,
			});
			socket.destroySoon();
			return;
		}
		for (const line of lines) {
			queue = queue
				.then(() => answer(line))
				.catch((error: unknown) => {
					log.error({error: String(error)}, 'a control request failed');
					connection.reply({
						type: 'result',
						code: exitCodes.failed,
						message: 'internal error; the daemon log says more',
					});
				});
		}
	});
}
