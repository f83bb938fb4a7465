/**
 * The daemon: makes the two processes, the pair's parts and the desks, and ties them together.
 *
 * Decides who is asked for what, and that a failover, a reload, a drill and an upgrade do not disturb each other. Every judgement is elsewhere: what is
 * told to whom in `chronicle.ts`, what is done in the desks (`handover-desk.ts`, `reload-desk.ts`, `upgrade/desk.ts`), fitness in `tracks/`. A death of
 * one child reaches the other only as a fact: the proxy's as a fitness, the heartbeat's not at all. A daemon may begin by taking another one's place, and
 * end by leaving its own to another one (`upgrade/`).
 */
import {UserError} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {Chronicle} from './chronicle.ts';
import {ControlCommands} from './control-commands.ts';
import {ExclusiveParts} from './exclusive-parts.ts';
import {HandoverDesk} from './handover-desk.ts';
import {createPairParts, type PairHost, type PairParts} from './pair-parts.ts';
import {gatherPairSources} from './pair-sources.ts';
import {ProxySuccession} from './proxy-succession.ts';
import {planProxy, type ReloadOutcome} from './reload.ts';
import {ReloadDesk} from './reload-desk.ts';
import type {DaemonSetup} from './setup.ts';
import {buildStatusReport, type StatusReport} from './status-report.ts';
import {stopInOrder} from './stop.ts';
import type {ProxyCondition} from './tracks/fitness.ts';
import {DaemonSuccession} from './upgrade/daemon-succession.ts';
import {UpgradeDesk} from './upgrade/desk.ts';

export class Daemon {
	readonly #setup: DaemonSetup;
	readonly #log: Log;
	readonly #chronicle: Chronicle;
	readonly #proxy: ProxySuccession;
	readonly #pair: PairParts | undefined;
	readonly #handovers: HandoverDesk;
	readonly #reloads: ReloadDesk;
	readonly #upgrades: UpgradeDesk;
	readonly #commands: ControlCommands;
	readonly #exclusive: ExclusiveParts;
	/** Absent unless this daemon takes another one's place. */
	readonly #succession: DaemonSuccession | undefined;
	readonly #failure = Promise.withResolvers<UserError>();
	readonly #serving = Promise.withResolvers<void>();
	readonly #startedMs = performance.now();
	#isStopping = false;

	constructor(setup: DaemonSetup) {
		const {predecessor, version, log} = setup;
		this.#setup = setup;
		this.#log = log.forComponent('daemon');
		this.#chronicle = new Chronicle({
			log,
			pair: () => this.#pair,
			admin: () => this.#exclusive.admin,
			isHeld: predecessor !== undefined,
		});
		const pair = setup.pair === undefined ? undefined : createPairParts(setup.pair, this.#createPairHost());
		const proxy = this.#createProxy();
		this.#pair = pair;
		this.#proxy = proxy;
		const findObjection = (): string | undefined => this.#findObjection();
		const common = {pair, proxy, log: this.#log};
		const exclusive = (): ExclusiveParts => this.#exclusive;
		this.#handovers = new HandoverDesk({
			...common,
			reloading: () => this.#reloads.underWay,
			isUpgrading: () => this.#isUpgrading(),
		});
		this.#reloads = new ReloadDesk(setup, {...common, exclusive, findObjection});
		this.#upgrades = new UpgradeDesk({
			...common,
			setup,
			exclusive,
			findObjection,
			commands: () => this.#commands,
			onLost: error => this.#failure.resolve(error),
		});
		const commands = this.#createCommands();
		this.#commands = commands;
		this.#exclusive = new ExclusiveParts({...common, setup, commands, status: () => this.status()});
		if (predecessor === undefined) return;
		const newest = {exclusive: this.#exclusive, chronicle: this.#chronicle};
		this.#succession = new DaemonSuccession(predecessor, {...common, ...newest, version, commands});
	}

	/** Resolves when another program has taken this one's place; `retire` follows. */
	get replaced(): Promise<void> {
		return this.#upgrades.replaced;
	}

	/** Resolves when the proxy first accepts connections. */
	get serving(): Promise<void> {
		return this.#serving.promise;
	}

	/** Resolves when a child says, before it was ever ready, that it cannot start; or when an upgrade has left this daemon with nothing. */
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
		if (this.#succession !== undefined) return this.#succession.run();
		await this.#exclusive.openSocket();
		this.#exclusive.open();
		this.#proxy.start();
		this.#pair?.heartbeat.start();
		this.#pair?.fitness.start();
		this.#pair?.takeover.start();
	}

	status(): StatusReport {
		const {pid} = this.#proxy;
		const {plan, loadedAt} = this.#reloads;
		return buildStatusReport({
			hapair: this.#setup.version,
			pid: process.pid,
			uptimeMs: Math.round(performance.now() - this.#startedMs),
			configDigest: plan.configDigest,
			loadedAt: loadedAt.toISOString(),
			proxy: {...this.#proxy.condition, retired: this.#proxy.retired, ...(pid === undefined ? {} : {pid})},
			...(this.#pair === undefined ? {} : {pair: gatherPairSources(this.#pair)}),
		});
	}

	/** Never rejects. */
	reload(progress: (message: string) => void): Promise<ReloadOutcome> {
		return this.#reloads.reload(progress);
	}

	/** Another program has taken this one's place: what is left of the connections here ends by itself, or with that program. */
	retire(hurry: Promise<unknown>): Promise<void> {
		return this.#upgrades.retire(hurry);
	}

	/** At most 18 s; `hurry` cuts every wait short but the heartbeat's release. Resolves with the names of what did not end. */
	async stop(hurry: AbortSignal): Promise<string[]> {
		this.#isStopping = true;
		await this.#upgrades.abandon('the daemon stops');
		this.#proxy.abandonReplacement('the daemon stops');
		const parts = {pair: this.#pair, proxy: this.#proxy, handovers: this.#handovers, exclusive: this.#exclusive};
		return stopInOrder(parts, hurry);
	}

	#createProxy(): ProxySuccession {
		const {log, predecessor} = this.#setup;
		const options = {
			log: log.forComponent('proxy'),
			onLine: (line: string) => log.passOn(line),
			onCondition: (condition: ProxyCondition) => {
				if (condition.phase === 'serving') this.#serving.resolve();
				this.#pair?.fitness.recordProxy(condition);
				this.#exclusive.admin?.noteProxy(condition);
				if (!this.#chronicle.isHeld) this.#pair?.hooks.recordProxy(condition);
			},
			onFirstFailure: (message: string, hint: string | undefined) => this.#fail(message, hint),
		};
		return new ProxySuccession(planProxy(this.#setup), options, predecessor !== undefined);
	}

	#createPairHost(): PairHost {
		const {log, version, configuration} = this.#setup;
		return {
			...{log, version, configuration},
			proxy: () => this.#proxy,
			runningDigest: () => this.#reloads.plan.configDigest,
			isMoving: () => this.#handovers.isUnderWay || this.#upgrades.isUnderWay,
			isEarly: () => this.#chronicle.isHeld,
			lentFitness: () => this.#succession?.lentFitness,
			handOver: request => this.#handovers.handOver(request),
			reload: progress => this.reload(progress),
			beginMaintenance: forMs => this.#commands.maintain({on: true, force: false, forMs}, () => {}),
			onTransition: transition => this.#chronicle.recordTransition(transition),
			onEvent: event => this.#chronicle.recordEvent(event),
			onHook: record => this.#chronicle.recordHook(record),
			onHandoverRequested: (reason, forced) => void this.#handovers.handOverOnRequest(reason, forced),
			onFirstFailure: (message, hint) => this.#fail(message, hint),
			noteRecord: record => this.#exclusive.admin?.noteRecord(record),
			noteStatus: status => this.#exclusive.admin?.noteHeartbeat(status),
		};
	}

	#createCommands(): ControlCommands {
		const pair = this.#pair;
		return new ControlCommands({
			version: this.#setup.version,
			status: () => this.status(),
			handOver: request => this.#handovers.handOver(request),
			reload: progress => this.reload(progress),
			upgrade: progress => this.#upgrades.upgrade(progress),
			previewReload: () => this.#reloads.preview(),
			watch: listener => this.#chronicle.watch(listener),
			proxy: this.#proxy,
			...(pair === undefined ? {} : {heartbeat: pair.heartbeat, drill: wish => pair.drills.run(wish)}),
			...(pair?.sync === undefined ? {} : {sync: pair.sync}),
		});
	}

	/** What is under way and must not be disturbed. */
	#findObjection(): string | undefined {
		if (this.#isStopping) return 'the daemon stops';
		if (this.#handovers.isUnderWay) return 'a failover is under way';
		if (this.#pair?.drills.isRunning === true) return 'a drill is under way';
		if (this.#reloads.underWay !== undefined) return 'a reload is under way';
		return this.#isUpgrading() ? 'an upgrade is under way' : undefined;
	}

	/** This daemon takes another one's place, or another one this one's. */
	#isUpgrading(): boolean {
		return this.#upgrades.isUnderWay || this.#chronicle.isHeld;
	}

	#fail(message: string, hint: string | undefined): void {
		this.#failure.resolve(new UserError(message, hint === undefined ? {} : {hint}));
	}
}
