/**
 * A connection to a server: being made, used by one session, or idle and waiting for the next.
 *
 * Decides when an idle connection may be used again (HAProxy manual, `http-reuse safe`) and when it is closed. Leaves the
 * conversation on it to the session that uses it.
 */

import type {SocketAddress} from '@hapair/config';
import type {Core} from './core.ts';
import {Endpoint} from './endpoint.ts';
import type {ServerEnds} from './record.ts';
import {isPrivate, type Route} from './server-route.ts';
import type {ServerRuntime} from './server-runtime.ts';

/** What a session hears of its server's connection. */
export interface ServerConnectionUser {
	onServerConnected(): void;
	/** `code` as in `ECONNREFUSED`; `ETIMEDOUT` when `timeout connect` ended it. */
	onServerConnectFailed(code: string): void;
	onServerRead(bytes: Buffer, length: number): void;
	onServerEnd(): void;
	onServerClose(code: string): void;
	onServerDeadline(nowMs: number): void;
	onServerDrained(): void;
}

/** Kept idle for each server and thread. */
const MAX_IDLE = 128;
/** Shorter than the 5 s after which Apache closes an idle connection by default: a request seldom meets a closing one. */
const IDLE_MS = 4000;

export class ServerConnection extends Endpoint {
	readonly server: ServerRuntime;
	readonly #core: Core;
	user: ServerConnectionUser | undefined;
	/** Requests it has answered. One that has answered two was reused before: "proven". */
	answered = 0;
	isConnected = false;
	#isIdle = false;
	#isUsed = true;
	/** Where it leads; the server may have moved since. */
	#address: SocketAddress | undefined;
	#route: Route | undefined;
	#timedOut = false;

	constructor(core: Core, server: ServerRuntime, user: ServerConnectionUser) {
		super(core.wheel);
		this.#core = core;
		this.server = server;
		this.user = user;
		server.noteUse();
	}

	/** Connects within `timeoutMs`. `clientPort` is where the client connected, for servers without a port of their own; `route` goes before what
	 * the server's line says. */
	open(timeoutMs: number | undefined, clientPort: number, route?: Route): void {
		const {server, address} = this.server;
		this.#address = address;
		this.#route = route;
		this.setDeadline(this.#core.nowMs(), timeoutMs);
		const onConnect = () => {
			this.isConnected = true;
			if (this.server.backend.backend.noLinger === true) this.markPackets('linger', 0);
			this.clearDeadline();
			this.user?.onServerConnected();
		};
		if (address.kind === 'unix') this.connect({path: address.path}, onConnect);
		else if (address.kind === 'ip') {
			const port = server.portOffset === undefined ? address.port : clientPort + server.portOffset;
			const local = server.sourceAddress === undefined ? {} : {localAddress: server.sourceAddress};
			const from = route?.from === undefined ? {} : {from: route.from};
			const keepAlive = this.server.backend.backend.probesServers;
			this.connect({host: address.host, port, keepAlive, ...route?.to, ...local, ...from}, onConnect);
		} else {
			throw new Error('A server needs an address to connect to.');
		}
	}

	/** Both ends' addresses, for the log. */
	get ends(): ServerEnds {
		const address = this.#address;
		const own = this.localEnd;
		return {
			address: this.#route?.to?.host ?? (address?.kind === 'ip' ? address.host : undefined),
			port: this.#route?.to?.port ?? (address?.kind === 'ip' ? address.port : 0),
			sourceAddress: own?.host,
			sourcePort: own?.port ?? 0,
		};
	}

	/** Puts it aside for the next request. */
	park(): void {
		const {idle} = this.server;
		const nowMs = this.#core.nowMs();
		const isNeeded = idle.length < MAX_IDLE && this.server.needsAsIdle(nowMs);
		this.#leaveUser();
		this.shareBuffer();
		this.resume();
		const isWelcome = isNeeded && !this.#core.isStopping && !isPrivate(this.server.server);
		if (this.hasEnded || this.isClosed || this.#hasMoved || !isWelcome) {
			this.destroy();
			return;
		}
		this.#isIdle = true;
		idle.push(this);
		this.#core.table.addServerIdle(this.server.index, this.isProven, 1);
		this.setDeadline(nowMs, IDLE_MS);
	}

	override onRead(bytes: Buffer, length: number): void {
		// A server that speaks unasked cannot be trusted to answer the next request first.
		if (this.user === undefined) this.discard();
		else this.user.onServerRead(bytes, length);
	}

	override onEnd(): void {
		if (this.user === undefined) this.discard();
		else this.user.onServerEnd();
	}

	override onClose(): void {
		this.#leaveIdle();
		const {user} = this;
		this.#leaveUser();
		if (user === undefined) return;
		if (this.isConnected) user.onServerClose(this.errorCode);
		else user.onServerConnectFailed(this.#timedOut ? 'ETIMEDOUT' : this.errorCode);
	}

	override onDeadline(nowMs: number): void {
		if (this.user === undefined) {
			this.discard();
		} else if (!this.isConnected) {
			this.#timedOut = true;
			this.destroy();
		} else {
			this.user.onServerDeadline(nowMs);
		}
	}

	override onDrained(): void {
		this.user?.onServerDrained();
	}

	/** The session gives it up for good. */
	abandon(): void {
		this.#leaveUser();
		this.destroy();
	}

	/** One that was used again before: the server keeps what it says it keeps. */
	get isProven(): boolean {
		return this.answered >= 2;
	}

	get #hasMoved(): boolean {
		return this.server.address !== this.#address;
	}

	/** Closes an idle connection. */
	discard(): void {
		this.#leaveIdle();
		this.destroy();
	}

	#leaveUser(): void {
		this.user = undefined;
		if (!this.#isUsed) return;
		this.#isUsed = false;
		this.server.noteRelease();
	}

	#leaveIdle(): void {
		if (!this.#isIdle) return;
		this.#isIdle = false;
		this.#core.table.addServerIdle(this.server.index, this.isProven, -1);
		const at = this.server.idle.lastIndexOf(this);
		if (at >= 0) this.server.idle.splice(at, 1);
	}

	/** Takes it out of the idle ones for `user`. */
	reuse(user: ServerConnectionUser): void {
		this.#leaveIdle();
		this.clearDeadline();
		this.user = user;
		this.#isUsed = true;
		this.server.noteUse();
	}
}

/**
 * An idle connection of `server`, or undefined. The first request of a session takes only a proven one: if the server
 * closed it just then, a client that has never been answered would see an error it cannot expect.
 */
export function takeIdle(
	server: ServerRuntime,
	user: ServerConnectionUser,
	isFirst: boolean,
): ServerConnection | undefined {
	server.noticeMove();
	const {idle} = server;
	for (let i = idle.length - 1; i >= 0; i--) {
		const connection = idle[i]!;
		if (isFirst && !connection.isProven) continue;
		connection.reuse(user);
		return connection;
	}
	return undefined;
}
