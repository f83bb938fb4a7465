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
	/** Connections to the virtual addresses that the kernel still has, whoever made them; see `living-connections.ts`. */
	countLiving(): Promise<number>;
	/** Closes the connections to the virtual addresses. */
	endKept(): void;
	/** Tells the heartbeat that none is left. */
	endKeeping(): void;
	nowMs(): number;
}

/** Between closing connections here and the end of their way through the network: their last segments leave meanwhile. */
export const farewellMs = 500;

/** The kernel sends on what a proxy has left behind, and a proxy from before a reload is in no snapshot: how often to look. */
const lookEveryMs = 200;
/** How long idle connections of a node that stops may wait for one more request, whose response tells them to go. */
const idleGraceMs = 1000;

interface Round {
	untilMs: number;
	/** Then connections on which nothing is asked are closed. */
	idleAtMs: number;
	readonly startedMs: number;
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

	/** @param keepMs from now. */
	begin(keepMs: number): void {
		const over = Promise.withResolvers<void>();
		const startedMs = this.#ports.nowMs();
		const round = {startedMs, untilMs: startedMs + keepMs, idleAtMs: Number.POSITIVE_INFINITY, over: over.promise};
		this.#round = round;
		void this.#watch(round).finally(() => over.resolve());
	}

	/**
	 * Sooner than was said: the node stops. Connections on which nothing is asked are closed too, but not before the round is `idleGraceMs` old:
	 * to close one in the moment in which its client asks loses that request.
	 */
	hurry(keepMs: number): void {
		const round = this.#round;
		if (round === undefined) return;
		round.untilMs = Math.min(round.untilMs, this.#ports.nowMs() + keepMs);
		round.idleAtMs = round.startedMs + idleGraceMs;
	}

	/** This node is master again. */
	cancel(): void {
		if (this.#round === undefined) return;
		this.#round = undefined;
		this.#ports.drainProxy(false);
	}

	async #watch(round: Round): Promise<void> {
		const {drainProxy, closeIdle, endKept, endKeeping, nowMs} = this.#ports;
		drainProxy(true);
		await this.#until(
			round,
			() => round.untilMs,
			() => {
				if (nowMs() < round.idleAtMs) return;
				round.idleAtMs = Number.POSITIVE_INFINITY;
				closeIdle();
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
		const {nextSnapshot, nowMs} = this.#ports;
		let lookAtMs = 0;
		while (this.#round === round && nowMs() < endMs()) {
			await nextSnapshot(Math.min(endMs() - nowMs(), 1000));
			if (this.#isProxyEmpty && nowMs() >= lookAtMs) {
				if ((await this.#ports.countLiving()) === 0) return;
				lookAtMs = nowMs() + lookEveryMs;
			}
			each();
		}
	}

	/** A snapshot from before the order to drain may be from before the last connection. */
	get #isProxyEmpty(): boolean {
		const now = this.#ports.snapshot();
		return now?.draining === true && now.connections === 0;
	}
}
