/**
 * A request whose body the proxy itself reads before it answers: a form of the statistics page.
 *
 * Decides when the body is complete, and that an answer which comes after the request is over is dropped. Leaves bytes and the
 * connection to the session.
 */
import type {Decision} from './http-policy.ts';

type Answer = Extract<Decision, {kind: 'respond'}>;

/** A form names servers; nobody chooses more than fit in here. */
const MAX_FORM = 16_384;

export class FormExchange {
	readonly #carryOut: (body: string) => Promise<Answer>;
	readonly #answer: (answer: Answer) => void;
	#text = '';
	#isAsked = false;
	#isAbandoned = false;

	constructor(carryOut: (body: string) => Promise<Answer>, answer: (answer: Answer) => void) {
		this.#carryOut = carryOut;
		this.#answer = answer;
	}

	/** True when nothing more is expected of the client. */
	take(text: string, isAll: boolean): boolean {
		// Of a form that is too long, the rest is not read into memory: its order is not understood then.
		if (this.#text.length <= MAX_FORM) this.#text += text;
		if (!isAll || this.#isAsked) return this.#isAsked;
		this.#isAsked = true;
		const body = this.#text.length > MAX_FORM ? '' : this.#text;
		void this.#carryOut(body).then(answer => {
			if (!this.#isAbandoned) this.#answer(answer);
		});
		return true;
	}

	/** The request is over without it. */
	abandon(): void {
		this.#isAbandoned = true;
	}
}
