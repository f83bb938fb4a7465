/**
 * What a daemon and its heartbeat process say to each other while one heartbeat follows another: questions with a limit, and their answers.
 *
 * Decides nothing. Leaves the process to `heartbeat-child.ts`, and what is left and inherited to `@hapair/heartbeat`.
 */
import type {Bequest, FromHeartbeat, ToHeartbeat} from '@hapair/heartbeat';

type Question = Extract<ToHeartbeat, {type: 'bequeath' | 'inherit'}>;

/** Said of a process that hears nothing. */
export const notRunning = 'the heartbeat process is not running';

export class HeartbeatSuccession {
	readonly #send: (message: ToHeartbeat) => boolean;
	readonly #answers = new Map<number, (answer: Bequest | string) => void>();
	#lastRequestId = 0;
	/** Before the first life has begun: it waits for what another daemon's heartbeat leaves. */
	#preparing: PromiseWithResolvers<string> | undefined;

	/** @param send False when nobody hears it. */
	constructor(send: (message: ToHeartbeat) => boolean) {
		this.#send = send;
	}

	/** A heartbeat that starts now waits for `inherit`. */
	get isPreparing(): boolean {
		return this.#preparing !== undefined;
	}

	/** Starts it. Resolves with why it cannot begin; empty when all it needs is what another daemon's heartbeat leaves. */
	async prepare(start: () => void, limitMs: number): Promise<string> {
		this.#preparing = Promise.withResolvers();
		const {promise, resolve} = this.#preparing;
		const timer = setTimeout(() => resolve(`the new heartbeat was not ready within ${limitMs} ms`), limitMs);
		start();
		const why = await promise;
		clearTimeout(timer);
		return why;
	}

	/** Why it does not go on where another one left off; empty when it has begun. */
	async inherit(bequest: Bequest, limitMs: number): Promise<string> {
		const answer = await this.#ask(requestId => ({type: 'inherit', requestId, bequest}), limitMs);
		return typeof answer === 'string' ? answer : '';
	}

	/** It falls silent and leaves everything, or says why not now. */
	bequeath(limitMs: number): Promise<Bequest | string> {
		return this.#ask(requestId => ({type: 'bequeath', requestId}), limitMs);
	}

	/** False when the message is about something else. */
	hear(message: FromHeartbeat): boolean {
		if (message.type === 'failed') this.#preparing?.resolve(message.message);
		if (message.type === 'prepared') this.#preparing?.resolve('');
		else if (message.type === 'bequest') this.#answers.get(message.requestId)?.(message.bequest);
		else if (message.type === 'kept' || message.type === 'declined') {
			this.#answers.get(message.requestId)?.(message.reason);
		} else if (message.type === 'begun') {
			this.#preparing = undefined;
			this.#answers.get(message.requestId)?.('');
		} else return message.type === 'aside';
		return true;
	}

	/** The process is gone. */
	forget(why: string): void {
		for (const answer of this.#answers.values()) answer(why);
		this.#preparing?.resolve(why);
	}

	async #ask(build: (requestId: number) => Question, limitMs: number): Promise<Bequest | string> {
		const requestId = ++this.#lastRequestId;
		const {promise, resolve} = Promise.withResolvers<Bequest | string>();
		const timer = setTimeout(() => resolve(`the heartbeat did not answer within ${limitMs} ms`), limitMs);
		this.#answers.set(requestId, resolve);
		if (!this.#send(build(requestId))) resolve(notRunning);
		const answer = await promise;
		clearTimeout(timer);
		this.#answers.delete(requestId);
		return answer;
	}
}
