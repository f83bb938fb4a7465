/**
 * The listening sockets of a frontend in one thread, and the limits at their door.
 *
 * Decides which accepted connection becomes a session now. At the limit of the frontend (connections, or new ones a second) or the process, connections are accepted but not
 * read: to the client they look as they would in the kernel's queue, which Node cannot leave them in without closing the listener (and
 * with SO_REUSEPORT that would reset them). They are let in oldest first, over all threads, as others leave.
 */
import net from 'node:net';
import type {Bind} from '@hapair/config';
import {parseAddress} from '../rules/address.ts';
import {Counter} from '../shared-table.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {HttpSession} from './http-session.ts';

/** Connections that may wait at the door, a frontend and thread; HAProxy's backlog defaults to maxconn. */
const MAX_WAITING = 4096;

interface Waiting {
	readonly socket: net.Socket;
	readonly sinceMs: number;
}

export class Listener {
	readonly #core: Core;
	readonly #runtime: FrontendRuntime;
	readonly #reusePort: boolean;
	#servers: net.Server[] = [];
	#waiting: Waiting[] = [];

	constructor(core: Core, runtime: FrontendRuntime, reusePort: boolean) {
		this.#core = core;
		this.#runtime = runtime;
		this.#reusePort = reusePort;
	}

	/** Ports by bind, once all listen; rejects with the bind that failed. */
	async open(): Promise<number[]> {
		const ports: number[] = [];
		for (const bind of this.#runtime.frontend.binds) {
			const server = await this.#listen(bind);
			this.#servers.push(server);
			this.#core.table.addFrontendListener(this.#runtime.index, 1);
			const address = server.address();
			ports.push(typeof address === 'object' && address !== null ? address.port : 0);
		}
		return ports;
	}

	#listen(bind: Bind): Promise<net.Server> {
		return new Promise((resolve, reject) => {
			const server = net.createServer({pauseOnConnect: true, allowHalfOpen: true, noDelay: true}, socket =>
				this.#accept(socket),
			);
			server.once('error', (error: NodeJS.ErrnoException) =>
				reject(new BindError(this.#runtime.frontend.name, bind, error.code ?? 'EIO')),
			);
			server.listen(this.#optionsOf(bind), () => {
				server.removeAllListeners('error');
				// Out of descriptors: the kernel keeps the connection until one is free.
				server.on('error', () => {});
				resolve(server);
			});
		});
	}

	#optionsOf(bind: Bind): net.ListenOptions {
		const {address} = bind;
		const backlog = this.#runtime.frontend.backlog ?? Math.max(1024, this.#runtime.frontend.maxconn);
		switch (address.kind) {
			case 'ip':
				return {
					...(address.host === '*' ? {host: '0.0.0.0'} : {host: address.host}),
					port: address.port,
					backlog,
					reusePort: this.#reusePort,
					ipv6Only: bind.v6only,
				};
			case 'unix':
				return {path: address.path, backlog};
			case 'fd':
				return {fd: address.fd} as net.ListenOptions;
			case 'stream':
				throw new BindError(this.#runtime.frontend.name, bind, 'EINVAL');
		}
	}

	#accept(socket: net.Socket): void {
		if (this.#waiting.length === 0 && this.#claim()) {
			this.#begin(socket);
			return;
		}
		if (this.#waiting.length >= MAX_WAITING) {
			socket.destroy();
			return;
		}
		socket.on('error', () => {});
		this.#waiting.push({socket, sinceMs: this.#core.nowMs()});
		this.#noteOldest();
	}

	#claim(): boolean {
		const {table, configuration} = this.#core;
		const {index, frontend} = this.#runtime;
		if (!table.claimConnection(index, frontend.maxconn, configuration.global.maxconn)) return false;
		if (frontend.sessionRate === undefined) return true;
		if (table.claimSessionRate(index, frontend.sessionRate, this.#core.nowMs())) return true;
		table.releaseConnection(index);
		return false;
	}

	#begin(socket: net.Socket): void {
		const {table} = this.#core;
		const runtime = this.#runtime;
		const session = new HttpSession(this.#core, runtime);
		runtime.sessions.add(session);
		table.count(runtime.row, Counter.sessions);
		table.countMax(runtime.row, Counter.maxConnections, table.frontendConnections(runtime.index));
		const address = socket.remoteAddress ?? '';
		session.source = parseAddress(address);
		session.record.clientAddress = session.source?.text ?? address;
		session.record.clientPort = socket.remotePort ?? 0;
		session.localPort = socket.localPort ?? 0;
		session.adopt(socket);
		session.start(this.#core.nowMs());
	}

	/** A place may be free: lets in as many as fit. */
	admit(): void {
		while (this.#waiting.length > 0) {
			if (this.#waiting[0]!.socket.destroyed) {
				this.#waiting.shift();
				continue;
			}
			if (!this.#claim()) break;
			this.#begin(this.#waiting.shift()!.socket);
		}
		this.#noteOldest();
	}

	get hasWaiting(): boolean {
		return this.#waiting.length > 0;
	}

	#noteOldest(): void {
		const since = this.#waiting[0]?.sinceMs ?? Number.POSITIVE_INFINITY;
		this.#core.table.setOldestWaiter('frontend', this.#runtime.index, since);
	}

	/** Stops listening; waiting connections are still served. */
	close(): void {
		for (const server of this.#servers) {
			server.close();
			this.#core.table.addFrontendListener(this.#runtime.index, -1);
		}
		this.#servers = [];
	}

	/** Those still at the door are closed. */
	dropWaiting(): void {
		for (const {socket} of this.#waiting) socket.destroy();
		this.#waiting = [];
		this.#noteOldest();
	}
}

/** A bind that cannot listen. */
export class BindError extends Error {
	readonly frontend: string;
	readonly bind: Bind;
	readonly code: string;

	constructor(frontend: string, bind: Bind, code: string) {
		super(`${bind.text}: ${code}`);
		this.frontend = frontend;
		this.bind = bind;
		this.code = code;
	}
}
