/**
 * From bytes to what the election may believe.
 *
 * Decides the order of the questions: is it laid out well, does it carry our key's signature, is it new? The first "no"
 * is counted by its name and the datagram forgotten. Leaves the three answers to the codec, the signature and the replay guard.
 */
import {type Challenge, decode, type Echo, type Expectation} from './advertisement.ts';
import {type Key, verify} from './authentication.ts';
import type {ElectionEvent} from './election/state.ts';
import {admit, createReplayGuard, type ReplayGuard} from './replay-guard.ts';

export interface Arrival {
	readonly bootId: string;
	readonly sequence: number;
	/** What the peer had last heard of this boot of ours. */
	readonly echo: Echo | undefined;
}

export interface Received {
	/** Names the counter to raise: `received`, or `refused` with the reason. */
	readonly counter: string;
	/** For the path's quality; absent when it was not authentic. */
	readonly arrival?: Arrival;
	readonly event?: ElectionEvent;
}

export class Reception {
	readonly #expectation: Expectation;
	readonly #keys: readonly Key[];
	readonly #ownBootId: string;
	#guard: ReplayGuard;

	constructor(expectation: Expectation, keys: readonly Key[], ownBootId: string) {
		this.#expectation = expectation;
		this.#keys = keys;
		this.#ownBootId = ownBootId;
		this.#guard = createReplayGuard(ownBootId);
	}

	/** What the next advertisement must carry so that an unproven boot can prove itself. */
	get challenge(): Challenge | undefined {
		return this.#guard.challenge;
	}

	/** @param ownSequence newest sequence that this node has sent. */
	receive(bytes: Uint8Array, ownSequence: number): Received {
		const decoded = decode(bytes, this.#expectation);
		if (!decoded.ok) return {counter: counterOf(decoded.refusal)};
		const signature = verify(bytes, this.#keys);
		if (signature !== 'ok') return {counter: counterOf(signature)};
		const {advertisement} = decoded.datagram;
		const {guard, admission} = admit(this.#guard, decoded.datagram, ownSequence);
		this.#guard = guard;
		const {bootId, sequence, echo} = advertisement;
		const arrival = {bootId, sequence, echo: echo?.bootId === this.#ownBootId ? echo : undefined};
		if (admission === 'accept') return {counter: 'received', arrival, event: {type: 'advertisement', advertisement}};
		if (admission === 'unproven') return {counter: counterOf(admission), event: {type: 'unproven', advertisement}};
		if (admission === 'late' || admission === 'duplicate') return {counter: admission, arrival};
		return {counter: counterOf(admission)};
	}
}

/** `mac` → `refusedMac`: the name under which `status` shows it. */
export function counterOf(refusal: string): string {
	return `refused${refusal.charAt(0).toUpperCase()}${refusal.slice(1)}`;
}
