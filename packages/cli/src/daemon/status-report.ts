/**
 * What `hapair status` knows, as one object: the contract of `--json` (docs/json.md). Fields are only ever added.
 *
 * Decides how the two processes' own words are put together for people and monitoring. Pure. Leaves layout to the command.
 */
import type {Pair, PairNode} from '@hapair/config';
import type {Fitness, HeartbeatStatus, PathStatus, WitnessStatus} from '@hapair/heartbeat';
import type {BackendSnapshot, FrontendSnapshot} from '@hapair/proxy';
import type {TakeoverReport} from '@hapair/takeover';
import type {DrillReport} from '../drill/record.ts';
import type {ChannelReport} from '../peer/peer-channel.ts';
import type {WindowsReport} from '../schedule/windows.ts';
import type {WarmReport} from '../warm/warm-standby.ts';
import type {ProbeReport} from './address-probe.ts';
import {describeContradictions} from './contradictions.ts';
import {whyNoneLivesOn} from './handover.ts';
import type {RetiredProxy} from './proxy-succession.ts';
import type {ProxyCondition} from './tracks/fitness.ts';
import {judgePeer, type Verdict, type VerdictFacts} from './verdict.ts';

export interface StatusReport {
	/** Of this shape. */
	readonly version: 1;
	readonly hapair: string;
	readonly pid: number;
	readonly uptimeMs: number;
	readonly configDigest: string;
	/** When this configuration came into force, ISO 8601: at the start or by a reload. */
	readonly loadedAt: string;
	readonly pair?: PairReport;
	readonly proxy: ProxyReport;
}

export interface PairReport {
	readonly name: string;
	readonly virtualAddresses: readonly {readonly address: string; readonly interface: string}[];
	/** True while the peer has been silent for a master-down interval. */
	readonly solo: boolean;
	/** True when the nodes' configurations differ; absent while the peer is unknown. */
	readonly drift?: boolean;
	/** What the peer's words or silence mean; absent while the heartbeat is down. */
	readonly verdict?: Verdict;
	readonly heartbeat: 'running' | 'down';
	readonly lease: HeartbeatStatus['lease'];
	readonly leaseMs: number;
	readonly masterDownMs: number;
	/** This node first. */
	readonly nodes: readonly [NodeReport, NodeReport];
	readonly paths: readonly PathStatus[];
	/** One entry for each driver and address; empty where the network needs none. */
	readonly takeover: readonly TakeoverReport[];
	/** Do connections outlive a planned failover? Absent while the heartbeat is down. */
	readonly secondChance?: SecondChanceReport;
	readonly counters: Readonly<Record<string, number>>;
	readonly longestStallMs: number;
	/** Between the two daemons; absent where they do not talk. */
	readonly channel?: ChannelReport;
	/** What the standby is told of this node's proxy, or learns of the other's; absent where they do not talk. */
	readonly warm?: WarmReport;
	/** In what the two configurations contradict each other, one sentence each; that they differ at all is `drift`. */
	readonly contradictions: readonly string[];
	/** Absent while there is no schedule and no drill is known. */
	readonly drill?: DrillReport;
	/** Absent without maintenance and failover windows. */
	readonly windows?: WindowsReport;
	/** What of the state directory is not kept at this moment, one sentence each: a disk that is full, closed or does not answer. */
	readonly storage: readonly string[];
	/** Absent without a witness, and until the heartbeat has spoken. */
	readonly witness?: WitnessStatus;
	/** Where history, terms and tokens are kept; absent: in memory only. */
	readonly stateDirectory?: string;
	/** Who answers for the addresses while the peer is master, as this node sees it; empty otherwise. */
	readonly probes: readonly ProbeReport[];
}

export interface SecondChanceReport {
	/** Why they end with it; empty when they live on. */
	readonly why: string;
	/** Connections that live on here while the peer answers for the address; 0 on a node that keeps none. */
	readonly connections: number;
	/** For how long they may yet, ms. */
	readonly keepsForMs: number;
	/** This node, the master, passes on to the peer what lives there. */
	readonly passing: boolean;
}

export interface NodeReport {
	readonly name: string;
	readonly address: string;
	readonly self: boolean;
	readonly alive: boolean;
	readonly state: HeartbeatStatus['state'] | 'unknown';
	readonly holdsAddress: boolean;
	/** In this state for; only known of the own node. */
	readonly sinceMs?: number;
	/** Why it is in this state; only known of the own node. */
	readonly reason?: string;
	readonly term: number;
	readonly priority: number;
	readonly eligible: boolean;
	/** Why not eligible. */
	readonly reasons: readonly string[];
	readonly maintenance: boolean;
	/** The last advertisement; only of the peer, absent before the first. */
	readonly lastHeardMs?: number;
	readonly hearsUs?: boolean;
	readonly configDigest: string;
	readonly version: string;
}

export interface ProxyReport {
	readonly phase: ProxyCondition['phase'];
	/** Why it is not serving; empty when it is. */
	readonly detail: string;
	readonly pid?: number;
	readonly workers: number;
	readonly draining: boolean;
	readonly connections: number;
	readonly activeTransactions: number;
	readonly frontends: readonly FrontendSnapshot[];
	readonly backends: readonly BackendSnapshot[];
	/** Processes of former configurations whose last connections have not ended, oldest first. */
	readonly retired: readonly RetiredProxy[];
}

export interface StatusSources {
	readonly hapair: string;
	readonly pid: number;
	readonly uptimeMs: number;
	readonly configDigest: string;
	readonly loadedAt: string;
	readonly proxy: ProxyCondition & {readonly pid?: number; readonly retired: readonly RetiredProxy[]};
	readonly pair?: PairSources;
}

export interface PairSources {
	readonly pair: Pair;
	readonly own: PairNode;
	readonly peer: PairNode;
	readonly fitness: Fitness;
	readonly verdictFacts: VerdictFacts;
	readonly takeover: readonly TakeoverReport[];
	/** How long the daemon lets connections live on after a failover yet. */
	readonly keepsForMs?: number;
	readonly drill?: DrillReport | undefined;
	readonly windows?: WindowsReport | undefined;
	readonly warm?: WarmReport;
	readonly channel?: ChannelReport;
	readonly storage?: readonly string[];
	readonly probes?: readonly ProbeReport[];
	readonly stateDirectory?: string | undefined;
	/** Absent until the heartbeat has spoken, and while it is down. */
	readonly heartbeat?: HeartbeatStatus;
}

export function buildStatusReport(sources: StatusSources): StatusReport {
	const {hapair, pid, uptimeMs, configDigest, loadedAt} = sources;
	const proxy = reportProxy(sources.proxy);
	const report = {version: 1, hapair, pid, uptimeMs, configDigest, loadedAt, proxy} as const;
	return sources.pair === undefined ? report : {...report, pair: reportPair(sources.pair, sources)};
}

function reportProxy(proxy: StatusSources['proxy']): ProxyReport {
	const {snapshot} = proxy;
	return {
		phase: proxy.phase,
		detail: proxy.phase === 'serving' ? '' : proxy.detail,
		...(proxy.pid === undefined ? {} : {pid: proxy.pid}),
		workers: snapshot?.workers ?? 0,
		draining: snapshot?.draining ?? false,
		connections: snapshot?.connections ?? 0,
		activeTransactions: snapshot?.activeTransactions ?? 0,
		frontends: snapshot?.frontends ?? [],
		backends: snapshot?.backends ?? [],
		retired: proxy.retired,
	};
}

function reportPair(sources: PairSources, daemon: StatusSources): PairReport {
	const {pair, heartbeat} = sources;
	const peerDigest = heartbeat?.peer.configDigest ?? '';
	return {
		name: pair.name,
		virtualAddresses: pair.virtualAddresses.map(vip => ({
			address: `${vip.address}/${vip.prefixLength}`,
			interface: vip.interface,
		})),
		solo: heartbeat?.solo ?? false,
		...(peerDigest === '' ? {} : {drift: peerDigest !== daemon.configDigest}),
		...(heartbeat === undefined ? {} : {verdict: judgePeer(heartbeat, sources.verdictFacts)}),
		heartbeat: heartbeat === undefined ? 'down' : 'running',
		lease: heartbeat?.lease ?? 'none',
		leaseMs: heartbeat?.leaseMs ?? 0,
		masterDownMs: heartbeat?.masterDownMs ?? 0,
		nodes: [reportOwnNode(sources, daemon), reportPeerNode(sources)],
		paths: heartbeat?.paths ?? [],
		takeover: sources.takeover,
		...(heartbeat === undefined ? {} : {secondChance: reportSecondChance(sources, heartbeat, daemon)}),
		...(sources.drill === undefined ? {} : {drill: sources.drill}),
		...(sources.windows === undefined ? {} : {windows: sources.windows}),
		counters: heartbeat?.counters ?? {},
		longestStallMs: heartbeat?.longestStallMs ?? 0,
		...(sources.channel === undefined ? {} : {channel: sources.channel}),
		...(sources.warm === undefined ? {} : {warm: sources.warm}),
		storage: sources.storage ?? [],
		probes: sources.probes ?? [],
		...(sources.stateDirectory === undefined ? {} : {stateDirectory: sources.stateDirectory}),
		contradictions: heartbeat === undefined ? [] : describeContradictions(pair, heartbeat),
		...(heartbeat?.witness === undefined ? {} : {witness: heartbeat.witness}),
	};
}

function reportSecondChance(
	{keepsForMs = 0}: PairSources,
	heartbeat: HeartbeatStatus,
	{proxy}: StatusSources,
): SecondChanceReport {
	// A heartbeat that was started anew keeps nothing of what the one before it kept.
	const keeps = heartbeat.secondChance.keepsForMs > 0 && keepsForMs > 0;
	return {
		why: whyNoneLivesOn(heartbeat),
		connections: keeps ? (proxy.snapshot?.connections ?? 0) : 0,
		keepsForMs: keeps ? keepsForMs : 0,
		passing: heartbeat.secondChance.passing,
	};
}

function reportOwnNode({own, heartbeat, fitness}: PairSources, daemon: StatusSources): NodeReport {
	return {
		name: own.name,
		address: own.address,
		self: true,
		alive: heartbeat !== undefined,
		state: heartbeat?.state ?? 'unknown',
		holdsAddress: heartbeat?.holdsAddress ?? false,
		...(heartbeat === undefined ? {} : {sinceMs: heartbeat.sinceMs, reason: heartbeat.reason}),
		term: heartbeat?.term ?? 0,
		priority: own.priority,
		eligible: (heartbeat?.eligible ?? false) && fitness.eligible,
		reasons: heartbeat === undefined ? ['the heartbeat process is down', ...fitness.reasons] : fitness.reasons,
		maintenance: heartbeat?.maintenance ?? false,
		configDigest: daemon.configDigest,
		version: daemon.hapair,
	};
}

function reportPeerNode({peer, heartbeat}: PairSources): NodeReport {
	const heard = heartbeat?.peer;
	const lastHeardMs = heard?.lastHeardMs;
	return {
		name: peer.name,
		address: peer.address,
		self: false,
		alive: heard?.alive ?? false,
		state: heard?.alive === true ? heard.state : 'unknown',
		holdsAddress: heard?.alive === true && heard.holdsAddress,
		term: heard?.term ?? 0,
		priority: heard?.alive === true ? heard.priority : peer.priority,
		eligible: heard?.alive === true && heard.eligible,
		reasons: peerReasons(heard),
		maintenance: heard?.maintenance ?? false,
		...(lastHeardMs === undefined ? {} : {lastHeardMs}),
		...(heard === undefined ? {} : {hearsUs: heard.hearsUs}),
		configDigest: heard?.configDigest ?? '',
		version: heard?.version ?? '',
	};
}

function peerReasons(heard: HeartbeatStatus['peer'] | undefined): string[] {
	if (heard === undefined) return ['not known while the heartbeat is down here'];
	if (heard.lastHeardMs === undefined) return ['never heard'];
	if (!heard.alive) return ['silent'];
	return heard.note === '' ? [] : [heard.note];
}
