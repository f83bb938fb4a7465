/** One node's election in virtual time, with a peer that says what the test lets it say. */
import {
	type Advertisement,
	createElection,
	type Effect,
	type ElectionEvent,
	type ElectionSettings,
	type ElectionState,
	nextDeadlineMs,
	step,
} from '../../src/index.ts';
import {ownBoot, sampleAdvertisement, sampleSettings} from './samples.ts';

export class Node {
	state: ElectionState;
	nowMs = 0;
	/** What the last call asked for. */
	effects: readonly Effect[] = [];
	#peerSequence = 0;

	constructor(settings: Partial<ElectionSettings> = {}) {
		this.state = createElection({...sampleSettings, ...settings}, 0);
		this.step({type: 'tick'});
	}

	step(event: ElectionEvent): this {
		const {state, effects} = step(this.state, event, this.nowMs);
		this.state = state;
		this.effects = effects;
		return this;
	}

	/** Lets time pass, stepping at each deadline. */
	runTo(atMs: number): this {
		const all: Effect[] = [];
		for (;;) {
			const deadlineMs = nextDeadlineMs(this.state);
			if (deadlineMs === undefined || deadlineMs > atMs) break;
			this.nowMs = deadlineMs;
			all.push(...this.step({type: 'tick'}).effects);
		}
		this.nowMs = atMs;
		this.effects = all;
		return this;
	}

	run(forMs: number): this {
		return this.runTo(this.nowMs + forMs);
	}

	/** The peer's next advertisement arrives; it echoes our newest unless told otherwise. */
	hear(said: Partial<Advertisement> = {}): this {
		return this.step({type: 'advertisement', advertisement: this.compose(said)});
	}

	compose(said: Partial<Advertisement> = {}): Advertisement {
		this.#peerSequence += 1;
		const echo = {bootId: ownBoot, sequence: this.state.sequence, ageMs: 0};
		return {...sampleAdvertisement, sequence: this.#peerSequence, echo, ...said};
	}

	/** The peer repeats itself each interval while time passes. */
	runWith(said: Partial<Advertisement>, forMs: number): this {
		const all: Effect[] = [];
		const endMs = this.nowMs + forMs;
		while (this.nowMs < endMs) {
			all.push(...this.hear(said).effects);
			all.push(...this.run(Math.min(200, endMs - this.nowMs)).effects);
		}
		this.effects = all;
		return this;
	}

	fit(changes: {eligible?: boolean; health?: number; note?: string; preferenceWaits?: boolean} = {}): this {
		return this.step({type: 'fitness', fitness: {eligible: true, health: 255, note: '', ...changes}});
	}

	failover(force = false): this {
		return this.step({type: 'failover', requestId: 9, force});
	}

	/** What the last call sent, newest last. */
	get sent(): Advertisement[] {
		return this.of('sendAdvertisement').map(({advertisement}) => advertisement);
	}

	of<T extends Effect['type']>(type: T): Extract<Effect, {type: T}>[] {
		return this.effects.filter((effect): effect is Extract<Effect, {type: T}> => effect.type === type);
	}

	get kinds(): string[] {
		return this.effects.map(({type}) => type);
	}

	get result(): {readonly ok: boolean; readonly message: string} | undefined {
		return this.of('result').at(-1);
	}
}

/** A fit backup with a fit peer that is master of term 3. */
export function makeBackup(settings: Partial<ElectionSettings> = {}): Node {
	const node = new Node(settings).fit();
	node.runWith(asMaster, 400);
	return node;
}

/** A master of term 1 with a fit backup beside it. */
export function makeMaster(settings: Partial<ElectionSettings> = {}): Node {
	const node = new Node(settings).fit();
	node.hear().hear().step({type: 'claimSucceeded', term: 1});
	return node.runWith({term: 1}, 400);
}

/** What a peer says that is master. */
export const asMaster = {state: 'master', holdsAddress: true, yields: false, term: 3, incumbent: true} as const;
