/**
 * Every story of a small model: what can happen in one interval, in every order, for a number of intervals.
 *
 * Decides what can happen. Nothing is left to chance: no loss, one delay, exact timers, fit nodes. So what holds in all stories of a
 * length holds for that model, and not only for what was drawn.
 */
import type {Fault, Schedule} from './schedule.ts';

const INTERVAL_MS = 200;
/** The pair is at rest by then, and `lb1` is master. */
const FIRST_INTERVAL = 10;
const REST_INTERVALS = 14;
const RECOVERY_INTERVALS = 60;

type Happening = (atMs: number, forMs: number) => Fault | undefined;

const NETWORK: readonly Happening[] = [
	() => undefined,
	(atMs, forMs) => ({kind: 'cut', node: 0, atMs, forMs, both: false}),
	(atMs, forMs) => ({kind: 'cut', node: 1, atMs, forMs, both: false}),
	(atMs, forMs) => ({kind: 'cut', node: 0, atMs, forMs, both: true}),
	(atMs, forMs) => ({kind: 'pause', node: 0, atMs, forMs}),
	(atMs, forMs) => ({kind: 'pause', node: 1, atMs, forMs}),
	(atMs, forMs) => ({kind: 'kill', node: 0, atMs, forMs}),
	(atMs, forMs) => ({kind: 'unfit', node: 0, atMs, forMs}),
];
const WITNESS: readonly Happening[] = [
	(atMs, forMs) => ({kind: 'island', node: 0, atMs, forMs}),
	(atMs, forMs) => ({kind: 'island', node: 1, atMs, forMs}),
	(atMs, forMs) => ({kind: 'witnessCut', node: 0, atMs, forMs}),
	(atMs, forMs) => ({kind: 'witnessDown', node: 0, atMs, forMs}),
];

/** First those without a witness (eight happenings an interval), then those with one (twelve). */
export function countStories(intervals: number): number {
	return NETWORK.length ** intervals + (NETWORK.length + WITNESS.length) ** intervals;
}

/** @param index 0 to `countStories(intervals) - 1`. */
export function tellStory(index: number, intervals: number): Schedule {
	const plain = NETWORK.length ** intervals;
	const witnessed = index >= plain;
	const happenings = witnessed ? [...NETWORK, ...WITNESS] : NETWORK;
	const faults: Fault[] = [];
	let rest = witnessed ? index - plain : index;
	for (let interval = 0; interval < intervals; interval += 1) {
		const atMs = (FIRST_INTERVAL + interval) * INTERVAL_MS + 1;
		// A hair less than the interval: what ends comes before what begins.
		const fault = happenings[rest % happenings.length]!(atMs, INTERVAL_MS - 1e-3);
		if (fault !== undefined) faults.push(fault);
		rest = Math.floor(rest / happenings.length);
	}
	const healMs = (FIRST_INTERVAL + intervals + 1) * INTERVAL_MS;
	return {
		seed: index,
		intervalMs: INTERVAL_MS,
		calm: false,
		onIsolation: 'claim',
		witnessed,
		inBytes: false,
		preempt: {mode: 'off'},
		priorities: [150, 100],
		clockRates: [1, 1],
		startsMs: [0, 20],
		fitAfterMs: [0, 0],
		drift: false,
		loss: 0,
		duplication: 0,
		replays: 0,
		minDelayMs: 1,
		maxDelayMs: 1,
		timerLatenessMs: 0,
		claimLatencyMs: 10,
		releaseLatencyMs: 10,
		startDelayMs: 4 * INTERVAL_MS,
		faults,
		healMs,
		endMs: healMs + RECOVERY_INTERVALS * INTERVAL_MS,
		restMs: healMs + REST_INTERVALS * INTERVAL_MS,
		unfitAtEnd: 2,
	};
}
