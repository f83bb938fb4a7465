/**
 * What this node tells the daemon about itself, its peer and the paths (pure).
 *
 * Decides only the translation from the election's state. Times are ages in ms: clocks of two processes do not compare.
 */
import type {Contradiction} from './contradiction.ts';
import type {ElectionState} from './election/state.ts';
import {downIntervalMs, hearsUs, isEligible, livePeer, noteOf} from './election/work.ts';
import type {LeaseKind} from './lease.ts';
import type {HeartbeatStatus, LoopDelay, PathStatus, PeerStatus, WitnessStatus} from './messages.ts';
import {leaseMs} from './timers.ts';

export interface StatusExtras {
	readonly lease: LeaseKind;
	readonly paths: readonly PathStatus[];
	readonly counters: Readonly<Record<string, number>>;
	readonly longestStallMs: number;
	readonly loopDelay?: LoopDelay | undefined;
	/** When the lease was last prolonged. */
	readonly renewedAtMs: number;
	readonly contradictions: readonly Contradiction[];
	/** Why connections cannot outlive a planned failover here; empty when they can. */
	readonly noSecondChance: string;
	readonly witness?: Omit<WitnessStatus, 'consentMs' | 'refusal'> | undefined;
}

/** The whole status at `nowMs`. */
export function composeStatus(state: ElectionState, extras: StatusExtras, nowMs: number): HeartbeatStatus {
	const {settings} = state;
	return {
		node: settings.nodeName,
		state: state.node,
		solo: state.solo,
		term: state.term,
		sinceMs: Math.round(nowMs - state.sinceMs),
		reason: state.reason,
		holdsAddress: state.address === 'held',
		eligible: isEligible(state),
		health: state.fitness.health,
		priority: settings.priority,
		maintenance: state.maintenance,
		note: noteOf(state),
		lease: extras.lease,
		leaseMs: leaseMs(settings.advertIntervalMs),
		...(state.address === 'held' ? {leaseAgeMs: Math.round(nowMs - extras.renewedAtMs)} : {}),
		masterDownMs: downIntervalMs(state),
		configDigest: settings.configDigest,
		peer: composePeer(state, nowMs),
		paths: extras.paths,
		counters: extras.counters,
		secondChance: {
			why: extras.noSecondChance,
			peerAble: livePeer(state)?.said.passesOn === true,
			keepsForMs: Math.max(0, Math.round(state.keepsUntilMs - nowMs)),
			passing: passesOnNow(state),
		},
		longestStallMs: Math.round(extras.longestStallMs),
		...(extras.loopDelay === undefined ? {} : {loopDelay: extras.loopDelay}),
		contradictions: extras.contradictions,
		...(extras.witness === undefined ? {} : {witness: {...extras.witness, ...composeConsent(state, nowMs)}}),
	};
}

/** A peer that is silent for so long beyond a master-down interval is not there to be passed anything: clients learn by a reset. */
const silentPeerMs = 1500;

/** A master whose peer keeps connections gives them to it; some lost datagrams end nothing. */
export function passesOnNow(state: ElectionState): boolean {
	const {node, peer, steppedMs} = state;
	if (node !== 'master' || peer === undefined || peer.said.resigning || !peer.said.keeps) return false;
	return steppedMs < peer.heardAtMs + downIntervalMs(state) + silentPeerMs;
}

function composeConsent({consent}: ElectionState, nowMs: number): Pick<WitnessStatus, 'consentMs' | 'refusal'> {
	return {consentMs: Math.max(0, Math.round(consent.untilMs - nowMs)), refusal: consent.refusal};
}

function composePeer(state: ElectionState, nowMs: number): PeerStatus {
	const {peer, settings} = state;
	if (peer === undefined) return {...unknownPeer, node: settings.peerName, priority: settings.peerPriority};
	const {said} = peer;
	return {
		node: settings.peerName,
		alive: livePeer(state) !== undefined,
		state: said.state,
		term: said.term,
		eligible: said.eligible,
		health: said.health,
		priority: said.priority,
		maintenance: said.maintenance,
		holdsAddress: said.holdsAddress,
		note: said.note,
		version: said.version,
		lastHeardMs: Math.round(nowMs - peer.heardAtMs),
		configDigest: said.configDigest,
		advertIntervalMs: said.advertIntervalMs,
		hearsUs: hearsUs(state, peer),
	};
}

const unknownPeer: Omit<PeerStatus, 'node' | 'priority'> = {
	alive: false,
	state: 'unknown',
	term: 0,
	eligible: false,
	health: 0,
	maintenance: false,
	holdsAddress: false,
	note: '',
	version: '',
	configDigest: '',
	advertIntervalMs: 0,
	hearsUs: false,
};
