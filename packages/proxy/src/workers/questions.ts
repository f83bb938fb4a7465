/**
 * Questions to all worker threads, and their answers gathered.
 *
 * Decides when a question is answered: when every worker that was asked has answered or died, or the time is over. Leaves carrying
 * messages to the supervisor.
 */
import type {Server} from '@hapair/config';
import type {BindPlace, FromWorker} from '../worker-messages.ts';

export type Answer = Extract<FromWorker, {type: 'inspected' | 'obeyed'}>;

export type WorkerQuestion =
	| {readonly type: 'inspect' | 'obeyBoard' | 'closeIdle'}
	| {readonly type: 'hold'; readonly on: boolean; readonly binds?: readonly BindPlace[]}
	| {readonly type: 'endSession'; readonly session: string}
	| {readonly type: 'setServers'; readonly backend: number; readonly servers: readonly Server[]};

/** A thread that does not answer within this time is busy beyond use; what the others say is shown without it. */
const patienceMs = 2000;

interface Question {
	readonly answers: Answer[];
	readonly waitingFor: Set<number>;
	readonly timer: NodeJS.Timeout;
	resolve(answers: readonly Answer[]): void;
}

export class Questions {
	readonly #open = new Map<number, Question>();
	#nextId = 1;

	/** Asks `workers` by calling `send` for each; resolves with the answers that came. Never rejects. */
	ask(workers: readonly number[], send: (worker: number, requestId: number) => void): Promise<readonly Answer[]> {
		const requestId = this.#nextId++;
		return new Promise(resolve => {
			const timer = setTimeout(() => this.#close(requestId), patienceMs);
			this.#open.set(requestId, {answers: [], waitingFor: new Set(workers), timer, resolve});
			for (const worker of workers) send(worker, requestId);
			if (workers.length === 0) this.#close(requestId);
		});
	}

	take(worker: number, answer: Answer): void {
		const question = this.#open.get(answer.requestId);
		if (!question?.waitingFor.delete(worker)) return;
		question.answers.push(answer);
		if (question.waitingFor.size === 0) this.#close(answer.requestId);
	}

	/** A dead worker answers nothing any more. */
	forget(worker: number): void {
		for (const [requestId, {waitingFor}] of this.#open) {
			if (waitingFor.delete(worker) && waitingFor.size === 0) this.#close(requestId);
		}
	}

	#close(requestId: number): void {
		const question = this.#open.get(requestId);
		if (!question) return;
		this.#open.delete(requestId);
		clearTimeout(question.timer);
		question.resolve(question.answers);
	}
}
