/**
 * The old process of a reload: hands its sockets on, tells what it knows, and retires.
 *
 * Decides that a message waits until the one before it has left, so that a large table does not fill this process's memory. Leaves the
 * contents to `Bequest` and the order of the steps to the daemon.
 */
import type {Engine} from '../engine.ts';
import type {FromProxy, ToProxy} from '../messages.ts';
import type {CarriedState} from './carried-state.ts';
import {wrapDescriptor} from './listener-post.ts';

type Send = (message: FromProxy, sent?: () => void, handle?: unknown) => void;

/** How often a retired process tells what it has counted. */
const TELL_EVERY_MS = 1000;

export class Predecessor {
	readonly #engine: Engine;
	readonly #send: Send;
	#heldKeys: readonly string[] = [];
	#isRetired = false;

	constructor(engine: Engine, send: Send) {
		this.#engine = engine;
		this.#send = send;
	}

	/** True when the message was for this object. */
	hear(message: ToProxy): boolean {
		switch (message.type) {
			case 'lend':
				void this.#lend();
				return true;
			case 'tell':
				void this.#tell(this.#engine.bequest.tables());
				return true;
			case 'tellRest':
				void this.#tellRest(message.keys);
				return true;
			case 'tellNews':
				void this.#tellNews(message.usedWithinMs);
				return true;
			case 'resume':
				void this.#engine.bequest.hold(false, this.#heldKeys);
				return true;
			default:
				return false;
		}
	}

	/** Resolves with the last connection. */
	async retire(): Promise<void> {
		this.#isRetired = true;
		const telling = setInterval(() => this.tellCounted(), TELL_EVERY_MS);
		await this.#engine.retire();
		clearInterval(telling);
	}

	/** What was counted since it was last told; `sent` is called in any case. */
	tellCounted(sent: () => void = () => {}): void {
		if (!this.#isRetired) sent();
		else void this.#post(this.#engine.bequest.counted()).then(sent);
	}

	async #lend(): Promise<void> {
		for (const {key, fd} of this.#engine.bequest.lend()) {
			const wrapped = wrapDescriptor(fd);
			if (wrapped === undefined) continue;
			await this.#sent({type: 'lent', key}, wrapped.handle);
			wrapped.release();
		}
		this.#send({type: 'allLent'});
	}

	async #tellRest(keys: readonly string[]): Promise<void> {
		this.#heldKeys = keys;
		await this.#engine.bequest.hold(true, keys);
		await this.#tell(this.#engine.bequest.rest());
	}

	async #tell(states: Iterable<CarriedState>): Promise<void> {
		await this.#post(states);
		this.#send({type: 'told'});
	}

	async #post(states: Iterable<CarriedState>): Promise<void> {
		for (const state of states) await this.#sent({type: 'carried', state});
	}

	/** To the other node: this process goes on. */
	async #tellNews(usedWithinMs = Number.POSITIVE_INFINITY): Promise<void> {
		for (const state of this.#engine.bequest.news(usedWithinMs)) await this.#sent({type: 'news', state});
		this.#send({type: 'allNews'});
	}

	#sent(message: FromProxy, handle?: unknown): Promise<void> {
		return new Promise(resolve => this.#send(message, resolve, handle));
	}
}
