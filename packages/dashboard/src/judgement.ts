/**
 * The pair in one sentence, and how bad it is. Pure.
 *
 * Decides what comes first when several things are wrong: nobody serves, two do, nobody could take over, a move would be refused.
 */
import {formatAge} from './format.ts';
import type {Pair, PairNode, PairRecord} from './messages.ts';

export type Grade = 'good' | 'warn' | 'bad';

export interface Judgement {
	readonly grade: Grade;
	readonly headline: string;
	readonly detail: string;
}

/** `records` are the newest first; `nowMs` since 1970. */
export function judgePair(pair: Pair, records: readonly PairRecord[] = [], nowMs = 0): Judgement {
	const [own, peer] = pair.nodes;
	const holders = pair.nodes.filter(({holdsAddress}) => holdsAddress);
	const [holder] = holders;
	const address = pair.virtualAddresses.map(vip => vip.address.replace(/\/\d+$/, '')).join(', ');
	if (pair.heartbeat === 'down')
		return {
			grade: 'bad',
			headline: `The heartbeat of ${own.name} is down`,
			detail: 'It is started again by itself; its log says why it ended.',
		};
	if (holders.length > 1)
		return {
			grade: 'bad',
			headline: `Both nodes hold ${address}`,
			detail: 'The network separates them, or did until now.',
		};
	if (holder === undefined) return {grade: 'bad', headline: `Nobody holds ${address}`, detail: listReasons(pair)};
	const other = holder === own ? peer : own;
	const headline = `${holder.name} holds ${address}${describeSince(holder, own, records, nowMs)}`;
	const obstacle = findObstacle(other, pair);
	if (obstacle !== undefined) return {grade: 'warn', headline, detail: obstacle};
	return {grade: 'good', headline, detail: `${other.name} is ready to take over.`};
}

/** Of the peer a node knows when it gave the address away; else only for how long it has been backup itself. */
function describeSince(holder: PairNode, own: PairNode, records: readonly PairRecord[], nowMs: number): string {
	if (holder === own) return own.sinceMs === undefined ? '' : ` for ${formatAge(own.sinceMs)}`;
	const last = records.find(({kind}) => kind === 'transition');
	if (last?.from === 'master') return ` for ${formatAge(Math.max(0, nowMs - Date.parse(last.time)))}`;
	return own.state === 'backup' && own.sinceMs !== undefined ? ` for ${formatAge(own.sinceMs)} at least` : '';
}

function listReasons({nodes}: Pair): string {
	const reasons = nodes.flatMap(({name, reasons: why}) => why.map(reason => `${name}: ${reason}`));
	return reasons.length === 0 ? 'The nodes are deciding.' : `${reasons.join('; ')}.`;
}

/** Why the other node could not take over, or a move would be refused. */
function findObstacle(other: PairNode, pair: Pair): string | undefined {
	if (!other.alive) {
		const heard = other.lastHeardMs === undefined ? '' : `, last heard ${formatAge(other.lastHeardMs)} ago`;
		const verdict = pair.verdict === undefined ? '' : ` (${pair.verdict})`;
		return `Nobody could take over: ${other.name} is silent${heard}${verdict}.`;
	}
	if (pair.verdict === 'one-way')
		return `${other.name} is heard and does not hear us: a filter or a cable in one direction.`;
	if (other.maintenance) return `Nobody could take over: ${other.name} is in maintenance.`;
	if (!other.eligible)
		return `Nobody could take over: ${other.name} cannot serve${other.reasons.length === 0 ? '' : ` (${other.reasons.join('; ')})`}.`;
	const [contradiction] = pair.contradictions ?? [];
	if (contradiction !== undefined) return `The nodes' files contradict each other: ${contradiction}.`;
	if (pair.drift === true) return 'The configurations of the two nodes differ (drift): a planned move is refused.';
	const [unkept] = pair.storage ?? [];
	if (unkept !== undefined) return `On this node ${unkept}.`;
	if (pair.lease === 'none') return 'There is no lease: a frozen heartbeat would go on answering for the address.';
	return undefined;
}

/** How a server's word is painted. */
export function gradeServer(status: string): Grade {
	if (/^(UP|no check)/.test(status)) return /\d\/\d/.test(status) ? 'warn' : 'good';
	return /^(MAINT|DRAIN|NOLB)/.test(status) ? 'warn' : 'bad';
}
