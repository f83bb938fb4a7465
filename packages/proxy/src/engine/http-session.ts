/**
 * A client connection in HTTP mode: requests in, responses out, one transaction after the other.
 *
 * Decides what happens at each event of the two connections, in the order of a transaction: head, rules, server, bodies, log line.
 * Leaves grammar to `http1/`, rules to `request-policy`, servers to `Session`, bodies to `BodyRelay`. It is longer than other files
 * because a transaction's states are only safe to change where all of them are seen.
 */
import {readChunks} from '../http1/chunked.ts';
import {CHUNKED} from '../http1/framing.ts';
import {countLeadingEmptyLines, findHeadEnd, HOPELESS, mayBeginRequest} from '../http1/head-end.ts';
import {RequestHead} from '../http1/request-head.ts';
import {ResponseHead} from '../http1/response-head.ts';
import {findHeaderLine, firstHeaderLine, headerValueAt} from '../rules/head-text.ts';
import {Counter, type CounterColumn} from '../shared-table.ts';
import type {EndCause} from '../worker-messages.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import {BodyRelay} from './body-relay.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import type {Decision, HttpPolicy} from './http-policy.ts';
import {isStatusGood, noteResponse, TrafficError} from './observe.ts';
import {Session, Way} from './session.ts';

const Phase = {idle: 0, head: 1, exchange: 2, tunnel: 3, lingering: 4, closed: 5} as const;
type PhaseValue = (typeof Phase)[keyof typeof Phase];

/** How long a connection that was answered early may still send what nobody reads, so that it can read the answer. */
const LINGER_MS = 1000;
/** Bytes of later requests kept while one is being served. */
const MAX_PIPELINED = 16_384;
/** Methods whose repetition changes nothing (RFC 9110 §9.2.2). */
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/;

export class HttpSession extends Session {
	readonly #request: RequestHead = new RequestHead();
	readonly #response: ResponseHead = new ResponseHead();
	readonly #requestBody: BodyRelay = new BodyRelay();
	readonly #responseBody: BodyRelay = new BodyRelay();
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
	/** Where the request goes once enough of its body is there for `balance url_param … check_post`. */
	#gathering: BackendRuntime | undefined;
	#mayRepeat = false;
	#hasResponse = false;
	/** The response lets the client connection stay open. */
	#keepsClient = true;
	#answered = 0;
	#isNexting = false;
	#stopsSoon = false;
	#readyMs = 0;
	/** Who ends the connection when it closes before its time: the client, unless told otherwise. */
	#endCause: EndCause | 'C' = 'C';
	#policy: HttpPolicy;

	constructor(core: Core, frontend: FrontendRuntime) {
		super(core, frontend);
		this.#policy = frontend.policy;
	}

	/** The connection is accepted and may be read. */
	start(nowMs: number): void {
		const {record, core} = this;
		record.reset(nowMs, core.wallMs());
		const {timeouts} = this.frontend.frontend;
		this.setDeadline(nowMs, timeouts.httpRequestMs ?? timeouts.clientMs);
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
				if (this.#requestBody.done) this.#keepForLater(bytes, 0, length);
				else if (this.#gathering !== undefined) this.#gather(bytes, length);
				else this.#relayRequest(bytes, length);
				return;
			case Phase.tunnel:
				this.#relayTunnel(bytes, length);
				return;
		}
	}

	#beginRequest(): void {
		const {core, record} = this;
		const nowMs = core.nowMs();
		this.#phase = Phase.head;
		if (this.#answered > 0) record.reset(nowMs, core.wallMs());
		core.table.addTransaction(1);
		if (this.#answered > 0) {
			const {timeouts} = this.frontend.frontend;
			this.setDeadline(nowMs, timeouts.httpRequestMs ?? timeouts.clientMs);
		}
	}

	#takeHead(bytes: Buffer, length: number): void {
		const limit = this.core.maxHeadBytes;
		const before = this.#head.length;
		const read = bytes.toString('latin1', 0, Math.min(length, limit + 8));
		const text = before === 0 ? read : this.#head + read;
		const from = countLeadingEmptyLines(text);
		if (from === HOPELESS) {
			this.#refuse(400);
			return;
		}
		const end = findHeadEnd(text, from, this.#scanned);
		if (end < 0) {
			if (end === HOPELESS || text.length - from > limit || !mayBeginRequest(text, from)) {
				this.#refuse(400);
				return;
			}
			this.#head = text;
			this.#scanned = text.length;
			return;
		}
		this.#head = '';
		this.#scanned = 0;
		if (end - from > limit) {
			this.#refuse(400);
			return;
		}
		this.#startTransaction(text.slice(from, end), bytes, end - before, length);
	}

	/** `bytes` from `from` on is what follows the head. */
	#startTransaction(head: string, bytes: Buffer, from: number, to: number): void {
		const {core, record} = this;
		const request = this.#request;
		const nowMs = core.nowMs();
		this.#phase = Phase.exchange;
		this.clearDeadline();
		record.requestMs = nowMs - record.startMs;
		core.table.count(this.frontend.row, Counter.requests);
		const refusal = request.parse(head);
		if (refusal !== 0) {
			this.#refuse(refusal);
			return;
		}
		record.requestLine = request.requestLine;
		const body = this.#requestBody;
		body.begin(request.bodyLength, false);
		let first = '';
		let stop = from;
		if (!body.done) {
			first = body.collect(bytes, from, to);
			stop = body.stoppedAt;
			if (body.failed) {
				this.#refuse(400);
				return;
			}
		}
		if (stop < to) this.#keepForLater(bytes, stop, to);
		this.#carryOut(this.#policy.decide(this, request), first, nowMs);
	}

	#carryOut(decision: Decision, firstBody: string, nowMs: number): void {
		if (decision.kind === 'respond') {
			if (!decision.isLogged) this.#isSilent = true;
			this.#respond(decision.text(this.#localConnection()), decision.status, decision.cause, decision.phase);
			return;
		}
		this.#hasResponse = false;
		this.#responseHead = '';
		this.#responseScanned = 0;
		this.#outgoing = decision.head + firstBody;
		this.#outgoingHead = decision.head.length;
		if (decision.backend.readsBody && decision.wanted < 0 && this.method === 'POST' && !this.#requestBody.done) {
			this.#gathering = decision.backend;
			const {timeouts} = this.frontend.frontend;
			this.setDeadline(nowMs, timeouts.httpRequestMs ?? timeouts.clientMs);
			if (this.#request.facts.expectsContinue && this.#request.version === 11) this.#sendText(CONTINUE);
			return;
		}
		this.#forward(decision.backend, decision.wanted, nowMs);
	}

	/** The body decides where the request goes: waits for all of it, or for as much as a head may have. */
	#gather(bytes: Buffer, length: number): void {
		const {core, record} = this;
		const body = this.#requestBody;
		record.bytesIn += length;
		this.#outgoing += body.collect(bytes, 0, length);
		if (body.failed) {
			this.#gathering = undefined;
			this.#abort(400, 'P', 'R');
			return;
		}
		if (body.done && body.stoppedAt < length) this.#keepForLater(bytes, body.stoppedAt, length);
		if (!body.done && this.#outgoing.length - this.#outgoingHead < core.maxHeadBytes) return;
		const backend = this.#gathering!;
		this.#gathering = undefined;
		this.clearDeadline();
		this.#forward(backend, -1, core.nowMs());
	}

	#forward(backend: BackendRuntime, wanted: number, nowMs: number): void {
		this.#mayRepeat = this.#requestBody.done && IDEMPOTENT.test(this.#request.method);
		this.enterBackend(backend, wanted, nowMs);
		// Until the server is there, the rest of the body waits in the kernel.
		if (this.way !== Way.connected && this.#phase === Phase.exchange && !this.#requestBody.done) this.pause();
	}

	/** This transaction gets no log line (monitor-uri). */
	#isSilent = false;

	override get method(): string {
		return this.#request.method;
	}

	override get target(): string {
		const {requestLine, method} = this.#request;
		return requestLine.slice(method.length + 1, -' HTTP/1.1'.length);
	}

	override header(lowerName: string): string | undefined {
		const {text} = this.#request;
		const line = findHeaderLine(text, lowerName, firstHeaderLine(text));
		return line === -1 ? undefined : headerValueAt(text, line, lowerName.length);
	}

	override get payload(): string {
		const body = this.#outgoing.slice(this.#outgoingHead);
		return this.#request.bodyLength === CHUNKED ? readChunks(body).data : body;
	}

	#keepForLater(bytes: Buffer, from: number, to: number): void {
		this.#pipelined += bytes.toString('latin1', from, to);
		if (this.#pipelined.length > MAX_PIPELINED) this.pause();
	}

	#relayRequest(bytes: Buffer, length: number): void {
		const {connection, record, core} = this;
		const body = this.#requestBody;
		record.bytesIn += length;
		if (connection === undefined || this.way !== Way.connected) return;
		this.#outgoing = '';
		this.#mayRepeat = false;
		body.relay(this, connection, '', bytes, 0, length);
		const nowMs = core.nowMs();
		if (body.failed) {
			this.#abort(400, 'P', 'D');
			return;
		}
		if (body.done) {
			this.clearDeadline();
			if (body.stoppedAt < length) this.#keepForLater(bytes, body.stoppedAt, length);
			connection.setDeadline(nowMs, this.backend!.backend.timeouts.serverMs);
		} else if (connection.isHolding) {
			this.clearDeadline();
			connection.setDeadline(nowMs, this.backend!.backend.timeouts.serverMs);
		} else {
			this.setDeadline(nowMs, this.frontend.frontend.timeouts.clientMs);
		}
	}

	/** The client has ended its direction. */
	override onEnd(): void {
		switch (this.#phase) {
			case Phase.idle:
				this.destroy();
				return;
			case Phase.head:
				this.record.status = 400;
				this.#finishUnanswered('C', 'R');
				this.destroy();
				return;
			case Phase.exchange:
				if (!this.#requestBody.done) this.#abort(400, 'C', this.#abortPhase());
				else if (this.backend?.backend.abortOnClose && this.way !== Way.connected) {
					this.#abort(0, 'C', this.#abortPhase());
				}
				return;
			case Phase.tunnel:
				this.connection?.end();
				this.#tunnelHalfEnded();
				return;
			case Phase.lingering:
				this.destroy();
				return;
		}
	}

	/** The client's connection is gone. */
	override onClose(): void {
		const phase = this.#phase;
		this.#phase = Phase.closed;
		if (phase === Phase.head) {
			this.record.status = 400;
			this.#finishUnanswered('C', 'R');
		} else if (phase === Phase.exchange) {
			this.#finishUnanswered(this.#endCause, this.#abortPhase());
		} else if (phase === Phase.tunnel) {
			const isClean = this.errorCode === '' && this.#endCause === 'C';
			this.#finishTransaction(isClean ? '-' : this.#endCause, isClean ? '-' : 'D');
		}
		this.close();
	}

	/** Where a transaction stands, as the second flag says it. */
	#abortPhase(): string {
		if (this.way === Way.queued) return 'Q';
		if (this.way === Way.connecting || this.way === Way.pausing) return 'C';
		return this.#hasResponse || !this.#requestBody.done ? 'D' : 'H';
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
				this.#abort(408, 'c', 'D');
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
		if (this.#phase === Phase.idle) this.core.table.addTransaction(1);
		this.#phase = Phase.exchange;
		this.#requestBody.begin(0, false);
		this.#keepsClient = false;
		this.core.table.count(this.frontend.row, Counter.requestErrors);
		this.#respond(this.#policy.errorText(408, undefined), 408, 'c', 'R');
	}

	// --- Answers of our own ---------------------------------------------------------------------------------------------

	/** A request that cannot be understood, or not in one way only. */
	#refuse(status: number): void {
		this.#phase = Phase.exchange;
		this.#head = '';
		this.#pipelined = '';
		this.#requestBody.begin(0, false);
		this.#keepsClient = false;
		this.record.requestLine = '';
		this.core.table.count(this.frontend.row, Counter.requestErrors);
		this.#respond(this.#policy.errorText(status, undefined), status, 'P', 'R', true);
	}

	/** What a local answer says of the connection: it stays only if nothing of the request is still to come. */
	#localConnection(): 'implicit' | 'close' | 'keep-alive' {
		this.#keepsClient = this.#mayKeepClient() && this.#requestBody.done;
		if (!this.#keepsClient) return 'close';
		return this.#request.version === 11 ? 'implicit' : 'keep-alive';
	}

	#mayKeepClient(): boolean {
		if (!this.#request.keepAlive || this.hasEnded || this.#stopsSoon || this.core.table.draining) return false;
		return this.#policy.mode(this.backend) !== 'close';
	}

	/** Answers with `text` and ends the transaction. */
	#respond(text: string, status: number, cause: string, phase: string, lingers = false): void {
		const {record} = this;
		record.status = status;
		record.bytesOut += text.length;
		this.writeText(text);
		this.#countStatus(status);
		const mustLinger = lingers || !this.#requestBody.done;
		this.#finishTransaction(cause, phase);
		this.#next(mustLinger);
	}

	protected override fail(status: number, cause: string, phase: string): void {
		this.#abort(status, cause, phase);
	}

	/** Ends a transaction that cannot be completed: with an answer while none has begun, else by closing. */
	#abort(status: number, cause: string, phase: string): void {
		if (this.#hasResponse || status === 0) {
			this.#finishTransaction(cause, phase);
			this.#phase = Phase.lingering;
			this.closeSoon();
			return;
		}
		this.connection?.abandon();
		this.connection = undefined;
		const keeps = this.#localConnection();
		const text = this.#policy.errorText(status, this.backend, keeps, this.#request.method);
		this.#respond(text, status, cause, phase);
	}

	// --- The server answers ---------------------------------------------------------------------------------------------

	protected override mayReuse(): boolean {
		return this.#policy.mode(this.backend) === 'keep-alive' && !this.#request.wantsUpgrade;
	}

	protected override isFirst(): boolean {
		return this.#answered === 0;
	}

	protected override onReady(nowMs: number): void {
		const {connection} = this;
		this.#readyMs = nowMs;
		connection!.writeText(this.#outgoing);
		if (this.#requestBody.done) {
			connection!.setDeadline(nowMs, this.backend!.backend.timeouts.serverMs);
		} else {
			this.resume();
			this.setDeadline(nowMs, this.frontend.frontend.timeouts.clientMs);
		}
	}

	override onServerRead(bytes: Buffer, length: number): void {
		if (this.#phase === Phase.tunnel) this.#relayTunnelBack(bytes, length);
		else if (this.#hasResponse) this.#relayResponse('', bytes, 0, length);
		else this.#takeResponseHead(bytes, length);
	}

	#takeResponseHead(bytes: Buffer, length: number): void {
		const limit = this.core.maxHeadBytes;
		const response = this.#response;
		let at = 0;
		while (!this.#hasResponse) {
			const before = this.#responseHead.length;
			const read = bytes.toString('latin1', at, Math.min(length, at + limit + 8));
			const text = before === 0 ? read : this.#responseHead + read;
			const end = findHeadEnd(text, 0, this.#responseScanned);
			if (end < 0) {
				if (end === HOPELESS || text.length > limit || !'HTTP/1.'.startsWith(text.slice(0, 7))) {
					this.#failResponse('P', 'H');
					return;
				}
				this.#responseHead = text;
				this.#responseScanned = text.length;
				return;
			}
			this.#responseHead = '';
			this.#responseScanned = 0;
			at += end - before;
			if (end > limit || !response.parse(text.slice(0, end), this.#request.method)) {
				this.#failResponse('P', 'H');
				return;
			}
			if (response.status >= 200 || response.status === 101) break;
			if (this.#request.version === 11) this.#sendText(response.forward(11, ''));
			if (at >= length) return;
		}
		this.#startResponse(bytes, at, length);
	}

	#failResponse(cause: string, phase: string): void {
		const {server, core} = this;
		if (server !== undefined) {
			noteResponse(core, server, cause === 'P' ? TrafficError.response : TrafficError.close);
			core.table.count(server.row, Counter.responseErrors);
			core.table.count(server.backend.row, Counter.responseErrors);
		}
		this.#abort(502, cause, phase);
	}

	#sendText(text: string): void {
		this.record.bytesOut += text.length;
		this.writeText(text);
	}

	#startResponse(bytes: Buffer, from: number, to: number): void {
		const {record, core} = this;
		const request = this.#request;
		const response = this.#response;
		const nowMs = core.nowMs();
		record.responseMs = nowMs - this.#readyMs;
		record.status = response.status;
		noteResponse(core, this.server!, isStatusGood(response.status) ? undefined : TrafficError.status);
		this.#outgoing = '';
		this.#countStatus(response.status);
		if (response.status === 101 || (request.method === 'CONNECT' && response.status < 300)) {
			this.#startTunnel(bytes, from, to, nowMs);
			return;
		}
		this.#hasResponse = true;
		const unpack = response.bodyLength === CHUNKED && request.version < 11;
		const body = this.#responseBody;
		body.begin(response.bodyLength, unpack);
		this.#keepsClient = this.#mayKeepClient() && this.#requestBody.done && !(body.isUntilClose || unpack);
		const connection = this.#keepsClient ? (request.version === 11 ? '' : 'keep-alive') : 'close';
		const head = this.#policy.editResponse(this, request, response, response.forward(request.version, connection));
		record.bytesOut += head.length;
		if (body.done) {
			this.writeText(head);
			this.#endResponse(from < to);
		} else {
			this.#relayResponse(head, bytes, from, to);
		}
	}

	#relayResponse(head: string, bytes: Buffer, from: number, to: number): void {
		const {connection} = this;
		const body = this.#responseBody;
		body.relay(connection!, this, head, bytes, from, to);
		this.record.bytesOut += body.sentBytes;
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
			connection!.setDeadline(nowMs, this.backend!.backend.timeouts.serverMs);
		}
	}

	/** The client has caught up. */
	override onDrained(): void {
		if (this.#phase === Phase.exchange && this.#hasResponse) {
			if (this.#requestBody.done) this.clearDeadline();
			this.connection?.setDeadline(this.core.nowMs(), this.backend?.backend.timeouts.serverMs);
		} else if (this.#phase === Phase.idle) {
			this.#next(false);
		}
	}

	/** The server has caught up with the request. */
	override onServerDrained(): void {
		if (this.#phase === Phase.exchange && !this.#requestBody.done) {
			this.connection?.clearDeadline();
			this.setDeadline(this.core.nowMs(), this.frontend.frontend.timeouts.clientMs);
		}
	}

	/** The response is complete. `hasMore`: the server has sent more than it should. */
	#endResponse(hasMore: boolean): void {
		const connection = this.connection!;
		const mayPark =
			!hasMore &&
			this.#requestBody.done &&
			this.#response.keepAlive &&
			!this.#responseBody.isUntilClose &&
			!connection.hasEnded &&
			this.#policy.mode(this.backend) === 'keep-alive';
		const lingers = !this.#requestBody.done;
		this.connection = undefined;
		connection.answered++;
		if (this.isHolding) this.releaseHold();
		if (mayPark) connection.park();
		else connection.abandon();
		this.#finishTransaction('-', '-');
		this.#next(lingers);
	}

	override onServerEnd(): void {
		if (this.#phase === Phase.tunnel) {
			this.end();
			this.#tunnelHalfEnded();
			return;
		}
		if (!this.#hasResponse) {
			this.#onServerGone('');
		} else if (this.#responseBody.endWithConnection()) {
			this.#endResponse(false);
		} else {
			this.#countServerAbort();
			this.#abort(502, 'S', 'D');
		}
	}

	override onServerClose(code: string): void {
		this.connection = undefined;
		if (this.#phase === Phase.tunnel) {
			this.#finishTransaction(code === '' ? '-' : 'S', code === '' ? '-' : 'D');
			this.closeSoon();
			return;
		}
		if (this.#hasResponse) {
			this.#countServerAbort();
			this.#abort(502, 'S', 'D');
		} else {
			this.#onServerGone(code);
		}
	}

	#countServerAbort(): void {
		const {server, core} = this;
		if (server === undefined) return;
		core.table.count(server.row, Counter.serverAborts);
		core.table.count(server.backend.row, Counter.serverAborts);
	}

	/** The server closed before it answered. A kept connection may just have been too old: ask again on a new one. */
	#onServerGone(_code: string): void {
		if (this.isReused && this.#mayRepeat && this.#responseHead === '' && this.#outgoing !== '') {
			this.#mayRepeat = false;
			this.connectAnew();
			return;
		}
		this.#countServerAbort();
		this.#failResponse('S', 'H');
	}

	override onServerDeadline(_nowMs: number): void {
		if (this.#phase === Phase.tunnel) {
			this.#finishTransaction('s', 'D');
			this.destroy();
		} else {
			if (!this.#hasResponse) noteResponse(this.core, this.server!, TrafficError.timeout);
			this.#abort(504, 's', this.#hasResponse ? 'D' : 'H');
		}
	}

	// --- Tunnels --------------------------------------------------------------------------------------------------------

	#startTunnel(bytes: Buffer, from: number, to: number, nowMs: number): void {
		if (this.#response.status === 101 && !this.#request.wantsUpgrade) {
			this.#failResponse('P', 'H');
			return;
		}
		const {connection, record} = this;
		this.#phase = Phase.tunnel;
		this.#keepsClient = false;
		const head = this.#policy.editResponse(
			this,
			this.#request,
			this.#response,
			this.#response.forward(this.#request.version, ''),
		);
		record.bytesOut += head.length + to - from;
		this.writeRead(connection!, head, bytes, from, to);
		if (this.#pipelined !== '') {
			connection!.writeText(this.#pipelined);
			this.#pipelined = '';
		}
		this.resume();
		this.#setTunnelDeadline(nowMs);
		if (this.hasEnded) connection!.end();
		if (connection!.hasEnded) this.end();
	}

	#setTunnelDeadline(nowMs: number): void {
		const {tunnelMs, clientMs} = {
			tunnelMs: this.backend!.backend.timeouts.tunnelMs ?? this.frontend.frontend.timeouts.tunnelMs,
			clientMs: this.frontend.frontend.timeouts.clientMs,
		};
		const {serverMs} = this.backend!.backend.timeouts;
		this.setDeadline(nowMs, tunnelMs ?? clientMs);
		this.connection?.setDeadline(nowMs, tunnelMs ?? serverMs);
	}

	#relayTunnel(bytes: Buffer, length: number): void {
		const {connection} = this;
		this.record.bytesIn += length;
		if (connection === undefined) return;
		connection.writeRead(this, '', bytes, 0, length);
		if (length >= MAX_PIPELINED) this.ownBuffer();
		this.#setTunnelDeadline(this.core.nowMs());
	}

	#relayTunnelBack(bytes: Buffer, length: number): void {
		this.record.bytesOut += length;
		this.writeRead(this.connection!, '', bytes, 0, length);
		if (length >= MAX_PIPELINED) this.connection!.ownBuffer();
		this.#setTunnelDeadline(this.core.nowMs());
	}

	#tunnelHalfEnded(): void {
		const {connection} = this;
		if (connection === undefined || (this.hasEnded && connection.hasEnded)) {
			this.#finishTransaction('-', '-');
			this.#phase = Phase.lingering;
			this.closeSoon();
			return;
		}
		const nowMs = this.core.nowMs();
		const fin = this.hasEnded
			? this.frontend.frontend.timeouts.clientFinMs
			: this.backend!.backend.timeouts.serverFinMs;
		if (fin === undefined) return;
		(this.hasEnded ? connection : this).setDeadline(nowMs, fin);
	}

	// --- The transaction ends -------------------------------------------------------------------------------------------

	#countStatus(status: number): void {
		const column = statusColumn(status);
		const {table} = this.core;
		table.count(this.frontend.row, column);
		if (this.backend === undefined) return;
		table.count(this.backend.row, column);
		if (this.server !== undefined && this.#hasResponse) table.count(this.server.row, column);
	}

	/** The client is gone before it was answered. */
	#finishUnanswered(cause: string, phase: string): void {
		const {table} = this.core;
		if (phase === 'R') table.count(this.frontend.row, Counter.requestErrors);
		if (this.backend !== undefined) table.count(this.backend.row, Counter.clientAborts);
		if (this.server !== undefined && this.way === Way.connected) table.count(this.server.row, Counter.clientAborts);
		this.#finishTransaction(cause, phase);
		this.#phase = Phase.closed;
	}

	/** Gives everything back, counts and logs. The client connection is left as it is. */
	#finishTransaction(cause: string, phase: string): void {
		this.#gathering = undefined;
		const {record, core} = this;
		const {table} = core;
		const {backend, server} = this;
		record.cause = cause;
		record.phase = phase;
		record.totalMs = core.nowMs() - record.startMs;
		table.count(this.frontend.row, Counter.bytesIn, record.bytesIn);
		table.count(this.frontend.row, Counter.bytesOut, record.bytesOut);
		if (backend !== undefined) {
			table.count(backend.row, Counter.bytesIn, record.bytesIn);
			table.count(backend.row, Counter.bytesOut, record.bytesOut);
			if (server !== undefined) {
				table.count(server.row, Counter.bytesIn, record.bytesIn);
				table.count(server.row, Counter.bytesOut, record.bytesOut);
			}
		}
		this.clearDeadline();
		this.leaveBackend();
		this.server = undefined;
		this.#hasResponse = false;
		this.#outgoing = '';
		this.#answered++;
		table.addTransaction(-1);
		if (!this.#isSilent) this.#policy.log(this);
		this.#isSilent = false;
		this.#phase = Phase.idle;
	}

	/** After an answer: close, or serve the next request. */
	#next(mustLinger: boolean): void {
		if (this.#phase === Phase.closed || this.isClosed) return;
		if (!this.#keepsClient || mustLinger) {
			this.#phase = Phase.lingering;
			this.#pipelined = '';
			if (!mustLinger || this.hasEnded) {
				this.closeSoon();
				return;
			}
			this.end();
			this.resume();
			this.setDeadline(this.core.nowMs(), LINGER_MS);
			return;
		}
		const {timeouts} = this.frontend.frontend;
		this.setDeadline(this.core.nowMs(), timeouts.httpKeepAliveMs ?? timeouts.httpRequestMs ?? timeouts.clientMs);
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
		if (this.#phase !== Phase.idle) return;
		if (this.hasEnded) this.closeSoon();
		else if (this.#stopsSoon) this.closeSoon();
		else if (this.#pipelined === '') this.resume();
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

	override stop(mode: 'soft' | 'hard'): void {
		if (mode === 'hard') {
			this.destroy();
			return;
		}
		this.#stopsSoon = true;
		if (this.#phase === Phase.idle) this.closeSoon();
	}
}

function statusColumn(status: number): CounterColumn {
	switch (Math.floor(status / 100)) {
		case 1:
			return Counter.status1xx;
		case 2:
			return Counter.status2xx;
		case 3:
			return Counter.status3xx;
		case 4:
			return Counter.status4xx;
		case 5:
			return Counter.status5xx;
		default:
			return Counter.statusOther;
	}
}
