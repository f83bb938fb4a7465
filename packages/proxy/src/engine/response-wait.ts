/**
 * A response whose rules wait for its body (HAProxy manual, `http-response wait-for-body`): between the server and the session meanwhile.
 *
 * Decides when enough has come, and what a server that ends or is late means. Leaves rules to the policy and everything else to the
 * session, which hears of the server again as soon as the wait is over.
 */
import {readChunks} from '../http1/chunked.ts';
import type {BodyRelay} from './body-relay.ts';
import {isEnough} from './body-wait.ts';
import type {Edited, PolicySession} from './http-policy.ts';
import type {ServerConnectionUser} from './server-connection.ts';

export type ResponseOrder = Extract<Edited, {kind: 'wait'}>;

/** What a session does for a response that was kept back. */
export interface Waiting extends PolicySession {
	/** `early` is what has come of the body; `bytes` from `from` on is what came behind it. */
	continueResponse(edited: Edited, early: string, bytes: Buffer, from: number, to: number): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class ResponseWait implements ServerConnectionUser {
	readonly #session: Waiting;
	readonly #order: ResponseOrder;
	readonly #body: BodyRelay;
	/** As it goes on: with chunk sizes where the client gets them. */
	#text = '';
	readonly #isChunked: boolean;

	/** `isChunked`: what is kept has chunk sizes in it. */
	constructor(session: Waiting, order: ResponseOrder, body: BodyRelay, isChunked: boolean) {
		this.#session = session;
		this.#order = order;
		this.#body = body;
		this.#isChunked = isChunked;
	}

	/** Begins with what came together with the head. */
	begin(bytes: Buffer, from: number, to: number): void {
		const {core, connection, backend, sample} = this.#session;
		sample!.keptResponse = this;
		connection!.user = this;
		connection!.setDeadline(
			core.nowMs(),
			Math.min(this.#order.ms, backend!.backend.timeouts.serverMs ?? this.#order.ms),
		);
		this.#take(bytes, from, to);
	}

	/** The body so far, without chunk sizes. */
	get payload(): string {
		return this.#isChunked ? readChunks(this.#text).data : this.#text;
	}

	#take(bytes: Buffer, from: number, to: number): void {
		const body = this.#body;
		if (!body.done && from < to) this.#text += body.collect(bytes, from, to);
		const {core, sample} = this.#session;
		const used = sample!.responseLength + this.#text.length;
		const at = body.done ? Math.max(from, body.stoppedAt) : to;
		if (body.failed || isEnough(this.#order, body, used, core.maxHeadBytes, () => this.payload))
			this.#end(bytes, at, to);
	}

	/** The session goes on with what rules make of it. */
	#end(bytes: Buffer, from: number, to: number): void {
		this.#giveBack();
		const edited = this.#body.failed ? this.#order.expired(502) : this.#order.resume();
		this.#session.continueResponse(edited, this.#text, bytes, from, to);
	}

	#giveBack(): ServerConnectionUser {
		const {connection} = this.#session;
		if (connection !== undefined) connection.user = this.#session;
		return this.#session;
	}

	onServerRead(bytes: Buffer, length: number): void {
		this.#take(bytes, 0, length);
	}

	onServerEnd(): void {
		if (this.#body.endWithConnection()) this.#end(NOTHING, 0, 0);
		else this.#giveBack().onServerEnd();
	}

	onServerClose(code: string): void {
		this.#giveBack().onServerClose(code);
	}

	onServerDeadline(): void {
		this.#giveBack();
		this.#session.continueResponse(this.#order.expired(504), '', NOTHING, 0, 0);
	}

	onServerDrained(): void {
		this.#session.onServerDrained();
	}

	onServerConnected(): void {}

	onServerConnectFailed(): void {}
}

/** For a response whose body is not read: rules go on at once. */
export function withoutWaiting(edited: Edited): Exclude<Edited, ResponseOrder> {
	let now = edited;
	while (typeof now !== 'string' && now.kind === 'wait') now = now.resume();
	return now;
}
