/**
 * One reload, between two proxy processes.
 *
 * Decides the order of the steps, which is the whole of "hitless": the old process's listening sockets themselves go to the new one, so that no
 * queue is ever closed; large tables are told while the old one serves; then it accepts nothing and tells the rest, and the new one begins.
 * Between those two words nobody accepts, and clients wait in the sockets. What is said goes through here unread. Every step has a
 * deadline; when one passes, the old process accepts again. An old process that dies meanwhile has told what it has told.
 * The old process may be another daemon's: then it is that daemon who carries (`upgrade/`).
 */
import type {ToProxy} from '@hapair/proxy';
import {formatDuration} from '../terminal.ts';
import type {Exchange, ProxyChild} from './proxy-child.ts';
import type {ProxyCondition} from './tracks/fitness.ts';

export interface ReplaceFailure {
	readonly message: string;
	readonly hint?: string;
}

/** Start of a process with a large configuration, names to look up included. */
const prepareLimitMs = 60_000;
/** Tables of a million entries. */
const tellLimitMs = 60_000;
/** Nobody accepts meanwhile. */
const switchLimitMs = 5000;

/** The process that serves, as far as a replacement has to do with it. */
export interface OldProxy {
	readonly condition: Pick<ProxyCondition, 'phase'>;
	pass(message: ToProxy): void;
}

type Step = 'allLent' | 'prepared' | 'settled' | 'told' | 'ready';

export class Replacement {
	readonly #old: OldProxy;
	readonly #progress: (message: string) => void;
	readonly #failed = Promise.withResolvers<never>();
	#next: ProxyChild | undefined;
	#oldKnows = false;
	#waiting: {readonly step: Step; readonly child: OldProxy; readonly resolve: () => void} | undefined;
	#taken: readonly string[] = [];

	constructor(old: OldProxy, progress: (message: string) => void) {
		this.#old = old;
		this.#progress = progress;
		this.#failed.promise.catch(() => {});
	}

	/**
	 * Resolves with nothing when `next` serves.
	 *
	 * @param beforeSwitch Runs when all is ready and the old process still accepts; what it rejects with is why it comes to nothing.
	 */
	async run(next: ProxyChild, beforeSwitch?: () => Promise<void>): Promise<ReplaceFailure | undefined> {
		this.#next = next;
		const old = this.#old;
		this.#oldKnows = old.condition.phase === 'serving' || old.condition.phase === 'silent';
		try {
			this.#progress('a new proxy process starts beside the old one');
			if (this.#oldKnows) await this.#step(old, 'allLent', prepareLimitMs, {type: 'lend'});
			next.pass({type: 'allLent'});
			await this.#step(next, 'prepared', prepareLimitMs);
			if (this.#oldKnows) {
				this.#progress('the new process listens; the old one tells what it knows');
				await this.#step(old, 'told', tellLimitMs, {type: 'tell'});
			}
			if (this.#oldKnows) await this.#step(next, 'settled', tellLimitMs, {type: 'settle'});
			if (beforeSwitch !== undefined) await Promise.race([beforeSwitch(), this.#failed.promise]);
			if (this.#oldKnows) {
				await this.#step(old, 'told', switchLimitMs, {type: 'tellRest', keys: this.#taken});
			}
			await this.#step(next, 'ready', switchLimitMs, {type: 'begin'});
			return undefined;
		} catch (error) {
			old.pass({type: 'resume'});
			if (error instanceof ReplaceError) return error.failure;
			return {message: error instanceof Error ? error.message : String(error)};
		}
	}

	/** It comes to nothing. */
	abort(message: string, hint?: string): void {
		this.#failed.reject(new ReplaceError({message, ...(hint === undefined ? {} : {hint})}));
	}

	/** A word of one of the two. */
	take(child: OldProxy, message: Exchange, handle: unknown): void {
		if (message.type === 'prepared') this.#taken = message.taken;
		if (child === this.#old && message.type === 'lent') this.#forward({type: 'lent', key: message.key}, handle);
		else if (child === this.#old && message.type === 'carried')
			this.#next?.pass({type: 'inherit', state: message.state});
		else if (message.type !== 'lent' && message.type !== 'carried') this.#done(child, message.type);
	}

	hear(child: OldProxy, condition: ProxyCondition): void {
		// Tracks judge by the snapshot, so there must be one before it counts.
		const isReady = condition.phase === 'serving' && condition.snapshot !== undefined;
		if (child === this.#next && isReady) this.#done(child, 'ready');
		if (condition.phase !== 'down') return;
		if (child === this.#next) this.abort(`${condition.detail.replace('the proxy', 'the new proxy')} before it served`);
		else if (child === this.#old) {
			// Whatever was waited for does not come any more, and the one that is started in its place knows nothing.
			this.#oldKnows = false;
			if (this.#waiting?.child === child) this.#waiting.resolve();
		}
	}

	/** The descriptor is the daemon's own too until it has left. */
	#forward(message: ToProxy, handle: unknown): void {
		if (this.#next === undefined) closeHandle(handle);
		else this.#next.pass(message, handle, () => closeHandle(handle));
	}

	#done(child: OldProxy, step: Step): void {
		if (this.#waiting?.step === step && this.#waiting.child === child) this.#waiting.resolve();
	}

	async #step(child: OldProxy, step: Step, limitMs: number, order?: ToProxy): Promise<void> {
		const {promise, resolve} = Promise.withResolvers<void>();
		this.#waiting = {step, child, resolve};
		const who = child === this.#next ? 'new' : 'old';
		const timer = setTimeout(
			() => this.abort(`the ${who} proxy process did not answer within ${formatDuration(limitMs)}`),
			limitMs,
		);
		if (order !== undefined) child.pass(order);
		try {
			await Promise.race([promise, this.#failed.promise]);
		} finally {
			clearTimeout(timer);
		}
	}
}

/** Of a socket that has come over a channel. */
export function closeHandle(handle: unknown): void {
	(handle as {close?(): void} | undefined)?.close?.();
}

class ReplaceError extends Error {
	readonly failure: ReplaceFailure;

	constructor(failure: ReplaceFailure) {
		super(failure.message);
		this.failure = failure;
	}
}
