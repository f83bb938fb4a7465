/**
 * What the daemon tells the page: the parts of `docs/openapi.json` that are shown. A page may be older than its daemon: fields that it
 * does not know do not matter to it.
 */
export type NodeState = 'initialize' | 'backup' | 'master' | 'fault' | 'stopped' | 'unknown';

export interface Status {
	readonly hapair: string;
	readonly uptimeMs: number;
	/** When the configuration came into force, RFC 3339. */
	readonly loadedAt: string;
	readonly pair?: Pair;
	readonly proxy: ProxyReport;
}

export interface Pair {
	readonly name: string;
	readonly virtualAddresses: readonly {readonly address: string; readonly interface: string}[];
	readonly solo: boolean;
	readonly drift?: boolean;
	readonly verdict?: string;
	/** What the two files say that cannot both be true; a daemon of before does not tell. */
	readonly contradictions?: readonly string[];
	/** What of the node's files is not kept; likewise. */
	readonly storage?: readonly string[];
	readonly heartbeat: 'running' | 'down';
	readonly lease: 'kernel' | 'process' | 'none';
	readonly leaseMs: number;
	/** The node that tells this first. */
	readonly nodes: readonly [PairNode, PairNode];
	readonly paths: readonly Path[];
	readonly witness?: {readonly address: string; readonly reachable: boolean};
	/** Absent while there is no schedule and no drill is known. */
	readonly drill?: DrillReport;
	/** Absent without windows. */
	readonly windows?: WindowsReport;
	/** Between the two daemons; absent where they do not talk. */
	readonly channel?: {readonly address: string; readonly port: number; readonly listening: boolean};
	/** What the standby is told, or learns; absent where they do not talk. */
	readonly warm?: {
		readonly role: 'tells' | 'learns';
		readonly lagMs?: number;
		readonly entries: number;
		readonly trouble?: string;
	};
}

export interface DrillReport {
	readonly running: boolean;
	readonly next?: string;
	readonly last?: PairRecord;
	readonly lastProven?: PairRecord;
	readonly provenAgoMs?: number;
	readonly overdue: boolean;
}

export interface WindowsReport {
	readonly maintenance: readonly {readonly node: string; readonly next: string; readonly forMs: number}[];
	readonly failover?: {readonly open: boolean; readonly next: string};
}

export interface PairNode {
	readonly name: string;
	readonly address: string;
	readonly self: boolean;
	readonly alive: boolean;
	readonly state: NodeState;
	readonly holdsAddress: boolean;
	readonly sinceMs?: number;
	readonly reason?: string;
	readonly term: number;
	readonly priority: number;
	readonly eligible: boolean;
	readonly reasons: readonly string[];
	readonly maintenance: boolean;
	readonly lastHeardMs?: number;
	readonly version: string;
	/** Empty while it is not known. */
	readonly configDigest: string;
}

export interface Path {
	readonly local: string;
	readonly remote: string;
	readonly lastHeardMs?: number;
	readonly lossPercent: number;
	readonly roundTripMs?: number;
}

export interface ProxyReport {
	readonly phase: 'starting' | 'serving' | 'silent' | 'down';
	readonly detail: string;
	readonly workers: number;
	readonly draining: boolean;
	readonly connections: number;
	readonly frontends: readonly Frontend[];
	readonly backends: readonly Backend[];
}

export interface Frontend {
	readonly name: string;
	readonly listening: boolean;
	readonly connections: number;
	readonly totalRequests: number;
	readonly totalConnections: number;
}

export interface Backend {
	readonly name: string;
	readonly up: number;
	readonly queued: number;
	readonly servers: readonly Server[];
}

export interface Server {
	readonly name: string;
	readonly address: string;
	readonly status: string;
	readonly weight: number;
	readonly backup: boolean;
	readonly connections: number;
	readonly queued: number;
	readonly totalSessions: number;
	readonly lastCheck?: string;
	readonly sinceMs: number;
}

export interface Sample {
	readonly wallMs: number;
	readonly connections: number;
	readonly requestsPerSecond: number;
	readonly clientErrorsPerSecond: number;
	readonly serverErrorsPerSecond: number;
	readonly p50Ms?: number;
	readonly p95Ms?: number;
	readonly p99Ms?: number;
}

/** One thing that happened, as this node saw it. */
export interface PairRecord {
	readonly time: string;
	readonly node: string;
	readonly kind: 'transition' | 'event' | 'drill' | 'analysis';
	/** Of a drill, like those below: `passed`, `failed`, `refused`. */
	readonly result?: string;
	readonly by?: string;
	readonly giver?: string;
	readonly taker?: string;
	readonly gapMs?: number;
	readonly returnGapMs?: number;
	readonly durationMs?: number;
	readonly id: string;
	readonly term: number;
	readonly from?: NodeState;
	readonly to?: NodeState;
	readonly event?: string;
	readonly reason: string;
	readonly takeoverMs?: number;
	readonly cause?: string;
	readonly evidence?: readonly string[];
	/** Of an analysis. */
	readonly findings?: readonly string[];
}

export type FeedMessage =
	| {
			readonly type: 'hello';
			readonly samples: readonly Sample[];
			readonly history: readonly PairRecord[];
			/** A daemon of before does not tell. */
			readonly drills?: readonly PairRecord[];
	  }
	| {readonly type: 'status'; readonly status: Status; readonly sample?: Sample}
	| {readonly type: 'record'; readonly record: PairRecord}
	| {readonly type: 'progress'; readonly command: string; readonly message: string}
	| {readonly type: 'transition' | 'event' | 'hook'};

/** What an order brought. */
export interface Outcome {
	readonly ok: boolean;
	readonly message: string;
	readonly difference?: Difference;
	readonly diagnostics?: readonly Diagnostic[];
	readonly drill?: PairRecord;
}

/** Of files, from one side to the other. */
export interface Difference {
	readonly own: string;
	readonly peer: string;
	readonly files: readonly FileDifference[];
	readonly remarks: readonly string[];
}

export interface FileDifference {
	readonly path: string;
	readonly peerPath?: string;
	readonly kind: 'differs' | 'only here' | 'only there';
	readonly lines: readonly string[];
	readonly remark?: string;
}

export interface Diagnostic {
	readonly severity: 'error' | 'warning' | 'notice';
	readonly file: string;
	readonly line: number;
	readonly message: string;
	readonly hint?: string;
}

export type ServerState = 'ready' | 'drain' | 'maint';
