/**
 * After a change that nobody ordered: both nodes' recordings are laid side by side, and what they say becomes a line of the history.
 *
 * Decides which changes are worth it and how long the peer is asked: it may be dead, cut off or starting. Leaves comparing to `merge-rings.ts`
 * and the way to the peer to its channel.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {FlightRecording, Transition} from '@hapair/heartbeat';
import {clean} from '../terminal.ts';
import type {Cause} from './cause.ts';
import type {FlightKeeper} from './flight-keeper.ts';
import {explainSpan} from './merge-rings.ts';
import type {HistoryRecord} from './record.ts';

export interface InvestigationPorts {
	readonly pair: string;
	readonly node: string;
	readonly peer: string;
	readonly masterDownMs: number;
	readonly keeper: FlightKeeper;
	/** The peer's recording. Rejects when it cannot be had now. */
	readonly askPeer: () => Promise<FlightRecording>;
	readonly append: (record: HistoryRecord) => void;
}

const worthwhile: readonly Cause[] = ['peer silent', 'this node stalled', 'peer claimed', 'nobody confirms', 'unknown'];
/** Before the peer is asked, and between the attempts: in the end it has been asked for two minutes. */
const pausesMs = [1500, 2000, 4000, 8000, 15_000, 30_000, 60_000];

export class Investigation {
	readonly #ports: InvestigationPorts;
	readonly #ended = new AbortController();

	constructor(ports: InvestigationPorts) {
		this.#ports = ports;
	}

	stop(): void {
		this.#ended.abort();
	}

	/** Never rejects; one line comes of it, at the latest when the peer was asked in vain. */
	async investigate({id, term, to}: Transition, cause: Cause | undefined): Promise<void> {
		if (cause === undefined || !worthwhile.includes(cause)) return;
		const {pair, node, peer, append, keeper} = this.#ports;
		const own = await keeper.recording();
		const changedMs = own?.entries.findLast(entry => entry.kind === 'state' && entry.state === to)?.atMs;
		if (own === undefined || changedMs === undefined) return;
		const theirs = await this.#fetch();
		if (this.#ended.signal.aborted) return;
		const findings =
			theirs === undefined
				? [`${peer} could not be asked for its recording within two minutes`]
				: this.#compare(own, theirs, changedMs);
		const time = new Date().toISOString();
		append({time, pair, node, kind: 'analysis', id: `${id}-a`, of: id, term, reason: findings.join('; '), findings});
	}

	#compare(own: FlightRecording, theirs: FlightRecording, changedMs: number): string[] {
		const {masterDownMs} = this.#ports;
		const span = {fromMs: changedMs - masterDownMs, toMs: changedMs};
		return explainSpan(own, theirs, span, masterDownMs / 4).map(clean);
	}

	async #fetch(): Promise<FlightRecording | undefined> {
		for (const pauseMs of pausesMs) {
			try {
				await sleep(pauseMs, undefined, {signal: this.#ended.signal});
				return await this.#ports.askPeer();
			} catch {
				if (this.#ended.signal.aborted) return undefined;
			}
		}
		return undefined;
	}
}

/** A recording from the network; nothing for what is none. */
export function readRecording(value: unknown): FlightRecording | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	const {node, bootId, peerBootId, nowMs, entries} = value as Readonly<Record<string, unknown>>;
	const texts = [node, bootId, peerBootId].every(text => typeof text === 'string' && text.length <= 64);
	if (!texts || typeof nowMs !== 'number' || !Array.isArray(entries) || entries.length > 5000) return undefined;
	return entries.every(isEntry) ? (value as FlightRecording) : undefined;
}

function isEntry(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const {kind, atMs, sequence, lateMs, state} = value as Readonly<Record<string, unknown>>;
	if (typeof atMs !== 'number' || !Number.isFinite(atMs)) return false;
	if (kind === 'sent' || kind === 'heard') return typeof sequence === 'number';
	if (kind === 'late') return typeof lateMs === 'number' && Number.isFinite(lateMs);
	return kind === 'state' && typeof state === 'string';
}
