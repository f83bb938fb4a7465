/**
 * Orders from the statistics page on their way to the main thread, which alone may change servers.
 *
 * Decides how an outcome finds its request. Leaves what an order means to the main thread.
 */
import type {PageOrder, PageOutcome} from '../worker-messages.ts';

/** The main thread is busy or gone. */
const patienceMs = 2000;

export class PageOrders {
	readonly #send: (requestId: number, order: PageOrder) => void;
	readonly #waiting = new Map<number, (outcome: PageOutcome) => void>();
	#nextId = 1;

	constructor(send: (requestId: number, order: PageOrder) => void) {
		this.#send = send;
	}

	/** Resolves with what became of it, `NONE` when nobody answers. */
	place(order: PageOrder): Promise<PageOutcome> {
		const requestId = this.#nextId++;
		return new Promise(resolve => {
			const timer = setTimeout(() => this.settle(requestId, 'NONE'), patienceMs);
			this.#waiting.set(requestId, outcome => {
				clearTimeout(timer);
				resolve(outcome);
			});
			this.#send(requestId, order);
		});
	}

	settle(requestId: number, outcome: PageOutcome): void {
		const done = this.#waiting.get(requestId);
		this.#waiting.delete(requestId);
		done?.(outcome);
	}
}
