/**
 * The proxy processes of a daemon: the one that serves, and those before it whose last connections have not ended yet.
 *
 * Decides how a reload goes from one to the next, step by step, and that the old one serves on when a step fails. The rest of the daemon sees
 * one proxy. When another program takes the daemon's place (`upgrade/`) the process that serves has its heir there, and the elders of the new
 * daemon's are here. It is longer than other files because all that may follow or precede a process meets here. Leaves a single process to `proxy-child.ts` and what is carried over to `@hapair/proxy`.
 */
import type {CarriedState, ProxyFigures, ProxySnapshot, ToProxy} from '@hapair/proxy';
import type {Log} from '../logging.ts';
import {type Exchange, type News, ProxyChild, type ProxyPlan} from './proxy-child.ts';
import {closeHandle, type OldProxy, type ReplaceFailure, Replacement} from './proxy-replacement.ts';
import type {ProxyCondition} from './tracks/fitness.ts';

export interface ProxySuccessionOptions {
	readonly log: Log;
	/** Takes what `log stdout` writes, of old processes too. */
	readonly onLine: (line: string) => void;
	/** Of the process that serves. */
	readonly onCondition: (condition: ProxyCondition) => void;
	/** The first process said why it cannot start. */
	readonly onFirstFailure: (message: string, hint: string | undefined) => void;
}

export interface RetiredProxy {
	readonly pid: number;
	/** Client connections that have not ended yet. */
	readonly connections: number;
	readonly activeTransactions: number;
	readonly sinceMs: number;
}

/** The proxy processes that a former daemon of this node still has. */
export interface Elders {
	readonly retired: readonly RetiredProxy[];
	drain(on: boolean): void;
	closeIdle(): void;
	endAt(addresses: readonly string[]): void;
	/** False when one is still there. */
	stop(graceMs: number, hurry: AbortSignal): Promise<boolean>;
}

/** The daemon that takes this one's place: what the process that serves has to say is for its process. */
export interface Heir {
	/** `sent` is called in any case. */
	exchange(message: Exchange, handle: unknown, sent: () => void): void;
	down(detail: string): void;
	/** A process that has retired has told how it is, or has ended. */
	retiredChanged(): void;
}

/** Each holds as much memory as the one that serves; beyond, the oldest is ended. */
const mostRetired = 16;

export class ProxySuccession {
	readonly #options: ProxySuccessionOptions;
	readonly #retired = new Map<ProxyChild, number>();
	#current: ProxyChild;
	#replacement: Replacement | undefined;
	#elders: Elders | undefined;
	#heir: Heir | undefined;
	/** The heir's process serves. */
	#isOver = false;
	readonly #emptied = Promise.withResolvers<void>();
	#news: {readonly from: ProxyChild; readonly hear: (message: News) => void} | undefined;

	/** @param follows The first process takes over from another daemon's: `succeed` instead of `start`. */
	constructor(plan: ProxyPlan, options: ProxySuccessionOptions, follows = false) {
		this.#options = options;
		this.#current = this.#create(plan, follows, (message, hint) => {
			if (this.#replacement === undefined) options.onFirstFailure(message, hint);
			else this.#replacement.abort(message, hint);
		});
	}

	get pid(): number | undefined {
		return this.#current.pid;
	}

	get condition(): ProxyCondition {
		return this.#current.condition;
	}

	/** Of the process that serves, with the connections of all. */
	get snapshot(): ProxySnapshot | undefined {
		const {snapshot} = this.#current;
		const old = this.retired;
		if (snapshot === undefined || old.length === 0) return snapshot;
		return {
			...snapshot,
			connections: old.reduce((sum, {connections}) => sum + connections, snapshot.connections),
			activeTransactions: old.reduce((sum, one) => sum + one.activeTransactions, snapshot.activeTransactions),
		};
	}

	/** Oldest first. */
	get retired(): readonly RetiredProxy[] {
		const nowMs = performance.now();
		const own = [...this.#retired].map(([child, sinceMs]) => ({
			pid: child.pid ?? 0,
			connections: child.snapshot?.connections ?? 0,
			activeTransactions: child.snapshot?.activeTransactions ?? 0,
			sinceMs: Math.round(nowMs - sinceMs),
		}));
		return [...(this.#elders?.retired ?? []), ...own];
	}

	start(): void {
		this.#current.start();
	}

	drain(on: boolean): void {
		for (const child of this.#all()) child.drain(on);
		this.#elders?.drain(on);
	}

	closeIdle(): void {
		for (const child of this.#all()) child.closeIdle();
		this.#elders?.closeIdle();
	}

	/** Ends the clients' connections to these addresses of this machine. */
	endAt(addresses: readonly string[]): void {
		for (const child of this.#all()) child.endAt(addresses);
		this.#elders?.endAt(addresses);
	}

	/** Resolves at the next snapshot of the process that serves, or after `limitMs`. */
	nextSnapshot(limitMs: number): Promise<void> {
		return this.#current.nextSnapshot(limitMs);
	}

	/** Every counter of the process that serves; what the ones before had counted is among them. */
	figures(limitMs: number): Promise<ProxyFigures | undefined> {
		return this.#current.figures(limitMs);
	}

	setServer(...order: Parameters<ProxyChild['setServer']>): ReturnType<ProxyChild['setServer']> {
		return this.#current.setServer(...order);
	}

	/** False when a process is still there. */
	async stop(graceMs: number, hurry: AbortSignal): Promise<boolean> {
		this.abandonReplacement('the daemon stops');
		const ended = await Promise.all([
			...this.#all().map(child => child.stop(graceMs, hurry)),
			...(this.#elders === undefined ? [] : [this.#elders.stop(graceMs, hurry)]),
		]);
		return ended.every(Boolean);
	}

	/**
	 * Another process serves from now on, or why not: then this one goes on as before. One at a time. `onServing` is called when the new one
	 * counts and before the old one retires.
	 */
	async replace(
		plan: ProxyPlan,
		progress: (message: string) => void,
		onServing: () => void,
	): Promise<ReplaceFailure | undefined> {
		const old = this.#current;
		const replacement = new Replacement(old, progress);
		const next = this.#create(plan, true, (message, hint) => replacement.abort(message, hint));
		this.#replacement = replacement;
		try {
			next.start();
			const failure = await replacement.run(next);
			if (failure !== undefined) {
				await next.stop(0, new AbortController().signal);
				return failure;
			}
		} finally {
			this.#replacement = undefined;
		}
		this.#current = next;
		onServing();
		this.#retire(old);
		return undefined;
	}

	/**
	 * The first process takes over from that of another daemon. Resolves with why not; the caller then ends it.
	 *
	 * @param beforeSwitch see `Replacement.run`.
	 */
	async succeed(
		old: OldProxy,
		progress: (message: string) => void,
		beforeSwitch: () => Promise<void>,
	): Promise<ReplaceFailure | undefined> {
		const replacement = new Replacement(old, progress);
		this.#replacement = replacement;
		this.#current.start();
		const failure = await replacement.run(this.#current, beforeSwitch);
		this.#replacement = undefined;
		return failure;
	}

	/** A word of the process that `succeed` was called with, or of one that has retired there. */
	hearElder(old: OldProxy, message: Exchange, handle: unknown): void {
		if (this.#replacement !== undefined) this.#replacement.take(old, message, handle);
		else if (message.type === 'carried') this.#current.pass({type: 'inherit', state: message.state});
		else closeHandle(handle);
	}

	/** The process that `succeed` was called with is gone. */
	elderDown(old: OldProxy, detail: string): void {
		this.#replacement?.hear(old, {phase: 'down', detail});
	}

	keepElders(elders: Elders): void {
		this.#elders = elders;
	}

	/** Another daemon's process is to take over from the one that serves: `passOn` its words. Ends with `dismissHeir` or `retireAll`. */
	meetHeir(heir: Heir): void {
		this.#heir = heir;
	}

	passOn(message: ToProxy): void {
		this.#current.pass(message);
	}

	/** It came to nothing. */
	dismissHeir(): void {
		this.#heir = undefined;
		this.#current.pass({type: 'resume'});
	}

	/** Another daemon's process serves. Resolves when the last one here has ended. */
	async retireAll(): Promise<void> {
		this.#isOver = true;
		this.#retire(this.#current);
		this.#heir?.retiredChanged();
		if (this.retired.length > 0) await this.#emptied.promise;
	}

	/** The former daemon has told of its processes, or has ended. */
	noteElders(): void {
		this.#heir?.retiredChanged();
		if (this.retired.length === 0) this.#emptied.resolve();
	}

	/** What the process that serves would have the standby know; the entries of tables that were used lately, or all. Rejects after `limitMs`. */
	async askNews(usedWithinMs: number | undefined, limitMs: number): Promise<readonly CarriedState[]> {
		const {promise, resolve, reject} = Promise.withResolvers<readonly CarriedState[]>();
		const states: CarriedState[] = [];
		const timer = setTimeout(() => reject(new Error(`the proxy did not answer within ${limitMs} ms`)), limitMs);
		timer.unref();
		const hear = (message: News): void => {
			if (message.type === 'news') states.push(message.state);
			else resolve(states);
		};
		const asked = {from: this.#current, hear};
		this.#news = asked;
		this.#current.pass({type: 'tellNews', ...(usedWithinMs === undefined ? {} : {usedWithinMs})});
		try {
			return await promise;
		} finally {
			clearTimeout(timer);
			if (this.#news === asked) this.#news = undefined;
		}
	}

	/** What the other node's process knows. */
	takeNews(state: CarriedState): void {
		this.#current.pass({type: 'inherit', state});
	}

	settleNews(): void {
		this.#current.pass({type: 'settleNews'});
	}

	/** A reload under way comes to nothing. */
	abandonReplacement(why: string): void {
		this.#replacement?.abort(why);
	}

	#all(): readonly ProxyChild[] {
		return [...new Set([...this.#retired.keys(), this.#current])];
	}

	#retire(child: ProxyChild): void {
		const isThere = child.pid !== undefined;
		child.retire();
		if (!isThere) return;
		this.#retired.set(child, performance.now());
		const [oldest] = this.#retired.keys();
		if (this.#retired.size <= mostRetired || oldest === undefined) return;
		this.#options.log.warn({pid: oldest.pid}, `more than ${mostRetired} old proxy processes: the oldest is ended`);
		void oldest.stop(0, new AbortController().signal);
	}

	#create(plan: ProxyPlan, follows: boolean, onFirstFailure: ProxySuccessionOptions['onFirstFailure']): ProxyChild {
		const child: ProxyChild = new ProxyChild({
			...plan,
			follows,
			log: this.#options.log,
			onLine: this.#options.onLine,
			onFirstFailure,
			onCondition: condition => this.#hear(child, condition),
			onExchange: (message, handle) => this.#exchange(child, message, handle),
		});
		return child;
	}

	#hear(child: ProxyChild, condition: ProxyCondition): void {
		if (child === this.#current && !this.#retired.has(child)) {
			this.#options.onCondition(condition);
			if (condition.phase === 'down') this.#heir?.down(condition.detail);
		}
		this.#replacement?.hear(child, condition);
		if (this.#retired.has(child) && condition.phase !== 'down') this.#heir?.retiredChanged();
		if (condition.phase !== 'down' || !this.#retired.delete(child)) return;
		const left = this.#retired.size;
		this.noteElders();
		this.#options.log.info(
			{retired: left},
			`an old proxy process has ended, ${left === 0 ? 'it was the last' : `${left} left`}`,
		);
	}

	#exchange(child: ProxyChild, message: Exchange | News, handle: unknown): void {
		if (message.type === 'news' || message.type === 'allNews') {
			if (child === this.#news?.from) this.#news.hear(message);
			return;
		}
		const isRetired = this.#retired.has(child);
		if (this.#heir !== undefined && (this.#isOver ? isRetired : child === this.#current)) {
			this.#heir.exchange(message, handle, () => closeHandle(handle));
		} else if (isRetired && message.type === 'carried') this.#current.pass({type: 'inherit', state: message.state});
		else if (!isRetired && this.#replacement !== undefined) this.#replacement.take(child, message, handle);
		// A socket that nobody takes any more must not stay open here: clients would wait in it for ever.
		else closeHandle(handle);
	}
}
