/**
 * What one heartbeat process leaves to the next when the program is replaced while it runs (pure).
 *
 * Decides when nothing is in the way of it, until when the next process may begin, and that the next one goes on in the same life: with the
 * same boot id and the next sequence, so that the peer notices nothing. Who speaks is decided by the kernel: the one that has the port
 * (`succession.ts`). All times are of the machine's monotonic clock, which is the same for every process.
 */
import type {AnnouncedSoFar} from './announce.ts';
import type {ElectionSettings, ElectionState} from './election/state.ts';
import {createElection} from './election.ts';
import type {RingEntry} from './flight-ring.ts';
import type {GuardCounts} from './guard-table.ts';
import type {LeaseKind} from './lease.ts';
import type {PathQuality} from './path-quality.ts';
import type {ReplayGuard} from './replay-guard.ts';
import {passesOnNow} from './status.ts';

/**
 * Another number says that the two programs do not understand each other's bequest: what is in it means something else, or the kernel's tables
 * and the unit's permissions are others. A restart then replaces the program.
 */
export const bequestVersion = 1;

export interface Bequest {
	readonly version: number;
	/** Nobody may begin later: from here on the one that leaves it takes the port back. */
	readonly untilMs: number;
	readonly election: ElectionState;
	readonly replayGuard: ReplayGuard;
	readonly shell: ShellBequest;
	readonly surroundings: SurroundingsBequest;
}

/** What `Instance` knows besides the election. */
export interface ShellBequest {
	readonly counters: readonly (readonly [string, number])[];
	readonly ring: readonly RingEntry[];
	readonly peerBootId: string;
	readonly notices: number;
	readonly renewedAtMs: number;
	readonly longestStall: LongestStall;
	/** The newest advertisement as it was sent. */
	readonly newest: Uint8Array | undefined;
	/** As people were told last. */
	readonly witnessReachable: boolean | undefined;
}

export interface LongestStall {
	/** Beyond what this process had planned, ms. */
	readonly gapMs: number;
	/** When it ended. */
	readonly atMs: number;
}

export interface SurroundingsBequest {
	readonly lease: {readonly kind: LeaseKind; readonly egressHook: boolean};
	readonly guard: GuardCounts;
	/** Absent while nothing is announced. */
	readonly announced: AnnouncedSoFar | undefined;
	readonly paths: readonly PathQuality[];
	readonly newestArrival: {readonly bootId: string; readonly sequence: number};
}

/** Why the process cannot be replaced in this moment; empty when it can. What moves is over soon, so it is worth to ask again. */
export function whyNotBequeath(state: ElectionState): string {
	if (state.node === 'initialize') return 'the node is starting';
	if (state.node === 'stopped') return 'the node stops';
	const moves = state.claim !== undefined || state.address === 'claiming' || state.address === 'releasing';
	if (moves || state.handover !== undefined || state.drainAskedMs !== undefined || state.wants !== undefined) {
		return 'the address is on the move';
	}
	if (state.keepsUntilMs > state.steppedMs) return 'connections of the last failover live on here yet';
	if (state.ajar || passesOnNow(state)) return 'connections of the last failover live on at the peer yet';
	return '';
}

/** Its next advertisement would be due then, so a change of processes that comes to nothing costs no advertisement. */
export function bequestUntilMs({advertisedMs, settings}: ElectionState): number {
	return advertisedMs + settings.advertIntervalMs;
}

/**
 * The election of the next process. Its own settings hold, in the life of the one before; the first step speaks at once.
 *
 * @param settings with `bootId` of the bequest.
 */
export function inheritElection(settings: ElectionSettings, {election}: Bequest, nowMs: number): ElectionState {
	return {
		...createElection(settings, nowMs),
		...election,
		settings,
		advertiseAtMs: Math.min(election.advertiseAtMs, nowMs),
	};
}
