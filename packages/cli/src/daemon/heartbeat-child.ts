/**
 * The heartbeat process as the daemon sees it: its latest status, its transitions, and answers to requests.
 *
 * Decides what a restarted heartbeat is told: its setup with the last term, the current fitness, and maintenance if it was
 * on. Leaves the election to the process and restarts to the supervisor. One that follows that of another daemon (`prepare`) is not
 * started again before it has begun.
 */
import {setPriority} from 'node:os';
import type {
	Bequest,
	Fitness,
	FlightRecording,
	FromHeartbeat,
	HeartbeatSetup,
	HeartbeatStatus,
	PairEvent,
	ToHeartbeat,
	Transition,
} from '@hapair/heartbeat';
import type {Log} from '../logging.ts';
import type {FailoverAnswer} from './handover.ts';
import {Supervisor} from './supervisor.ts';
import {HeartbeatSuccession, notRunning} from './upgrade/heartbeat-succession.ts';

export interface HeartbeatChildOptions {
	readonly argv: readonly string[];
	readonly setup: HeartbeatSetup;
	readonly fitness: () => Fitness;
	readonly log: Log;
	/** The term above which a new heartbeat claims, of this life of the daemon and of former ones. */
	readonly firstTerm: () => number;
	readonly onTransition: (transition: Transition) => void;
	readonly onEvent: (event: PairEvent) => void;
	/** On change and each second, while the process lives. */
	readonly onStatus: (status: HeartbeatStatus) => void;
	readonly onHandoverRequested: (reason: string, forced: boolean) => void;
	readonly onFirstFailure: (message: string, hint: string | undefined) => void;
}

/** A stopped heartbeat has lost its lease long before; this only brings the process back. */
const hopelessAfterMs = 15_000;
/** Niceness above everything that serves traffic (setpriority(2)). */
const heartbeatNice = -15;
/** The peer's and our own view of fitness never age longer than this. */
const fitnessEveryMs = 1000;

export class HeartbeatChild {
	readonly #options: HeartbeatChildOptions;
	/** Of its next start. */
	#setup: HeartbeatSetup;
	readonly #supervisor: Supervisor<FromHeartbeat, ToHeartbeat>;
	readonly #requests = new Map<number, (answer: FailoverAnswer) => void>();
	readonly #recordings = new Map<number, (recording: FlightRecording) => void>();
	#repeat: NodeJS.Timeout | undefined;
	#status: HeartbeatStatus | undefined;
	#statusAtMs = 0;
	#lastRequestId = 0;
	#wasReady = false;
	#maintenance = false;
	/** When another daemon's heartbeat is followed, or leaves to one. */
	readonly #succession: HeartbeatSuccession;
	/** Hears each word of fitness too. */
	#listener: ((fitness: Fitness) => void) | undefined;
	/** A heartbeat that comes back claims above it, so that terms grow over its lives. */
	#highestTerm = 0;

	constructor(options: HeartbeatChildOptions) {
		this.#options = options;
		this.#setup = options.setup;
		this.#supervisor = new Supervisor({
			name: 'heartbeat',
			argv: options.argv,
			firstMessage: () => ({
				type: 'start',
				setup: {...this.#setup, firstTerm: Math.max(this.#highestTerm, options.firstTerm())},
				...(this.#succession.isPreparing ? {follows: true} : {}),
			}),
			onMessage: message => this.#receive(message),
			onExit: ({description}) => this.#forget(`the heartbeat process ${description}`),
			onSpawn: pid => this.#raisePriority(pid),
			silenceLimitMs: hopelessAfterMs,
			log: options.log,
		});
		this.#succession = new HeartbeatSuccession(message => this.#supervisor.send(message));
	}

	get pid(): number | undefined {
		return this.#supervisor.pid;
	}

	/** Absent until it has spoken and while it is down. */
	get status(): HeartbeatStatus | undefined {
		return this.#status === undefined ? undefined : ageStatus(this.#status, performance.now() - this.#statusAtMs);
	}

	start(): void {
		this.#repeat = setInterval(() => this.sendFitness(), fitnessEveryMs);
		this.#supervisor.start();
	}

	sendFitness(): void {
		const fitness = this.#options.fitness();
		this.#supervisor.send({type: 'fitness', fitness});
		this.#listener?.(fitness);
	}

	/** Instead of `start`. Resolves with why it cannot begin; empty when all it needs is what another daemon's heartbeat leaves. */
	prepare(limitMs: number): Promise<string> {
		return this.#succession.prepare(() => this.start(), limitMs);
	}

	/** Goes on where another daemon's heartbeat left off. Resolves with why not; empty when it has begun. */
	async inherit(bequest: Bequest, limitMs: number): Promise<string> {
		const why = await this.#succession.inherit(bequest, limitMs);
		if (why !== '') return why;
		this.#wasReady = true;
		this.#maintenance = bequest.election.maintenance;
		return '';
	}

	/** Falls silent and leaves everything to another daemon's heartbeat, or says why not now. `resume` or `leave` follows. */
	bequeath(limitMs: number): Promise<Bequest | string> {
		return this.#succession.bequeath(limitMs);
	}

	resume(): void {
		this.#supervisor.send({type: 'resume'});
	}

	/** What it had is another process's: it ends without touching anything. */
	leave(): void {
		clearInterval(this.#repeat);
		this.#supervisor.letEnd({type: 'leave'});
	}

	/** Who has what it left is gone: it is killed, and the next one begins as after any death. */
	restart(): void {
		this.#supervisor.kill();
	}

	/** Tells somebody else too what the heartbeat is told. */
	shareFitness(listener: ((fitness: Fitness) => void) | undefined): void {
		this.#listener = listener;
	}

	/** What it is told. */
	get fitness(): Fitness {
		return this.#options.fitness();
	}

	/** The answer to `handoverRequested` when the address stays. */
	declineHandover(reason: string): void {
		this.#supervisor.send({type: 'declineHandover', reason});
	}

	/** The configuration was read again; nothing pauses. */
	reconfigure(setup: HeartbeatSetup): void {
		this.#setup = setup;
		const {pair, configDigest, keys} = setup;
		this.#supervisor.send({type: 'reconfigure', pair, configDigest, keys});
	}

	closeDoor(forMs: number): void {
		this.#supervisor.send({type: 'closeDoor', forMs});
	}

	/**
	 * Asks for the move; `undefined` when there was no answer within the limit. `keepMs`: how long connections may live on here after it.
	 * `mayReturn`: preference may undo it.
	 */
	failover(force: boolean, limitMs: number, keepMs = 0, mayReturn = false): Promise<FailoverAnswer | undefined> {
		return this.#request(requestId => ({type: 'failover', requestId, force, keepMs, mayReturn}), limitMs);
	}

	/** No connection lives on here any more. */
	endKeeping(): void {
		this.#supervisor.send({type: 'endKeeping'});
	}

	async maintenance(on: boolean, limitMs: number): Promise<FailoverAnswer | undefined> {
		const answer = await this.#request(requestId => ({type: 'maintenance', requestId, on}), limitMs);
		if (answer?.ok === true) this.#maintenance = on;
		return answer;
	}

	/** What it sent, heard and missed lately; nothing when it does not answer within the limit. */
	async recording(limitMs: number): Promise<FlightRecording | undefined> {
		const requestId = ++this.#lastRequestId;
		const {promise, resolve} = Promise.withResolvers<FlightRecording | undefined>();
		const timer = setTimeout(() => resolve(undefined), limitMs);
		this.#recordings.set(requestId, resolve);
		if (!this.#supervisor.send({type: 'readRecording', requestId})) resolve(undefined);
		const recording = await promise;
		clearTimeout(timer);
		this.#recordings.delete(requestId);
		return recording;
	}

	/** Resigns and releases; SIGKILL after `limitMs`. False when the process is still there. */
	stop(limitMs: number): Promise<boolean> {
		clearInterval(this.#repeat);
		return this.#supervisor.stop({type: 'stop'}, limitMs);
	}

	async #request(build: (requestId: number) => ToHeartbeat, limitMs: number): Promise<FailoverAnswer | undefined> {
		const requestId = ++this.#lastRequestId;
		const {promise, resolve} = Promise.withResolvers<FailoverAnswer | undefined>();
		const timer = setTimeout(() => resolve(undefined), limitMs);
		this.#requests.set(requestId, resolve);
		if (!this.#supervisor.send(build(requestId))) {
			resolve({ok: false, message: notRunning, durationMs: 0});
		}
		const answer = await promise;
		clearTimeout(timer);
		this.#requests.delete(requestId);
		return answer;
	}

	#receive(message: FromHeartbeat): void {
		const {log} = this.#options;
		if (this.#succession.hear(message)) return;
		switch (message.type) {
			case 'ready':
				this.#wasReady = true;
				this.sendFitness();
				if (this.#maintenance) void this.maintenance(true, 5000);
				return;
			case 'status':
				this.#status = message.status;
				this.#statusAtMs = performance.now();
				this.#highestTerm = Math.max(this.#highestTerm, message.status.term);
				this.#options.onStatus(message.status);
				return;
			case 'transition':
				this.#options.onTransition(message.transition);
				return;
			case 'event':
				this.#options.onEvent(message.event);
				return;
			case 'result':
				this.#requests.get(message.requestId)?.(message);
				return;
			case 'recording':
				this.#recordings.get(message.requestId)?.(message.recording);
				return;
			case 'handoverRequested':
				this.#options.onHandoverRequested(message.reason, message.forced);
				return;
			case 'resumed':
				log.info({}, 'nobody took what this heartbeat had left: it goes on');
				return;
			case 'failed':
				log.error({hint: message.hint}, message.message);
				if (!this.#wasReady) this.#options.onFirstFailure(message.message, message.hint);
				return;
			case 'log':
				log[message.level](message.fields ?? {}, message.message);
				return;
			case 'stopped':
				return;
		}
	}

	#forget(why: string): void {
		this.#status = undefined;
		for (const answer of this.#requests.values()) answer({ok: false, message: why, durationMs: 0});
		this.#succession.forget(why);
	}

	#raisePriority(pid: number): void {
		try {
			setPriority(pid, heartbeatNice);
		} catch {
			this.#options.log.debug({pid}, 'runs at normal priority: raising it needs CAP_SYS_NICE');
		}
	}
}

/** A status is up to a second old when it is asked for; its ages grow with it. */
function ageStatus(status: HeartbeatStatus, byMs: number): HeartbeatStatus {
	const grow = <T extends {readonly lastHeardMs?: number}>(value: T): T =>
		value.lastHeardMs === undefined ? value : {...value, lastHeardMs: Math.round(value.lastHeardMs + byMs)};
	return {
		...status,
		sinceMs: Math.round(status.sinceMs + byMs),
		peer: grow(status.peer),
		paths: status.paths.map(grow),
	};
}
