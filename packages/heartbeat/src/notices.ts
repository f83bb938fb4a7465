/**
 * What the shell itself has to tell people: contradictions of the two nodes' files, and whether the witness answers.
 *
 * Decides that a contradiction is told once until it has been over for a while. Leaves everything about who is master to the election, which tells that
 * itself.
 */
import {type Contradiction, Contradictions, describeContradiction} from './contradiction.ts';
import type {ElectionState} from './election/state.ts';
import type {PairEvent} from './messages.ts';

export class Notices {
	readonly #election: () => ElectionState;
	readonly #send: (event: PairEvent) => void;
	readonly #contradictions = new Contradictions();
	#count = 0;

	constructor(election: () => ElectionState, send: (event: PairEvent) => void) {
		this.#election = election;
		this.#send = send;
	}

	/** How many were told in this life. */
	get count(): number {
		return this.#count;
	}

	/** @param count Another process of this life has told so many: ids go on. */
	restore(count: number): void {
		this.#count = count;
	}

	/** Those of the last seconds. */
	contradictions(nowMs: number): readonly Contradiction[] {
		return this.#contradictions.current(nowMs);
	}

	noteContradiction(contradiction: Contradiction, nowMs: number): void {
		if (!this.#contradictions.record(contradiction, nowMs)) return;
		this.#tell(contradiction === 'foreignKey' ? 'foreignKey' : 'contradiction', describeContradiction(contradiction));
	}

	noteWitness(reachable: boolean): void {
		const reason = reachable
			? 'the witness answers'
			: 'the witness does not answer: when the nodes lose each other too, the address stays with nobody';
		this.#tell('witness', reason);
	}

	#tell(kind: PairEvent['kind'], reason: string): void {
		this.#count += 1;
		const {settings, term} = this.#election();
		this.#send({id: `${settings.nodeName}-${settings.bootId}-k${this.#count}`, kind, reason, term});
	}
}
