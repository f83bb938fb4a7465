/**
 * A client connection on its way to a server: what HTTP and tcp mode have in common.
 *
 * Decides how a server is reached: slot or queue, a kept connection or a new one, retries and redispatch (HAProxy manual,
 * `retries`, `option redispatch`, `timeout queue`, `timeout connect`). Which requests that were sent are sent again, `l7-retries.ts` decides.
 *
 * A refused connection is tried again on the same server after a second. With `option redispatch` the last attempt goes to another
 * server; a session that no cookie binds goes there at once, at its first failure, when there is another to go to. All of this is in
 * one file because each step changes the state that the others start from.
 */

import type {KeyRequest} from '../balance/algorithm.ts';
import {isBinding, NO_HASH, NO_SERVER} from '../balance/pick.ts';
import {type Address, parseAddress} from '../rules/address.ts';
import type {ConnectionFacts, RequestSample} from '../rules/request-sample.ts';
import {Counter} from '../shared-table.ts';
import type {PendingStore} from '../stick/stick-rules.ts';
import type {TrackedCounters} from '../stick/tracked-counters.ts';
import type {EndCause, StopMode} from '../worker-messages.ts';
import {type BackendRuntime, QUEUE_FULL, QUEUED} from './backend-runtime.ts';
import type {Core} from './core.ts';
import {Endpoint} from './endpoint.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {noteConnection} from './observe.ts';
import {type ProxyHeader, writeProxyHeader} from './proxy-header.ts';
import {TransactionRecord} from './record.ts';
import {ServerConnection, type ServerConnectionUser, takeIdle} from './server-connection.ts';
import {routeOf} from './server-route.ts';
import type {ServerRuntime, Waiter} from './server-runtime.ts';
import {countHistograms, countOnServer, countTimes, countTraffic} from './session-counters.ts';
import type {LoadCounts} from './session-log.ts';

/** Between two attempts at a server that refused. */
const TURN_AROUND_MS = 1000;

/** Where a session is on its way to a server. */
export const Way = {none: 0, queued: 1, pausing: 2, connecting: 3, connected: 4} as const;
export type WayValue = (typeof Way)[keyof typeof Way];

export abstract class Session extends Endpoint implements Waiter, ServerConnectionUser, KeyRequest {
	readonly core: Core;
	readonly frontend: FrontendRuntime;
	readonly record: TransactionRecord = new TransactionRecord();
	/** The client's address, parsed once a connection. */
	source: Address | undefined;
	/** The port the client connected to. */
	localPort = 0;
	/** The socket that the client came in by, where sockets have statistics, and its row of counters. */
	socket = -1;
	socketRow: number | undefined;
	/** The bind line that it came in by, and what rules for connections have made of it. */
	listener: ConnectionFacts['listener'];
	early: RequestSample | undefined;
	/** What another proxy has said of the client (`accept-proxy`). */
	proxied: ProxyHeader | undefined;
	/** Process-wide monotonic milliseconds. */
	acceptedAtMs = 0;
	/** What `track-sc` rules count of this client; undefined without stick tables. */
	counters: TrackedCounters | undefined;
	/** What `stick` rules remember once a server has answered. */
	stores: PendingStore[] | undefined;
	backend: BackendRuntime | undefined;
	server: ServerRuntime | undefined;
	connection: ServerConnection | undefined;
	way: WayValue = Way.none;
	queuedAtMs = 0;
	/** The server that a cookie names, -1 for none. */
	wanted = -1;
	/** No redispatch: `force-persist` has chosen the server. */
	isForced = false;
	/** The connection in use was kept from an earlier request. */
	isReused = false;
	#avoid = -1;
	#attempts = 0;
	#dispatchedMs = 0;
	#connectStartMs = 0;
	#hasSlot = false;
	/** What `balance` made of the request. */
	#hash = NO_HASH;

	constructor(core: Core, frontend: FrontendRuntime) {
		super(core.wheel);
		this.core = core;
		this.frontend = frontend;
		this.record.frontendName = frontend.frontend.name;
	}

	/** The connection is accepted and may be read. */
	abstract start(nowMs: number): void;
	/** Sends what there is to send; the connection is `this.connection`. */
	protected abstract onReady(nowMs: number): void;
	/** No server can be had: answer `status` if there is someone to answer, and log the two flags. */
	protected abstract fail(status: number, cause: string, phase: string): void;
	/** May a kept connection be used, and is this the session's first request? */
	protected abstract mayReuse(): boolean;
	protected abstract isFirst(): boolean;
	/** A server with `redir`: answers the client with it, if what it asks for allows that. */
	protected redirect(_prefix: string): boolean {
		return false;
	}
	/** What `balance` may look at beside the source. */
	get method(): string {
		return '';
	}

	get target(): string {
		return '';
	}

	/** Value of line `n` of that name, from 0. */
	header(_lowerName: string, _n?: number): string | undefined {
		return undefined;
	}

	/** First bytes of the body, or of a tcp client; latin1. */
	get payload(): string {
		return '';
	}

	/** What rules have set in place of where the client connected to. */
	get chosenDestination(): {readonly host?: string | undefined; readonly port?: number | undefined} | undefined {
		return this.logSource.chosenDestination;
	}

	/** What a log format may ask for samples. */
	abstract get logSource(): RequestSample;
	abstract onServerRead(bytes: Buffer, length: number): void;
	abstract onServerEnd(): void;
	abstract onServerClose(code: string): void;
	abstract onServerDeadline(nowMs: number): void;
	abstract onServerDrained(): void;
	/** Ends the connection if nothing is asked on it. */
	closeIdle(): void {}
	/** `soft`: end as soon as no transaction runs. */
	abstract stop(mode: StopMode): void;
	/** Ends at once, with `cause` as the first flag of the log line. */
	abstract endBecause(cause: EndCause): void;

	/** A client has asked for this backend; the time in queues counts from `sinceMs`. */
	protected enterBackend(backend: BackendRuntime, wanted: number, nowMs: number, sinceMs: number = nowMs): void {
		this.backend = backend;
		this.wanted = wanted;
		this.#avoid = -1;
		this.#attempts = 0;
		this.#dispatchedMs = sinceMs;
		this.record.backendName = backend.backend.name;
		const {table} = this.core;
		const connections = table.addBackendConnection(backend.index, 1);
		table.countMax(backend.row, Counter.maxConnections, connections);
		table.count(backend.row, Counter.sessions);
		table.count(backend.row, Counter.requests);
		table.rates.hit(backend.meter, nowMs);
		this.#dispatch(nowMs);
	}

	/** The transaction is over, or has moved on without its server. */
	protected leaveBackend(): void {
		const {backend} = this;
		if (backend === undefined) return;
		if (this.way === Way.queued) backend.leaveQueue(this);
		this.way = Way.none;
		this.releaseServer();
		this.core.table.addBackendConnection(backend.index, -1);
		this.backend = undefined;
	}

	/** Gives the slot back; the connection was parked or abandoned before, or is abandoned now. */
	protected releaseServer(): void {
		this.connection?.abandon();
		this.connection = undefined;
		const {server} = this;
		if (this.#hasSlot && server !== undefined) {
			this.#hasSlot = false;
			server.backend.releaseSlot(server);
		}
	}

	#dispatch(nowMs: number): void {
		const backend = this.backend!;
		this.#hash = backend.keyOf(this);
		const position = backend.assign(this, this.wanted, this.#hash, this.#avoid, nowMs);
		if (position === NO_SERVER) {
			this.record.queueMs = this.record.queueMs < 0 ? -1 : this.record.queueMs;
			this.fail(503, 'S', 'C');
		} else if (position === QUEUE_FULL) {
			this.record.serverName = backend.servers[this.wanted]!.server.name;
			this.fail(503, 'S', 'Q');
		} else if (position === QUEUED) {
			this.way = Way.queued;
			const wanted = this.wanted >= 0 ? backend.servers[this.wanted] : undefined;
			if (wanted?.queue.has(this)) {
				this.server = wanted;
				this.record.serverName = wanted.server.name;
				this.record.serverQueue = backend.queueLength(wanted);
			} else this.record.backendQueue = backend.queueLength(undefined);
			const {queueMs, connectMs} = backend.backend.timeouts;
			this.setDeadline(nowMs, queueMs ?? connectMs);
		} else {
			this.#take(backend.servers[position]!, nowMs);
		}
	}

	onSlot(server: ServerRuntime): void {
		this.clearDeadline();
		if (this.wanted >= 0 && this.wanted !== server.position) this.#redispatchFromQueue(server);
		this.#take(server, this.core.nowMs());
	}

	/** It waited for a server that went down meanwhile. */
	#redispatchFromQueue({backend}: ServerRuntime): void {
		const {record, core} = this;
		record.redispatched = true;
		if (record.cookieState === 'V') record.cookieState = 'D';
		core.table.count(backend.servers[this.wanted]!.row, Counter.redispatches);
		core.table.count(backend.row, Counter.redispatches);
		this.wanted = -1;
	}

	/** A slot of `server` is held from here on. */
	#take(server: ServerRuntime, nowMs: number): void {
		const {record, core} = this;
		if (this.server !== undefined && this.#attempts > 0 && this.server !== server && !record.redispatched) {
			record.redispatched = true;
			core.table.count(this.server.row, Counter.redispatches);
			core.table.count(server.backend.row, Counter.redispatches);
		}
		this.#hasSlot = true;
		this.server = server;
		record.serverName = server.server.name;
		record.queueMs = nowMs - this.#dispatchedMs;
		this.#connectStartMs = nowMs;
		core.table.count(server.row, Counter.sessions);
		core.table.count(server.row, Counter.requests);
		core.table.rates.hit(server.meter, nowMs);
		core.table.countMax(server.row, Counter.lastSessionMs, record.startWallMs);
		core.table.countMax(server.backend.row, Counter.lastSessionMs, record.startWallMs);
		core.table.countMax(server.row, Counter.maxConnections, core.table.serverSlots(server.index));
		if (server.server.redirect !== undefined && this.redirect(server.server.redirect)) return;
		const idle = this.mayReuse() ? takeIdle(server, this, this.isFirst()) : undefined;
		if (idle === undefined) {
			this.#open();
		} else {
			core.table.count(server.row, Counter.reuses);
			this.connection = idle;
			this.isReused = true;
			this.#ready(nowMs);
		}
	}

	#open(): void {
		const {core, server} = this;
		this.isReused = false;
		this.way = Way.connecting;
		const route = routeOf(server!.server, this);
		if (route === 'nowhere') {
			this.fail(503, 'S', 'C');
			return;
		}
		core.table.count(server!.row, Counter.connects);
		this.connection = new ServerConnection(core, server!, this);
		this.connection.open(this.backend!.backend.timeouts.connectMs, this.localPort, route);
	}

	onServerConnected(): void {
		this.#ready(this.core.nowMs());
	}

	#ready(nowMs: number): void {
		if (this.frontend.log.asksEnds) this.record.serverEnds = this.connection!.ends;
		if (!this.isReused) {
			noteConnection(this.core, this.server!, true);
			this.#introduceClient();
		}
		this.way = Way.connected;
		this.record.connectMs = nowMs - this.#connectStartMs;
		this.onReady(nowMs);
	}

	/** `send-proxy`: who the client is, as rules have left it. */
	#introduceClient(): void {
		const {sendProxy} = this.server!.server;
		if (sendProxy === undefined) return;
		const {source, chosenDestination} = this;
		const destination = parseAddress(chosenDestination?.host ?? this.localAddress ?? '');
		const known = source !== undefined && destination !== undefined;
		const ends = known
			? {
					source,
					sourcePort: this.record.clientPort,
					destination,
					destinationPort: chosenDestination?.port ?? this.localPort,
				}
			: undefined;
		const uniqueId = sendProxy.uniqueId ? this.frontend.log.uniqueIdOf(this) : undefined;
		this.connection!.writeText(
			writeProxyHeader({version: sendProxy.version, checksum: sendProxy.checksum, ends, uniqueId}),
		);
	}

	/** A kept connection turned out to be closed before anything was answered: take a new one, without counting an attempt. */
	protected connectAnew(): void {
		this.connection?.abandon();
		this.#open();
	}

	onServerConnectFailed(code: string): void {
		const {core, server, backend} = this;
		this.connection = undefined;
		if (server === undefined || backend === undefined) return;
		noteConnection(core, server, false);
		if (!backend.retries.reconnects || this.#attempts >= backend.backend.retries) {
			countOnServer(this, Counter.connectErrors);
			this.record.connectMs = -1;
			this.fail(503, code === 'ETIMEDOUT' ? 's' : 'S', 'C');
			return;
		}
		const nowMs = core.nowMs();
		if (this.#countsAttempt(server, backend)) {
			this.#leaveServer(server, nowMs);
			return;
		}
		if (code === 'ETIMEDOUT') {
			this.#open();
			return;
		}
		this.way = Way.pausing;
		this.setDeadline(nowMs, Math.min(TURN_AROUND_MS, backend.backend.timeouts.connectMs ?? TURN_AROUND_MS));
	}

	/** One more attempt begins; true when it goes to another server. */
	#countsAttempt(server: ServerRuntime, backend: BackendRuntime): boolean {
		this.#attempts++;
		this.record.retries = this.#attempts;
		countOnServer(this, Counter.retries);
		if (!backend.backend.redispatch || this.isForced) return false;
		const isBound = this.wanted >= 0 || isBinding(this.#hash);
		return (!isBound && backend.hasOther(server.position)) || this.#attempts === backend.backend.retries;
	}

	/** What the server has received and failed to answer goes out once more, if an attempt is left. */
	protected askAgain(): boolean {
		const {server, backend} = this;
		if (server === undefined || backend === undefined || this.#attempts >= backend.backend.retries) return false;
		this.connection?.abandon();
		this.connection = undefined;
		if (this.#countsAttempt(server, backend)) this.#leaveServer(server, this.core.nowMs());
		else this.#open();
		return true;
	}

	/** Redispatch: any other server will do, whatever the cookie says. */
	#leaveServer(server: ServerRuntime, nowMs: number): void {
		// A server that a stick table named is no cookie's.
		const {record} = this;
		const isCookies = record.cookieState !== 'N' && this.backend!.cookie?.logged === true;
		if (this.wanted >= 0 && isCookies) record.cookieState = 'D';
		this.#avoid = server.position;
		this.wanted = -1;
		this.releaseServer();
		this.#dispatch(nowMs);
	}

	/** The deadline of a session that has no connection yet has passed. False when it has one. */
	protected onWayDeadline(nowMs: number): boolean {
		if (this.way === Way.queued) {
			this.backend!.leaveQueue(this);
			this.way = Way.none;
			this.record.queueMs = nowMs - this.#dispatchedMs;
			this.fail(503, 's', 'Q');
			return true;
		}
		if (this.way !== Way.pausing) return false;
		const {server, backend} = this;
		// The server was marked down meanwhile: with redispatch, do not insist.
		if (backend!.backend.redispatch && !this.isForced && !backend!.isOperational(server!.position)) {
			this.#leaveServer(server!, nowMs);
		} else {
			this.#open();
		}
		return true;
	}

	/** The transaction, or the tcp session, is over: gives everything back, counts and logs. The client connection is left as it is. */
	protected settle(cause: string, phase: string): void {
		const {record, core} = this;
		const {table} = core;
		record.cause = cause;
		record.phase = phase;
		const nowMs = core.nowMs();
		record.totalMs = nowMs - record.startMs;
		if (this.way === Way.queued) record.queueMs = nowMs - this.#dispatchedMs;
		countTraffic(this);
		if (this.way === Way.connected) countTimes(this);
		countHistograms(this);
		this.clearDeadline();
		// Whoever takes the place over is not counted, nor is this connection.
		const {backend: inBackend, server: onServer} = this.loadCounts();
		const own = {backend: Math.max(0, inBackend - 1), server: Math.max(0, onServer - (this.#hasSlot ? 1 : 0))};
		this.leaveBackend();
		this.server = undefined;
		this.stores = undefined;
		this.counters?.endTransaction();
		table.addTransaction(-1);
		this.frontend.log.writeEnd(this, own);
	}

	/** What the log shows of the load now, its own connection included. */
	loadCounts(): LoadCounts {
		const {backend, server, core} = this;
		return {
			backend: backend === undefined ? 0 : core.table.backendConnections(backend.index),
			server: server === undefined ? 0 : core.table.serverSlots(server.index),
		};
	}

	/** Closes the client connection when everything written has left, or the client has taken nothing for too long. */
	protected closeWhenSent(): void {
		this.setDeadline(this.core.nowMs(), this.frontend.frontend.timeouts.clientMs);
		this.closeSoon();
	}

	/** The session's connection is closed: counts and slots go back. */
	protected close(): void {
		this.counters?.end();
		this.leaveBackend();
		this.core.table.releaseConnection(this.frontend.index);
		if (this.socket >= 0) this.core.table.addSocketConnection(this.socket, -1);
		this.frontend.sessions.delete(this);
		this.core.onSessionClosed(this.frontend);
	}
}
