/**
 * Runs one driver under one reconciler: carries calls out, hands answers back, wakes at deadlines.
 *
 * Decides what a driver may still do in the middle of a call: right before each request that changes something it asks
 * `mayChange`, and a process that was frozen between the decision and the request gets a no. Leaves every other decision to
 * the reconciler.
 */
import {type Clock, machineClock} from './clock.ts';
import {type CallContext, type Driver, DriverError} from './driver.ts';
import {createReconciler, holds, nextDeadlineMs, stepReconciler} from './reconciler.ts';
import {describeReconciler, type TakeoverReport} from './reconciler-report.ts';
import type {ReconcilerEffect, ReconcilerEvent, ReconcilerState} from './reconciler-state.ts';

export interface KeeperOptions {
	readonly driver: Driver;
	readonly say: (level: 'info' | 'warn', message: string) => void;
	readonly clock?: Clock;
	/** 0–1, see `ReconcilerSettings.jitter`. */
	readonly jitter: number;
}

type CallEffect = Extract<ReconcilerEffect, {type: 'call'}>;

export class Keeper {
	readonly #options: KeeperOptions;
	readonly #clock: Clock;
	#state: ReconcilerState;
	#inFlight: {readonly id: number; readonly abort: AbortController} | undefined;
	#unset: () => void = () => {};
	#closed = false;
	#settled: (() => void)[] = [];

	constructor(options: KeeperOptions) {
		const {driver, jitter} = options;
		this.#options = options;
		this.#clock = options.clock ?? machineClock;
		const settings = {releases: driver.release !== undefined, watchEveryMs: driver.watchEveryMs, jitter};
		this.#state = createReconciler(settings, this.#clock.now());
	}

	/** Begins to read. Nothing is ordered before a wish. */
	start(): void {
		this.#take({type: 'tick'});
	}

	/** What the heartbeat says: on each change, and at least each second. */
	wish(term: number, mine: boolean): void {
		this.#take({type: 'wish', term, mine});
	}

	describe(): TakeoverReport {
		const {name, target} = this.#options.driver;
		return describeReconciler(this.#state, {driver: name, target}, this.#clock.now());
	}

	/** Another process of this node orders from now on; nothing is given up. */
	leave(): void {
		this.#closed = true;
		this.#unset();
		this.#inFlight?.abort.abort();
	}

	/** The opposite of `leave`: with the next wish. */
	goOn(): void {
		this.#closed = false;
	}

	/** Gives the address up where that takes a call, for `limitMs` at most; then no more calls are made. */
	async close(limitMs: number): Promise<void> {
		this.#take({type: 'wish', term: this.#state.term, mine: false});
		if (this.#state.unreleased) {
			const {promise, resolve} = Promise.withResolvers<void>();
			const unset = this.#clock.after(limitMs, resolve);
			this.#settled.push(resolve);
			await promise;
			unset();
		}
		this.#closed = true;
		this.#unset();
		this.#inFlight?.abort.abort();
	}

	#take(event: ReconcilerEvent): void {
		if (this.#closed) return;
		const {state, effects} = stepReconciler(this.#state, event, this.#clock.now());
		this.#state = state;
		for (const effect of effects) this.#do(effect);
		if (!state.unreleased) for (const settle of this.#settled.splice(0)) settle();
		this.#unset();
		const nowMs = this.#clock.now();
		const delayMs = Math.max(1, nextDeadlineMs(this.#state, nowMs) - nowMs);
		this.#unset = this.#clock.after(Math.ceil(delayMs), () => this.#take({type: 'tick'}));
	}

	#do(effect: ReconcilerEffect): void {
		if (effect.type === 'say') this.#options.say(effect.level, effect.message);
		else if (effect.type === 'call') void this.#call(effect);
		else if (this.#inFlight?.id === effect.call) this.#inFlight.abort.abort();
	}

	/** Never rejects. An answer to an abandoned call is for nobody. */
	async #call({call, term, action}: CallEffect): Promise<void> {
		const abort = new AbortController();
		this.#inFlight = {id: call.id, abort};
		const isRelease = call.kind === 'release';
		const mayChange = (): void => {
			const permitted = isRelease || (this.#state.term === term && holds(this.#state, this.#clock.now()));
			if (abort.signal.aborted || this.#closed || !permitted)
				throw new DriverError('the address is not ours to move any more');
		};
		const event = await this.#ask(
			{type: 'call', call, term, ...(action === undefined ? {} : {action})},
			{
				signal: abort.signal,
				term,
				mayChange,
			},
		);
		this.#take(event);
	}

	async #ask({call, action = ''}: CallEffect, context: CallContext): Promise<ReconcilerEvent> {
		const {driver} = this.#options;
		const {id, kind} = call;
		try {
			if (kind === 'read') return {type: 'observed', call: id, observation: await driver.read(context)};
			if (kind === 'poll') return {type: 'progressed', call: id, state: await driver.poll(action, context)};
			context.mayChange();
			if (kind === 'assign') return {type: 'ordered', call: id, action: await driver.assign(context)};
			await driver.release?.(context);
			return {type: 'released', call: id};
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			if (!(error instanceof DriverError)) return {type: 'failed', call: id, message};
			return {type: 'failed', call: id, message, retryAfterMs: error.retryAfterMs, busy: error.busy};
		}
	}
}
