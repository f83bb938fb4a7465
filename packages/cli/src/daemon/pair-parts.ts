/**
 * What only a node of a pair has: heartbeat, tracks, hooks, drivers, history, drills, sync, and how they are tied together.
 *
 * Decides who hears of what among them; each judges by itself. What they want of the daemon and its proxy is `PairHost`. It is longer than
 * other files because all of these are made in one place.
 */
import {join} from 'node:path';
import type {Configuration, Pair, PairNode} from '@hapair/config';
import type {Fitness, HeartbeatSetup, HeartbeatStatus, PairEvent, Transition} from '@hapair/heartbeat';
import type {Driver} from '@hapair/takeover';
import {findPeer} from '../configuration/own-node.ts';
import {DrillDesk} from '../drill/desk.ts';
import {describeMove} from '../drill/record.ts';
import {remarkBackends} from '../drill/remarks.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {HistoryFile} from '../history/history-file.ts';
import type {HistoryRecord} from '../history/record.ts';
import {Recorder} from '../history/recorder.ts';
import {HookDesk} from '../hooks/desk.ts';
import type {HookRecord} from '../hooks/queue.ts';
import type {HookRunner} from '../hooks/runner.ts';
import type {DaemonLog} from '../logging.ts';
import type {PeerChannel} from '../peer/peer-channel.ts';
import {Windows} from '../schedule/windows.ts';
import {SyncService, type SyncSetup} from '../sync/sync-service.ts';
import {TakeoverKeepers} from '../takeover/keepers.ts';
import {WarmStandby} from '../warm/warm-standby.ts';
import {AddressProbe, listProbed} from './address-probe.ts';
import {askNeighbour, findHardware} from './ask-neighbour.ts';
import {FlightRecorder} from './flight-recorder.ts';
import type {HandoverOutcome, HandoverRequest} from './handover.ts';
import {HeartbeatChild} from './heartbeat-child.ts';
import {Keeping} from './keeping.ts';
import {countLiving} from './living-connections.ts';
import type {ProxySuccession} from './proxy-succession.ts';
import type {ReloadOutcome} from './reload.ts';
import {TermFile} from './term-file.ts';
import type {ProxyCondition} from './tracks/fitness.ts';
import {FitnessKeeper} from './tracks/fitness-keeper.ts';
import {createForeignHostTrack} from './tracks/foreign-host.ts';
import type {TrackMonitor} from './tracks/monitor.ts';

export interface PairSetup {
	readonly pair: Pair;
	readonly own: PairNode;
	readonly heartbeatArgv: readonly string[];
	readonly heartbeatSetup: HeartbeatSetup;
	/** What delivers the addresses to the master, besides the network itself. */
	readonly drivers: readonly Driver[];
	readonly runHook: HookRunner;
	readonly uid: number;
	/** Of the command line, for syncs. */
	readonly commandLine: Pick<SyncSetup, 'files' | 'syntax' | 'nodeName'>;
	/** Where terms and the history are kept; absent: in memory only. */
	readonly stateDirectory?: string;
}

/** What only a node of a pair has. */
export interface PairParts {
	setup: PairSetup;
	readonly heartbeat: HeartbeatChild;
	readonly fitness: FitnessKeeper;
	readonly hooks: HookDesk;
	readonly takeover: TakeoverKeepers;
	readonly historyFile: HistoryFile;
	readonly terms: TermFile;
	readonly recorder: Recorder;
	readonly keeping: Keeping;
	readonly drills: DrillDesk;
	readonly windows: Windows;
	readonly flight: FlightRecorder;
	readonly probe: AddressProbe;
	/** Absent where the nodes' daemons do not talk. */
	readonly sync: SyncService | undefined;
	/** Absent where the nodes' daemons do not talk. */
	readonly warm: WarmStandby | undefined;
}

/** What drills and windows touch. */
interface DrillStage extends Pick<PairParts, 'setup' | 'heartbeat' | 'hooks'> {
	readonly append: (record: HistoryRecord) => void;
	/** Of the files in the state directory. */
	readonly stem: string | undefined;
}

/** What the parts want of the daemon. */
export interface PairHost {
	readonly log: DaemonLog;
	readonly version: string;
	/** At the start. */
	readonly configuration: Configuration;
	/** There once the daemon has started. */
	readonly proxy: () => ProxySuccession;
	/** Of the configuration that is in force. */
	readonly runningDigest: () => string;
	/** A failover is under way. */
	readonly isMoving: () => boolean;
	/** Until this daemon has taken the place of another one: nothing is ordered, written or told. */
	readonly isEarly: () => boolean;
	/** What that one tells its heartbeat, until this one judges. */
	readonly lentFitness: () => Fitness | undefined;
	readonly handOver: (request: HandoverRequest) => Promise<HandoverOutcome>;
	readonly reload: (progress: (message: string) => void) => Promise<ReloadOutcome>;
	readonly beginMaintenance: (forMs: number) => Promise<{readonly code: ExitCode; readonly message: string}>;
	readonly onTransition: (transition: Transition) => void;
	readonly onEvent: (event: PairEvent) => void;
	readonly onHook: (record: HookRecord) => void;
	readonly onHandoverRequested: (reason: string, forced: boolean) => void;
	readonly onFirstFailure: (message: string, hint: string | undefined) => void;
	/** For the admin address. */
	readonly noteRecord: (record: HistoryRecord) => void;
	readonly noteStatus: (status: HeartbeatStatus) => void;
}

export function createPairParts(setup: PairSetup, host: PairHost): PairParts {
	const {pair, own, stateDirectory} = setup;
	const stem = stateDirectory === undefined ? undefined : join(stateDirectory, `${pair.name}.${own.name}`);
	const log = host.log.forComponent('daemon');
	const terms = new TermFile(stem && `${stem}.term`, log);
	const historyFile = new HistoryFile(stem && `${stem}.history.jsonl`, log);
	const append = (record: HistoryRecord): void => {
		historyFile.append(record);
		host.noteRecord(record);
	};
	const recorder = new Recorder(pair, own.name, {append});
	const foreign = createForeignHostTracks(pair, () => heartbeat.status);
	const onFitness = (changed: Fitness): void => {
		const why = changed.reasons.join('; ');
		log.info({eligible: changed.eligible}, changed.eligible ? 'eligible' : `not eligible: ${why}`);
		heartbeat.sendFitness();
	};
	const fitness = new FitnessKeeper(pair, setup.uid, onFitness, foreign);
	const heartbeat = new HeartbeatChild({
		argv: setup.heartbeatArgv,
		setup: setup.heartbeatSetup,
		fitness: () => host.lentFitness() ?? composeFitness(fitness.fitness, host.proxy().condition, drills, windows),
		log: host.log.forComponent('heartbeat'),
		firstTerm: terms.first,
		onTransition: transition => {
			if (!host.isEarly()) terms.note(transition.term);
			host.onTransition(transition);
		},
		onEvent: event => host.onEvent(event),
		onStatus: status => {
			recorder.remember(status);
			if (host.isEarly()) return;
			terms.note(status.term);
			takeover.recordStatus(status);
			host.noteStatus(status);
			drills.hear(status);
			probe.hear(status);
		},
		onHandoverRequested: (reason, forced) => host.onHandoverRequested(reason, forced),
		onFirstFailure: host.onFirstFailure,
	});
	const hooks = createHooks(host, setup, stem, () => heartbeat.status);
	const stage: DrillStage = {setup, stem, heartbeat, hooks, append};
	const drills = createDrills(host, stage);
	const windows = createWindows(host, stage);
	const isFirst = own.name === pair.nodes[0].name;
	const takeover = new TakeoverKeepers(setup.drivers, isFirst, host.log.forComponent('takeover'));
	const probe = createProbe(host, setup);
	const sync = createSync(host, setup);
	const warm = sync === undefined ? undefined : createWarm(host, sync.channel, heartbeat);
	const flight = new FlightRecorder(setup, heartbeat, sync?.channel, {append});
	const desks = {sync, warm, flight, probe, drills, windows, keeping: createKeeping(host, pair, heartbeat)};
	return {setup, heartbeat, fitness, hooks, takeover, historyFile, terms, recorder, ...desks};
}

function createHooks(
	host: PairHost,
	{pair, own, runHook}: PairSetup,
	stem: string | undefined,
	status: () => HeartbeatStatus | undefined,
): HookDesk {
	return new HookDesk({
		pair,
		own,
		path: stem && `${stem}.hooks.jsonl`,
		run: runHook,
		log: host.log.forComponent('hook'),
		onRecord: record => host.onHook(record),
		status,
	});
}

/** The kernel looks itself when an IPv6 address is added. */
function createForeignHostTracks({virtualAddresses}: Pair, status: () => HeartbeatStatus | undefined): TrackMonitor[] {
	return virtualAddresses.filter(({family}) => family === 4).map(vip => createForeignHostTrack(vip, status));
}

function createProbe({log}: PairHost, {pair, own, drivers}: PairSetup): AddressProbe {
	const peer = findPeer(pair, own);
	return new AddressProbe(listProbed(pair.virtualAddresses, drivers), peer.name, {
		ask: askNeighbour,
		peerHardware: networkInterface => findHardware(peer.address, networkInterface),
		nowMs: () => performance.now(),
		log: log.forComponent('probe'),
	});
}

function createKeeping(host: PairHost, {virtualAddresses}: Pair, heartbeat: HeartbeatChild): Keeping {
	const addresses = virtualAddresses.map(({address}) => address);
	return new Keeping({
		snapshot: () => host.proxy().snapshot,
		nextSnapshot: limitMs => host.proxy().nextSnapshot(limitMs),
		drainProxy: on => host.proxy().drain(on),
		closeIdle: () => host.proxy().closeIdle(),
		countLiving: () => countLiving(addresses),
		endKept: () => host.proxy().endAt(addresses),
		endKeeping: () => heartbeat.endKeeping(),
		nowMs: () => performance.now(),
	});
}

function createDrills(host: PairHost, {setup, stem, heartbeat, hooks, append}: DrillStage): DrillDesk {
	return new DrillDesk({
		configuration: host.configuration,
		pair: setup.pair,
		own: setup.own,
		historyPath: stem && `${stem}.history.jsonl`,
		log: host.log.forComponent('drill'),
		status: () => heartbeat.status,
		proxy: () => host.proxy().condition,
		isMoving: () => host.isMoving(),
		handOver: request => host.handOver(request),
		askBack: limitMs => heartbeat.failover(false, limitMs),
		onRecord: record => {
			append(record);
			hooks.recordDrill(record.result, `${describeMove(record)}: ${record.reason}`);
		},
		onNews: () => heartbeat.sendFitness(),
	});
}

function createWindows(host: PairHost, {setup, heartbeat}: DrillStage): Windows {
	return new Windows(setup.pair, setup.own.name, {
		isInMaintenance: () => heartbeat.status?.maintenance,
		beginMaintenance: forMs => host.beginMaintenance(forMs),
		onChange: () => heartbeat.sendFitness(),
		log: host.log.forComponent('schedule'),
	});
}

function createSync(
	host: PairHost,
	{pair, own, uid, stateDirectory, commandLine, heartbeatSetup: {keys}}: PairSetup,
): SyncService | undefined {
	const {version, log} = host;
	const running = {
		runningDigest: () => host.runningDigest(),
		activate: async () => {
			const {code, message, needsRestart} = await host.reload(said => host.log.forComponent('daemon').info({}, said));
			if (code === exitCodes.ok) return 'running' as const;
			if (needsRestart === true) return 'restart needed' as const;
			throw new UserError(message);
		},
	};
	const facts = {pair, own, keys, version, ...running, uid, stateDirectory, ...commandLine};
	return SyncService.create(facts, log.forComponent('peer'));
}

function createWarm(host: PairHost, channel: PeerChannel, heartbeat: HeartbeatChild): WarmStandby {
	return new WarmStandby({
		channel,
		isMaster: () => heartbeat.status?.state === 'master',
		proxyPid: () => (host.proxy().condition.phase === 'serving' ? host.proxy().pid : undefined),
		askNews: (usedWithinMs, limitMs) => host.proxy().askNews(usedWithinMs, limitMs),
		takeNews: state => host.proxy().takeNews(state),
		settleNews: () => host.proxy().settleNews(),
		log: host.log.forComponent('warm'),
	});
}

/** What the heartbeat is told: the tracks' word, with what a node that could serve has to say besides. */
function composeFitness(
	fitness: Fitness,
	{snapshot}: ProxyCondition,
	{remarks}: Pick<DrillDesk, 'remarks'>,
	{preferenceWaits}: Pick<Windows, 'preferenceWaits'>,
): Fitness {
	const more = fitness.eligible ? [...remarks, ...remarkBackends(snapshot)] : [];
	return {...fitness, reasons: [...fitness.reasons, ...more], ...(preferenceWaits ? {preferenceWaits} : {})};
}
