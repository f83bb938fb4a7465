/**
 * One proxy process as the daemon sees it: what phase it is in, its latest snapshot, and its end.
 *
 * Decides when it counts as serving: `ready` was said and one of its workers has given a sign of life lately, whatever the main thread does
 * meanwhile: it checks servers and gathers figures, and clients do not need it. Leaves restarts to the supervisor, and what two proxy processes
 * say to each other at a reload to `proxy-succession.ts`.
 */
import type {Configuration} from '@hapair/config';
import type {FromProxy, ProxyFigures, ProxyOptions, ProxySnapshot, ToProxy} from '@hapair/proxy';
import type {Log} from '../logging.ts';
import {Supervisor} from './supervisor.ts';
import type {ProxyCondition} from './tracks/fitness.ts';

/** What runs: program, configuration, files. */
export interface ProxyPlan {
	readonly argv: readonly string[];
	/** Begins a command that runs as the user of `argv`; absent where this process may send it signals. */
	readonly asItsUser?: readonly string[];
	readonly configuration: Configuration;
	readonly proxyOptions: Omit<ProxyOptions, 'logPid'>;
}

export interface ProxyChildOptions extends ProxyPlan {
	readonly log: Log;
	/** Takes what `log stdout` writes. */
	readonly onLine?: (line: string) => void;
	readonly onCondition: (condition: ProxyCondition) => void;
	/** The process said why it cannot start, before it was ever ready. */
	readonly onFirstFailure: (message: string, hint: string | undefined) => void;
	/** Its first life takes over from another process: nothing is served before `begin`. */
	readonly follows?: boolean;
	/** What is meant for the process before or after this one; `handle` is a socket that came along. */
	readonly onExchange?: (message: Exchange | News, handle: unknown) => void;
}

/** What a proxy process says to the one of the other node. */
export type News = Extract<FromProxy, {type: 'news' | 'allNews'}>;

/** What a proxy process says to another. */
export type Exchange = Extract<FromProxy, {type: 'prepared' | 'settled' | 'lent' | 'allLent' | 'carried' | 'told'}>;

/** Without a sign of life of a worker (where none can be given, a word of the main thread) for this long it does not count as serving … */
const silentAfterMs = 3000;
/** … and after this long without either it is replaced. */
const hopelessAfterMs = 15_000;
const mute = 'the proxy process does not respond';

type Answer = Extract<FromProxy, {readonly type: 'result' | 'figures'}>;
type Question = Extract<ToProxy, {readonly requestId: number}>;

export class ProxyChild {
	readonly #options: ProxyChildOptions;
	readonly #supervisor: Supervisor<FromProxy, ToProxy>;
	#silence: NodeJS.Timeout | undefined;
	#condition: ProxyCondition = {phase: 'starting', detail: 'the proxy is starting'};
	#wasReady = false;
	/** It was said that the main thread alone is silent. */
	#mainIsMissed = false;
	#waiters: (() => void)[] = [];
	readonly #requests = new Map<number, (answer: Answer | undefined) => void>();
	#lastRequestId = 0;

	constructor(options: ProxyChildOptions) {
		this.#options = options;
		this.#supervisor = new Supervisor({
			name: 'proxy',
			argv: options.argv,
			firstMessage: pid => ({
				type: 'start',
				configuration: options.configuration,
				options: {...options.proxyOptions, logPid: pid},
				// A process that dies before it has served is not started again; later ones have nobody to follow.
				...(options.follows === true && !this.#wasReady ? {follows: true} : {}),
			}),
			onMessage: (message, handle) => this.#receive(message, handle),
			onExit: ({description, expected}) => {
				for (const answer of this.#requests.values()) answer(undefined);
				this.#become({phase: 'down', detail: expected ? 'the proxy has stopped' : `the proxy process ${description}`});
			},
			...(options.onLine === undefined ? {} : {onLine: options.onLine}),
			...(options.asItsUser === undefined ? {} : {asItsUser: options.asItsUser}),
			silenceLimitMs: hopelessAfterMs,
			givesSigns: true,
			log: options.log,
		});
	}

	get pid(): number | undefined {
		return this.#supervisor.pid;
	}

	get condition(): ProxyCondition {
		return this.#condition;
	}

	get snapshot(): ProxySnapshot | undefined {
		return this.#condition.snapshot;
	}

	start(): void {
		this.#silence = setInterval(() => this.#judgeSilence(), 500);
		this.#supervisor.start();
	}

	drain(on: boolean): void {
		this.#supervisor.send({type: 'drain', on});
	}

	closeIdle(): void {
		this.#supervisor.send({type: 'closeIdle'});
	}

	endAt(addresses: readonly string[]): void {
		this.#supervisor.send({type: 'endAt', addresses});
	}

	/** Of an exchange with another proxy process; `sent` is called in any case. */
	pass(message: ToProxy, handle?: unknown, sent?: () => void): void {
		this.#supervisor.send(message, handle, sent);
	}

	/** Another process serves: it ends with its last connection and is not started again. */
	retire(): void {
		clearInterval(this.#silence);
		this.#supervisor.letEnd({type: 'retire'});
	}

	/** Every counter; undefined when none came within the limit. */
	async figures(limitMs: number): Promise<ProxyFigures | undefined> {
		const answer = await this.#ask(requestId => ({type: 'figures', requestId}), limitMs);
		return answer?.type === 'figures' ? answer.figures : undefined;
	}

	/** Puts a server into a state by hand; undefined when there was no answer within the limit. */
	async setServer(
		order: Pick<Extract<ToProxy, {type: 'server'}>, 'backend' | 'server' | 'admin'>,
		limitMs: number,
	): Promise<{readonly ok: boolean; readonly message: string} | undefined> {
		const answer = await this.#ask(requestId => ({type: 'server', requestId, ...order}), limitMs);
		return answer?.type === 'result' ? answer : undefined;
	}

	async #ask(build: (requestId: number) => Question, limitMs: number): Promise<Answer | undefined> {
		const requestId = ++this.#lastRequestId;
		const {promise, resolve} = Promise.withResolvers<Answer | undefined>();
		const timer = setTimeout(() => resolve(undefined), limitMs);
		this.#requests.set(requestId, resolve);
		if (!this.#supervisor.send(build(requestId))) resolve(undefined);
		const answer = await promise;
		clearTimeout(timer);
		this.#requests.delete(requestId);
		return answer;
	}

	/** Soft: ends with the last connection, at the latest after `graceMs`. False when the process is still there. */
	stop(graceMs: number, hurry: AbortSignal): Promise<boolean> {
		clearInterval(this.#silence);
		const mode = graceMs > 0 ? 'soft' : 'hard';
		return this.#supervisor.stop({type: 'stop', mode, graceMs}, graceMs + 500, hurry);
	}

	/** Resolves at the next snapshot or after `limitMs`. */
	nextSnapshot(limitMs: number): Promise<void> {
		const {promise, resolve} = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, limitMs);
		this.#waiters.push(() => {
			clearTimeout(timer);
			resolve();
		});
		return promise;
	}

	#receive(message: FromProxy, handle: unknown): void {
		const {log} = this.#options;
		switch (message.type) {
			case 'ready':
				this.#wasReady = true;
				log.info({workers: message.workers}, `ready with ${message.workers} workers`);
				this.#serve(this.#condition.snapshot);
				return;
			case 'snapshot':
				// Before `ready` the listeners are still being opened.
				if (this.#condition.phase === 'starting' || this.#condition.phase === 'down') return;
				this.#serve(message.snapshot);
				return;
			case 'failed':
				log.error({hint: message.hint}, message.message);
				if (!this.#wasReady) this.#options.onFirstFailure(message.message, message.hint);
				return;
			case 'log':
				log[message.level](message.fields ?? {}, message.message);
				return;
			case 'result':
			case 'figures':
				this.#requests.get(message.requestId)?.(message);
				return;
			default:
				this.#options.onExchange?.(message, handle);
		}
	}

	#serve(snapshot: ProxySnapshot | undefined): void {
		this.#judge(snapshot);
		for (const waiter of this.#waiters.splice(0)) waiter();
	}

	#judge(snapshot: ProxySnapshot | undefined): void {
		const known = snapshot === undefined ? {} : {snapshot};
		if (this.#isMute()) this.#become({phase: 'silent', detail: mute, ...known});
		else this.#become({phase: 'serving', detail: '', ...known});
	}

	/** Nobody in the process serves, as far as can be known. */
	#isMute(): boolean {
		return (this.#supervisor.signlessMs ?? this.#supervisor.silentMs) >= silentAfterMs;
	}

	#judgeSilence(): void {
		const {phase, snapshot} = this.#condition;
		if (phase !== 'serving' && phase !== 'silent') return;
		const isMute = this.#isMute();
		this.#noteMainThread(isMute);
		if (isMute === (phase === 'silent')) return;
		if (isMute) this.#options.log.warn({pid: this.pid}, 'has been silent for 3 s');
		this.#judge(snapshot);
	}

	/** Who looks for a cause later finds it; nothing follows from it. */
	#noteMainThread(isMute: boolean): void {
		const isMissed = !isMute && this.#supervisor.silentMs >= silentAfterMs;
		if (isMissed && !this.#mainIsMissed) {
			this.#options.log.warn(
				{pid: this.pid},
				'the main thread has been silent for 3 s; the workers serve on without checks of servers',
			);
		}
		this.#mainIsMissed = isMissed;
	}

	#become(condition: ProxyCondition): void {
		this.#condition = condition;
		this.#options.onCondition(condition);
	}
}
