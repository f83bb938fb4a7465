/**
 * The listening sockets of a frontend in one thread, and the limits at their door.
 *
 * Decides which accepted connection becomes a session now. At the limit of the frontend (connections, or new ones a second) or the process, connections are accepted but not
 * read: to the client they look as they would in the kernel's queue, which Node cannot leave them in without closing the listener (and
 * with SO_REUSEPORT that would reset them). They are let in oldest first, over all threads, as others leave. All steps from the door to the
 * session are in one file: each hands on the place that it has taken.
 */
import type {Bind} from '@hapair/config';
import {type Address, type CompiledNetwork, compileNetwork, isInNetwork, parseAddress} from '../rules/address.ts';
import type {ConnectionFacts, ListenerFacts, RequestSample} from '../rules/request-sample.ts';
import {Counter} from '../shared-table.ts';
import {socketNumber} from '../socket-numbers.ts';
import {FrontendColumn, ProcessColumn} from '../status-board.ts';
import {TrackedCounters} from '../stick/tracked-counters.ts';
import type {BindPlace, BoundPort, WorkerSetup} from '../worker-messages.ts';
import {removeStaleSocket} from './bind-options.ts';
import {applyChangedEnds} from './changed-ends.ts';
import {connectionFacts} from './connection-facts.ts';
import {beginGateSample, type ConnectionGate, type Refusal} from './content-rules.ts';
import type {Core} from './core.ts';
import {BindError, type Door, type DoorOrder, openDoor} from './door.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {HttpSession} from './http-session.ts';
import {MonitorAnswer} from './monitor-answer.ts';
import {ProxiedWire} from './proxied-wire.ts';
import {ProxyHeaderReader} from './proxy-header-reader.ts';
import type {Session} from './session.ts';
import {TcpSession} from './tcp-session.ts';
import type {Wire} from './wire.ts';

/** Connections that may wait at the door, a frontend and thread; HAProxy's backlog defaults to maxconn. */
const MAX_WAITING = 4096;
/** `RateMeters.meter('process')`. */
const PROCESS_METER = 0;

interface Waiting {
	readonly socket: number;
	readonly listener: ListenerFacts;
	readonly wire: Wire;
	readonly sinceMs: number;
}

export class Listener {
	readonly #core: Core;
	readonly #runtime: FrontendRuntime;
	readonly #reusePort: boolean;
	/** Sockets that listen already, by bind; each is used once. */
	readonly #inherited: Map<number, number[]>;
	#isHeld: boolean;
	readonly #monitorNet: CompiledNetwork | undefined;
	#servers: {readonly bind: number; readonly door: Door}[] = [];
	readonly #ports = new Map<Bind, number>();
	#waiting: Waiting[] = [];

	constructor(core: Core, runtime: FrontendRuntime, setup: Pick<WorkerSetup, 'reusePort' | 'listeners' | 'isHeld'>) {
		this.#core = core;
		this.#runtime = runtime;
		this.#reusePort = setup.reusePort;
		const {monitorNet} = runtime.frontend;
		this.#monitorNet = monitorNet && compileNetwork(monitorNet);
		this.#isHeld = setup.isHeld === true;
		this.#inherited = new Map();
		for (const {frontend, bind, fd} of setup.listeners ?? []) {
			if (frontend === runtime.index) this.#inherited.set(bind, [...(this.#inherited.get(bind) ?? []), fd]);
		}
	}

	/** The sockets by bind, once all listen; rejects with the bind that failed, having closed the others. */
	async open(): Promise<BoundPort[]> {
		const ports: BoundPort[] = [];
		for (const [place, bind] of this.#runtime.frontend.binds.entries()) {
			const given = this.#inherited.get(place) ?? [];
			// A socket file has one socket: the first worker's.
			if (bind.address.kind === 'unix' && this.#core.table.workerIndex > 0) continue;
			this.#inherited.delete(place);
			for (const inherited of given.length === 0 ? [undefined] : given) {
				if (bind.address.kind === 'unix' && inherited === undefined) await this.#clearPath(bind, bind.address.path);
				const door = await this.#listenOrClose(bind, inherited);
				this.#servers.push({bind: place, door});
				this.#core.table.addFrontendListener(this.#runtime.index, 1);
				const {port, fd} = door;
				ports.push({frontend: this.#runtime.index, bind: place, port, ...(fd === undefined ? {} : {fd})});
				this.#ports.set(bind, port);
			}
		}
		return ports;
	}

	async #clearPath(bind: Bind, path: string): Promise<void> {
		const problem = await removeStaleSocket(path);
		if (problem === undefined) return;
		this.close();
		throw new BindError(this.#runtime.frontend.name, bind, problem);
	}

	/** A frontend that cannot have all its addresses has none. */
	async #listenOrClose(bind: Bind, inherited: number | undefined): Promise<Door> {
		const socket = this.#socketOf(bind);
		const listener = this.#listenerOf(bind, socket);
		try {
			return await openDoor(bind, this.#orderFor(bind, inherited), wire => this.#accept(wire, socket, listener));
		} catch (error) {
			this.close();
			throw error;
		}
	}

	#orderFor(bind: Bind, inherited: number | undefined): DoorOrder {
		const {frontend} = this.#runtime;
		return {
			frontend: frontend.name,
			// A port that the kernel chose stays when the frontend is closed and opened again.
			port: this.#ports.get(bind) ?? 0,
			keepAlive: frontend.probesClients,
			backlog: frontend.backlog ?? Math.max(1024, frontend.maxconn),
			reusePort: this.#reusePort,
			inherited,
			isHeld: this.#isHeld,
		};
	}

	/** Its number where sockets have statistics, else -1. */
	#socketOf(bind: Bind): number {
		const {frontend, index} = this.#runtime;
		return socketNumber(this.#core.configuration, index, frontend.binds.indexOf(bind));
	}

	/** What rules may ask of the socket. */
	#listenerOf(bind: Bind, socket: number): ListenerFacts {
		const {frontend} = this.#runtime;
		const {table} = this.#core;
		const connections = () =>
			socket < 0 ? table.frontendConnections(this.#runtime.index) : table.socketConnections(socket);
		const id = bind.id ?? frontend.binds.indexOf(bind) + 1;
		return {id, name: bind.name ?? '', connections, acceptsProxy: bind.acceptProxy === true};
	}

	#accept(wire: Wire, socket: number, listener: ListenerFacts): void {
		if (this.#monitorNet !== undefined && this.#answerMonitor(wire, this.#monitorNet)) return;
		if (this.#waiting.length === 0 && this.#claim()) {
			this.#begin(wire, socket, listener);
			return;
		}
		if (this.#waiting.length >= MAX_WAITING) {
			wire.destroy();
			return;
		}
		this.#waiting.push({wire, socket, listener, sinceMs: this.#core.nowMs()});
		this.#noteOldest();
	}

	#answerMonitor(wire: Wire, network: CompiledNetwork): boolean {
		const source = parseAddress(wire.remoteAddress ?? '');
		if (source === undefined || !isInNetwork(source, network)) return false;
		new MonitorAnswer(this.#core, wire, this.#runtime.frontend.mode === 'http' ? 'HTTP/1.0 200 OK\r\n\r\n' : '');
		return true;
	}

	#claim(): boolean {
		const {table} = this.#core;
		const {board} = table;
		const {index, frontend, boardRow} = this.#runtime;
		const limit = board.get(boardRow, FrontendColumn.maxconn);
		if (!table.claimConnection(index, limit, board.get(0, ProcessColumn.maxconn))) return false;
		const nowMs = this.#core.nowMs();
		const isWithin =
			(frontend.sessionRate === undefined || table.claimSessionRate(index, frontend.sessionRate, nowMs)) &&
			table.claimProcessRate('connections', board.get(0, ProcessColumn.connectionRateLimit), nowMs) &&
			table.claimProcessRate('sessions', board.get(0, ProcessColumn.sessionRateLimit), nowMs);
		if (isWithin) return true;
		table.releaseConnection(index);
		return false;
	}

	#begin(wire: Wire, socket: number, listener: ListenerFacts): void {
		if (this.#runtime.frontend.noLinger === true) wire.markPackets('linger', 0);
		if (listener.acceptsProxy === true) this.#awaitHeader(wire, socket, listener);
		else this.#createAndStart(wire, socket, listener);
	}

	/** `accept-proxy`: the place is taken meanwhile, so that silent connections count. */
	#awaitHeader(wire: Wire, socket: number, listener: ListenerFacts): void {
		const {gate, frontend} = this.#runtime;
		const {timeouts} = frontend;
		const {stick} = this.#core;
		const counters = stick && new TrackedCounters(stick);
		const before = beginGateSample(this.#factsOf(wire, parseAddress(wire.remoteAddress ?? ''), counters, listener));
		const refusal = gate?.judgeConnection(before);
		if (refusal !== undefined) {
			this.#turnAway(wire, socket, refusal, counters);
			return;
		}
		before.settleConnection();
		new ProxyHeaderReader(this.#core, {
			wire,
			waitMs: timeouts.httpRequestMs ?? timeouts.clientMs,
			onHeader: (proxied, rest, hasEnded) => {
				const session = this.#createAndStart(proxied, socket, listener, before);
				if (rest.length > 0 && session?.isClosed === false) session.onRead(rest, rest.length);
				if (hasEnded && session?.isClosed === false) session.onWireEnd();
			},
			onFailure: () => {
				counters?.end();
				this.#core.table.releaseConnection(this.#runtime.index);
			},
		});
	}

	/** Undefined when a rule turned it away. */
	#createAndStart(wire: Wire, socket: number, listener: ListenerFacts, before?: RequestSample): Session | undefined {
		const {table, stick} = this.#core;
		const runtime = this.#runtime;
		const address = wire.remoteAddress ?? '';
		const source = parseAddress(address);
		const counters = before?.counters ?? (stick && new TrackedCounters(stick));
		const facts = this.#factsOf(wire, source, counters, listener);
		const judged = before === undefined ? runtime.gate?.judge(facts) : this.#judgeProxied(facts, before);
		const refusedBy = judged?.refusal;
		if (refusedBy !== undefined) {
			this.#turnAway(wire, socket, refusedBy, counters);
			return undefined;
		}
		const session = this.#createSession(wire, source, counters, listener, judged?.sample);
		session.listener = listener;
		if (wire instanceof ProxiedWire) session.proxied = wire.header;
		runtime.sessions.add(session);
		table.count(runtime.row, Counter.sessions);
		table.countMax(runtime.row, Counter.maxConnections, table.frontendConnections(runtime.index));
		if (socket >= 0) this.#countSocket(session, socket);
		session.source = source;
		session.counters = counters;
		session.record.clientAddress = session.source?.text ?? address;
		session.record.clientPort = wire.remotePort ?? 0;
		session.localPort = wire.localPort ?? 0;
		session.adopt(wire);
		if (judged !== undefined) {
			session.early = judged.sample;
			applyChangedEnds(session, judged.sample);
		}
		const nowMs = this.#core.nowMs();
		session.acceptedAtMs = nowMs;
		table.rates.hit(PROCESS_METER, nowMs);
		table.rates.hit(runtime.sessionMeter, nowMs);
		session.start(nowMs);
		return session;
	}

	/** `tcp-request session` sees the client that the other proxy has named. */
	#judgeProxied(facts: ConnectionFacts, before: RequestSample): ReturnType<ConnectionGate['judge']> {
		const sample = beginGateSample(facts);
		sample.inheritConnection(before, facts.proxied?.ends !== undefined);
		return {refusal: this.#runtime.gate?.judgeSession(sample), sample};
	}

	/** `tcp-request connection reject`: closed unread, neither a session nor a log line. Who waits for its place is let in by the next tick. */
	#turnAway(wire: Wire, socket: number, by: Refusal, counters: TrackedCounters | undefined): void {
		const {table} = this.#core;
		const column = by.of === 'connection' ? Counter.connectionsDenied : Counter.sessionsDenied;
		table.count(this.#runtime.row, column);
		if (socket >= 0) {
			const row = table.row('socket', socket);
			table.count(row, column);
			table.countMax(row, Counter.maxConnections, table.socketConnections(socket) + 1);
		}
		counters?.end();
		if (by.isSilent) wire.vanish();
		wire.destroy();
		this.#core.table.releaseConnection(this.#runtime.index);
	}

	#countSocket(session: Session, socket: number): void {
		const {table} = this.#core;
		session.socket = socket;
		session.socketRow = table.row('socket', socket);
		table.count(session.socketRow, Counter.sessions);
		table.countMax(session.socketRow, Counter.maxConnections, table.addSocketConnection(socket, 1));
	}

	#factsOf(
		wire: Wire,
		source: Address | undefined,
		counters: TrackedCounters | undefined,
		listener: ListenerFacts,
	): ConnectionFacts {
		const ends = {
			source,
			sourcePort: wire.remotePort ?? 0,
			localAddress: wire.localEnd?.host,
			localPort: wire.localPort ?? 0,
			listener,
			proxied: wire instanceof ProxiedWire ? wire.header : undefined,
		};
		const facts = connectionFacts(this.#core, this.#runtime.frontend.name, ends, counters);
		return {...facts, markPackets: wire.markPackets.bind(wire)};
	}

	/** A tcp frontend may lead to a backend in mode http, which then reads requests. */
	#createSession(
		wire: Wire,
		source: Address | undefined,
		counters: TrackedCounters | undefined,
		listener: ListenerFacts,
		early: RequestSample | undefined,
	): Session {
		const core = this.#core;
		const runtime = this.#runtime;
		if (runtime.frontend.mode === 'http') return new HttpSession(core, runtime, runtime.policy);
		const sample = runtime.beginSample(this.#factsOf(wire, source, counters, listener));
		if (early !== undefined) sample.inherit(early);
		// What the client says may decide: then the session chooses.
		if (runtime.contentRules !== undefined) return new TcpSession(core, runtime, undefined, sample);
		const backend = runtime.chooseByConnection(sample);
		if (backend?.backend.mode === 'http') return new HttpSession(core, runtime, runtime.policyFor(backend));
		return new TcpSession(core, runtime, backend, sample);
	}

	/** A place may be free: lets in as many as fit. */
	admit(): void {
		while (this.#waiting.length > 0) {
			if (this.#waiting[0]!.wire.isGone) {
				this.#waiting.shift();
				continue;
			}
			if (!this.#claim()) break;
			const {wire, socket, listener} = this.#waiting.shift()!;
			this.#begin(wire, socket, listener);
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

	get isOpen(): boolean {
		return this.#servers.length > 0;
	}

	/** Nothing is accepted on `binds`, or on any, until it ends; the sockets stay open. */
	hold(on: boolean, binds: readonly BindPlace[] | undefined): void {
		if (!on) this.#isHeld = false;
		for (const {bind, door} of this.#servers) {
			const isMeant = binds?.some(place => place.frontend === this.#runtime.index && place.bind === bind) ?? true;
			if (isMeant) door.hold(on);
		}
	}

	/** Stops listening; waiting connections are still served. */
	close(): void {
		for (const {door} of this.#servers) {
			door.close();
			this.#core.table.addFrontendListener(this.#runtime.index, -1);
		}
		this.#servers = [];
	}

	/** Those still at the door are closed. */
	dropWaiting(): void {
		for (const {wire} of this.#waiting) wire.destroy();
		this.#waiting = [];
		this.#noteOldest();
	}
}
