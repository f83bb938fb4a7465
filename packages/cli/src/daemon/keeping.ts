/**
 * The connections that live on here after a planned failover, until they end or their time is over.
 *
 * While they do the proxy closes each connection with its response, so that keep-alive clients come to the master. At the end of the time
 * what is left is closed here, which its clients see at once, and then the heartbeat lets nothing through any more. It ends without
 * closing anything when this node becomes master again: then they live on as they are. Leaves what passes the network to the heartbeat.
 */
import type {ProxySnapshot} from '@hapair/proxy';

export interface KeepingPorts {
	snapshot(): ProxySnapshot | undefined;
	/** Resolves at the proxy's next snapshot, at the latest after `limitMs`. */
	nextSnapshot(limitMs: number): Promise<void>;
	drainProxy(on: boolean): void;
	closeIdle(): void;
	/** Closes the connections to the virtual addresses. */
	endKept(): void;
	/** Tells the heartbeat that none is left. */
	endKeeping(): void;
	nowMs(): number;
}

/** Between closing connections here and the end of their way through the network: their last segments leave meanwhile. */
export const farewellMs = 500;

interface Round {
	untilMs: number;
	readonly over: Promise<void>;
}

export class Keeping {
	readonly #ports: KeepingPorts;
	#round: Round | undefined;

	constructor(ports: KeepingPorts) {
		this.#ports = ports;
	}

	/** Connections may live on here; how long yet, ms. 0 when none may. */
	get leftMs(): number {
		return this.#round === undefined ? 0 : Math.max(0, Math.round(this.#round.untilMs - this.#ports.nowMs()));
	}

	/** Resolves when no round is under way. */
	get over(): Promise<void> {
		return this.#round?.over ?? Promise.resolve();
	}

	/** @param keepMs from now. @param idleMs after so long connections on which nothing is asked are closed; absent: at the end. */
	begin(keepMs: number, idleMs = Number.POSITIVE_INFINITY): void {
		const over = Promise.withResolvers<void>();
		const round = {untilMs: this.#ports.nowMs() + keepMs, over: over.promise};
		this.#round = round;
		void this.#watch(round, this.#ports.nowMs() + idleMs).finally(() => over.resolve());
	}

	/** Sooner than was said; idle ones at once. */
	hurry(keepMs: number): void {
		if (this.#round === undefined) return;
		this.#round.untilMs = Math.min(this.#round.untilMs, this.#ports.nowMs() + keepMs);
		this.#ports.closeIdle();
	}

	/** This node is master again. */
	cancel(): void {
		if (this.#round === undefined) return;
		this.#round = undefined;
		this.#ports.drainProxy(false);
	}

	async #watch(round: Round, idleAtMs: number): Promise<void> {
		const {drainProxy, closeIdle, endKept, endKeeping, nowMs} = this.#ports;
		drainProxy(true);
		let hasIdle = true;
		await this.#until(
			round,
			() => round.untilMs,
			() => {
				if (hasIdle && nowMs() >= idleAtMs) {
					hasIdle = false;
					closeIdle();
				}
			},
		);
		if (this.#round !== round) return;
		if ((this.#ports.snapshot()?.connections ?? 0) > 0) {
			endKept();
			const farewellAtMs = nowMs() + farewellMs;
			await this.#until(round, () => farewellAtMs);
			if (this.#round !== round) return;
		}
		this.#round = undefined;
		drainProxy(false);
		endKeeping();
	}

	/** Until there is no connection, the time is over, or another round has begun. */
	async #until(round: Round, endMs: () => number, each = (): void => {}): Promise<void> {
		const {nextSnapshot, snapshot, nowMs} = this.#ports;
		while (this.#round === round && nowMs() < endMs()) {
			await nextSnapshot(Math.min(endMs() - nowMs(), 1000));
			const now = snapshot();
			// A snapshot from before the order to drain may be from before the last connection.
			if (now?.draining === true && now.connections === 0) return;
			each();
		}
	}
}
