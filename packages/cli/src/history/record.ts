/**
 * One line of the history: a transition, an event of the pair or a drill, with what was known just before.
 *
 * Decides the shape; fields are only ever added. Pure.
 */
import type {PairEvent, Transition} from '@hapair/heartbeat';
import type {Cause} from './cause.ts';

export interface HistoryRecord {
	/** RFC 3339, this node's clock; no decision rests on it. */
	readonly time: string;
	readonly pair: string;
	readonly node: string;
	/** `analysis`: what both nodes' recordings say of an earlier transition. What a `drill` has besides stands in `drill/record.ts`. */
	readonly kind: 'transition' | 'event' | 'drill' | 'analysis';
	/** The transition's, event's or drill's own id. */
	readonly id: string;
	readonly term: number;
	readonly from?: Transition['from'];
	readonly to?: Transition['to'];
	readonly event?: PairEvent['kind'];
	/** Of an `analysis`: the transition's id, and the sentences. */
	readonly of?: string;
	readonly findings?: readonly string[];
	readonly reason: string;
	readonly takeoverMs?: number;
	readonly cause?: Cause;
	/** What the recorder had seen, one sentence each, the most telling first. */
	readonly evidence?: readonly string[];
}

/** The record in a line of the file, or nothing for a line that is none: half of one after a crash. */
export function readRecord(line: string): HistoryRecord | undefined {
	try {
		const value: unknown = JSON.parse(line);
		if (typeof value !== 'object' || value === null) return undefined;
		const {time, node, kind, reason} = value as Partial<Record<keyof HistoryRecord, unknown>>;
		const texts = [time, node, reason].every(text => typeof text === 'string');
		const known = kind === 'transition' || kind === 'event' || kind === 'drill' || kind === 'analysis';
		return texts && known ? (value as HistoryRecord) : undefined;
	} catch {
		return undefined;
	}
}
