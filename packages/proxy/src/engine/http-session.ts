/**
 * A client connection in HTTP mode: requests in, responses out, one transaction after the other.
 *
 * Decides what happens at each event of the two connections, in the order of a transaction: head, rules, server, bodies, log line.
 * Leaves grammar to `http1/`, rules to `http-policy`, servers to `Session`, bodies to `BodyRelay`, tunnels to `Tunnel`. It is longer
 * than other files because a transaction's states are only safe to change where all of them are seen.
 */
import {readChunks} from '../http1/chunked.ts';
import {CHUNKED} from '../http1/framing.ts';
import {countLeadingEmptyLines, findHeadEnd, HOPELESS, mayBeginRequest} from '../http1/head-end.ts';
import type {CookieReading} from '../persistence/request-cookie.ts';
import {formatServerRedirect} from '../responses/server-redirect.ts';
import {findHeaderLineValue} from '../rules/head-text.ts';
import type {RequestSample} from '../rules/request-sample.ts';
import {Counter} from '../shared-table.ts';
import {isFailure} from '../stick/tracked-counters.ts';
import type {EndCause, StopMode} from '../worker-messages.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import {countUnfinished, isEnough, type Wait} from './body-wait.ts';
import type {Core} from './core.ts';
import {FormExchange} from './form-exchange.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import type {Decision, Edited, HttpPolicy, LocalAnswer} from './http-policy.ts';
import type {Trouble} from './l7-retries.ts';
import {giveMessages, type Messages, NO_MESSAGES, takeMessages} from './messages.ts';
import {isStatusGood, noteResponse, TrafficError} from './observe.ts';
import {type ResponseOrder, ResponseWait, type Waiting, withoutWaiting} from './response-wait.ts';
import {Session, Way} from './session.ts';
import {countOnServer, countOnSocket, countStatus, noteTraffic} from './session-counters.ts';
import {Tunnel} from './tunnel.ts';

const Phase = {idle: 0, head: 1, exchange: 2, tunnel: 3, lingering: 4, closed: 5} as const;
type PhaseValue = (typeof Phase)[keyof typeof Phase];

/** How long a connection that was answered early may still send what nobody reads, so that it can read the answer. */
const LINGER_MS = 1000;
/** Bytes of later requests kept while one is being served. */
const MAX_PIPELINED = 16_384;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

export class HttpSession extends Session implements Waiting {
	reading: CookieReading | undefined;
	sample: RequestSample | undefined;
	#messages: Messages = NO_MESSAGES;
	#phase: PhaseValue = Phase.idle;
	/** The part of a request head that has arrived. */
	#head = '';
	#scanned = 0;
	#responseHead = '';
	#responseScanned = 0;
	/** What has arrived of later requests. */
	#pipelined = '';
	/** Head and first part of the body, kept until an answer shows that the server has them. */
	#outgoing = '';
	/** Length of the head in `#outgoing`. */
	#outgoingHead = 0;
	/** What goes on once enough of the body is there. */
	#waiting: Wait | undefined;
	#mayRepeat = false;
	#hasResponse = false;
	/** The response lets the client connection stay open. */
	#keepsClient = true;
	#answered = 0;
	#idleSinceMs = 0;
	#isNexting = false;
	#stopsSoon = false;
	#readyMs = 0;
	/** Who ends the connection when it closes before its time: the client, unless told otherwise. */
	#endCause: EndCause | 'C' = 'C';
	#tunnel: Tunnel | undefined;
	/** The answer that a tarpitted client is held from. */
	#held: Extract<Decision, {kind: 'respond'}> | undefined;
	readonly #policy: HttpPolicy;
	#form: FormExchange | undefined;

	constructor(core: Core, frontend: FrontendRuntime, policy: HttpPolicy) {
		super(core, frontend);
		this.#policy = policy;
	}

	override get logSource(): RequestSample {
		this.sample ??= this.#policy.createSample(this);
		return this.sample;
	}

	override start(nowMs: number): void {
		const {record, core} = this;
		record.reset(nowMs, core.wallMs());
		this.setDeadline(nowMs, this.#policy.requestTimeoutMs);
	}

	// --- The client speaks ----------------------------------------------------------------------------------------------

	override onRead(bytes: Buffer, length: number): void {
		switch (this.#phase) {
			case Phase.idle:
				this.#beginRequest();
				this.record.bytesIn += length;
				this.#takeHead(bytes, length);
				return;
			case Phase.head:
				this.record.bytesIn += length;
				this.#takeHead(bytes, length);
				return;
			case Phase.exchange:
				if (this.#messages.requestBody.done) this.#keepForLater(bytes, 0, length);
				else if (this.#waiting !== undefined) this.#gather(this.#waiting, bytes, length);
				else this.#relayRequest(bytes, length);
				return;
			case Phase.tunnel:
				this.#tunnel?.relayUp(bytes, length);
				return;
		}
	}

	/** The first byte of a request: its times begin here, not when the connection was made. */
	#beginRequest(): void {
		const {core, record} = this;
		const nowMs = core.nowMs();
		this.#phase = Phase.head;
		if (this.#messages === NO_MESSAGES) this.#messages = takeMessages();
		record.reset(nowMs, core.wallMs());
		record.idleMs = nowMs - (this.#answered > 0 ? this.#idleSinceMs : this.acceptedAtMs);
		core.table.addTransaction(1);
		this.frontend.log.writeStart(this);
		// The first request's time has run since the connection was accepted.
		if (this.#answered > 0) this.setDeadline(nowMs, this.#policy.requestTimeoutMs);
	}

	#takeHead(bytes: Buffer, length: number): void {
		const limit = this.core.maxHeadBytes;
		const before = this.#head.length;
		const read = bytes.toString('latin1', 0, Math.min(length, limit + 8));
		const text = before === 0 ? read : this.#head + read;
		const from = countLeadingEmptyLines(text);
		if (from === HOPELESS) {
			this.#refuse(400, 'P', text);
			return;
		}
		const end = findHeadEnd(text, from, this.#scanned);
		if (end < 0) {
			if (end === HOPELESS || text.length - from > limit || !mayBeginRequest(text, from)) {
				this.#refuse(400, 'P', text);
				return;
			}
			this.#head = text;
			this.#scanned = text.length;
			return;
		}
		this.#head = '';
		this.#scanned = 0;
		if (end - from > limit) {
			this.#refuse(400, 'P', text);
			return;
		}
		this.#startTransaction(text.slice(from, end), bytes, end - before, length);
	}

	/** `bytes` from `from` on is what follows the head. */
	#startTransaction(head: string, bytes: Buffer, from: number, to: number): void {
		const {core, record} = this;
		const request = this.#messages.request;
		const nowMs = core.nowMs();
		this.#phase = Phase.exchange;
		this.clearDeadline();
		record.requestMs = nowMs - record.startMs;
		core.table.count(this.frontend.row, Counter.requests);
		core.table.rates.hit(this.frontend.requestMeter, nowMs);
		const refusal = request.parse(head);
		if (refusal !== 0) {
			this.#refuse(refusal, 'P', head);
			return;
		}
		record.requestLine = request.requestLine;
		const body = this.#messages.requestBody;
		body.begin(request.bodyLength, false);
		let first = '';
		let stop = from;
		if (!body.done) {
			first = body.collect(bytes, from, to);
			stop = body.stoppedAt;
			if (body.failed) {
				this.#refuse(400, 'P', head);
				return;
			}
		}
		if (stop < to) this.#keepForLater(bytes, stop, to);
		this.#outgoing = first;
		this.#outgoingHead = 0;
		this.#carryOut(this.#policy.decide(this, request), nowMs);
	}

	#carryOut(decision: Decision, nowMs: number): void {
		if (decision.kind === 'wait') {
			this.#await(decision, nowMs);
			return;
		}
		if (decision.kind === 'reject') {
			// As in HAProxy: rules for contents refuse a connection, not a request.
			if (!decision.showsRequest) this.record.requestLine = '';
			this.record.requestMs = -1;
			this.#finishTransaction('P', 'R');
			if (decision.isSilent) this.vanish();
			else this.destroy();
			return;
		}
		if (decision.kind === 'form') {
			this.#form = new FormExchange(decision.carryOut, answer => this.#carryOut(answer, this.core.nowMs()));
			this.setDeadline(nowMs, this.#policy.requestTimeoutMs);
			this.#takeForm(this.#outgoing);
			return;
		}
		if (decision.kind === 'respond') {
			if (!decision.isLogged) this.record.isLogged = true;
			if (decision.hold !== undefined) {
				this.#held = decision;
				this.setDeadline(nowMs, decision.hold.ms);
				return;
			}
			if (decision.cause === 'L') this.core.table.count(this.frontend.row, Counter.intercepted);
			this.#respond(decision.answer(this.#localConnection()), decision.status, decision.cause, decision.phase);
			return;
		}
		this.#hasResponse = false;
		this.#responseHead = '';
		this.#responseScanned = 0;
		this.#outgoing = decision.head + this.#outgoing;
		this.#outgoingHead = decision.head.length;
		this.#forward(decision.backend, decision.wanted, nowMs);
	}

	/** Rules, or the choice of a server, wait for the body. */
	#await(wait: Wait, nowMs: number): void {
		if (this.#hasEnough(wait)) {
			this.#carryOut(wait.resume(), nowMs);
			return;
		}
		this.#waiting = wait;
		this.setDeadline(nowMs, wait.ms);
		const {facts, version} = this.#messages.request;
		if (facts.expectsContinue && version === 11) this.sayInterim(CONTINUE);
		facts.expectsContinue = false;
	}

	#hasEnough(wait: Wait): boolean {
		const {requestBody, request} = this.#messages;
		const used = request.text.length + this.#outgoing.length;
		return isEnough(wait, requestBody, used, this.core.maxHeadBytes, () => this.payload);
	}

	#gather(wait: Wait, bytes: Buffer, length: number): void {
		const {record, core} = this;
		const body = this.#messages.requestBody;
		record.bytesIn += length;
		this.#outgoing += body.collect(bytes, 0, length);
		if (body.failed) {
			this.#abort(400, 'P', 'R');
			return;
		}
		if (body.done && body.stoppedAt < length) this.#keepForLater(bytes, body.stoppedAt, length);
		if (!this.#hasEnough(wait)) return;
		const nowMs = core.nowMs();
		this.#waiting = undefined;
		this.clearDeadline();
		record.requestMs = nowMs - record.startMs;
		this.#carryOut(wait.resume(), nowMs);
	}

	#forward(backend: BackendRuntime, wanted: number, nowMs: number): void {
		const {requestBody, request} = this.#messages;
		this.#mayRepeat = requestBody.done && !this.sample?.isRetryDisabled && backend.retries.repeats(request.method);
		this.enterBackend(backend, wanted, nowMs);
		// Until the server is there, the rest of the body waits in the kernel.
		if (this.way !== Way.connected && this.#phase === Phase.exchange && !this.#messages.requestBody.done) this.pause();
	}

	/** The body that rules wait for does not come. */
	#giveUpWaiting(): void {
		countUnfinished(this);
		this.record.requestMs = -1;
		this.#abort(408, 'c', 'R');
	}

	/** The time in the tarpit is over; the log shows it as time in a queue (as HAProxy does). */
	#releaseHeld(nowMs: number): void {
		const held = this.#held!;
		const {record} = this;
		this.#held = undefined;
		record.queueMs = nowMs - record.startMs;
		record.requestMs = -1;
		this.#respond(held.answer(this.#localConnection()), held.status, held.cause, held.phase);
	}

	/** A form for ourselves: what has come of it, and whether that is all. */
	#takeForm(text: string): void {
		if (this.#form?.take(text, this.#messages.requestBody.done)) this.clearDeadline();
	}

	override get method(): string {
		return this.#messages.request.method;
	}

	override get target(): string {
		const {requestLine, method} = this.#messages.request;
		return requestLine.slice(method.length + 1, -' HTTP/1.1'.length);
	}

	override header(lowerName: string, n = 0): string | undefined {
		return findHeaderLineValue(this.#messages.request.text, lowerName, n);
	}

	override get payload(): string {
		const body = this.#outgoing.slice(this.#outgoingHead);
		return this.#messages.request.bodyLength === CHUNKED ? readChunks(body).data : body;
	}

	#keepForLater(bytes: Buffer, from: number, to: number): void {
		this.#pipelined += bytes.toString('latin1', from, to);
		if (this.#pipelined.length > MAX_PIPELINED) this.pause();
	}

	#relayRequest(bytes: Buffer, length: number): void {
		const {connection, record, core} = this;
		const body = this.#messages.requestBody;
		record.bytesIn += length;
		if (this.#form !== undefined) {
			this.#takeForm(body.collect(bytes, 0, length));
			if (body.failed) this.#abort(400, 'P', 'R');
			else if (body.done && body.stoppedAt < length) this.#keepForLater(bytes, body.stoppedAt, length);
			return;
		}
		if (connection === undefined || this.way !== Way.connected) return;
		this.#outgoing = '';
		this.#mayRepeat = false;
		body.relay(this, connection, '', bytes, 0, length);
		noteTraffic(this);
		const nowMs = core.nowMs();
		if (body.failed) {
			this.#abort(400, 'P', this.#hasResponse ? 'D' : 'H');
			return;
		}
		if (body.done) {
			this.clearDeadline();
			if (body.stoppedAt < length) this.#keepForLater(bytes, body.stoppedAt, length);
			connection.setDeadline(nowMs, this.#serverMs());
		} else if (connection.isHolding) {
			this.clearDeadline();
			connection.setDeadline(nowMs, this.#serverMs());
		} else {
			this.setDeadline(nowMs, this.frontend.frontend.timeouts.clientMs);
		}
	}

	/** The client has ended its direction. */
	override onEnd(): void {
		switch (this.#phase) {
			case Phase.idle:
				if (this.#pipelined === '') this.#endWithoutRequest();
				return;
			case Phase.head:
				this.#refuse(400, 'C');
				return;
			case Phase.exchange:
				if (!this.#messages.requestBody.done || this.#held !== undefined) this.#abort(0, 'C', this.#abortPhase());
				else if (this.backend?.backend.abortOnClose && !this.#hasResponse) {
					this.#abort(this.way === Way.connected ? 400 : 0, 'C', this.#abortPhase());
				}
				return;
			case Phase.tunnel:
				if (this.#tunnel?.endUp()) this.#endTunnel();
				return;
			case Phase.lingering:
				this.destroy();
				return;
		}
	}

	/** Ended between two requests, or before the first: then it may still want to read why nothing came of it. */
	#endWithoutRequest(): void {
		if (this.#answered > 0 || this.isClosed) {
			this.destroy();
			return;
		}
		this.#beginSilentRequest();
		this.#refuse(400, 'C');
	}

	/** The connection has not said anything: it is worth a line only without `option dontlognull`. */
	#beginSilentRequest(): void {
		this.core.table.addTransaction(1);
		if (!this.frontend.log.logsNull) this.record.isLogged = true;
	}

	/** The client's connection is gone. */
	override onClose(): void {
		const phase = this.#phase;
		this.#phase = Phase.closed;
		if (phase === Phase.idle && this.#answered === 0) {
			this.#beginSilentRequest();
			this.record.status = 400;
			this.#finishUnanswered('C', 'R');
		} else if (phase === Phase.head) {
			this.record.status = 400;
			this.#finishUnanswered('C', 'R');
		} else if (phase === Phase.exchange) {
			this.#finishUnanswered(this.#endCause, this.#abortPhase());
		} else if (phase === Phase.tunnel) {
			const isClean = this.errorCode === '' && this.#endCause === 'C';
			this.#finishTransaction(isClean ? '-' : this.#endCause, isClean ? '-' : 'D');
		}
		this.close();
		this.#giveMessages();
	}

	/** Where a transaction stands, as the second flag says it. */
	#abortPhase(): string {
		if (this.#waiting !== undefined) return 'R';
		if (this.#held !== undefined) return 'T';
		if (this.way === Way.queued) return 'Q';
		if (this.way === Way.connecting || this.way === Way.pausing) return 'C';
		return this.#hasResponse || !this.#messages.requestBody.done ? 'D' : 'H';
	}

	override onDeadline(nowMs: number): void {
		switch (this.#phase) {
			case Phase.idle:
				if (this.#answered > 0) this.destroy();
				else this.#refuseSlowly();
				return;
			case Phase.head:
				this.#refuseSlowly();
				return;
			case Phase.exchange:
				if (this.onWayDeadline(nowMs)) return;
				if (this.#held !== undefined) {
					this.#releaseHeld(nowMs);
					return;
				}
				if (this.#waiting === undefined) this.#abort(408, 'c', 'D');
				else this.#giveUpWaiting();
				return;
			case Phase.tunnel:
				this.#finishTransaction('c', 'D');
				this.destroy();
				return;
			case Phase.lingering:
				this.destroy();
				return;
		}
	}

	/** No complete head in time: 408 `cR`. */
	#refuseSlowly(): void {
		if (this.#phase === Phase.idle) this.#beginSilentRequest();
		this.#refuse(408, 'c');
	}

	// --- Answers of our own ---------------------------------------------------------------------------------------------

	/** No request came of it: it cannot be understood, or not in one way only, or it did not arrive. */
	#refuse(status: number, cause = 'P', text = ''): void {
		const {record} = this;
		if (text !== '') this.core.badMessages.note('request', this, text);
		this.#phase = Phase.exchange;
		this.#head = '';
		this.#pipelined = '';
		this.#messages.requestBody.begin(0, false);
		this.#keepsClient = false;
		record.requestLine = '';
		record.requestMs = -1;
		record.requestCaptures = undefined;
		record.status = status;
		countOnSocket(this, Counter.requestErrors);
		this.core.table.count(this.frontend.row, Counter.requestErrors);
		this.#countBadRequest();
		// As in HAProxy, such an answer is no traffic of the frontend's: neither the line nor the counters show its bytes.
		this.writeText(this.#policy.answer(status, undefined, 'close', false).text);
		countStatus(this, this.#hasResponse, status);
		this.#finishTransaction(cause, 'R');
		this.#next(cause === 'P');
	}

	/** As HAProxy counts: a connection that never said anything is a bad request too. */
	#countBadRequest(): void {
		this.counters?.countRequest();
		this.counters?.countError();
	}

	/** What a local answer says of the connection: it stays only if nothing of the request is still to come. */
	#localConnection(): 'implicit' | 'close' | 'keep-alive' {
		this.#keepsClient = this.#mayKeepClient() && this.#messages.requestBody.done;
		if (!this.#keepsClient) return 'close';
		return this.#messages.request.version === 11 ? 'implicit' : 'keep-alive';
	}

	#mayKeepClient(): boolean {
		if (!this.#messages.request.keepAlive || this.#stopsSoon || this.core.table.draining) return false;
		// Who has ended its direction is still answered what it asked before.
		if (this.hasEnded && this.#pipelined === '') return false;
		return this.#policy.mode(this.backend) !== 'close';
	}

	/** Answers by ourselves and ends the transaction. */
	#respond(answer: LocalAnswer, status: number, cause: string, phase: string): void {
		const {record} = this;
		if (answer.closes) this.#keepsClient = false;
		record.status = status;
		const text = this.#policy.editAnswer(this, answer.text);
		record.bytesOut += text.length;
		this.writeText(text);
		countStatus(this, this.#hasResponse, record.status);
		const mustLinger = !this.#messages.requestBody.done;
		this.#finishTransaction(cause, phase);
		this.#next(mustLinger);
	}

	/** Only what a browser asks for again by itself: GET and HEAD (HAProxy manual, `redir`). */
	protected override redirect(prefix: string): boolean {
		const {method, target} = this.#messages.request;
		if (method !== 'GET' && method !== 'HEAD') return false;
		const connection = this.#localConnection();
		const text = formatServerRedirect(prefix + target, connection);
		this.#respond({text, closes: false}, 302, 'L', 'C');
		return true;
	}

	protected override fail(status: number, cause: string, phase: string): void {
		this.#abort(status, cause, phase);
	}

	/** Ends a transaction that cannot be completed: with an answer while none has begun, else by closing. */
	#abort(status: number, cause: string, phase: string): void {
		if (this.#hasResponse || status === 0) {
			this.#finishTransaction(cause, phase);
			this.#phase = Phase.lingering;
			this.closeWhenSent();
			return;
		}
		this.connection?.abandon();
		this.connection = undefined;
		const isHead = this.#messages.request.method === 'HEAD';
		const answer = this.#policy.answer(status, this.backend, this.#localConnection(), isHead, this.sample);
		this.#respond(answer, status, cause, phase);
	}

	// --- The server answers ---------------------------------------------------------------------------------------------

	protected override mayReuse(): boolean {
		if (this.#messages.request.wantsUpgrade || this.#policy.isTunnel(this.backend)) return false;
		return this.#policy.mode(this.backend) === 'keep-alive';
	}

	protected override isFirst(): boolean {
		return this.#answered === 0;
	}

	get isFirstRequest(): boolean {
		return this.#answered === 0;
	}

	protected override onReady(nowMs: number): void {
		const {connection} = this;
		this.#readyMs = nowMs;
		connection!.writeText(this.#policy.nameServer(this.backend!, this.record.serverName, this.#outgoing));
		if (this.#messages.requestBody.done) {
			connection!.setDeadline(nowMs, this.#serverMs());
		} else {
			this.resume();
			this.setDeadline(nowMs, this.frontend.frontend.timeouts.clientMs);
		}
	}

	override onServerRead(bytes: Buffer, length: number): void {
		if (this.#tunnel !== undefined) this.#tunnel.relayDown(bytes, length);
		else if (this.#hasResponse) this.#relayResponse('', bytes, 0, length);
		else this.#takeResponseHead(bytes, length);
	}

	#takeResponseHead(bytes: Buffer, length: number): void {
		const limit = this.core.maxHeadBytes;
		const response = this.#messages.response;
		let at = 0;
		while (!this.#hasResponse) {
			const before = this.#responseHead.length;
			const read = bytes.toString('latin1', at, Math.min(length, at + limit + 8));
			const text = before === 0 ? read : this.#responseHead + read;
			const end = findHeadEnd(text, 0, this.#responseScanned);
			if (end < 0) {
				if (end === HOPELESS || text.length > limit || !'HTTP/1.'.startsWith(text.slice(0, 7))) {
					this.#failResponse('P', 'H', text);
					return;
				}
				this.#responseHead = text;
				this.#responseScanned = text.length;
				return;
			}
			this.#responseHead = '';
			this.#responseScanned = 0;
			at += end - before;
			if (end > limit || !response.parse(text.slice(0, end), this.#messages.request.method)) {
				this.#failResponse('P', 'H', text);
				return;
			}
			if (response.status >= 200 || response.status === 101) break;
			if (this.#messages.request.version === 11) this.sayInterim(response.forward(11, ''));
			if (at >= length) return;
		}
		this.#startResponse(bytes, at, length);
	}

	/** `retry-on`: what the server was asked goes out once more. */
	#asksAgain(trouble: Trouble): boolean {
		if (this.#hasResponse || !this.#messages.requestBody.done || this.sample?.isRetryDisabled) return false;
		if (!this.backend!.retries.allows(trouble, this.#outgoing)) return false;
		this.#responseHead = '';
		this.#responseScanned = 0;
		return this.askAgain();
	}

	#failResponse(cause: string, phase: string, text = ''): void {
		const {server, core} = this;
		if (text !== '' && this.#asksAgain('junk-response')) return;
		if (text !== '') core.badMessages.note('response', this, text);
		if (server !== undefined) noteResponse(core, server, cause === 'P' ? TrafficError.response : TrafficError.close);
		countOnServer(this, Counter.responseErrors);
		this.counters?.countFailure();
		this.#abort(502, cause, phase);
	}

	/** `timeout server`, or what a rule has set for this transaction. */
	#serverMs(): number | undefined {
		return this.record.serverMs ?? this.backend?.backend.timeouts.serverMs;
	}

	sayInterim(text: string): void {
		this.record.bytesOut += text.length;
		this.writeText(text);
	}

	#startResponse(bytes: Buffer, from: number, to: number): void {
		const {record, core} = this;
		const request = this.#messages.request;
		const response = this.#messages.response;
		const nowMs = core.nowMs();
		if (response.status === 101 && !request.wantsUpgrade) {
			this.#failResponse('P', 'H');
			return;
		}
		if (this.#asksAgain(response.status)) return;
		record.responseMs = nowMs - this.#readyMs;
		record.status = response.status;
		if (response.status >= 400 && response.status < 500) this.counters?.countError();
		else if (isFailure(response.status)) this.counters?.countFailure();
		noteResponse(core, this.server!, isStatusGood(response.status) ? undefined : TrafficError.status);
		this.#outgoing = '';
		this.#hasResponse = true;
		if (response.status === 101 || (request.method === 'CONNECT' && response.status < 300) || this.#becomesTunnel()) {
			this.#startTunnel(bytes, from, to, nowMs);
			return;
		}
		const unpack = response.bodyLength === CHUNKED && request.version < 11;
		const body = this.#messages.responseBody;
		body.begin(response.bodyLength, unpack);
		this.#keepsClient = this.#mayKeepClient() && this.#messages.requestBody.done && !(body.isUntilClose || unpack);
		const connection = this.#keepsClient ? (request.version === 11 ? '' : 'keep-alive') : 'close';
		const head = response.forward(request.version, connection);
		this.continueResponse(this.#policy.editResponse(this, request, response, head), '', bytes, from, to);
	}

	continueResponse(edited: Edited, early: string, bytes: Buffer, from: number, to: number): void {
		const {record, core} = this;
		const {responseBody: body, response, request} = this.#messages;
		if (typeof edited !== 'string') {
			const isChunked = response.bodyLength === CHUNKED && request.version === 11;
			if (edited.kind === 'wait') new ResponseWait(this, edited, body, isChunked).begin(bytes, from, to);
			else this.#replaceResponse(edited);
			return;
		}
		const text = edited + early;
		countStatus(this, this.#hasResponse, record.status);
		record.bytesOut += text.length;
		this.frontend.log.writeEarly(this, this.loadCounts(), core.nowMs());
		if (body.done) {
			this.writeText(text);
			this.#endResponse(from < to);
		} else {
			this.#relayResponse(text, bytes, from, to);
		}
	}

	/** A rule has put another answer in the place of the server's, whose connection is given up. */
	#replaceResponse(decision: Exclude<Edited, string | ResponseOrder>): void {
		if (decision.kind === 'cut') {
			this.#finishTransaction('P', decision.isSilent ? 'R' : 'D');
			if (decision.isSilent) this.vanish();
			else this.destroy();
			return;
		}
		const {status, cause, phase} = decision;
		this.record.responseMs = -1;
		this.#hasResponse = false;
		this.connection?.abandon();
		this.connection = undefined;
		this.#respond(decision.answer(this.#localConnection()), status, cause, phase);
	}

	/** Under `option http-tunnel` the first response opens a tunnel, unless its own body must be changed on the way. */
	#becomesTunnel(): boolean {
		if (!this.#policy.isTunnel(this.backend) || !this.#messages.requestBody.done) return false;
		return this.#messages.response.bodyLength !== CHUNKED || this.#messages.request.version === 11;
	}

	#relayResponse(head: string, bytes: Buffer, from: number, to: number): void {
		const {connection} = this;
		const body = this.#messages.responseBody;
		body.relay(connection!, this, head, bytes, from, to);
		this.record.bytesOut += body.sentBytes;
		noteTraffic(this);
		if (body.failed) {
			this.#failResponse('P', 'D');
			return;
		}
		if (body.done) {
			this.#endResponse(body.stoppedAt < to);
			return;
		}
		const nowMs = this.core.nowMs();
		if (this.isHolding) {
			// The client is slow: its time runs, not the server's.
			connection!.clearDeadline();
			this.setDeadline(nowMs, this.frontend.frontend.timeouts.clientMs);
		} else {
			connection!.setDeadline(nowMs, this.#serverMs());
		}
	}

	/** The client has caught up. */
	override onDrained(): void {
		if (this.#tunnel !== undefined) {
			this.#tunnel.touch();
		} else if (this.#phase === Phase.exchange && this.#hasResponse) {
			if (this.#messages.requestBody.done) this.clearDeadline();
			this.connection?.setDeadline(this.core.nowMs(), this.#serverMs());
		} else if (this.#phase === Phase.idle) {
			this.#next(false);
		}
	}

	/** The server has caught up with the request. */
	override onServerDrained(): void {
		if (this.#tunnel !== undefined) {
			this.#tunnel.touch();
		} else if (this.#phase === Phase.exchange && !this.#messages.requestBody.done) {
			this.connection?.clearDeadline();
			this.setDeadline(this.core.nowMs(), this.frontend.frontend.timeouts.clientMs);
		}
	}

	/** The response is complete. `hasMore`: the server has sent more than it should. */
	#endResponse(hasMore: boolean): void {
		const connection = this.connection!;
		const mayPark =
			!hasMore &&
			this.#messages.requestBody.done &&
			this.#messages.response.keepAlive &&
			!this.#messages.responseBody.isUntilClose &&
			!connection.hasEnded &&
			this.#policy.mode(this.backend) === 'keep-alive';
		const lingers = !this.#messages.requestBody.done;
		this.connection = undefined;
		connection.answered++;
		if (this.isHolding) this.releaseHold();
		// Other clients' first requests do not take an unproven one: without its client it would only occupy the server.
		if (mayPark && (this.#keepsClient || connection.isProven)) connection.park();
		else connection.abandon();
		this.#finishTransaction('-', '-');
		this.#next(lingers);
	}

	override onServerEnd(): void {
		if (this.#tunnel !== undefined) {
			if (this.#tunnel.endDown()) this.#endTunnel();
			return;
		}
		if (!this.#hasResponse) {
			this.#onServerGone('');
		} else if (this.#messages.responseBody.endWithConnection()) {
			this.#endResponse(false);
		} else {
			countOnServer(this, Counter.serverAborts);
			this.#abort(502, 'S', 'D');
		}
	}

	override onServerClose(code: string): void {
		this.connection = undefined;
		if (this.#phase === Phase.tunnel) {
			this.#finishTransaction(code === '' ? '-' : 'S', code === '' ? '-' : 'D');
			this.closeWhenSent();
			return;
		}
		if (this.#hasResponse) {
			countOnServer(this, Counter.serverAborts);
			this.#abort(502, 'S', 'D');
		} else {
			this.#onServerGone(code);
		}
	}

	/** The server closed before it answered. A kept connection may just have been too old: ask again on a new one. */
	#onServerGone(_code: string): void {
		if (this.isReused && this.#mayRepeat && this.#responseHead === '' && this.#outgoing !== '') {
			this.#mayRepeat = false;
			this.connectAnew();
			return;
		}
		if (this.#asksAgain('empty-response')) return;
		countOnServer(this, Counter.serverAborts);
		this.#failResponse('S', 'H');
	}

	override onServerDeadline(nowMs: number): void {
		if (this.#tunnel !== undefined) {
			// Both sides were silent for equally long: it is the client who is named.
			this.#finishTransaction(this.timer.deadlineMs <= nowMs ? 'c' : 's', 'D');
			this.destroy();
		} else if (!this.#asksAgain('response-timeout')) {
			if (!this.#hasResponse) noteResponse(this.core, this.server!, TrafficError.timeout);
			this.#abort(504, 's', this.#hasResponse ? 'D' : 'H');
		}
	}

	// --- Tunnels --------------------------------------------------------------------------------------------------------

	#startTunnel(bytes: Buffer, from: number, to: number, nowMs: number): void {
		const {connection, record} = this;
		this.#phase = Phase.tunnel;
		this.#keepsClient = false;
		const forwarded = this.#messages.response.forward(this.#messages.request.version, '');
		const {request, response} = this.#messages;
		const head = withoutWaiting(this.#policy.editResponse(this, request, response, forwarded));
		if (typeof head !== 'string') {
			this.#phase = Phase.exchange;
			this.#replaceResponse(head);
			return;
		}
		countStatus(this, this.#hasResponse, record.status);
		record.bytesOut += head.length + to - from;
		this.writeRead(connection!, head, bytes, from, to);
		this.frontend.log.writeEarly(this, this.loadCounts(), nowMs);
		if (this.#pipelined !== '') {
			connection!.writeText(this.#pipelined);
			this.#pipelined = '';
		}
		this.#tunnel = new Tunnel(this);
		if (this.#tunnel.open()) this.#endTunnel();
	}

	/** Both directions have ended. */
	#endTunnel(): void {
		this.#finishTransaction('-', '-');
		this.#phase = Phase.lingering;
		this.closeWhenSent();
	}

	// --- The transaction ends -------------------------------------------------------------------------------------------

	/** The client is gone before it was answered. */
	#finishUnanswered(cause: string, phase: string): void {
		const {table} = this.core;
		if (phase === 'R') {
			countOnSocket(this, Counter.requestErrors);
			table.count(this.frontend.row, Counter.requestErrors);
			this.#countBadRequest();
		}
		if (this.backend !== undefined) table.count(this.backend.row, Counter.clientAborts);
		if (this.server !== undefined && this.way === Way.connected) table.count(this.server.row, Counter.clientAborts);
		this.#finishTransaction(cause, phase);
		this.#phase = Phase.closed;
	}

	#finishTransaction(cause: string, phase: string): void {
		const {record} = this;
		this.#waiting = undefined;
		this.settle(cause, phase);
		this.#tunnel = undefined;
		this.#form?.abandon();
		this.#form = undefined;
		this.#hasResponse = false;
		this.#outgoing = '';
		this.#held = undefined;
		this.#answered++;
		this.#idleSinceMs = record.startMs + record.totalMs;
		this.#phase = Phase.idle;
	}

	/** After an answer: close, or serve the next request. */
	#next(mustLinger: boolean): void {
		if (this.#phase === Phase.closed || this.isClosed) return;
		if (!this.#keepsClient || mustLinger) {
			// Closing while bytes of the client are unread would reset the connection and destroy the end of the answer (RFC 9112 §9.6).
			const hasUnread = mustLinger || this.#pipelined !== '';
			this.#phase = Phase.lingering;
			this.#pipelined = '';
			if (!hasUnread || this.hasEnded) {
				this.closeWhenSent();
				return;
			}
			this.end();
			this.resume();
			this.setDeadline(this.core.nowMs(), this.backlog > 0 ? this.frontend.frontend.timeouts.clientMs : LINGER_MS);
			return;
		}
		this.setDeadline(this.core.nowMs(), this.#policy.keepAliveTimeoutMs);
		this.#servePipelined();
	}

	/** A loop, not a recursion: many requests may arrive in one read. */
	#servePipelined(): void {
		if (this.#isNexting) return;
		this.#isNexting = true;
		while (this.#pipelined !== '' && this.#phase === Phase.idle && this.backlog <= MAX_PIPELINED) {
			const bytes = Buffer.from(this.#pipelined, 'latin1');
			this.#pipelined = '';
			this.onRead(bytes, bytes.length);
		}
		this.#isNexting = false;
		if (this.#phase !== Phase.idle) {
			// The end came before what it ends: a head or a body that breaks off.
			if (this.hasEnded) this.onEnd();
			return;
		}
		// The client is behind with what it was answered: its next request waits until it has caught up (`onDrained`).
		if (this.#pipelined !== '' && !this.#stopsSoon) this.holdBack(this);
		else if (this.hasEnded || this.#stopsSoon) this.closeWhenSent();
		else this.#rest();
	}

	/** Nothing is asked: what the next request needs, others may use until then. */
	#rest(): void {
		this.#giveMessages();
		this.record.requestLine = '';
		this.resume();
	}

	#giveMessages(): void {
		giveMessages(this.#messages);
		this.#messages = NO_MESSAGES;
	}

	/** A fresh connection is not idle: its first request may be on the way. */
	override closeIdle(): void {
		if (this.#phase === Phase.idle && this.#answered > 0) this.closeSoon();
	}

	override endBecause(cause: EndCause): void {
		this.#endCause = cause;
		// Who waits for an answer gets one; half of a response can only be cut.
		if (this.#phase === Phase.exchange && !this.#hasResponse) {
			this.#abort(this.way === Way.connected ? 502 : 503, cause, this.#abortPhase());
		} else {
			this.destroy();
		}
	}

	override stop(mode: StopMode): void {
		if (mode === 'hard') {
			this.destroy();
			return;
		}
		this.#stopsSoon = true;
		const mayAskOnce = mode === 'finish' || this.frontend.frontend.closesOnResponse === true;
		if (this.#phase === Phase.idle && !mayAskOnce) this.closeSoon();
	}
}
