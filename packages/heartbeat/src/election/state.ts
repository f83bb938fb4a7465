/**
 * What the election knows, is told and asks for: types only, no behaviour. In one file, however long, because they are read together.
 *
 * All of it is plain data: a state can be printed, compared and replayed. Times are milliseconds of one monotonic clock.
 */
import type {Advertisement} from '../advertisement.ts';
import type {NodeState, PairEvent, Transition} from '../messages.ts';
import type {LiveSettings} from './live-settings.ts';

/** What a node is told at its start; only the live ones change while it runs. */
export interface ElectionSettings extends LiveSettings {
	readonly nodeName: string;
	readonly peerName: string;
	/** 8 random bytes as hex, new at each start. */
	readonly bootId: string;
	/** Own and peer's heartbeat address, 16 bytes as hex (IPv4 mapped): the last tie-break, and who is preferred. */
	readonly address: string;
	readonly peerAddress: string;
	readonly advertIntervalMs: number;
	/** A witness decides when the nodes lose each other; `onIsolation` then says nothing. */
	readonly witnessed?: boolean;
	readonly startDelayMs: number;
	readonly version: string;
	/** Claims begin above this term; a daemon that remembers the last one keeps terms growing over restarts. */
	readonly firstTerm: number;
	/** Longest time a takeover or a release may take before it counts as failed, ms. */
	readonly claimDeadlineMs: number;
	readonly releaseDeadlineMs: number;
	/** Longest time from yielding to the peer's first word as master, ms; then the address is taken back. */
	readonly handoverDeadlineMs: number;
	/** How long the daemon may drain after `handoverRequested`, ms; then the move goes on without it. */
	readonly drainDeadlineMs: number;
	/** Flap damping, ms: hold after one failure, its upper bound, and in what time a failure counts half. */
	readonly damping: {readonly holdMs: number; readonly longestHoldMs: number; readonly halfLifeMs: number};
	/** How long a forced move binds, ms. */
	readonly pinMs: number;
}

export interface LocalFitness {
	readonly eligible: boolean;
	/** 0–255, more is better. */
	readonly health: number;
	/** Why not eligible or what is degraded; at most 200 bytes of it travel. */
	readonly note: string;
	readonly preferenceWaits?: boolean;
}

/** Where the virtual address is, as far as this node had a hand in it. */
export type AddressState = 'none' | 'claiming' | 'held' | 'releasing';

/** What is known of the peer since its first proven advertisement. */
export interface Peer {
	/** Its newest advertisement. */
	readonly said: Advertisement;
	readonly heardAtMs: number;
	/** Since when it has been heard without a silence of a master-down interval. */
	readonly contactSinceMs: number;
	/** Newest of our own sequences that it echoed, 0 = none of this boot. */
	readonly echoSequence: number;
	readonly echoAdvancedAtMs: number;
	/** When the newest advertisement was sent that the peer, in whatever boot, is known to have heard. */
	readonly echoedSentMs: number;
}

/** What is known of the witness's consent to this node's holding the address. */
export interface Consent {
	/** It lasts until here; 0 = none. */
	readonly untilMs: number;
	/** How long was asked for last. */
	readonly wantedMs: number;
	readonly askedMs: number;
	/** Questions that may yet be answered, newest last. */
	readonly open: readonly {readonly number: number; readonly atMs: number; readonly wantMs: number}[];
	/** Number of the newest question. */
	readonly number: number;
	/** What the newest question was about while it matters. */
	readonly asking: 'ask' | 'giveBack' | undefined;
	/** Why the witness did not consent; empty when it did, or has not answered. */
	readonly refusal: string;
	/** Since when this node has needed it. */
	readonly aloneSinceMs: number | undefined;
	/** When the peer's echoes alone last carried the lease, and since when they have done so without a gap. */
	readonly confirmedMs: number;
	readonly confirmedSinceMs: number;
}

/** What a node asks the witness. */
export interface WitnessRequest {
	readonly number: number;
	readonly kind: 'ask' | 'giveBack';
	readonly term: number;
	readonly wantMs: number;
}

export interface WitnessReply {
	readonly number: number;
	readonly verdict: 'granted' | 'held' | 'staleTerm' | 'returned';
	/** Highest term that the witness knows. */
	readonly term: number;
	/** How long the holder's consent lasts yet, ms. */
	readonly leftMs: number;
}

/** A takeover under way. */
export interface Claim {
	readonly term: number;
	readonly startedMs: number;
	readonly deadlineMs: number;
	readonly reason: string;
}

/**
 * A planned move, seen from the node that gives: `prepare` (still master, the peer gets ready) → `release` (the address goes)
 * → `yield` (the peer may claim) → done, or `rollback` (an ordinary election that this node usually wins).
 */
export interface Handover {
	readonly phase: 'prepare' | 'release' | 'yield' | 'rollback';
	readonly requestId: number | undefined;
	readonly forced: boolean;
	/** The move was an operator's wish, so preemption must not undo it. */
	readonly byOperator: boolean;
	readonly startedMs: number;
	readonly deadlineMs: number;
	/** The peer must have echoed this sequence of ours to know of the phase. */
	readonly fromSequence: number;
	readonly reason: string;
	/** How long connections may live on here after the release, ms; 0 = they end. */
	readonly keepMs: number;
}

/** `failover` on a backup: this node asks the master for the address. */
export interface WantsMaster {
	readonly requestId: number;
	readonly forced: boolean;
	readonly startedMs: number;
	readonly deadlineMs: number;
	/** The sequence of the first advertisement that says so. The master's refusal names it. */
	readonly fromSequence: number;
	/** The master was seen to drain for it. */
	readonly masterAnswered: boolean;
}

/** What this node, the master, made of the peer's wish. */
export interface AnsweredWish {
	readonly wish: number;
	/** Why not; empty while it is being fulfilled. */
	readonly refusal: string;
}

export interface ElectionState {
	readonly settings: ElectionSettings;
	readonly node: NodeState;
	readonly sinceMs: number;
	readonly reason: string;
	readonly startedMs: number;
	/** Time of the last step. Deadlines up to here have been judged. */
	readonly steppedMs: number;
	/** Highest term seen or claimed. */
	readonly term: number;
	/** Term under which this node last became master; 0 = never. */
	readonly masteredTerm: number;
	/** Sequence of the newest advertisement sent. */
	readonly sequence: number;
	readonly advertiseAtMs: number;
	/** When the newest advertisement was sent. */
	readonly advertisedMs: number;
	/** Of the peer's advertisements some were lost lately. */
	readonly lossyUntilMs: number;
	/** No unasked-for extra advertisement before this. */
	readonly replyAtMs: number;
	readonly fitness: LocalFitness;
	/** An interface with a virtual address has a carrier. */
	readonly connected: boolean;
	readonly maintenance: boolean;
	/** The shell can pass on segments of connections that live at the peer. */
	readonly passesOn: boolean;
	/** Until when connections of a released address may live on here; 0 = none do. */
	readonly keepsUntilMs: number;
	/** What a peer that hands over passes on is let in here. */
	readonly ajar: boolean;
	readonly address: AddressState;
	readonly releaseDeadlineMs: number;
	/** A release that nobody confirmed keeps the driver busy: no claim before this. */
	readonly driverBusyUntilMs: number;
	/** How often the own loop was late during this silence of the peer, and the judgement was put off for it. */
	readonly doubts: number;
	/** Until when the newest master advertisement permits to answer for the address. */
	readonly leaseEndsMs: number;
	/** The promise that `Advertisement.yields` makes. */
	readonly yields: boolean;
	/** No claim on the peer's word before it echoed this sequence; `NEVER_ECHOED` while `yields`. */
	readonly boundUntilSequence: number;
	/** After an own stall or delay: what the peer says counts as permission only when it answers to this sequence or a later one. */
	readonly staleUntilSequence: number;
	/** Silence is counted from here at the earliest: start, or the end of an own stall. */
	readonly listenFromMs: number;
	/** An unproven boot of the peer speaks for the address: no claim before this, whatever the boot known before had said. */
	readonly noClaimBeforeMs: number;
	/** A master that cannot be believed was given way to, in this life. */
	readonly gaveWayToDoubt: boolean;
	readonly peer: Peer | undefined;
	readonly solo: boolean;
	readonly drift: boolean;
	/** A second speaker was seen and has not been seen to leave. */
	readonly secondSpeaker: boolean;
	readonly announcedMs: number;
	/** A forced move made this node master: until here it keeps the address although a fitter peer is there; 0 = none did. */
	readonly pinnedUntilMs: number;
	/** The peer was fit at the last step. */
	readonly peerFit: boolean;
	/** Its failures, as of `peerPenaltyMs`. */
	readonly peerPenalty: number;
	readonly peerPenaltyMs: number;
	readonly stepsBack: boolean;
	readonly claim: Claim | undefined;
	readonly failures: number;
	readonly failureNote: string;
	readonly retryAtMs: number;
	readonly handover: Handover | undefined;
	/** When the daemon was asked to drain, and for what. */
	readonly drainAskedMs: number | undefined;
	readonly drainReason: string;
	/** The peer's wish that was answered; kept until the peer gives it up. */
	readonly answeredWish: AnsweredWish | undefined;
	/** Since when the peer has been the better one, for voluntary moves. */
	readonly peerBetterSinceMs: number | undefined;
	/** No automatic handover before this: the last one failed. */
	readonly handoverRetryAtMs: number;
	readonly wants: WantsMaster | undefined;
	readonly consent: Consent;
	/** When the newest advertisements were sent, by sequence modulo the length. */
	readonly sentMs: readonly number[];
	readonly goodbyesLeft: number;
	readonly notices: number;
}

export type ElectionEvent =
	/** A deadline passed. Also the first event of all. */
	| {readonly type: 'tick'}
	/** Authentic, in order, of a proven boot (`replay-guard.ts` said `accept`). */
	| {readonly type: 'advertisement'; readonly advertisement: Advertisement}
	/** Authentic, but of a boot not proven to be alive: only delays a claim, and not for long. */
	| {readonly type: 'unproven'; readonly advertisement: Advertisement}
	/** From the peer's machine, and not of this pair or not of our key (`contradiction.ts`). */
	| {readonly type: 'unbelieved'; readonly advertisement: Advertisement}
	| {readonly type: 'fitness'; readonly fitness: LocalFitness}
	/** Every interface with a virtual address has lost its carrier, or one has it again. */
	| {readonly type: 'carrier'; readonly up: boolean}
	/**
	 * `keepMs`: how long connections may live on here after the move, where both nodes can pass on; absent: they end. `mayReturn`: preemption
	 * may undo the move.
	 */
	| {
			readonly type: 'failover';
			readonly requestId: number;
			readonly force: boolean;
			readonly keepMs?: number;
			readonly mayReturn?: boolean;
	  }
	/** Can segments be passed on now? */
	| {readonly type: 'passesOn'; readonly able: boolean}
	/** What the peer, which hands over, passes on is let in here. */
	| {readonly type: 'ajar'}
	/** No connection lives on here any more, or none may. */
	| {readonly type: 'endKeeping'}
	/** The answer to effect `handoverRequested`: not now. Without effect once a handover has begun. */
	| {readonly type: 'declineHandover'; readonly reason: string}
	| {readonly type: 'maintenance'; readonly requestId: number; readonly on: boolean}
	/** The configuration was read again. */
	| {readonly type: 'reconfigured'; readonly settings: LiveSettings}
	/** The outcome of effect `claim`: the address was read back, or not. `term` is the effect's. */
	| {readonly type: 'claimSucceeded'; readonly term: number}
	| {readonly type: 'claimFailed'; readonly term: number; readonly reason: string}
	/** The outcome of effect `release`: nothing answers for the address here any more. */
	| {readonly type: 'released'}
	| {readonly type: 'witnessAnswered'; readonly reply: WitnessReply}
	/** The address has gone from this machine: it was not prolonged for `lapsedMs`, longer than it lasts, or somebody else removed it. */
	| {readonly type: 'addressLost'; readonly lapsedMs?: number}
	/** The process did not run for this long. The election also finds out by itself; this names the length. */
	| {readonly type: 'stalled'; readonly gapMs: number}
	| {readonly type: 'stop'};

/** Things to do, in this order. What takes time (`claim`, `release`) answers with an event. */
export type Effect =
	| {
			readonly type: 'sendAdvertisement';
			readonly advertisement: Advertisement;
			/** True for a master's: this sending renews the lease. */
			readonly renewsLease: boolean;
	  }
	/** Renew the lease, with nothing to say to the peer. */
	| {readonly type: 'renewLease'}
	| {readonly type: 'askWitness'; readonly question: WitnessRequest}
	| {readonly type: 'claim'; readonly term: number}
	/**
	 * Mute first, then remove, and try until it is done; `released` says that it is. Orders to the takeover driver are carried
	 * out one after the other, so a claim under way ends first. Harmless where there is no address.
	 */
	| {
			readonly type: 'release';
			/** How long connections may live on here, muted for everything new, ms; 0 = they end. */
			readonly keepMs: number;
	  }
	/** Add the address again where it was taken away; no change of state. */
	| {readonly type: 'restore'; readonly term: number}
	/** Begin the announcement burst anew. It ends with `release`. */
	| {readonly type: 'announce'; readonly reason: string}
	| {readonly type: 'transition'; readonly transition: Transition}
	| {readonly type: 'event'; readonly event: PairEvent}
	/** Drain, then send `failover`; or send `declineHandover`. */
	| {readonly type: 'handoverRequested'; readonly reason: string; readonly forced: boolean}
	| {
			readonly type: 'result';
			readonly requestId: number;
			readonly ok: boolean;
			readonly message: string;
			readonly durationMs: number;
	  }
	/** Resigned and released: the process may exit. */
	| {readonly type: 'stopped'};

export interface Step {
	readonly state: ElectionState;
	readonly effects: readonly Effect[];
}
