/**
 * What the daemon tells the page: the parts of `docs/openapi.json` that are shown. A page may be older than its daemon: fields that it
 * does not know do not matter to it.
 */
export type NodeState = 'initialize' | 'backup' | 'master' | 'fault' | 'stopped' | 'unknown';

export interface Status {
	readonly hapair: string;
	readonly uptimeMs: number;
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
	/** Of a drill: `passed`, `failed`, `refused`. */
	readonly result?: string;
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
	| {readonly type: 'hello'; readonly samples: readonly Sample[]; readonly history: readonly PairRecord[]}
	| {readonly type: 'status'; readonly status: Status; readonly sample?: Sample}
	| {readonly type: 'record'; readonly record: PairRecord}
	| {readonly type: 'transition' | 'event' | 'hook'};

/** What an order brought. */
export interface Outcome {
	readonly ok: boolean;
	readonly message: string;
}

export type ServerState = 'ready' | 'drain' | 'maint';
