/**
 * The new daemon's line to the one whose place it takes, and to the proxy processes that are left there.
 *
 * Decides nothing: questions with a limit, and who hears what comes unasked. Leaves the order to `take-over.ts`.
 */
import type {Bequest, Fitness} from '@hapair/heartbeat';
import type {ToProxy} from '@hapair/proxy';
import {UserError} from '../../exit-codes.ts';
import type {Exchange} from '../proxy-child.ts';
import {closeHandle, type OldProxy} from '../proxy-replacement.ts';
import type {Elders, RetiredProxy} from '../proxy-succession.ts';
import {endsWithin} from '../within.ts';
import {type Estate, type FromSuccessor, handoverVersion, successorVariable, type ToSuccessor} from './messages.ts';

export interface PredecessorListener {
	/** A word of its proxy processes; a socket may come along. */
	exchange(message: Exchange, handle: unknown): void;
	proxyDown(detail: string): void;
	fitness(fitness: Fitness): void;
	/** Its retired processes have told how they are, or it has ended. */
	retiredChanged(): void;
	/** It wants the new daemon to end, or is gone before everything was left to it. */
	aborted(why: string): void;
}

const answerLimitMs = 10_000;
/** One interval of advertisements, 40 s at most. */
const bequestLimitMs = 50_000;

type Answer = Exclude<ToSuccessor, {type: 'proxy' | 'proxyDown' | 'fitness' | 'retired' | 'abort'}>;

export class Predecessor implements OldProxy, Elders {
	#listener: PredecessorListener | undefined;
	#waiting: ((answer: Answer | undefined) => void) | undefined;
	#phase: OldProxy['condition']['phase'] = 'down';
	#retired: readonly RetiredProxy[] = [];
	readonly #gone = Promise.withResolvers<void>();
	#fitness: Fitness | undefined;

	/** Of this process, when it was started to take a daemon's place. Its children are not. */
	static find(): Predecessor | undefined {
		const isOne = process.env[successorVariable] === '1' && process.send !== undefined;
		delete process.env[successorVariable];
		return isOne ? new Predecessor() : undefined;
	}

	private constructor() {
		process.on('message', (message: ToSuccessor, handle) => this.#hear(message, handle));
		process.once('disconnect', () => this.#lost());
	}

	/** Of its proxy. */
	get condition(): OldProxy['condition'] {
		return {phase: this.#phase};
	}

	get retired(): readonly RetiredProxy[] {
		return this.#retired;
	}

	/** The last that it told its heartbeat. */
	get fitness(): Fitness | undefined {
		return this.#fitness;
	}

	listen(listener: PredecessorListener): void {
		this.#listener = listener;
	}

	async greet(version: string): Promise<Estate> {
		const answer = await this.#ask({type: 'hello', handover: handoverVersion, version, pid: process.pid}, 'estate');
		this.#phase = answer.estate.proxyPhase;
		this.#fitness = answer.estate.fitness;
		return answer.estate;
	}

	/** What its heartbeat leaves, or why it does not now. */
	async bequeath(): Promise<Bequest | string> {
		const {bequest, why} = await this.#ask({type: 'bequeath'}, 'bequest', bequestLimitMs);
		return bequest ?? why;
	}

	/** Empty when its heartbeat goes on. */
	async giveBack(bequest: Bequest): Promise<string> {
		return (await this.#ask({type: 'giveBack', bequest}, 'back')).why;
	}

	async vacate(): Promise<{readonly maintenanceLeftMs?: number}> {
		return this.#ask({type: 'vacate'}, 'vacated', 20_000);
	}

	tell(message: FromSuccessor): void {
		if (process.connected) process.send?.(message, undefined, {}, () => {});
	}

	/** It comes to nothing; resolves when that has left. */
	async fail(message: string, refused = false): Promise<void> {
		const {promise, resolve} = Promise.withResolvers<void>();
		if (process.connected)
			process.send?.({type: 'failed', message, refused} satisfies FromSuccessor, undefined, {}, () => resolve());
		else resolve();
		await endsWithin(promise, 1000);
	}

	pass(message: ToProxy): void {
		this.tell({type: 'proxy', message});
	}

	drain(on: boolean): void {
		this.tell({type: 'drain', on});
	}

	closeIdle(): void {
		this.tell({type: 'closeIdle'});
	}

	endAt(addresses: readonly string[]): void {
		this.tell({type: 'endAt', addresses});
	}

	async stop(graceMs: number, hurry: AbortSignal): Promise<boolean> {
		if (!process.connected) return true;
		this.tell({type: 'end', graceMs});
		return endsWithin(this.#gone.promise, graceMs + 1000, hurry);
	}

	async #ask<Kind extends Answer['type']>(
		question: FromSuccessor,
		kind: Kind,
		limitMs = answerLimitMs,
	): Promise<Extract<Answer, {type: Kind}>> {
		const {promise, resolve} = Promise.withResolvers<Answer | undefined>();
		const timer = setTimeout(() => resolve(undefined), limitMs);
		this.#waiting = resolve;
		this.tell(question);
		const answer = await promise;
		clearTimeout(timer);
		this.#waiting = undefined;
		if (answer?.type === kind) return answer as Extract<Answer, {type: Kind}>;
		throw new UserError(`the running daemon did not answer (${question.type})`);
	}

	#hear(message: ToSuccessor, handle: unknown): void {
		const listener = this.#listener;
		switch (message.type) {
			case 'proxy':
				if (listener === undefined) closeHandle(handle);
				else listener.exchange(message.message, handle);
				return;
			case 'proxyDown':
				this.#phase = 'down';
				listener?.proxyDown(message.detail);
				return;
			case 'fitness':
				this.#fitness = message.fitness;
				listener?.fitness(message.fitness);
				return;
			case 'retired':
				this.#retired = message.retired;
				listener?.retiredChanged();
				return;
			case 'abort':
				listener?.aborted('the running daemon gave it up');
				return;
			default:
				this.#waiting?.(message);
		}
	}

	#lost(): void {
		this.#phase = 'down';
		this.#retired = [];
		this.#gone.resolve();
		this.#waiting?.(undefined);
		this.#listener?.proxyDown('the daemon before has ended');
		this.#listener?.retiredChanged();
		this.#listener?.aborted('the daemon before has ended');
	}
}
