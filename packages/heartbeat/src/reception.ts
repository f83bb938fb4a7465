/**
 * From bytes to what the election may believe.
 *
 * Decides the order of the questions: is it laid out well, does it carry our key's signature, is it new? The first "no"
 * is counted by its name and the datagram forgotten. Leaves the three answers to the codec, the signature and the replay guard.
 */
import {type Challenge, decode, type Echo, type Expectation} from './advertisement.ts';
import {type Key, verify} from './authentication.ts';
import {type Contradiction, readContradiction} from './contradiction.ts';
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
	/** The peer's machine speaks, and not as this node's file and keys have it. */
	readonly contradiction?: Contradiction;
}

export class Reception {
	readonly #expectation: Expectation;
	#keys: readonly Key[];
	readonly #own: {readonly nodeId: string; readonly bootId: string};
	#guard: ReplayGuard;

	/** @param guard of a process before this one, in the same life. */
	constructor(
		expectation: Expectation,
		keys: readonly Key[],
		own: {readonly nodeId: string; readonly bootId: string},
		guard = createReplayGuard(own.bootId),
	) {
		this.#expectation = expectation;
		this.#keys = keys;
		this.#own = own;
		this.#guard = guard;
	}

	/** What it believes, for the next process of this life. */
	get replayGuard(): ReplayGuard {
		return this.#guard;
	}

	/** What the next advertisement must carry so that an unproven boot can prove itself. */
	get challenge(): Challenge | undefined {
		return this.#guard.challenge;
	}

	/** What is accepted from now on. */
	set keys(keys: readonly Key[]) {
		this.#keys = keys;
	}

	/** @param ownSequence newest sequence that this node has sent. */
	receive(bytes: Uint8Array, ownSequence: number): Received {
		const decoded = decode(bytes, this.#expectation);
		if (!decoded.ok) {
			const isNamed = decoded.refusal === 'cluster' || decoded.refusal === 'node';
			return this.#refuse(counterOf(decoded.refusal), isNamed ? bytes : undefined);
		}
		const signature = verify(bytes, this.#keys);
		if (signature !== 'ok') return this.#refuse(counterOf(signature), signature === 'foreignKey' ? bytes : undefined);
		const {advertisement} = decoded.datagram;
		const {guard, admission} = admit(this.#guard, decoded.datagram, ownSequence);
		this.#guard = guard;
		const {bootId, sequence, echo} = advertisement;
		const arrival = {bootId, sequence, echo: echo?.bootId === this.#own.bootId ? echo : undefined};
		if (admission === 'accept') return {counter: 'received', arrival, event: {type: 'advertisement', advertisement}};
		if (admission === 'unproven') return {counter: counterOf(admission), event: {type: 'unproven', advertisement}};
		if (admission === 'late' || admission === 'duplicate') return {counter: admission, arrival};
		return {counter: counterOf(admission)};
	}

	#refuse(counter: string, bytes: Uint8Array | undefined): Received {
		const found = bytes && readContradiction(bytes, this.#expectation, this.#own, this.#keys);
		if (found === undefined) return {counter};
		const {contradiction, said} = found;
		return {counter, contradiction, event: {type: 'unbelieved', advertisement: said}};
	}
}

/** `mac` → `refusedMac`: the name under which `status` shows it. */
export function counterOf(refusal: string): string {
	return `refused${refusal.charAt(0).toUpperCase()}${refusal.slice(1)}`;
}
