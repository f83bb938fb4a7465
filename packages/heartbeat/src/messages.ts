/**
 * What the daemon and the heartbeat process say to each other over the child's IPC channel.
 *
 * Decides the shape of the conversation only. Keys, digest and tool paths arrive ready for use: the heartbeat
 * reads no file and resolves no name.
 */
import type {Pair} from '@hapair/config';
import type {Bequest} from './bequest.ts';
import type {Contradiction} from './contradiction.ts';
import type {FlightRecording} from './flight-ring.ts';

export type NodeState = 'initialize' | 'backup' | 'master' | 'fault' | 'stopped';

export type ToHeartbeat =
	/** With `follows` everything is made ready and nothing is done: another process of this node has the address, and `inherit` comes next. */
	| {readonly type: 'start'; readonly setup: HeartbeatSetup; readonly follows?: boolean}
	/** Leave everything to another process of this node: fall silent, and answer with `bequest`; or with `kept`. */
	| {readonly type: 'bequeath'; readonly requestId: number}
	/** Go on where that one left off: `begun`, or `declined` and nothing was changed. */
	| {readonly type: 'inherit'; readonly requestId: number; readonly bequest: Bequest}
	/** The other process has declined. Without this word the port is tried when the bequest lapses. */
	| {readonly type: 'resume'}
	/** The other process has begun: exit, and leave everything as it is. */
	| {readonly type: 'leave'}
	/** What the daemon knows of this node's fitness; sent on change and each second. */
	| {readonly type: 'fitness'; readonly fitness: Fitness}
	/**
	 * Hand the address to the peer now (release, confirm, claim at the peer, else roll back). On a backup: ask the master
	 * to. The answer is a `result` when the move is done or refused. `keepMs`, for a master: how long connections may live on here after
	 * the move, where `HeartbeatStatus.secondChance` says that they can; absent or 0: they end with it. `mayReturn`: preference may bring
	 * the address back, as nobody has asked for it to be over there.
	 */
	| {
			readonly type: 'failover';
			readonly requestId: number;
			readonly force: boolean;
			readonly keepMs?: number;
			readonly mayReturn?: boolean;
	  }
	/** The connections that lived on here have ended. */
	| {readonly type: 'endKeeping'}
	/** The answer to `handoverRequested` when it comes to nothing. The reason travels to the peer whose operator asked. */
	| {readonly type: 'declineHandover'; readonly reason: string}
	/** Before a planned release: drop new connections (SYN) to the virtual addresses for `forMs`, keep established ones. */
	| {readonly type: 'closeDoor'; readonly forMs: number}
	| {readonly type: 'maintenance'; readonly requestId: number; readonly on: boolean}
	/**
	 * The configuration was read again. Only what `LiveSettings` names and the keys are taken; the daemon refuses a reload that changes more.
	 * Nothing pauses.
	 */
	| ({readonly type: 'reconfigure'} & Pick<HeartbeatSetup, 'pair' | 'configDigest' | 'keys'>)
	/** What was sent, heard and missed lately; the answer is a `recording`. */
	| {readonly type: 'readRecording'; readonly requestId: number}
	/** Resign, release, leave no trace, answer `stopped`, exit 0. A lost channel means the same. */
	| {readonly type: 'stop'};

export interface HeartbeatSetup {
	readonly pair: Pair;
	/** Which of `pair.nodes` this is. */
	readonly nodeName: string;
	/** The first key signs, all are accepted. `id` is the first byte of SHA-256 of the secret. */
	readonly keys: readonly {readonly id: number; readonly secret: Uint8Array}[];
	/** First 16 bytes of the SHA-256 of the configuration text, hex. */
	readonly configDigest: string;
	/** Absolute paths; an absent tool is a stated limitation, but `ip` must be there for the `ip` driver. */
	/** Claims begin above this term, 0 unless given: the highest that the daemon has heard of. */
	readonly firstTerm?: number;
	readonly tools: {readonly ip?: string; readonly nft?: string; readonly arping?: string};
	readonly version: string;
	/** A kernel setting that keeps sockets from being found early, with its value; absent: none does. */
	readonly noEarlyDemux?: string;
}

export interface Fitness {
	/** All tracks pass and the proxy serves. */
	readonly eligible: boolean;
	/** Compared between eligible nodes; more is better, 0–255. 255 when nothing is degraded. */
	readonly health: number;
	/** Why not eligible, or what is degraded; at most 200 bytes travel to the peer. */
	readonly reasons: readonly string[];
	/** Outside of the failover windows: a peer that is merely preferred waits for the address. */
	readonly preferenceWaits?: boolean;
}

export type FromHeartbeat =
	| {readonly type: 'ready'}
	| {readonly type: 'failed'; readonly message: string; readonly hint?: string}
	/** After a `start` with `follows`. */
	| {readonly type: 'prepared'}
	| {readonly type: 'bequest'; readonly requestId: number; readonly bequest: Bequest}
	| {readonly type: 'kept'; readonly requestId: number; readonly reason: string}
	| {readonly type: 'begun'; readonly requestId: number}
	| {readonly type: 'declined'; readonly requestId: number; readonly reason: string}
	/** It waits, because another process of this node has the address. Each second, so that it is not missed. */
	| {readonly type: 'aside'}
	/** Nobody has taken what was left: this process goes on. */
	| {readonly type: 'resumed'}
	/** Once per change of state, in order. */
	| {readonly type: 'transition'; readonly transition: Transition}
	| {readonly type: 'event'; readonly event: PairEvent}
	/** On change and each second. */
	| {readonly type: 'status'; readonly status: HeartbeatStatus}
	| {
			readonly type: 'result';
			readonly requestId: number;
			readonly ok: boolean;
			/** One sentence: what was done, or why it was refused and what `force` would override. */
			readonly message: string;
			readonly durationMs: number;
	  }
	/**
	 * This node, the master, is to hand over, because the peer asks, is preferred, or this node is in maintenance: the daemon
	 * drains first, then sends `failover` with any request id; or it sends `declineHandover`. A status of this moment comes before.
	 */
	| {readonly type: 'handoverRequested'; readonly reason: string; readonly forced: boolean}
	| {readonly type: 'recording'; readonly requestId: number; readonly recording: FlightRecording}
	| {readonly type: 'stopped'}
	| {
			readonly type: 'log';
			readonly level: 'debug' | 'info' | 'warn' | 'error';
			readonly message: string;
			readonly fields?: Readonly<Record<string, unknown>>;
	  };

export interface Transition {
	/** Unique over both nodes and restarts: node, boot id, number. */
	readonly id: string;
	readonly from: NodeState;
	readonly to: NodeState;
	readonly term: number;
	/** One sentence for people. */
	readonly reason: string;
	/** From the deciding event until the takeover was read back; absent where no address moved. */
	readonly takeoverMs?: number;
}

/** What is worth a hook or a line but is no change of state. */
export interface PairEvent {
	readonly id: string;
	readonly kind:
		| 'solo'
		| 'paired'
		| 'drift'
		| 'agreed'
		| 'stalled'
		| 'secondSpeaker'
		/** The end of `secondSpeaker`, on the node that stays master. */
		| 'soleSpeaker'
		| 'addressRestored'
		| 'foreignKey'
		| 'contradiction'
		| 'witness'
		| 'flap';
	readonly reason: string;
	readonly term: number;
}

export interface HeartbeatStatus {
	readonly node: string;
	readonly state: NodeState;
	readonly solo: boolean;
	readonly term: number;
	readonly sinceMs: number;
	readonly reason: string;
	readonly holdsAddress: boolean;
	readonly eligible: boolean;
	readonly health: number;
	readonly priority: number;
	readonly maintenance: boolean;
	readonly note: string;
	/** How the address is fenced: `kernel` (nftables renews by egress), `process` (this process renews), `none`. */
	readonly lease: 'kernel' | 'process' | 'none';
	readonly leaseMs: number;
	/** Since the lease was last prolonged; only while this node holds the address. */
	readonly leaseAgeMs?: number;
	readonly masterDownMs: number;
	readonly configDigest: string;
	readonly peer: PeerStatus;
	readonly paths: readonly PathStatus[];
	readonly counters: Readonly<Record<string, number>>;
	readonly secondChance: SecondChanceStatus;
	/** Longest gap of this process's own loop in the last minute. */
	readonly longestStallMs: number;
	/** How late its timers were lately; absent before the first one. */
	readonly loopDelay?: LoopDelay;
	/** What the peer's machine says that this node's file and keys contradict, lately. */
	readonly contradictions: readonly Contradiction[];
	/** Absent without a witness. */
	readonly witness?: WitnessStatus;
}

/** How late a process is when it is to wake up, ms. */
export interface LoopDelay {
	readonly meanMs: number;
	readonly p99Ms: number;
	readonly maxMs: number;
}

/** Do connections outlive a planned failover? */
export interface SecondChanceStatus {
	/** Why this node cannot take part; empty when it can. */
	readonly why: string;
	/** The peer can. */
	readonly peerAble: boolean;
	/** How long connections may live on here yet, while the peer answers for the address, ms; 0 = none do. */
	readonly keepsForMs: number;
	/** This node, the master, passes on to the peer what lives there. */
	readonly passing: boolean;
}

export interface WitnessStatus {
	readonly address: string;
	/** It answers: asked once in half a minute, and when it matters. */
	readonly reachable: boolean;
	readonly answeredAgoMs?: number;
	/** How long this node may hold the address without its peer yet, ms; 0 while they hear each other. */
	readonly consentMs: number;
	/** Why it does not consent; empty when it does or was not asked. */
	readonly refusal: string;
}

export interface PeerStatus {
	readonly node: string;
	/** False until the first authentic advertisement and when silent for a master-down interval. */
	readonly alive: boolean;
	readonly state: NodeState | 'unknown';
	readonly term: number;
	readonly eligible: boolean;
	readonly health: number;
	readonly priority: number;
	readonly maintenance: boolean;
	readonly holdsAddress: boolean;
	readonly note: string;
	readonly version: string;
	/** Absent before the first advertisement. */
	readonly lastHeardMs?: number;
	readonly configDigest: string;
	/** ms; 0 before the first advertisement. */
	readonly advertIntervalMs: number;
	/** The peer hears us too: its echo is fresh. */
	readonly hearsUs: boolean;
}

export interface PathStatus {
	readonly local: string;
	readonly remote: string;
	readonly lastHeardMs?: number;
	/** Per cent of the peer's advertisements missed lately, by sequence numbers. */
	readonly lossPercent: number;
	/** To the peer by the fastest path and back over this one: median and worst of the newest 32; absent before the first echo. */
	readonly roundTripMs?: number;
	readonly worstRoundTripMs?: number;
	readonly sendErrors: number;
}
