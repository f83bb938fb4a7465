/**
 * The daemon: puts the two processes, the pair's parts and the control socket together.
 *
 * Decides who hears of what; it is longer than other files because everything meets here. Every judgement is elsewhere (`handover.ts`, `tracks/fitness.ts`, `hooks/queue.ts`). A death of
 * one child reaches the other only as a fact: the proxy's as a fitness, the heartbeat's not at all.
 */
import type {Configuration} from '@hapair/config';
import type {PairEvent, Transition} from '@hapair/heartbeat';
import type {ProxyOptions} from '@hapair/proxy';
import {AdminDesk} from '../admin/admin-desk.ts';
import {Examiner} from '../admin/examinations.ts';
import {findPeer} from '../configuration/own-node.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {readCarriers} from '../history/recorder.ts';
import {describeHook} from '../hooks/describe.ts';
import type {HookRecord} from '../hooks/queue.ts';
import type {DaemonLog, Log} from '../logging.ts';
import {ControlCommands} from './control-commands.ts';
import type {ControlReply} from './control-protocol.ts';
import {type ControlSocket, openControlSocket} from './control-socket.ts';
import {findRefusal, type HandoverOutcome, type HandoverRequest, handOver, usualDrain} from './handover.ts';
import {createPairParts, type PairHost, type PairParts, type PairSetup} from './pair-parts.ts';
import {ProxySuccession} from './proxy-succession.ts';
import {logReload, planProxy, type ReadOutcome, type ReloadOutcome, reload} from './reload.ts';
import {previewReload, type ReloadPreview} from './reload-preview.ts';
import {buildStatusReport, type StatusReport} from './status-report.ts';
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

	constructor(setup: DaemonSetup) {
		this.#setup = setup;
		this.#plan = setup;
		this.#log = setup.log.forComponent('daemon');
		const onFirstFailure = (message: string, hint: string | undefined): void => {
			this.#failure.resolve(new UserError(message, hint === undefined ? {} : {hint}));
		};
		this.#pair = setup.pair === undefined ? undefined : createPairParts(setup.pair, this.#host(onFirstFailure));
		this.#proxy = new ProxySuccession(planProxy(setup), {
			log: setup.log.forComponent('proxy'),
			onLine: line => setup.log.passOn(line),
			onCondition: condition => {
				if (condition.phase === 'serving') this.#serving.resolve();
				this.#pair?.fitness.recordProxy(condition);
				this.#adminDesk?.admin?.noteProxy(condition);
				this.#pair?.hooks.recordProxy(condition);
			},
			onFirstFailure,
		});
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

	/** Opens the control socket, then starts both children at once. */
	async start(): Promise<void> {
		const pair = this.#pair;
		const commands = new ControlCommands({
			version: this.#setup.version,
			status: () => this.status(),
			handOver: request => this.handOver(request),
			reload: progress => this.reload(progress),
			previewReload: () => this.#previewReload(),
			watch: listener => {
				this.#watchers.add(listener);
				return () => this.#watchers.delete(listener);
			},
			proxy: this.#proxy,
			...(pair === undefined ? {} : {heartbeat: pair.heartbeat, drill: wish => pair.drills.run(wish)}),
			...(pair?.sync === undefined ? {} : {sync: pair.sync}),
		});
		this.#commands = commands;
		this.#socket = await openControlSocket(
			this.#setup.socketPath,
			(request, connection) => commands.answer(request, connection),
			this.#log,
		);
		pair?.hooks.start();
		if (pair !== undefined) {
			this.#forgetHistory(pair);
			setInterval(() => this.#forgetHistory(pair), dayMs).unref();
		}
		this.#adminDesk = this.#createAdminDesk(commands);
		this.#adminDesk.open(pair?.setup);
		this.#proxy.start();
		this.#pair?.heartbeat.start();
		this.#pair?.fitness.start();
		pair?.takeover.start();
		pair?.sync?.start();
		pair?.drills.start();
		pair?.windows.start();
		pair?.warm?.start();
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
		const objection = this.#isStopping
			? 'the daemon stops'
			: this.#handover !== undefined
				? 'a failover is under way'
				: this.#pair?.drills.isRunning === true
					? 'a drill is under way'
					: this.#reloading !== undefined
						? 'a reload is under way'
						: undefined;
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
		this.#handover = handOver(
			{
				status: () => pair.heartbeat.status,
				snapshot: () => this.#proxy.snapshot,
				drainProxy: on => this.#proxy.drain(on),
				closeIdle: () => this.#proxy.closeIdle(),
				closeDoor: forMs => pair.heartbeat.closeDoor(forMs),
				requestFailover: (force, limitMs, keepMs) => pair.heartbeat.failover(force, limitMs, keepMs),
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
		this.#proxy.abandonReplacement('the daemon stops');
		pair?.drills.stop();
		pair?.windows.stop();
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
		note('the queue of hooks', await endsWithin(pair?.hooks.close() ?? Promise.resolve(), 500));
		pair?.warm?.close();
		note('the peer channel', await endsWithin(pair?.sync?.close() ?? Promise.resolve(), 500));
		note('the history', await endsWithin(pair?.historyFile.flushed() ?? Promise.resolve(), 500));
		note('the admin address', await endsWithin(this.#adminDesk?.close() ?? Promise.resolve(), 500));
		note('the control socket', await endsWithin(this.#socket?.close() ?? Promise.resolve(), 500));
		return unended;
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
			isMoving: () => this.#handover !== undefined,
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
