/**
 * A client connection in mode tcp: to a server, then bytes both ways.
 *
 * Decides how it begins and ends and with which flags (HAProxy manual, "TCP log format"), and how long rules may wait for its first bytes. Leaves the way to the server to `Session`
 * and the bytes to `Tunnel`. It is longer than other files because what a connection waits for, before and behind its server, is one state.
 */
import {isRdpCookieDecided} from '../balance/rdp-cookie.ts';
import type {RequestSample} from '../rules/request-sample.ts';
import {Counter} from '../shared-table.ts';
import type {Progress, Verdict} from '../stick/tcp-rules.ts';
import type {EndCause, StopMode} from '../worker-messages.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import {applyChangedEnds} from './changed-ends.ts';
import type {ContentRules} from './content-rules.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import {HttpSession} from './http-session.ts';
import {ResponseGate} from './response-gate.ts';
import {Session, Way} from './session.ts';
import {countOnServer, countOnSocket} from './session-counters.ts';
import {Tunnel} from './tunnel.ts';

/** Bytes taken from a client that speaks before its server is there; the rest waits in the kernel. */
const MAX_EARLY = 16_384;
/** A client that has not said anything by then takes a turn. */
const FIRST_MESSAGE_MS = 5000;

/** Whose rules are next. */
const Stage = {frontend: 0, backend: 1, server: 2} as const;
type Stage = (typeof Stage)[keyof typeof Stage];

export class TcpSession extends Session {
	#chosen: BackendRuntime | undefined;
	readonly #sample: RequestSample;
	#early = '';
	#tunnel: Tunnel | undefined;
	/** While rules look at what the server says first. */
	#gate: ResponseGate | undefined;
	#isOver = false;
	/** Who was late first, as the log's first flag says it; what follows does not change that. */
	#lateCause: 'c' | 's' | '' = '';
	/** What the client says first is awaited: by content rules, or by `balance rdp-cookie`. */
	#isReading = false;
	#stage: Stage = Stage.frontend;
	#progress: Progress = {at: 0};

	/** `backend`: where the frontend's rules send this connection; undefined when nowhere, or when its content rules go first. */
	constructor(core: Core, frontend: FrontendRuntime, backend: BackendRuntime | undefined, sample: RequestSample) {
		super(core, frontend);
		this.#chosen = backend;
		this.#sample = sample;
		sample.kept = this.record;
	}

	override get logSource(): RequestSample {
		return this.#sample;
	}

	override start(nowMs: number): void {
		const {core, record} = this;
		record.reset(nowMs, core.wallMs());
		core.table.addTransaction(1);
		this.frontend.log.writeStart(this);
		this.#proceed(nowMs, false);
	}

	/** Goes as far as the bytes so far allow: the frontend's rules, the backend, its rules, the server. `isFinal`: no more are waited for. */
	#proceed(nowMs: number, isFinal: boolean): void {
		this.#isReading = false;
		this.clearDeadline();
		if (this.#stage === Stage.frontend) {
			const rules = this.frontend.contentRules;
			if (rules !== undefined) {
				if (!this.#passes(rules, nowMs, isFinal)) return;
				this.#chosen = this.frontend.chooseByConnection(this.#sample);
			}
			this.#stage = Stage.backend;
		}
		const chosen = this.#chosen;
		if (chosen === undefined) {
			this.fail(503, 'S', 'C');
			return;
		}
		if (chosen.backend.mode === 'http') {
			this.#becomeHttp(chosen, nowMs);
			return;
		}
		if (this.#stage === Stage.backend) {
			this.#sample.backend = chosen.backend.name;
			const rules = this.frontend.contentRulesOf(chosen);
			if (rules !== undefined && !this.#passes(rules, nowMs, isFinal)) return;
			this.#stage = Stage.server;
		}
		if (chosen.readsCookie && !isFinal && !(this.#early !== '' && isRdpCookieDecided(this.#early))) {
			this.#isReading = true;
			this.setDeadline(nowMs, Math.min(FIRST_MESSAGE_MS, this.frontend.frontend.timeouts.clientMs ?? FIRST_MESSAGE_MS));
			return;
		}
		// As in HAProxy, the time of inspection counts as time in a queue.
		this.enterBackend(chosen, this.#findServer(chosen), nowMs, this.record.startMs);
	}

	/** A backend in mode http reads requests: what was inspected is the beginning of the first. */
	#becomeHttp(chosen: BackendRuntime, nowMs: number): void {
		const {core, frontend} = this;
		const session = new HttpSession(core, frontend, frontend.policyFor(chosen));
		takeOver(session, this, this.#sample);
		this.#isOver = true;
		core.table.addTransaction(-1);
		frontend.sessions.delete(this);
		frontend.sessions.add(session);
		this.handTo(session);
		session.start(nowMs);
		const early = Buffer.from(this.#early, 'latin1');
		this.#early = '';
		session.resume();
		if (early.length > 0) session.onRead(early, early.length);
		if (session.hasEnded && !session.isClosed) session.onEnd();
	}

	/** False when the rules wait for more, or have ended the session. */
	#passes({rules, inspectDelayMs}: ContentRules, nowMs: number, isFinal: boolean): boolean {
		const leftMs = this.record.startMs + inspectDelayMs - nowMs;
		this.#sample.contents = this.#early;
		this.#sample.isFinal = isFinal || leftMs <= 0;
		const verdict = rules.judge(this.#sample, this.#progress);
		if (verdict === 'wait') {
			this.#isReading = true;
			this.setDeadline(nowMs, leftMs);
			return false;
		}
		this.#progress = {at: 0};
		applyChangedEnds(this, this.#sample);
		if (verdict === 'accept') return true;
		countOnSocket(this, Counter.requestsDenied);
		this.core.table.count(this.frontend.row, Counter.requestsDenied);
		if (this.#stage === Stage.backend) this.core.table.count(this.#chosen!.row, Counter.requestsDenied);
		this.#finish('P', 'R');
		if (verdict === 'drop') this.vanish();
		return false;
	}

	/** The server that a rule or a stick table has for this client, -1 for none. */
	#findServer(chosen: BackendRuntime): number {
		const plan = this.core.stickPlans[chosen.index];
		this.#sample.contents = this.#early;
		const ruled = chosen.choices.length === 0 ? -1 : chosen.chooseServer(this.#sample, false);
		const named = ruled >= 0 ? ruled : chosen.findByCookie(this.#early);
		if (plan === undefined) return named;
		this.stores = [];
		const stuck = plan.match(this.#sample, id => chosen.findStuck(id, false), this.stores);
		return named >= 0 ? named : stuck;
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
		if (this.stores !== undefined && this.server!.server.isForgotten !== true) {
			this.core.stickPlans[this.backend!.index]?.store(this.#sample, this.stores, this.server!.server.id);
		}
		this.#tunnel = new Tunnel(this);
		connection!.writeText(this.#early);
		this.#early = '';
		this.frontend.log.writeEarly(this, this.loadCounts(), nowMs);
		const isOver = this.#tunnel.open();
		const {answerRules} = this.backend!;
		if (answerRules !== undefined) this.#openGate(answerRules, nowMs);
		else if (isOver) this.#finish('-', '-');
	}

	#openGate(rules: ContentRules, nowMs: number): void {
		const {core, server} = this;
		this.#sample.server = server!.server.name;
		const gate = new ResponseGate(rules, this.#sample, core.wheel, () => this.#pass(gate, gate.judge(true)));
		this.#gate = gate;
		this.#pass(gate, gate.open(nowMs));
	}

	/** Does what `tcp-response` rules have found of the server's first bytes. */
	#pass(gate: ResponseGate, verdict: Verdict): void {
		if (verdict === 'wait') return;
		this.#gate = undefined;
		if (verdict === 'reject' || verdict === 'drop') {
			countOnSocket(this, Counter.responsesDenied);
			for (const row of [this.frontend.row, this.backend!.row]) this.core.table.count(row, Counter.responsesDenied);
			// As in HAProxy: who is dropped counts as one whose request was refused.
			this.#finish('P', verdict === 'drop' ? 'R' : 'D');
			if (verdict === 'drop') this.vanish();
			return;
		}
		const bytes = Buffer.from(gate.text, 'latin1');
		if (bytes.length > 0) this.#tunnel!.relayDown(bytes, bytes.length);
		if (verdict === 'close') this.#finish('-', '-');
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
		if (this.#isReading) this.#proceed(this.core.nowMs(), this.#early.length >= MAX_EARLY);
	}

	override onServerRead(bytes: Buffer, length: number): void {
		const gate = this.#gate;
		if (gate === undefined) {
			this.#tunnel?.relayDown(bytes, length);
			return;
		}
		gate.text += bytes.toString('latin1', 0, length);
		this.#tunnel?.touch();
		this.#pass(gate, gate.judge(false));
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
			this.#proceed(this.core.nowMs(), true);
		}
	}

	override onServerEnd(): void {
		if (this.#gate !== undefined) this.#pass(this.#gate, this.#gate.judge(true));
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
		if (this.#gate !== undefined) this.#pass(this.#gate, this.#gate.judge(true));
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
		if (this.#isReading) return 'R';
		return this.way === Way.queued ? 'Q' : 'C';
	}

	override onDeadline(nowMs: number): void {
		if (this.#isOver) this.destroy();
		else if (this.#isReading) this.#proceed(nowMs, true);
		else if (!this.onWayDeadline(nowMs)) {
			this.#lateCause ||= 'c';
			if (this.#tunnel?.giveUpClient(nowMs) !== true) this.#finish('c', 'D');
		}
	}

	override onServerDeadline(nowMs: number): void {
		// Both sides were silent for equally long: it is the client who is named.
		const cause = this.timer.deadlineMs <= nowMs ? 'c' : 's';
		this.#lateCause ||= cause;
		if (this.#tunnel?.giveUpServer(nowMs) !== true) this.#finish(cause, 'D');
	}

	override endBecause(cause: EndCause): void {
		this.#finish(cause, this.#phase);
	}

	override stop(mode: StopMode): void {
		if (mode === 'hard') this.destroy();
	}

	#finish(cause: string, phase: string): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#early = '';
		this.#gate?.close();
		this.#gate = undefined;
		if (this.#lateCause === '') this.settle(cause, phase);
		else this.settle(this.#lateCause, 'D');
		this.closeWhenSent();
	}
}

/** The same client on the same connection. */
function takeOver(session: Session, from: Session, early: RequestSample): void {
	session.source = from.source;
	session.localPort = from.localPort;
	session.socket = from.socket;
	session.socketRow = from.socketRow;
	session.acceptedAtMs = from.acceptedAtMs;
	session.counters = from.counters;
	session.listener = from.listener;
	session.proxied = from.proxied;
	session.early = early;
	session.record.clientAddress = from.record.clientAddress;
	session.record.clientPort = from.record.clientPort;
}
