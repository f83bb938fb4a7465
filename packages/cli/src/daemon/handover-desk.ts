/**
 * The failovers that this daemon carries out, one at a time, whoever asks: an operator, the peer, a drill or the daemon's own end.
 *
 * Decides when none may begin, and with what limits the peer's wish and the daemon's end are carried out. Leaves the steps to `handover.ts`,
 * the connections that live on afterwards to `keeping.ts`.
 */
import {exitCodes} from '../exit-codes.ts';
import type {Log} from '../logging.ts';
import {findRefusal, type HandoverOutcome, type HandoverRequest, handOver, usualDrain} from './handover.ts';
import type {PairParts} from './pair-parts.ts';
import type {ProxySuccession} from './proxy-succession.ts';
import {endsWithin} from './within.ts';

export interface HandoverDeskPorts {
	/** Absent without a pair section. */
	readonly pair: Pick<PairParts, 'setup' | 'heartbeat' | 'keeping' | 'probe'> | undefined;
	readonly proxy: ProxySuccession;
	/** The reload that is under way. */
	readonly reloading: () => Promise<unknown> | undefined;
	readonly isUpgrading: () => boolean;
	readonly log: Log;
}

/** How long connections live on after the handover of a stop. */
export const stopKeepMs = 6000;

export class HandoverDesk {
	readonly #ports: HandoverDeskPorts;
	#running: Promise<HandoverOutcome> | undefined;

	constructor(ports: HandoverDeskPorts) {
		this.#ports = ports;
	}

	get isUnderWay(): boolean {
		return this.#running !== undefined;
	}

	/** A second request is refused. One that comes during a reload waits for its end. Never rejects. */
	async handOver(request: HandoverRequest): Promise<HandoverOutcome> {
		const {pair, proxy, reloading, isUpgrading} = this.#ports;
		const reload = reloading();
		if (reload !== undefined) await endsWithin(reload, request.timeoutMs);
		const refuse = (message: string): HandoverOutcome => ({code: exitCodes.refused, message, durationMs: 0});
		if (pair === undefined) return refuse('there is no pair section, so there is no address to move');
		if (this.#running !== undefined) return refuse('a failover is already under way');
		if (isUpgrading()) return refuse('an upgrade is under way');
		const {heartbeat, probe} = pair;
		this.#running = handOver(
			{
				status: () => heartbeat.status,
				snapshot: () => proxy.snapshot,
				drainProxy: on => proxy.drain(on),
				closeIdle: () => proxy.closeIdle(),
				endHere: () => proxy.endAt(pair.setup.pair.virtualAddresses.map(({address}) => address)),
				closeDoor: forMs => heartbeat.closeDoor(forMs),
				requestFailover: (...order) => heartbeat.failover(...order),
				confirm: () => probe.confirm(),
				nextSnapshot: limitMs => proxy.nextSnapshot(limitMs),
				nowMs: () => performance.now(),
			},
			request,
		);
		const outcome = await this.#running;
		this.#running = undefined;
		if (outcome.keepMs !== undefined) pair.keeping.begin(outcome.keepMs);
		return outcome;
	}

	/** The peer, or the election, wants the address to move. */
	async handOverOnRequest(reason: string, force: boolean): Promise<void> {
		const {log, pair} = this.#ports;
		log.info({force}, `handing over: ${reason}`);
		const {code, message} = await this.handOver({force, ...usualDrain, timeoutMs: 15_000, progress: this.#progress});
		log.info({}, message);
		if (code !== exitCodes.ok) pair?.heartbeat.declineHandover(message);
	}

	/** A master that ends leaves in order, where the peer can have the address. */
	async handOverBeforeStop(): Promise<void> {
		const {log, pair} = this.#ports;
		const status = pair?.heartbeat.status;
		if (status?.state !== 'master') return;
		const refusal = findRefusal(status, false);
		if (refusal !== undefined) return log.info({}, `stopping without a handover: ${refusal.why}`);
		const {code, message} = await this.handOver({
			force: false,
			drainMs: 1000,
			keepMs: stopKeepMs,
			timeoutMs: 4000,
			progress: this.#progress,
		});
		log.info({}, code === exitCodes.ok ? message : `stopping without a handover: ${message}`);
	}

	readonly #progress = (message: string): void => this.#ports.log.info({}, message);
}
