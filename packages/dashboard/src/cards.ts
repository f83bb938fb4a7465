/**
 * Drills and configuration as the cards of the page tell them. Pure.
 *
 * Decides what the pill of a card says when several things are so: the worst. Leaves the pair as a whole to `judgement.ts`.
 */
import {formatAge, formatMs, formatTime} from './format.ts';
import type {Grade} from './judgement.ts';
import type {Pair} from './messages.ts';

/** A card of the page: its pill, and what stands below. */
export interface Facts {
	readonly grade: Grade;
	readonly headline: string;
	readonly facts: readonly (readonly [term: string, value: string])[];
}

/** When the pair was last proven to move its address, and what the schedule says; `nowMs` since 1970. */
export function describeDrills({drill, windows}: Pair, nowMs: number): Facts {
	const {running = false, next, last, lastProven, provenAgoMs, overdue = false} = drill ?? {};
	const proven =
		lastProven === undefined || provenAgoMs === undefined
			? 'never'
			: `${formatAge(provenAgoMs)} ago, ${lastProven.giver} to ${lastProven.taker}${lastProven.gapMs === undefined ? '' : `, ${formatMs(lastProven.gapMs)}`}`;
	const facts: [string, string][] = [
		['Last proven', proven],
		['Next drill', next === undefined ? 'none is planned' : describeTime(next, nowMs)],
	];
	for (const window of windows?.maintenance ?? [])
		facts.push([
			`Next maintenance of ${window.node}`,
			`${describeTime(window.next, nowMs)} for ${formatAge(window.forMs)}`,
		]);
	if (windows?.failover !== undefined) {
		const {open, next: opens} = windows.failover;
		facts.push(['Failover window', open ? 'open' : `opens ${describeTime(opens, nowMs)}`]);
	}
	if (running) return {grade: 'warn', headline: 'under way', facts};
	if (last?.result === 'failed') return {grade: 'bad', headline: 'the last one failed', facts};
	if (overdue) return {grade: 'warn', headline: 'overdue', facts};
	if (last?.result === 'refused') return {grade: 'warn', headline: 'the last one could not begin', facts};
	if (lastProven === undefined) return {grade: 'warn', headline: 'never proven', facts};
	return {grade: 'good', headline: 'proven', facts};
}

/** `in 3 d 2 h, 04:00:00`; of a schedule that never comes true the daemon tells no time. */
function describeTime(iso: string, nowMs: number): string {
	if (iso === '') return 'never';
	return `in ${formatAge(Math.max(0, Date.parse(iso) - nowMs))}, ${formatTime(iso, nowMs)}`;
}

/** Do both nodes have the same configuration, and how old is what the standby knows? */
export function describeConfiguration({nodes, drift, channel, warm, contradictions = []}: Pair): Facts {
	const [own, peer] = nodes;
	const facts: [string, string][] = nodes.map(({name, configDigest}) => [
		`Digest of ${name}`,
		configDigest === '' ? 'not known' : configDigest.slice(0, 8),
	]);
	if (channel === undefined) facts.push(['The daemons', 'do not talk: no secret file, or peer-channel off']);
	if (warm !== undefined) {
		const age = warm.lagMs === undefined ? 'nothing yet' : `what is ${formatAge(warm.lagMs)} old`;
		facts.push([
			`${warm.role === 'tells' ? peer.name : own.name}, the standby, knows`,
			`${age}, ${warm.entries} table entries`,
		]);
		if (warm.trouble !== undefined) facts.push(['It is not told', warm.trouble]);
	}
	if (contradictions.length > 0) return {grade: 'bad', headline: 'the files contradict each other', facts};
	if (drift === undefined) return {grade: 'warn', headline: `that of ${peer.name} is not known`, facts};
	return drift
		? {grade: 'warn', headline: 'the nodes differ (drift)', facts}
		: {grade: 'good', headline: 'the same on both nodes', facts};
}
