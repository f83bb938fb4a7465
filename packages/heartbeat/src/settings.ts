/**
 * From the daemon's setup to the election's settings (pure).
 *
 * Decides the deadlines of what the shell does. Leaves every duration of the protocol to `timers.ts`.
 */
import type {Pair, PairNode} from '@hapair/config';
import type {LiveSettings} from './election/live-settings.ts';
import type {ElectionSettings} from './election/state.ts';
import {addressIdOf} from './identity.ts';
import type {HeartbeatSetup} from './messages.ts';

/**
 * A claim takes 5–10 ms here; a tool that hangs is replaced after 0.5 s and asked once more. On machines that are so slow that the pair was
 * given a long interval it took up to 4 s, and a deadline below that has the address wander for ever: so these many intervals at least.
 */
const claimDeadline = {leastMs: 3000, intervals: 8};
const releaseDeadline = {leastMs: 3000, intervals: 8};
const handoverDeadline = {leastMs: 5000, intervals: 10};
/** The daemon bounds its drain itself; this is for a daemon that hangs. */
const drainDeadlineMs = 60_000;
/** A node that is off for 5 s and on for 5 s, again and again, does not come back before it stays. */
const damping = {holdMs: 10_000, longestHoldMs: 300_000, halfLifeMs: 60_000};
/** What an operator forced past the checks is theirs for so long; then the fitter node gets the address again. */
const pinMs = 3_600_000;

export interface PairNodes {
	readonly own: PairNode;
	readonly peer: PairNode;
}

/** Which node of the pair this is, and which is the peer. @throws when the pair has no such node. */
export function findNodes(pair: Pair, nodeName: string): PairNodes {
	const [first, second] = pair.nodes;
	if (first.name === nodeName) return {own: first, peer: second};
	if (second.name === nodeName) return {own: second, peer: first};
	throw new Error(`pair ${pair.name} has no node ${nodeName}: its nodes are ${first.name} and ${second.name}`);
}

/** Heartbeat paths as [own address, peer's address]; the first is the nodes' own. */
export function listPaths(pair: Pair, {own, peer}: PairNodes): (readonly [string, string])[] {
	const isFirst = pair.nodes[0].name === own.name;
	const further = pair.paths.map(([a, b]): readonly [string, string] => (isFirst ? [a, b] : [b, a]));
	return [[own.address, peer.address], ...further];
}

/** What the election needs to know for this life. @param bootId 8 random bytes as hex. */
export function electionSettings(setup: HeartbeatSetup, {own, peer}: PairNodes, bootId: string): ElectionSettings {
	const {pair} = setup;
	const within = ({leastMs, intervals}: typeof claimDeadline): number =>
		Math.max(leastMs, intervals * pair.advertIntervalMs);
	return {
		nodeName: own.name,
		peerName: peer.name,
		bootId,
		address: addressIdOf(own.address),
		peerAddress: addressIdOf(peer.address),
		...liveSettings(pair, {own, peer}, setup.configDigest),
		advertIntervalMs: pair.advertIntervalMs,
		witnessed: pair.witness !== undefined,
		startDelayMs: pair.startDelayMs,
		version: setup.version,
		firstTerm: setup.firstTerm ?? 0,
		claimDeadlineMs: within(claimDeadline),
		releaseDeadlineMs: within(releaseDeadline),
		handoverDeadlineMs: within(handoverDeadline),
		drainDeadlineMs,
		damping,
		pinMs,
	};
}

/** What a configuration that was read again changes while the node runs. */
export function liveSettings(pair: Pair, {own, peer}: PairNodes, configDigest: string): LiveSettings {
	return {
		priority: own.priority,
		peerPriority: peer.priority,
		preempt: pair.preempt,
		onIsolation: pair.onIsolation,
		configDigest,
	};
}
