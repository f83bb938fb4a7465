/**
 * Why a node changed its state: one word for programs, and the facts that speak for it. Pure.
 *
 * Decides from the election's own reason and from what the recorder had seen before it. The reasons are sentences of
 * `packages/heartbeat/src/election`; a test walks them, so that none falls through unnoticed.
 */
import type {HeartbeatStatus, Transition} from '@hapair/heartbeat';

export type Cause =
	| 'start'
	| 'stop'
	| 'peer silent'
	| 'peer stopped'
	| 'peer cannot serve'
	| 'planned move'
	| 'preference'
	| 'peer claimed'
	| 'this node stalled'
	| 'this node cannot serve'
	| 'takeover failed'
	| 'nobody confirms'
	| 'fit again'
	| 'unknown';

/** In this order: the first that fits. */
const CAUSES: readonly (readonly [RegExp, Cause])[] = [
	[/^takeover failed/, 'takeover failed'],
	[/did not run for/, 'this node stalled'],
	[/neither .* nor the witness confirms/, 'nobody confirms'],
	[/has been silent for/, 'peer silent'],
	[/has resigned/, 'peer stopped'],
	[/hands the address over: it cannot serve/, 'peer cannot serve'],
	[/hands the address over|handing over to .*(?:failover to|asks for the address|in maintenance)/, 'planned move'],
	[/handing over to .*: .* is (?:preferred|in better health)/, 'preference'],
	[/handing over to/, 'this node cannot serve'],
	[/has claimed the address|gives way|cannot be believed/, 'peer claimed'],
	[/does not hold the address and yields/, 'peer cannot serve'],
	[/fit for service again/, 'fit again'],
	[/stopped on request/, 'stop'],
	[/ is (?:master|backup|fault|stopped|initialize)$|starts too$|within the start delay|is not ready yet/, 'start'],
];

export function findCause({from, to, reason}: Transition, before: HeartbeatStatus | undefined): Cause {
	// Both nodes are new: nobody has failed.
	if (to === 'master' && /yields$/.test(reason) && before?.peer.state !== 'fault' && before?.peer.eligible === true)
		return 'start';
	const found = CAUSES.find(([pattern]) => pattern.test(reason))?.[1];
	if (found !== undefined) return found;
	if (to === 'fault') return 'this node cannot serve';
	return from === 'initialize' ? 'start' : 'unknown';
}

/** What the last status before the change has to say, the most telling first. @param ageMs how old it is. */
export function findEvidence(
	before: HeartbeatStatus | undefined,
	ageMs: number,
	carriers: readonly Carrier[],
): string[] {
	if (before === undefined) return [];
	const {peer, paths, longestStallMs, counters, leaseMs} = before;
	const evidence: string[] = [];
	for (const {name, up} of carriers) if (!up) evidence.push(`interface ${name} has no carrier here`);
	if (longestStallMs > leaseMs / 2)
		evidence.push(`the heartbeat process here stood still for ${longestStallMs} ms in the last minute`);
	if (peer.alive && !peer.hearsUs) evidence.push(`${peer.node} did not hear this node (one way)`);
	for (const {local, remote, lastHeardMs, lossPercent, roundTripMs, sendErrors} of paths) {
		const heard = lastHeardMs === undefined ? 'never heard' : `last heard ${Math.round(lastHeardMs + ageMs)} ms before`;
		const loss = lossPercent > 0 ? `, ${lossPercent} % lost` : '';
		const slow =
			roundTripMs === undefined || roundTripMs < before.masterDownMs / 20 ? '' : `, ${roundTripMs} ms there and back`;
		evidence.push(
			`path ${local} to ${remote}: ${heard}${loss}${slow}${sendErrors > 0 ? `, ${sendErrors} could not be sent` : ''}`,
		);
	}
	if (peer.alive && !peer.eligible) evidence.push(`${peer.node} could not serve: ${peer.note || 'no reason given'}`);
	if (!before.eligible) evidence.push(`this node could not serve: ${before.note || 'no reason given'}`);
	const refused = (counters.refusedMac ?? 0) + (counters.refusedForeignKey ?? 0);
	if (refused > 0) evidence.push(`${refused} datagrams with another signature were refused since the start`);
	return evidence;
}

/** Has an interface a cable that works? */
export interface Carrier {
	readonly name: string;
	readonly up: boolean;
}
