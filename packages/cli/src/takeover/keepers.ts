/**
 * The takeover drivers of this node, all together: told what the heartbeat says, asked for the status.
 *
 * Decides what of the heartbeat's words is a wish: being master, with the term. Whatever else happens (the heartbeat is dead, frozen or
 * was never heard) is silence, and a wish that nobody repeats lapses in the reconciler. Leaves everything about providers to
 * `@hapair/takeover`.
 */
import type {HeartbeatStatus, Transition} from '@hapair/heartbeat';
import {type Driver, Keeper, type TakeoverReport} from '@hapair/takeover';
import type {Log} from '../logging.ts';

export class TakeoverKeepers {
	readonly #keepers: readonly Keeper[];

	/** `isFirst`: this is the pair's first node; the two nodes pause differently. */
	constructor(drivers: readonly Driver[], isFirst: boolean, log: Log) {
		this.#keepers = drivers.map(
			driver =>
				new Keeper({
					driver,
					jitter: isFirst ? 0 : 1,
					say: (level, message) =>
						log[level]({driver: driver.name, target: driver.target}, `${driver.name} ${driver.target}: ${message}`),
				}),
		);
	}

	start(): void {
		for (const keeper of this.#keepers) keeper.start();
	}

	/** Another daemon of this node orders from now on; nothing is given up. */
	leave(): void {
		for (const keeper of this.#keepers) keeper.leave();
	}

	/** The opposite of `leave`: with the heartbeat's next word. */
	goOn(): void {
		for (const keeper of this.#keepers) keeper.goOn();
	}

	recordTransition({to, term}: Transition): void {
		this.#wish(term, to === 'master');
	}

	recordStatus({state, term}: HeartbeatStatus): void {
		this.#wish(term, state === 'master');
	}

	report(): TakeoverReport[] {
		return this.#keepers.map(keeper => keeper.describe());
	}

	/** Gives up what takes a call to give up, within `limitMs`. */
	async close(limitMs: number): Promise<void> {
		await Promise.all(this.#keepers.map(keeper => keeper.close(limitMs)));
	}

	#wish(term: number, mine: boolean): void {
		for (const keeper of this.#keepers) keeper.wish(term, mine);
	}
}
