/**
 * A client connection in mode tcp: to a server, then bytes both ways.
 *
 * Decides how it begins and ends and with which flags (HAProxy manual, "TCP log format"). Leaves the way to the server to `Session`
 * and the bytes to `Tunnel`.
 */
import {isRdpCookieDecided} from '../balance/rdp-cookie.ts';
import {Counter} from '../shared-table.ts';
import type {EndCause} from '../worker-messages.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {Session, Way} from './session.ts';
import {countOnServer} from './session-counters.ts';
import {Tunnel} from './tunnel.ts';

/** Bytes taken from a client that speaks before its server is there; the rest waits in the kernel. */
const MAX_EARLY = 16_384;
/** A client that has not said anything by then takes a turn. */
const FIRST_MESSAGE_MS = 5000;

export class TcpSession extends Session {
	readonly #chosen: BackendRuntime | undefined;
	#early = '';
	#tunnel: Tunnel | undefined;
	#isOver = false;
	/** The first message is awaited, as `balance rdp-cookie` needs it. */
	#isReading = false;

	/** `backend`: where the frontend's rules send this connection; undefined when nowhere. */
	constructor(core: Core, frontend: FrontendRuntime, backend: BackendRuntime | undefined) {
		super(core, frontend);
		this.#chosen = backend;
	}

	override start(nowMs: number): void {
		const {core, record} = this;
		record.reset(nowMs, core.wallMs());
		core.table.addTransaction(1);
		this.frontend.log.writeStart(this);
		if (this.#chosen === undefined) {
			this.fail(503, 'S', 'C');
		} else if (this.#chosen.readsCookie) {
			this.#isReading = true;
			this.setDeadline(nowMs, Math.min(FIRST_MESSAGE_MS, this.frontend.frontend.timeouts.clientMs ?? FIRST_MESSAGE_MS));
		} else {
			this.enterBackend(this.#chosen, -1, nowMs);
		}
	}

	/** What the client says first decides; one that waits for the server to speak takes a turn. */
	#enter(): void {
		this.#isReading = false;
		this.clearDeadline();
		this.enterBackend(this.#chosen!, -1, this.core.nowMs());
	}

	override get payload(): string {
		return this.#early;
	}

	// --- On the way to the server ---------------------------------------------------------------------------------------

	protected override mayReuse(): boolean {
		return false;
	}

	protected override isFirst(): boolean {
		return true;
	}

	protected override onReady(nowMs: number): void {
		const {connection} = this;
		this.#tunnel = new Tunnel(this);
		connection!.writeText(this.#early);
		this.#early = '';
		this.frontend.log.writeEarly(this.record, this.loadCounts(), nowMs);
		if (this.#tunnel.open()) this.#finish('-', '-');
	}

	protected override fail(_status: number, cause: string, phase: string): void {
		this.#finish(cause, phase);
	}

	// --- Bytes ----------------------------------------------------------------------------------------------------------

	override onRead(bytes: Buffer, length: number): void {
		if (this.#isOver) return;
		if (this.#tunnel !== undefined) {
			this.#tunnel.relayUp(bytes, length);
			return;
		}
		this.record.bytesIn += length;
		this.#early += bytes.toString('latin1', 0, length);
		if (this.#early.length >= MAX_EARLY) this.pause();
		if (this.#isReading && (isRdpCookieDecided(this.#early) || this.#early.length >= MAX_EARLY)) this.#enter();
	}

	override onServerRead(bytes: Buffer, length: number): void {
		this.#tunnel?.relayDown(bytes, length);
	}

	override onDrained(): void {
		this.#tunnel?.touch();
	}

	override onServerDrained(): void {
		this.#tunnel?.touch();
	}

	// --- Ends -----------------------------------------------------------------------------------------------------------

	/** A client that ends before its server is there, without having said anything or under `abortonclose`, wants no server. */
	override onEnd(): void {
		if (this.#isOver) return;
		if (this.#tunnel !== undefined) {
			if (this.#tunnel.endUp()) this.#finish('-', '-');
		} else if (this.#early === '' || this.backend?.backend.abortOnClose) {
			this.#abortByClient();
		} else if (this.#isReading) {
			this.#enter();
		}
	}

	override onServerEnd(): void {
		if (this.#tunnel?.endDown()) this.#finish('-', '-');
	}

	override onClose(): void {
		if (!this.#isOver) {
			if (this.errorCode !== '') this.#abortByClient();
			else this.#finish('-', '-');
		}
		this.close();
	}

	override onServerClose(code: string): void {
		this.connection = undefined;
		if (this.#isOver) return;
		if (code === '') {
			this.#finish('-', '-');
			return;
		}
		countOnServer(this, Counter.serverAborts);
		this.#finish('S', 'D');
	}

	#abortByClient(): void {
		const {table} = this.core;
		if (this.backend !== undefined) table.count(this.backend.row, Counter.clientAborts);
		if (this.server !== undefined) table.count(this.server.row, Counter.clientAborts);
		this.#finish('C', this.#phase);
	}

	/** Where the session stands, as the second flag says it. */
	get #phase(): string {
		if (this.way === Way.connected) return 'D';
		return this.way === Way.queued ? 'Q' : 'C';
	}

	override onDeadline(nowMs: number): void {
		if (this.#isOver) this.destroy();
		else if (this.#isReading) this.#enter();
		else if (!this.onWayDeadline(nowMs)) this.#finish('c', 'D');
	}

	override onServerDeadline(nowMs: number): void {
		// Both sides were silent for equally long: it is the client who is named.
		this.#finish(this.timer.deadlineMs <= nowMs ? 'c' : 's', 'D');
	}

	override endBecause(cause: EndCause): void {
		this.#finish(cause, this.#phase);
	}

	override stop(mode: 'soft' | 'hard'): void {
		if (mode === 'hard') this.destroy();
	}

	#finish(cause: string, phase: string): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#early = '';
		this.settle(cause, phase);
		this.closeWhenSent();
	}
}
