/**
 * What two daemons of one node say to each other while the new program takes the place of the old one.
 *
 * Decides the shape of the conversation, over Node's channel: sockets go along. What heartbeats and proxies have to say to each other goes through
 * unread, so the number below stands for all three kinds of process.
 */
import type {Pair, PairNode} from '@hapair/config';
import type {Bequest, Fitness, HeartbeatSetup} from '@hapair/heartbeat';
import {bequestVersion} from '@hapair/heartbeat';
import type {ToProxy} from '@hapair/proxy';
import type {Exchange} from '../proxy-child.ts';
import type {RetiredProxy} from '../proxy-succession.ts';
import type {ProxyCondition} from '../tracks/fitness.ts';

/**
 * Programs with another number do not take over from each other; a restart replaces them. A new one is due when a message here, between the proxies
 * (`@hapair/proxy`, `CarriedState`) or between the heartbeats changes its meaning, and when the program needs what its unit file did not permit before.
 */
export const handoverVersion = `1.${bequestVersion}`;

/** What the new daemon must know before it begins. */
export interface Estate {
	readonly version: string;
	/** Absent without a pair section. What a reload may not change, a new program may not find changed. */
	readonly pair?: {
		readonly pair: Pair;
		readonly own: PairNode;
		readonly heartbeatSetup: Pick<HeartbeatSetup, 'keys'>;
	};
	readonly proxyPhase: ProxyCondition['phase'];
	readonly fitness?: Fitness;
}

export type ToSuccessor =
	| {readonly type: 'estate'; readonly estate: Estate}
	/** Another number, or it cannot be: exit. */
	| {readonly type: 'abort'}
	/** A word of the old proxy process; a socket may come along. */
	| {readonly type: 'proxy'; readonly message: Exchange}
	| {readonly type: 'proxyDown'; readonly detail: string}
	/** While the old daemon still judges: on change and each second. */
	| {readonly type: 'fitness'; readonly fitness: Fitness}
	| {readonly type: 'bequest'; readonly bequest?: Bequest; readonly why: string}
	/** The heartbeat has its own again (or not: then it is started anew). */
	| {readonly type: 'back'; readonly why: string}
	/** Control socket, peer channel, admin address and files are free. A maintenance ends by itself after so long. */
	| {readonly type: 'vacated'; readonly maintenanceLeftMs?: number}
	/** Proxy processes of the old daemon whose last connections have not ended; sent with each of their snapshots. */
	| {readonly type: 'retired'; readonly retired: readonly RetiredProxy[]};

export type FromSuccessor =
	| {readonly type: 'hello'; readonly handover: string; readonly version: string; readonly pid: number}
	/** `refused`: nothing is wrong with the program, but a restart is what replaces this one. */
	| {readonly type: 'failed'; readonly message: string; readonly refused: boolean}
	| {readonly type: 'progress'; readonly message: string}
	| {readonly type: 'proxy'; readonly message: ToProxy}
	| {readonly type: 'bequeath'}
	| {readonly type: 'begun'}
	| {readonly type: 'declined'}
	/** It comes to nothing, and the heartbeat had begun: here is everything again. */
	| {readonly type: 'giveBack'; readonly bequest: Bequest}
	/** Heartbeat and proxy are the new daemon's: leave everything else too. */
	| {readonly type: 'vacate'}
	/** Done. What is left of the old daemon keeps its last connections. */
	| {readonly type: 'serving'}
	/** For the proxy processes that are left. */
	| {readonly type: 'drain'; readonly on: boolean}
	| {readonly type: 'closeIdle'}
	| {readonly type: 'endAt'; readonly addresses: readonly string[]}
	| {readonly type: 'end'; readonly graceMs: number};

/** In the environment of a daemon that is started to take the place of another one. */
export const successorVariable = 'HAPAIR_SUCCEEDS';
