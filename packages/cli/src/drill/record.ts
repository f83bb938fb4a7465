/**
 * How a drill ended, and what the drills of the past say about the pair today. Pure.
 *
 * Decides when a pair counts as proven, and when a drill is overdue.
 */
import type {HistoryRecord} from '../history/record.ts';

/**
 * `passed`: the address moved and answered there, and came back where it should. `failed`: it did not; the reason says where it is.
 * `refused`: nothing was begun.
 */
export type DrillResult = 'passed' | 'failed' | 'refused';

/** One line of the history. */
export interface DrillRecord extends HistoryRecord {
	readonly kind: 'drill';
	readonly result: DrillResult;
	/** By the schedule or by an operator; `peer`: the other node held it and told this one. */
	readonly by: 'schedule' | 'operator' | 'peer';
	readonly giver: string;
	readonly taker: string;
	/** Longest time without an answer while the address moved, ms; absent when nothing was measured. */
	readonly gapMs?: number;
	/** The same on the way back. */
	readonly returnGapMs?: number;
	readonly durationMs?: number;
}

export function isDrill(record: HistoryRecord): record is DrillRecord {
	const {kind, result, giver, taker} = record as Partial<DrillRecord>;
	const known = result === 'passed' || result === 'failed' || result === 'refused';
	return kind === 'drill' && known && typeof giver === 'string' && typeof taker === 'string';
}

/** Fields are only ever added (docs/json.md). */
export interface DrillReport {
	readonly running: boolean;
	/** RFC 3339; absent without a schedule. */
	readonly next?: string;
	readonly last?: DrillRecord;
	/** The newest that passed. */
	readonly lastProven?: DrillRecord;
	/** Since then, ms, by this node's clock. */
	readonly provenAgoMs?: number;
	/** By schedule, the pair should have been proven since. */
	readonly overdue: boolean;
}

export interface DrillFacts {
	/** Oldest first. */
	readonly records: readonly DrillRecord[];
	readonly running: boolean;
	/** The times to come, the soonest first; empty without a schedule. */
	readonly next: readonly Date[];
	/** When this node began to keep records, ms since 1970. */
	readonly sinceMs: number;
	readonly nowMs: number;
}

/** Overdue: not proven for twice as long as the longest wait between two of the times to come. */
export function judgeDrills({records, running, next, sinceMs, nowMs}: DrillFacts): DrillReport {
	const last = records.at(-1);
	const lastProven = records.findLast(({result}) => result === 'passed');
	const waits = next.slice(1).map((time, index) => time.getTime() - next[index]!.getTime());
	const provenMs = lastProven === undefined ? sinceMs : Date.parse(lastProven.time);
	return {
		running,
		...(next[0] === undefined ? {} : {next: next[0].toISOString()}),
		...(last === undefined ? {} : {last}),
		...(lastProven === undefined ? {} : {lastProven, provenAgoMs: Math.max(0, nowMs - provenMs)}),
		overdue: waits.length > 0 && nowMs - provenMs > 2 * Math.max(...waits),
	};
}

/** `lb1 to lb2, 34 ms`. */
export function describeMove({giver, taker, gapMs}: Pick<DrillRecord, 'giver' | 'taker' | 'gapMs'>): string {
	return `${giver} to ${taker}${gapMs === undefined ? '' : `, ${gapMs} ms`}`;
}
