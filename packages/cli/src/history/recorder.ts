/**
 * The flight recorder: remembers the last status of the heartbeat, and writes each change down with what came before it.
 *
 * Decides which moment is "before". Leaves judgement to `cause.ts` and the disk to `history-file.ts`.
 */
import {readFileSync} from 'node:fs';
import type {Pair} from '@hapair/config';
import type {HeartbeatStatus, PairEvent, Transition} from '@hapair/heartbeat';
import {type Carrier, type Cause, findCause, findEvidence} from './cause.ts';
import type {HistoryFile} from './history-file.ts';

export class Recorder {
	readonly #pair: Pair;
	readonly #node: string;
	readonly #file: Pick<HistoryFile, 'append'>;
	#before: {readonly status: HeartbeatStatus; readonly atMs: number} | undefined;

	constructor(pair: Pair, node: string, file: Pick<HistoryFile, 'append'>) {
		this.#pair = pair;
		this.#node = node;
		this.#file = file;
	}

	remember(status: HeartbeatStatus): void {
		this.#before = {status, atMs: performance.now()};
	}

	/** Says what it was taken for. */
	recordTransition(transition: Transition, time: string): Cause {
		const {id, from, to, term, reason, takeoverMs} = transition;
		const before = this.#before?.status;
		const ageMs = Math.round(performance.now() - (this.#before?.atMs ?? 0));
		const evidence = findEvidence(before, ageMs, readCarriers(this.#pair));
		const cause = findCause(transition, before);
		this.#file.append({
			time,
			pair: this.#pair.name,
			node: this.#node,
			kind: 'transition',
			id,
			term,
			from,
			to,
			reason,
			...(takeoverMs === undefined ? {} : {takeoverMs}),
			cause,
			...(evidence.length === 0 ? {} : {evidence}),
		});
		return cause;
	}

	recordEvent({id, kind, term, reason}: PairEvent, time: string): void {
		const {name: pair} = this.#pair;
		this.#file.append({time, pair, node: this.#node, kind: 'event', id, term, event: kind, reason});
	}
}

/** Of each interface that carries a virtual address. */
export function readCarriers({virtualAddresses}: Pair): Carrier[] {
	const names = [...new Set(virtualAddresses.map(vip => vip.interface))];
	return names.map(name => ({name, up: hasCarrier(name)}));
}

/** An interface that is down, or gone, has none. */
function hasCarrier(name: string): boolean {
	try {
		return readFileSync(`/sys/class/net/${name}/carrier`, 'latin1').trim() === '1';
	} catch {
		return false;
	}
}
