/**
 * The stats sockets: listening, limits, idle time (HAProxy manual, `stats socket`, `stats timeout`, `stats maxconn`).
 *
 * Decides who is served when. More connections than `stats maxconn` wait until one has ended. Leaves what is said to `Conversation`.
 */
import net from 'node:net';
import type {GlobalSettings, StatsSocket} from '@hapair/config';
import {beginConversation} from './commands.ts';
import {Conversation} from './conversation.ts';
import type {Runtime} from './runtime.ts';
import {SocketFile} from './socket-file.ts';

/** Of answers that have not left. */
const MAX_UNSENT_BYTES = 262_144;

/** Connections that wait for their turn; more are closed at once. */
const MAX_WAITING = 128;

export class StatsSockets {
	readonly #global: GlobalSettings;
	readonly #runtime: Runtime;
	readonly #servers: net.Server[] = [];
	readonly #files: SocketFile[] = [];
	readonly #sockets = new Set<net.Socket>();
	readonly #waiting: {readonly socket: net.Socket; readonly bind: StatsSocket}[] = [];

	constructor(global: GlobalSettings, runtime: Runtime) {
		this.#global = global;
		this.#runtime = runtime;
	}

	/** Resolves when all listen; rejects with a `SocketFileError` or the system's error, with none left open. */
	async open(): Promise<void> {
		try {
			for (const bind of this.#global.statsSockets) await this.#listen(bind);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	async #listen(bind: StatsSocket): Promise<void> {
		const server = net.createServer({allowHalfOpen: true, pauseOnConnect: true}, socket => this.#accept(socket, bind));
		const file = bind.address.kind === 'unix' ? new SocketFile(bind.address.path, bind) : undefined;
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(listenOptions(bind, file), resolve);
		});
		// Out of descriptors: the kernel keeps the connection until one is free.
		server.on('error', () => {});
		this.#servers.push(server);
		if (file === undefined) return;
		file.publish();
		this.#files.push(file);
	}

	#accept(socket: net.Socket, bind: StatsSocket): void {
		socket.on('error', () => {});
		if (this.#sockets.size < this.#global.statsMaxconn) this.#serve(socket, bind);
		else if (this.#waiting.length < MAX_WAITING) this.#waiting.push({socket, bind});
		else socket.destroy();
	}

	#serve(socket: net.Socket, {level}: StatsSocket): void {
		this.#sockets.add(socket);
		const conversation = beginConversation(level, this.#global.statsTimeoutMs);
		const talk = new Conversation(
			{runtime: this.#runtime, conversation},
			{
				write: text => {
					if (!socket.destroyed) socket.write(text);
				},
				drained: () => drained(socket, conversation.timeoutMs),
				close: () => socket.end(() => socket.destroySoon()),
				hold(on) {
					// While a command is carried out it is not the peer who is silent.
					socket.setTimeout(on ? 0 : conversation.timeoutMs);
					if (on) socket.pause();
					else socket.resume();
				},
			},
		);
		socket.setEncoding('latin1');
		socket.on('data', (text: string) => talk.take(text));
		socket.on('end', () => talk.end());
		socket.on('timeout', () => socket.destroy());
		socket.on('close', () => {
			talk.abandon();
			this.#leave(socket);
		});
		socket.setTimeout(conversation.timeoutMs);
		socket.resume();
	}

	#leave(socket: net.Socket): void {
		this.#sockets.delete(socket);
		while (this.#sockets.size < this.#global.statsMaxconn) {
			const next = this.#waiting.shift();
			if (next === undefined) return;
			if (!next.socket.destroyed) this.#serve(next.socket, next.bind);
		}
	}

	/** Nobody new: the next process listens. Conversations go on. */
	stopListening(): void {
		for (const server of this.#servers) server.close();
	}

	/** Ends everything. */
	close(): void {
		for (const file of this.#files) file.remove();
		for (const server of this.#servers) server.close();
		for (const {socket} of this.#waiting.splice(0)) socket.destroy();
		for (const socket of this.#sockets) socket.destroy();
	}
}

/** A peer that takes nothing for `timeoutMs` is as good as gone: the socket's timeout ends it. */
function drained(socket: net.Socket, timeoutMs: number): Promise<void> {
	if (socket.destroyed || socket.writableLength < MAX_UNSENT_BYTES) return Promise.resolve();
	socket.setTimeout(timeoutMs);
	return new Promise(resolve => {
		const done = () => {
			socket.off('drain', done);
			socket.off('close', done);
			socket.setTimeout(0);
			resolve();
		};
		socket.on('drain', done);
		socket.on('close', done);
	});
}

function listenOptions({address}: StatsSocket, file: SocketFile | undefined): net.ListenOptions {
	if (file !== undefined) return {path: file.temporaryPath};
	if (address.kind === 'fd') return {fd: address.fd} as net.ListenOptions;
	// At a reload the next process listens beside this one.
	if (address.kind === 'ip') return {host: address.host, port: address.port, reusePort: true};
	throw new Error('A stats socket needs an address to listen on.');
}
