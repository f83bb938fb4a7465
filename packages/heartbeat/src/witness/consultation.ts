/**
 * The node's dealings with its witness, where the pair has one; nothing where it has none.
 *
 * Decides what `status` says of it. Leaves the socket to `link.ts`, and when the witness is asked to the election.
 */
import type {Key} from '../authentication.ts';
import type {WitnessReply, WitnessRequest} from '../election/state.ts';
import {clusterIdOf, nodeIdOf} from '../identity.ts';
import type {HeartbeatSetup} from '../messages.ts';
import type {StatusExtras} from '../status.ts';
import {WitnessLink} from './link.ts';

export interface ConsultationPorts {
	/** The first signs; asked for each question, since they may change. */
	readonly keys: () => readonly Key[];
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly count: (name: string) => void;
	readonly onReply: (reply: WitnessReply) => void;
	/** The witness answers, or has ceased to. */
	readonly onReachable: (reachable: boolean) => void;
}

export class Consultation {
	readonly #setup: HeartbeatSetup;
	readonly #ports: ConsultationPorts;
	#link: WitnessLink | undefined;

	constructor(setup: HeartbeatSetup, ports: ConsultationPorts) {
		this.#setup = setup;
		this.#ports = ports;
	}

	/** As people were told last. */
	get toldReachable(): boolean | undefined {
		return this.#link?.toldReachable;
	}

	/** At the start, and again after `close`. @param reachable As people were told last; absent: not yet. */
	open(reachable?: boolean): void {
		const {pair, nodeName} = this.#setup;
		if (pair.witness === undefined) return;
		const {host, port} = pair.witness;
		const ids = {clusterId: clusterIdOf(pair.name), nodeId: nodeIdOf(nodeName)};
		this.#link = new WitnessLink({host, port, ...ids, ...this.#ports, reachable});
		this.#link.open();
	}

	close(): void {
		this.#link?.close();
	}

	ask(question: WitnessRequest): void {
		this.#link?.ask(question);
	}

	/** For `status`; nothing before it was opened. */
	describe(nowMs: number): StatusExtras['witness'] {
		const {witness} = this.#setup.pair;
		if (witness === undefined || this.#link === undefined) return undefined;
		const answeredAgoMs = this.#link.answeredAgoMs(nowMs);
		return {
			address: `${witness.host} port ${witness.port}`,
			reachable: this.#link.reachable,
			...(answeredAgoMs === undefined ? {} : {answeredAgoMs: Math.round(answeredAgoMs)}),
		};
	}
}
