/**
 * The daemon: puts the two processes, the pair's parts and the control socket together.
 *
 * Decides who hears of what; it is longer than other files because everything meets here. Every judgement is elsewhere (`handover.ts`, `tracks/fitness.ts`, `hooks/queue.ts`). A death of
 * one child reaches the other only as a fact: the proxy's as a fitness, the heartbeat's not at all. A daemon may begin by taking another one's place, and
 * end by leaving its own to another one (`upgrade/`).
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Configuration} from '@hapair/config';
import type {Fitness, PairEvent, Transition} from '@hapair/heartbeat';
import type {ProxyOptions} from '@hapair/proxy';
import {AdminDesk} from '../admin/admin-desk.ts';
import {Examiner} from '../admin/examinations.ts';
import {findPeer} from '../configuration/own-node.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {readCarriers} from '../history/recorder.ts';
import {describeHook} from '../hooks/describe.ts';
import type {HookRecord} from '../hooks/queue.ts';
import type {DaemonLog, Log} from '../logging.ts';
import {formatDuration} from '../terminal.ts';
import {ControlCommands} from './control-commands.ts';
import type {ControlReply} from './control-protocol.ts';
import {type ControlSocket, openControlSocket} from './control-socket.ts';
import {
	findRefusal,
	type HandoverOutcome,
	type HandoverRequest,
	handOver,
	heartbeatDown,
	usualDrain,
} from './handover.ts';
import {findFixedChanges} from './pair-change.ts';
import {createPairParts, type PairHost, type PairParts, type PairSetup} from './pair-parts.ts';
import {ProxySuccession} from './proxy-succession.ts';
import {logReload, planProxy, type ReadOutcome, type ReloadOutcome, reload} from './reload.ts';
import {previewReload, type ReloadPreview} from './reload-preview.ts';
import {notifyServiceManager} from './service-manager.ts';
import {buildStatusReport, type StatusReport} from './status-report.ts';
import type {ProxyCondition} from './tracks/fitness.ts';
import type {Estate} from './upgrade/messages.ts';
import type {Predecessor} from './upgrade/predecessor.ts';
import {Successor, type UpgradeOutcome} from './upgrade/successor.ts';
import {takeOver} from './upgrade/take-over.ts';
import {endsWithin} from './within.ts';

/** What comes of the files, at the start and at each reload. */
export interface DaemonPlan {
	readonly configuration: Configuration;
	readonly configDigest: string;
	/** What was read: the files of the command line, and the maps and patterns that they name. By path. */
	readonly texts: ReadonlyMap<string, string>;
	readonly proxyArgv: readonly string[];
	/** Who the proxy is, where that is another user, and this process is not root: it can be no third one. */
	readonly proxyIdentity?: ProxyIdentity;
	readonly proxyOptions: Omit<ProxyOptions, 'logPid'>;
	/** Absent without a pair section. */
	readonly pair?: PairSetup;
}

export interface ProxyIdentity {
	readonly uid: number;
	readonly gid: number;
	/** Begins a command that runs as this user. */
	readonly command: readonly string[];
}

export interface DaemonSetup extends DaemonPlan {
	readonly version: string;
	readonly socketPath: string;
	/** What is started at an upgrade: `program` with its command and options. */
	readonly programArgv?: readonly string[];
	/** Why no other process may take this one's place; empty when one may. */
	readonly whyNoReplacement?: string;
	/** The daemon whose place this one takes. */
	readonly predecessor?: Predecessor;
	/** For a reload, or only to see what one would do. Never throws. */
	readonly readAgain?: (purpose: 'reload' | 'preview') => ReadOutcome;
	/** The argv of this program up to its commands: what the admin address examines with. */
	readonly program?: readonly string[];
	readonly log: DaemonLog;
}

/** The handover at the end has its own limit of 4 s; this one holds whatever happens. */
const handoverLimitMs = 6000;
/** How long connections live on after the handover of a stop. */
const stopKeepMs = 6000;
/** What a hook may take of the daemon's end; its program goes on to its own deadline only while the daemon lives. */
const hookLimitMs = 2500;
/** What drivers may take of it to give an address up; the peer's claim takes it anyway. */
const driverLimitMs = 2000;

/** How long a proxy may take to tell its figures. */
const figuresLimitMs = 2000;
/** How long a new program waits for its tracks, first for those of the configuration, then for all; what is not known then counts for nothing yet. */
const tracksLimitMs = 20_000;
const lastTracksLimitMs = 2500;
/** The path of the control socket may be in use for a moment yet. */
const socketTries = 20;
const socketRetryMs = 100;
const dayMs = 86_400_000;

export class Daemon {
	readonly #setup: DaemonSetup;
	readonly #log: Log;
	readonly #proxy: ProxySuccession;
	readonly #pair: PairParts | undefined;
	readonly #failure = Promise.withResolvers<UserError>();
	readonly #serving = Promise.withResolvers<void>();
	readonly #startedMs = performance.now();
	readonly #watchers = new Set<(reply: ControlReply) => void>();
	#adminDesk: AdminDesk | undefined;
	#commands: ControlCommands | undefined;
	#socket: ControlSocket | undefined;
	#handover: Promise<HandoverOutcome> | undefined;
	/** What runs, and since when. */
	#plan: DaemonPlan;
	#loadedAt = new Date();
	#reloading: Promise<ReloadOutcome> | undefined;
	#isStopping = false;
	/** An upgrade is under way, or has been done. */
	#successor: Successor | undefined;
	readonly #replaced = Promise.withResolvers<void>();
	/** What has happened while another daemon's place is being taken: recorded when that is done. */
	#early: (() => void)[] | undefined;
	#lentFitness: Fitness | undefined;

	constructor(setup: DaemonSetup) {
		this.#setup = setup;
		this.#plan = setup;
		this.#log = setup.log.forComponent('daemon');
		const onFirstFailure = (message: string, hint: string | undefined): void => {
			this.#failure.resolve(new UserError(message, hint === undefined ? {} : {hint}));
		};
		this.#pair = setup.pair === undefined ? undefined : createPairParts(setup.pair, this.#host(onFirstFailure));
		const {predecessor} = setup;
		if (predecessor !== undefined) this.#early = [];
		const options = {
			log: setup.log.forComponent('proxy'),
			onLine: (line: string) => setup.log.passOn(line),
			onCondition: (condition: ProxyCondition) => {
				if (condition.phase === 'serving') this.#serving.resolve();
				this.#pair?.fitness.recordProxy(condition);
				this.#adminDesk?.admin?.noteProxy(condition);
				if (this.#early === undefined) this.#pair?.hooks.recordProxy(condition);
			},
			onFirstFailure,
		};
		this.#proxy = new ProxySuccession(planProxy(setup), options, predecessor !== undefined);
	}

	/** Resolves when another program has taken this one's place; `retire` follows. */
	get replaced(): Promise<void> {
		return this.#replaced.promise;
	}

	/** Resolves when the proxy first accepts connections. */
	get serving(): Promise<void> {
		return this.#serving.promise;
	}

	/** Resolves when a child says, before it was ever ready, that it cannot start. */
	get failure(): Promise<UserError> {
		return this.#failure.promise;
	}

	get socketPath(): string {
		return this.#setup.socketPath;
	}

	get heartbeatPid(): number | undefined {
		return this.#pair?.heartbeat.pid;
	}

	/** Opens the control socket, then starts both children at once; or takes another daemon's place, children first. */
	async start(): Promise<void> {
		const {predecessor} = this.#setup;
		const commands = this.#createCommands();
		this.#commands = commands;
		if (predecessor !== undefined) return this.#succeed(predecessor, commands);
		this.#socket = await this.#openSocket(commands);
		this.#openParts(commands);
		this.#proxy.start();
		this.#pair?.heartbeat.start();
		this.#pair?.fitness.start();
		this.#pair?.takeover.start();
	}

	#createCommands(): ControlCommands {
		const pair = this.#pair;
		return new ControlCommands({
			version: this.#setup.version,
			status: () => this.status(),
			handOver: request => this.handOver(request),
			reload: progress => this.reload(progress),
			upgrade: progress => this.upgrade(progress),
			previewReload: () => this.#previewReload(),
			watch: listener => {
				this.#watchers.add(listener);
				return () => this.#watchers.delete(listener);
			},
			proxy: this.#proxy,
			...(pair === undefined ? {} : {heartbeat: pair.heartbeat, drill: wish => pair.drills.run(wish)}),
			...(pair?.sync === undefined ? {} : {sync: pair.sync}),
		});
	}

	#openSocket(commands: ControlCommands): Promise<ControlSocket> {
		const answer: typeof commands.answer = (request, connection) => commands.answer(request, connection);
		return openControlSocket(this.#setup.socketPath, answer, this.#log);
	}

	/** What only one daemon of a node can have, besides the control socket. */
	#openParts(commands: ControlCommands): void {
		const pair = this.#pair;
		pair?.hooks.start();
		if (pair !== undefined) {
			this.#forgetHistory(pair);
			setInterval(() => this.#forgetHistory(pair), dayMs).unref();
		}
		this.#adminDesk = this.#createAdminDesk(commands);
		this.#adminDesk.open(pair?.setup);
		pair?.sync?.start();
		pair?.drills.start();
		pair?.windows.start(this.#setup.predecessor !== undefined);
		pair?.warm?.start();
	}

	/** Rejects with a `UserError` when it comes to nothing; then nothing of this daemon is left but its process. */
	async #succeed(predecessor: Predecessor, commands: ControlCommands): Promise<void> {
		const pair = this.#pair;
		const aborted = new AbortController();
		predecessor.listen({
			exchange: (message, handle) => this.#proxy.hearElder(predecessor, message, handle),
			proxyDown: detail => this.#proxy.elderDown(predecessor, detail),
			fitness: fitness => {
				if (this.#lentFitness === undefined) return;
				this.#lentFitness = fitness;
				pair?.heartbeat.sendFitness();
			},
			retiredChanged: () => this.#proxy.noteElders(),
			aborted: why => {
				aborted.abort();
				this.#proxy.abandonReplacement(why);
			},
		});
		try {
			const estate = await predecessor.greet(this.#setup.version);
			const fixed = findFixedChanges(estate.pair, this.#plan.pair);
			if (fixed.length > 0) {
				const why = `${fixed.join(', ')}: that was changed in the files, and a heartbeat that runs cannot take it; restart this node`;
				throw new UserError(why, {exitCode: exitCodes.refused});
			}
			this.#lentFitness = estate.fitness;
			pair?.fitness.start();
			await takeOver({
				predecessor,
				succeedProxy: (progress, beforeSwitch) => this.#proxy.succeed(predecessor, progress, beforeSwitch),
				heartbeat: pair?.heartbeat,
				tracksKnown: async () => pair?.fitness.known(false, tracksLimitMs),
				judge: () => this.#judge(),
				moveIn: leftMs => this.#moveIn(predecessor, commands, leftMs),
				aborted: aborted.signal,
			});
		} catch (error) {
			pair?.heartbeat.leave();
			await this.#proxy.stop(0, new AbortController().signal);
			throw error;
		}
	}

	/** From now on this daemon's own view is what its heartbeat is told. */
	async #judge(): Promise<void> {
		const pair = this.#pair;
		if (pair === undefined) return;
		await pair.fitness.known(true, lastTracksLimitMs);
		pair.fitness.trustBefore();
		this.#lentFitness = undefined;
		pair.heartbeat.sendFitness();
	}

	async #moveIn(predecessor: Predecessor, commands: ControlCommands, leftMs: number | undefined): Promise<void> {
		for (let tries = 1; this.#socket === undefined; tries++) {
			try {
				this.#socket = await this.#openSocket(commands);
			} catch (error) {
				if (tries >= socketTries) throw error;
				await sleep(socketRetryMs);
			}
		}
		const pair = this.#pair;
		this.#openParts(commands);
		if (leftMs !== undefined) commands.resumeMaintenance(leftMs);
		this.#proxy.keepElders(predecessor);
		const {status} = pair?.heartbeat ?? {};
		// Before they begin: a driver that knows no wish gives the address up.
		if (status !== undefined) pair?.takeover.recordStatus(status);
		pair?.takeover.start();
		if (pair !== undefined && this.#plan.pair !== undefined) pair.heartbeat.reconfigure(this.#plan.pair.heartbeatSetup);
		const early = this.#early ?? [];
		this.#early = undefined;
		for (const record of early) record();
		pair?.hooks.recordProxy(this.#proxy.condition);
	}

	#createAdminDesk(commands: ControlCommands): AdminDesk {
		const {version, log, program = [], socketPath} = this.#setup;
		const pair = this.#pair;
		const nothing = {files: [], syntax: undefined, nodeName: undefined};
		const examiner = new Examiner({program, socketPath, commandLine: () => pair?.setup.commandLine ?? nothing});
		return new AdminDesk(log.forComponent('admin'), {
			ports: {
				node: pair?.setup.own.name ?? '',
				version,
				commands,
				status: () => this.status(),
				history: async count => (await pair?.historyFile.newest(count)) ?? [],
				drills: count => pair?.drills.newest(count) ?? [],
				examine: (what, body) => examiner.examine(what, body),
			},
			condition: () => this.#proxy.condition,
			heartbeat: () => pair?.heartbeat.status,
			figures: () => this.#proxy.figures(figuresLimitMs),
		});
	}

	/** What is older than the configuration of the day says. */
	#forgetHistory({setup, historyFile}: PairParts): void {
		const {historyDays} = setup.pair;
		if (historyDays !== undefined) historyFile.forget(Date.now() - historyDays * dayMs);
	}

	status(): StatusReport {
		const {pid} = this.#proxy;
		const pair = this.#pair;
		const heartbeat = pair?.heartbeat.status;
		return buildStatusReport({
			hapair: this.#setup.version,
			pid: process.pid,
			uptimeMs: Math.round(performance.now() - this.#startedMs),
			configDigest: this.#plan.configDigest,
			loadedAt: this.#loadedAt.toISOString(),
			proxy: {...this.#proxy.condition, retired: this.#proxy.retired, ...(pid === undefined ? {} : {pid})},
			...(pair === undefined
				? {}
				: {
						pair: {
							pair: pair.setup.pair,
							own: pair.setup.own,
							peer: findPeer(pair.setup.pair, pair.setup.own),
							fitness: pair.fitness.fitness,
							verdictFacts: {
								carriers: readCarriers(pair.setup.pair).map(({up}) => up),
								gatewaySilent: pair.fitness.fitness.reasons.some(reason => reason.includes('gateway')),
							},
							takeover: pair.takeover.report(),
							keepsForMs: pair.keeping.leftMs,
							drill: pair.drills.report(),
							windows: pair.windows.report(),
							probes: pair.probe.report(),
							storage: [pair.historyFile, pair.hooks, pair.terms].flatMap(({trouble}) => trouble ?? []),
							...(pair.sync === undefined ? {} : {channel: pair.sync.report()}),
							...(pair.warm === undefined ? {} : {warm: pair.warm.report()}),
							...(heartbeat === undefined ? {} : {heartbeat}),
						},
					}),
		});
	}

	/**
	 * Reads the files again; one at a time, whoever asks meanwhile is refused. No failover begins meanwhile, and none is a reason for a pause.
	 * Never rejects.
	 */
	async reload(progress: (message: string) => void): Promise<ReloadOutcome> {
		const objection = this.#findObjection();
		if (objection !== undefined) return {code: exitCodes.refused, message: objection, durationMs: 0};
		const {readAgain} = this.#setup;
		this.#reloading = reload(
			{
				readAgain: readAgain && (() => readAgain('reload')),
				running: () => this.#plan,
				replaceProxy: (plan, tell, onServing) => this.#proxy.replace(plan, tell, onServing),
				adopt: plan => this.#adopt(plan),
				nowMs: () => performance.now(),
			},
			progress,
		);
		const outcome = await this.#reloading;
		this.#reloading = undefined;
		logReload(this.#log, outcome);
		return outcome;
	}

	/** What is under way and must not be disturbed. */
	#findObjection(): string | undefined {
		if (this.#isStopping) return 'the daemon stops';
		if (this.#handover !== undefined) return 'a failover is under way';
		if (this.#pair?.drills.isRunning === true) return 'a drill is under way';
		if (this.#reloading !== undefined) return 'a reload is under way';
		return this.#successor === undefined && this.#early === undefined ? undefined : 'an upgrade is under way';
	}

	/**
	 * The program that is installed now takes the place of this one; or nothing is changed. Never rejects. When it is done `replaced`
	 * resolves.
	 */
	async upgrade(progress: (message: string) => void): Promise<UpgradeOutcome> {
		const {programArgv, whyNoReplacement = ''} = this.#setup;
		const pair = this.#pair;
		const objection = this.#findObjection() ?? this.#findUpgradeObjection();
		if (objection !== undefined || whyNoReplacement !== '' || programArgv === undefined) {
			const message = objection ?? (whyNoReplacement || 'this daemon does not know its program');
			return {code: exitCodes.refused, message, durationMs: 0};
		}
		const successor = new Successor({
			argv: programArgv,
			estate: () => ({
				version: this.#setup.version,
				proxyPhase: this.#proxy.condition.phase,
				...(this.#plan.pair === undefined ? {} : {pair: describeFixed(this.#plan.pair)}),
				...(pair === undefined ? {} : {fitness: pair.heartbeat.fitness}),
			}),
			heartbeat: pair?.heartbeat,
			proxy: this.#proxy,
			onHeartbeat: isOurs => (isOurs ? pair?.takeover.goOn() : pair?.takeover.leave()),
			vacate: () => this.#vacate(),
			namesMain: pid => notifyServiceManager(`MAINPID=${pid}`),
			log: this.#log,
			progress,
		});
		this.#successor = successor;
		const outcome = await successor.outcome;
		const {code, message, durationMs} = outcome;
		this.#log[code === exitCodes.ok ? 'info' : 'error']({durationMs}, message);
		if (code === exitCodes.ok) this.#replaced.resolve();
		else if (successor.hasEverything) this.#failure.resolve(new UserError(message));
		else this.#successor = undefined;
		return outcome;
	}

	#findUpgradeObjection(): string | undefined {
		const pair = this.#pair;
		if (pair === undefined) return undefined;
		if (pair.sync?.isBusy === true) return 'a sync is under way';
		const {leftMs} = pair.keeping;
		if (leftMs > 0) return `connections of the last failover live on here for up to ${formatDuration(leftMs)} yet`;
		const {status} = pair.heartbeat;
		if (status === undefined) return heartbeatDown;
		return status.secondChance.passing ? 'connections of the last failover live on at the peer yet' : undefined;
	}

	/** Another daemon of this node comes in. Resolves with what is left of a maintenance that ends by itself. */
	async #vacate(): Promise<number | undefined> {
		const pair = this.#pair;
		pair?.drills.stop();
		pair?.windows.stop();
		pair?.probe.stop();
		pair?.fitness.stop();
		pair?.flight.stop();
		await endsWithin(pair?.hooks.idle() ?? Promise.resolve(), hookLimitMs);
		await this.#closeParts(() => {});
		this.#socket?.leave();
		return this.#commands?.maintenanceLeftMs;
	}

	/** Another program has taken this one's place: what is left of the connections here ends by itself, or with that program. */
	async retire(hurry: Promise<unknown>): Promise<void> {
		const ended = this.#proxy.retireAll();
		await Promise.race([ended, this.#successor?.gone, hurry]);
		await this.#proxy.stop(0, new AbortController().signal);
	}

	#previewReload(): ReloadPreview {
		const {readAgain} = this.#setup;
		return previewReload(this.#plan, readAgain && (() => readAgain('preview')));
	}

	/** The new proxy process serves from this moment on. */
	#adopt(plan: DaemonPlan): void {
		this.#plan = plan;
		this.#loadedAt = new Date();
		const pair = this.#pair;
		if (pair === undefined || plan.pair === undefined) return;
		const {stateDirectory} = pair.setup;
		pair.setup = {...plan.pair, ...(stateDirectory === undefined ? {} : {stateDirectory})};
		pair.fitness.adopt(plan.pair.pair, this.#proxy.condition);
		pair.hooks.adopt({pair: plan.pair.pair, own: plan.pair.own, run: plan.pair.runHook});
		pair.drills.adopt({configuration: plan.configuration, pair: plan.pair.pair, own: plan.pair.own});
		pair.windows.adopt(plan.pair.pair);
		this.#forgetHistory(pair);
		pair.heartbeat.reconfigure(plan.pair.heartbeatSetup);
		pair.sync?.adopt({pair: plan.pair.pair, keys: plan.pair.heartbeatSetup.keys});
		this.#adminDesk?.open(pair.setup);
	}

	/** One failover at a time; a second request is refused. One that comes during a reload waits for its end. */
	async handOver(request: HandoverRequest): Promise<HandoverOutcome> {
		if (this.#reloading !== undefined) await endsWithin(this.#reloading, request.timeoutMs);
		const pair = this.#pair;
		if (pair === undefined) {
			return {
				code: exitCodes.refused,
				message: 'there is no pair section, so there is no address to move',
				durationMs: 0,
			};
		}
		if (this.#handover !== undefined) {
			return {code: exitCodes.refused, message: 'a failover is already under way', durationMs: 0};
		}
		if (this.#successor !== undefined || this.#early !== undefined) {
			return {code: exitCodes.refused, message: 'an upgrade is under way', durationMs: 0};
		}
		this.#handover = handOver(
			{
				status: () => pair.heartbeat.status,
				snapshot: () => this.#proxy.snapshot,
				drainProxy: on => this.#proxy.drain(on),
				closeIdle: () => this.#proxy.closeIdle(),
				closeDoor: forMs => pair.heartbeat.closeDoor(forMs),
				requestFailover: (...order) => pair.heartbeat.failover(...order),
				confirm: () => pair.probe.confirm(),
				nextSnapshot: limitMs => this.#proxy.nextSnapshot(limitMs),
				nowMs: () => performance.now(),
			},
			request,
		);
		const outcome = await this.#handover;
		this.#handover = undefined;
		if (outcome.keepMs !== undefined) pair.keeping.begin(outcome.keepMs);
		return outcome;
	}

	/**
	 * Hands over when it can, waits for the connections that live on here after it, then resigns, then ends the proxy. At most 18 s; `hurry` cuts every wait short but the
	 * heartbeat's release. Resolves with the names of what did not end.
	 */
	async stop(hurry: AbortSignal): Promise<string[]> {
		const pair = this.#pair;
		const unended: string[] = [];
		const note = (what: string, ended: boolean): void => {
			if (!ended) unended.push(what);
		};
		this.#isStopping = true;
		await this.#successor?.abandon('the daemon stops');
		this.#proxy.abandonReplacement('the daemon stops');
		pair?.drills.stop();
		pair?.windows.stop();
		pair?.probe.stop();
		pair?.fitness.stop();
		pair?.flight.stop();
		if (pair !== undefined) {
			await endsWithin(this.#handOverBeforeStop(pair), handoverLimitMs, hurry);
			pair.keeping.hurry(stopKeepMs);
			await endsWithin(pair.keeping.over, stopKeepMs + 1000, hurry);
			note('the heartbeat process', await pair.heartbeat.stop(hurry.aborted ? 1000 : 3000));
		}
		const graceMs = hurry.aborted ? 0 : pair === undefined ? 8000 : 2000;
		const hooks = pair?.hooks.idle() ?? Promise.resolve();
		const [proxyEnded, hooksEnded] = await Promise.all([
			this.#proxy.stop(graceMs, hurry),
			endsWithin(hooks, hookLimitMs, hurry),
			pair?.takeover.close(hurry.aborted ? 0 : driverLimitMs),
		]);
		note('the proxy process', proxyEnded);
		note('a hook', hooksEnded);
		await this.#closeParts(note);
		note('the control socket', await endsWithin(this.#socket?.close() ?? Promise.resolve(), 500));
		return unended;
	}

	async #closeParts(note: (what: string, ended: boolean) => void): Promise<void> {
		const pair = this.#pair;
		note('the queue of hooks', await endsWithin(pair?.hooks.close() ?? Promise.resolve(), 500));
		pair?.warm?.close();
		note('the peer channel', await endsWithin(pair?.sync?.close() ?? Promise.resolve(), 500));
		note('the history', await endsWithin(pair?.historyFile.flushed() ?? Promise.resolve(), 500));
		note('the admin address', await endsWithin(this.#adminDesk?.close() ?? Promise.resolve(), 500));
	}

	async #handOverBeforeStop({heartbeat}: PairParts): Promise<void> {
		const {status} = heartbeat;
		if (status?.state !== 'master') return;
		const refusal = findRefusal(status, false);
		if (refusal !== undefined) return this.#log.info({}, `stopping without a handover: ${refusal.why}`);
		const progress = (message: string): void => this.#log.info({}, message);
		const {code, message} = await this.handOver({
			force: false,
			drainMs: 1000,
			keepMs: stopKeepMs,
			timeoutMs: 4000,
			progress,
		});
		this.#log.info({}, code === exitCodes.ok ? message : `stopping without a handover: ${message}`);
	}

	#host(onFirstFailure: PairHost['onFirstFailure']): PairHost {
		const {log, version, configuration} = this.#setup;
		return {
			...{log, version, configuration, onFirstFailure},
			proxy: () => this.#proxy,
			runningDigest: () => this.#plan.configDigest,
			isMoving: () => this.#handover !== undefined || this.#successor !== undefined,
			isEarly: () => this.#early !== undefined,
			lentFitness: () => this.#lentFitness,
			handOver: request => this.handOver(request),
			reload: progress => this.reload(progress),
			beginMaintenance: forMs => this.#beginMaintenance(forMs),
			onTransition: transition => this.#recordTransition(transition),
			onEvent: event => this.#recordEvent(event),
			onHook: record => this.#recordHook(record),
			onHandoverRequested: (reason, forced) => void this.#handOverOnRequest(reason, forced),
			noteRecord: record => this.#adminDesk?.admin?.noteRecord(record),
			noteStatus: status => this.#adminDesk?.admin?.noteHeartbeat(status),
		};
	}

	/** As an operator would on the control socket. */
	async #beginMaintenance(forMs: number): Promise<{readonly code: ExitCode; readonly message: string}> {
		let result: {readonly code: ExitCode; readonly message: string} | undefined;
		const connection = {
			gone: new AbortController().signal,
			reply: (reply: ControlReply): void => {
				if (reply.type === 'result') result = reply;
			},
		};
		await this.#commands?.answer({command: 'maintenance', on: true, force: false, forMs}, connection);
		return result ?? {code: exitCodes.failed, message: 'the daemon is still starting'};
	}

	async #handOverOnRequest(reason: string, force: boolean): Promise<void> {
		this.#log.info({force}, `handing over: ${reason}`);
		const progress = (message: string): void => this.#log.info({}, message);
		const {code, message} = await this.handOver({force, ...usualDrain, timeoutMs: 15_000, progress});
		this.#log.info({}, message);
		if (code !== exitCodes.ok) this.#pair?.heartbeat.declineHandover(message);
	}

	#recordTransition(transition: Transition): void {
		if (this.#early !== undefined) return void this.#early.push(() => this.#recordTransition(transition));
		const {from, to, reason, term, takeoverMs, id} = transition;
		const fields = {from, to, term, id, ...(takeoverMs === undefined ? {} : {takeoverMs})};
		this.#setup.log.forComponent('pair').info(fields, `${from} → ${to}: ${reason}`);
		if (this.#pair === undefined) return;
		if (to === 'master') this.#pair.keeping.cancel();
		const time = new Date().toISOString();
		this.#pair.drills.noteChange();
		this.#pair.takeover.recordTransition(transition);
		const cause = this.#pair.recorder.recordTransition(transition, time);
		this.#pair.flight.noteTransition(transition, cause);
		this.#tellWatchers({type: 'transition', time, node: this.#pair.setup.own.name, transition});
		this.#pair.hooks.recordTransition(transition, time);
	}

	#recordEvent(event: PairEvent): void {
		if (this.#early !== undefined) return void this.#early.push(() => this.#recordEvent(event));
		this.#setup.log.forComponent('pair').warn({event: event.kind, term: event.term, id: event.id}, event.reason);
		if (this.#pair === undefined) return;
		const time = new Date().toISOString();
		if (['solo', 'paired', 'drift', 'agreed'].includes(event.kind)) this.#pair.drills.noteChange();
		this.#pair.recorder.recordEvent(event, time);
		this.#pair.flight.noteEvent();
		this.#tellWatchers({type: 'event', time, node: this.#pair.setup.own.name, event});
		this.#pair.hooks.recordEvent(event, time);
	}

	#recordHook({hook, occasion, outcome, detail}: HookRecord): void {
		const log = this.#setup.log.forComponent('hook');
		const name = describeHook(hook);
		const fields = {on: hook.on, event: occasion.event, eventId: occasion.eventId, outcome};
		log[outcome === 'ok' || outcome === 'superseded' ? 'info' : 'warn'](
			fields,
			`${name} on ${occasion.event}: ${detail}`,
		);
		const {event, reason} = occasion;
		const time = new Date().toISOString();
		this.#tellWatchers({type: 'hook', time, node: occasion.node, event, reason, outcome, hook: name, detail});
	}

	#tellWatchers(reply: ControlReply): void {
		for (const watcher of this.#watchers) watcher(reply);
		this.#adminDesk?.admin?.note(reply);
	}
}

/** What a heartbeat that runs is made of, as far as it can be said over a channel. */
function describeFixed({pair, own, heartbeatSetup: {keys}}: PairSetup): NonNullable<Estate['pair']> {
	return {pair, own, heartbeatSetup: {keys}};
}
