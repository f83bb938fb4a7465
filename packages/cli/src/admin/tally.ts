/**
 * What happened to the pair in this daemon's life, counted, and when the address last moved as planned. Pure: time comes in.
 *
 * Decides what counts as a planned move: its cause is one, and a node took or gave the address. What drills have proven stands in the status.
 */
import type {ControlReply} from '../daemon/control-protocol.ts';
import {isDrill} from '../drill/record.ts';
import type {HistoryRecord} from '../history/record.ts';

export class Tally {
	readonly transitions = new Map<string, number>();
	readonly events = new Map<string, number>();
	readonly hooks = new Map<string, number>();
	/** By result. */
	readonly drills = new Map<string, number>();
	/** Since 1970. */
	#plannedMoveMs: number | undefined;

	note(reply: Extract<ControlReply, {type: 'transition' | 'event' | 'hook'}>): void {
		if (reply.type === 'transition') addOne(this.transitions, reply.transition.to);
		else if (reply.type === 'event') addOne(this.events, reply.event.kind);
		else addOne(this.hooks, reply.outcome);
	}

	/** A record of this life. */
	noteRecord(record: HistoryRecord): void {
		if (isDrill(record)) addOne(this.drills, record.result);
		this.remember([record]);
	}

	/** Records of the history, of a former life too. */
	remember(records: readonly HistoryRecord[]): void {
		for (const {time, cause, from, to} of records) {
			if (cause !== 'planned move' || (from !== 'master' && to !== 'master')) continue;
			const atMs = Date.parse(time);
			if (atMs > (this.#plannedMoveMs ?? 0)) this.#plannedMoveMs = atMs;
		}
	}

	plannedMoveAgeMs(wallMs: number): number | undefined {
		return this.#plannedMoveMs === undefined ? undefined : Math.max(0, wallMs - this.#plannedMoveMs);
	}
}

function addOne(counts: Map<string, number>, key: string): void {
	counts.set(key, (counts.get(key) ?? 0) + 1);
}
