/**
 * Bytes in both directions between a client and a server, until both have ended: mode tcp, and HTTP after 101 or CONNECT.
 *
 * Decides back-pressure, half-close and which timeout runs for which side (HAProxy manual: `timeout tunnel`, `client-fin`,
 * `server-fin`). Leaves flags, counters and the end of the session to the session.
 */
import type {Endpoint} from './endpoint.ts';
import type {Session} from './session.ts';
import {noteTraffic} from './session-counters.ts';

/** From this much in one read on, the next one goes into a buffer of its own. */
const BULK_BYTES = 16_384;

interface SideTimeouts {
	/** Without a byte in either direction of this side, milliseconds; undefined waits for ever. */
	readonly idleMs: number | undefined;
	/** The same once one direction has ended. */
	readonly halfClosedMs: number | undefined;
}

export class Tunnel {
	readonly #session: Session;
	readonly #server: NonNullable<Session['connection']>;
	readonly #clientTimeouts: SideTimeouts;
	readonly #serverTimeouts: SideTimeouts;
	readonly #clientFinMs: number | undefined;
	readonly #serverFinMs: number | undefined;

	/** The session's connection must be connected; both ends may have ended already. */
	constructor(session: Session) {
		this.#session = session;
		this.#server = session.connection!;
		const {clientMs, clientFinMs, tunnelMs: frontendTunnelMs} = session.frontend.frontend.timeouts;
		const {serverMs, serverFinMs, tunnelMs = frontendTunnelMs} = session.backend!.backend.timeouts;
		this.#clientFinMs = clientFinMs;
		this.#serverFinMs = serverFinMs;
		const {record} = session;
		const idleMs = record.tunnelMs ?? tunnelMs;
		const clientIdleMs = idleMs ?? clientMs;
		const serverIdleMs = idleMs ?? record.serverMs ?? serverMs;
		this.#clientTimeouts = {idleMs: clientIdleMs, halfClosedMs: clientFinMs ?? clientIdleMs};
		this.#serverTimeouts = {idleMs: serverIdleMs, halfClosedMs: serverFinMs ?? serverIdleMs};
	}

	/** Lets bytes flow. True when both ends have ended already. */
	open(): boolean {
		const session = this.#session;
		session.resume();
		if (session.hasEnded) this.#server.end();
		if (this.#server.hasEnded) session.end();
		this.touch();
		return this.#isOver;
	}

	/** The client has sent `length` bytes. */
	relayUp(bytes: Buffer, length: number): void {
		const session = this.#session;
		session.record.bytesIn += length;
		this.#relay(session, this.#server, bytes, length);
	}

	/** The server has sent `length` bytes. */
	relayDown(bytes: Buffer, length: number): void {
		const session = this.#session;
		session.record.bytesOut += length;
		this.#relay(this.#server, session, bytes, length);
	}

	#relay(from: Endpoint, to: Endpoint, bytes: Buffer, length: number): void {
		to.writeRead(from, '', bytes, 0, length);
		if (length >= BULK_BYTES) from.ownBuffer();
		noteTraffic(this.#session);
		this.touch();
	}

	/** The client has ended its direction. True when that was the last. */
	endUp(): boolean {
		this.#server.end();
		this.touch();
		return this.#isOver;
	}

	/** The server has ended its direction. True when that was the last. */
	endDown(): boolean {
		this.#session.end();
		this.touch();
		return this.#isOver;
	}

	/**
	 * The client was silent for too long: its direction ends, and the server hears so and may still finish. False when nothing is left
	 * to wait for: the server has ended too, or the client does not take what it is sent.
	 */
	giveUpClient(nowMs: number): boolean {
		return this.#giveUp(this.#session, this.#server, this.#serverFinMs, nowMs);
	}

	/** The same for the server. */
	giveUpServer(nowMs: number): boolean {
		return this.#giveUp(this.#server, this.#session, this.#clientFinMs, nowMs);
	}

	/** The other side's time does not run anew, unless it has one of its own for half-closed connections. */
	#giveUp(late: Endpoint, other: Endpoint, otherFinMs: number | undefined, nowMs: number): boolean {
		if (late.hasEnded || late.isHolding || other.hasEnded) return false;
		late.stopReading();
		late.clearDeadline();
		other.end();
		if (otherFinMs !== undefined) other.setDeadline(nowMs, otherFinMs);
		return true;
	}

	get #isOver(): boolean {
		return this.#session.hasEnded && this.#server.hasEnded;
	}

	/** Something has moved: each side's time runs anew, if anything is expected of it. */
	touch(): void {
		const nowMs = this.#session.core.nowMs();
		this.#await(this.#session, this.#server, this.#clientTimeouts, nowMs);
		this.#await(this.#server, this.#session, this.#serverTimeouts, nowMs);
	}

	/**
	 * A side is late when it takes nothing of what waits for it, or sends nothing although it may. One that has ended need only
	 * take; one that is not read, because the other cannot follow, is not late.
	 */
	#await(side: Endpoint, other: Endpoint, {idleMs, halfClosedMs}: SideTimeouts, nowMs: number): void {
		const isExpected = side.isHolding || !(side.hasEnded || other.isHolding);
		if (isExpected) side.setDeadline(nowMs, side.hasEnded || other.hasEnded ? halfClosedMs : idleMs);
		else side.clearDeadline();
	}
}
