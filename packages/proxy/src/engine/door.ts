/**
 * A socket that listens for one `bind`.
 *
 * Decides how it is opened and who accepts on it: Node binds and listens, then the thread's own calls take TCP over where there are any.
 * Leaves what becomes of a connection to `listener.ts`.
 */
import {lstatSync, unlinkSync} from 'node:fs';
import net from 'node:net';
import type {Bind} from '@hapair/config';
import {systemCalls} from '../system/calls.ts';
import {listenForeign} from '../system/foreign-listener.ts';
import {applyBindOptions, temporaryPath} from './bind-options.ts';
import {RawListener} from './raw-listener.ts';
import {rawLoop} from './raw-loop.ts';
import {SocketWire} from './socket-wire.ts';
import type {Wire} from './wire.ts';

export interface Door {
	/** 0 for a unix socket. */
	readonly port: number;
	readonly fd: number | undefined;
	/** While held nothing is accepted and everything waits in the socket. What Node accepts on cannot be held. */
	hold(on: boolean): void;
	close(): void;
}

export interface DoorOrder {
	readonly frontend: string;
	/** Where the bind leaves the choice to the kernel: the port it chose before, or 0. */
	readonly port: number;
	readonly backlog: number;
	/** TCP keep-alive on what is accepted. */
	readonly keepAlive: boolean;
	readonly reusePort: boolean;
	/** A socket that listens already. */
	readonly inherited: number | undefined;
	readonly isHeld: boolean;
}

/** Rejects with a `BindError`. */
export function openDoor(bind: Bind, order: DoorOrder, onAccept: (wire: Wire) => void): Promise<Door> {
	return new Promise((resolve, reject) => {
		const options = listenOptions(bind, order);
		const server = net.createServer(
			{pauseOnConnect: true, allowHalfOpen: true, noDelay: true, keepAlive: order.keepAlive},
			socket => onAccept(new SocketWire(socket)),
		);
		server.once('error', (error: NodeJS.ErrnoException) =>
			reject(new BindError(order.frontend, bind, error.code ?? 'EIO')),
		);
		server.listen(options, () => {
			server.removeAllListeners('error');
			// Out of descriptors: the kernel keeps the connection until one is free.
			server.on('error', () => {});
			const problem = applyBindOptions(bind, descriptorOf(server), order.inherited === undefined);
			if (problem === undefined) {
				resolve(doorOf(server, bind, order, onAccept));
				return;
			}
			server.close();
			reject(new BindError(order.frontend, bind, problem));
		});
	});
}

function doorOf(server: net.Server, bind: Bind, order: DoorOrder, onAccept: (wire: Wire) => void): Door {
	const fd = descriptorOf(server);
	const port = portOf(server);
	const loop = rawLoop();
	if (loop !== undefined && fd !== undefined && port > 0)
		return new RawListener(loop, server, fd, bind.transparent ? undefined : port, port, order, onAccept);
	return new NodeDoor(server, bind, port, fd, order.isHeld);
}

/** What Node accepts on: unix sockets, and everything where the thread has no calls of its own. */
class NodeDoor implements Door {
	readonly port: number;
	readonly fd: number | undefined;
	readonly #server: net.Server;
	/** The socket file, which leaves with the socket unless another process has taken the socket or the name. */
	readonly #file: {readonly path: string; readonly inode: number} | undefined;
	/** The socket is another process's too. */
	#isHeld: boolean;

	constructor(server: net.Server, {address}: Bind, port: number, fd: number | undefined, isHeld: boolean) {
		this.#isHeld = isHeld;
		this.#server = server;
		this.port = port;
		this.fd = fd;
		this.#file = address.kind === 'unix' ? {path: address.path, inode: inodeOf(address.path)} : undefined;
	}

	hold(on: boolean): void {
		this.#isHeld = on;
	}

	close(): void {
		this.#server.close();
		if (this.#file === undefined || this.#isHeld || inodeOf(this.#file.path) !== this.#file.inode) return;
		try {
			unlinkSync(this.#file.path);
		} catch {
			// Who is no longer root may not touch the directory: the next start replaces the file.
		}
	}
}

function inodeOf(path: string): number {
	try {
		return lstatSync(path).ino;
	} catch {
		return -1;
	}
}

function listenOptions(bind: Bind, {frontend, port, backlog, reusePort, inherited}: DoorOrder): net.ListenOptions {
	const {address} = bind;
	if (inherited !== undefined) return {fd: inherited, backlog} as net.ListenOptions;
	switch (address.kind) {
		case 'ip':
			if (bind.transparent) {
				const fd = openForeign(bind, address.host, address.port || port, backlog, reusePort, frontend);
				return {fd, backlog} as net.ListenOptions;
			}
			return {
				...(address.host === '*' ? {host: '0.0.0.0'} : {host: address.host}),
				port: address.port === 0 ? port : address.port,
				backlog,
				reusePort,
				ipv6Only: bind.v6only,
			};
		case 'unix':
			return {path: temporaryPath(address.path), backlog};
		case 'fd':
			// Closing ours must not close the inherited one: it may stand on several lines, and be needed again after a pause.
			return {fd: systemCalls()?.duplicate(address.fd) ?? address.fd} as net.ListenOptions;
		case 'stream':
			throw new BindError(frontend, bind, 'EINVAL');
	}
}

function openForeign(
	bind: Bind,
	host: string,
	port: number,
	backlog: number,
	reusePort: boolean,
	frontend: string,
): number {
	const fd = listenForeign({host: host === '*' ? '0.0.0.0' : host, port, backlog, reusePort, v6only: bind.v6only});
	if (typeof fd === 'string') throw new BindError(frontend, bind, fd);
	return fd;
}

function portOf(server: net.Server): number {
	const address = server.address();
	return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `_handle` is undocumented; without it a worker that dies takes its waiting connections along. */
function descriptorOf(server: net.Server): number | undefined {
	const fd = (server as unknown as {_handle?: {fd?: number}})._handle?.fd;
	return fd === undefined || fd < 0 ? undefined : fd;
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
