/**
 * The master tells the standby what people have ordered, what was changed in maps and what its tables count, so that a takeover starts warm.
 *
 * Decides who tells: the master, and a node that is master learns nothing from the other one. First everything, then each second what was
 * used since; all again when the standby has a new proxy process. A standby that does not answer costs nothing but its age, which `status` shows.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {CarriedState} from '@hapair/proxy';
import type {Log} from '../logging.ts';
import type {PeerChannel} from '../peer/peer-channel.ts';
import {PeerError, PeerRefusal, type PeerSession} from '../peer/peer-session.ts';
import {packState, unpackState} from './carry.ts';

export interface WarmPorts {
	readonly channel: PeerChannel;
	readonly isMaster: () => boolean;
	/** Of the process that serves, absent while none does; a new one knows nothing of what the last one was told. */
	readonly proxyPid: () => number | undefined;
	readonly askNews: (usedWithinMs: number | undefined, limitMs: number) => Promise<readonly CarriedState[]>;
	readonly takeNews: (state: CarriedState) => void;
	readonly settleNews: () => void;
	readonly log: Log;
}

/** For `status`. */
export interface WarmReport {
	readonly role: 'tells' | 'learns';
	/** The age of what the standby knows; absent while it knows nothing. */
	readonly lagMs?: number;
	/** Table entries told since the start. */
	readonly entries: number;
	/** Why the standby is not told, on the node that tells. */
	readonly trouble?: string;
}

const everyMs = 1000;
const askLimitMs = 10_000;
const answerLimitMs = 10_000;
/** An entry too often does no harm: it replaces itself. */
const graceMs = 500;
/** Tables whose entries never expire do not know when one was used, and are told whole once in so many rounds. */
const wholeEvery = 30;

export class WarmStandby {
	readonly #ports: WarmPorts;
	readonly #end = new AbortController();
	#toldAtMs: number | undefined;
	#learnedAtMs: number | undefined;
	#entries = 0;
	#trouble: string | undefined;

	constructor(ports: WarmPorts) {
		this.#ports = ports;
		ports.channel.on('warm take', async body => {
			this.#expectStandby();
			const state = unpackState(body);
			if (state.kind === 'entries') this.#entries += state.entries.lengths.length;
			ports.takeNews(state);
			return {};
		});
		ports.channel.on('warm settle', async () => {
			const pid = this.#expectStandby();
			ports.settleNews();
			this.#learnedAtMs = performance.now();
			return {pid};
		});
	}

	start(): void {
		void this.#run();
	}

	close(): void {
		this.#end.abort();
	}

	report(): WarmReport {
		const isMaster = this.#ports.isMaster();
		const atMs = isMaster ? this.#toldAtMs : this.#learnedAtMs;
		return {
			role: isMaster ? 'tells' : 'learns',
			...(atMs === undefined ? {} : {lagMs: Math.round(performance.now() - atMs)}),
			entries: this.#entries,
			...(isMaster && this.#trouble !== undefined ? {trouble: this.#trouble} : {}),
		};
	}

	/** The process that learns. What is told to one that does not serve yet would be lost. */
	#expectStandby(): number {
		if (this.#ports.isMaster()) throw new PeerError('this node is master and has its own');
		const pid = this.#ports.proxyPid();
		if (pid === undefined) throw new PeerError('the proxy does not serve yet');
		return pid;
	}

	async #run(): Promise<void> {
		while (await this.#pause()) {
			if (!this.#ports.isMaster()) {
				this.#toldAtMs = undefined;
				continue;
			}
			try {
				await this.#ports.channel.converse(session => this.#tell(session));
			} catch (error) {
				const trouble = error instanceof Error ? error.message : String(error);
				if (trouble !== this.#trouble) this.#ports.log.debug({}, `the standby is not told: ${trouble}`);
				this.#trouble = trouble;
			}
		}
	}

	/** Until this node is no longer master; rejects when the standby cannot be told. */
	async #tell(session: PeerSession): Promise<void> {
		let [lastMs, standbyPid, lastOrders]: [number | undefined, unknown, string] = [undefined, undefined, ''];
		for (let round = 1; this.#ports.isMaster(); round++) {
			const begunMs = performance.now();
			const sinceMs = lastMs === undefined ? undefined : begunMs - lastMs + graceMs;
			const isWhole = round % wholeEvery === 0;
			const withinMs = sinceMs === undefined || !isWhole ? sinceMs : Math.max(sinceMs, wholeEvery * everyMs);
			for (const state of await this.#ports.askNews(withinMs, askLimitMs)) {
				const packed = packState(state);
				if (packed === undefined) continue;
				// Orders that the standby was given itself hold until there are new ones here.
				const orders = state.kind === 'orders' ? JSON.stringify(packed) : undefined;
				if (orders !== undefined && orders === lastOrders) continue;
				try {
					await session.request('warm take', packed, answerLimitMs);
				} catch (error) {
					// A node of an older version knows no patterns, and is told the rest.
					if (state.kind !== 'patterns' || !(error instanceof PeerRefusal)) throw error;
				}
				if (orders !== undefined) lastOrders = orders;
				if (state.kind === 'entries') this.#entries += state.entries.lengths.length;
			}
			const {pid} = await session.request('warm settle', {}, answerLimitMs);
			const isSame = standbyPid === undefined || standbyPid === pid;
			[standbyPid, lastMs, lastOrders] = [pid, isSame ? begunMs : undefined, isSame ? lastOrders : ''];
			if (isSame) this.#toldAtMs = begunMs;
			this.#trouble = undefined;
			if (!(await this.#pause())) return;
		}
	}

	/** False when it has ended. */
	async #pause(): Promise<boolean> {
		try {
			await sleep(everyMs, undefined, {signal: this.#end.signal, ref: false});
			return true;
		} catch {
			return false;
		}
	}
}
