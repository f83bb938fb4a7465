/**
 * Sends what the election wants said, and renews the lease with it.
 *
 * Decides that an advertisement or a renewal that comes too late after its decision is dropped: it would renew a lease that has passed to the
 * peer meanwhile. Leaves the layout to `advertisement.ts`, the signature to `authentication.ts`, the paths and the kernel to `surroundings.ts`.
 */
import {type Challenge, encode} from './advertisement.ts';
import {type Key, sign} from './authentication.ts';
import type {ShellBequest} from './bequest.ts';
import type {Effect} from './election/state.ts';
import type {FlightRing} from './flight-ring.ts';
import {clusterIdOf, nodeIdOf} from './identity.ts';
import type {HeartbeatSetup} from './messages.ts';
import type {Surroundings} from './surroundings.ts';
import {leaseMs} from './timers.ts';

export interface AdvertiserPorts {
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Asked for each advertisement, since it may change. */
	readonly signingKey: () => Key;
	/** For an unproven boot of the peer. */
	readonly challenge: () => Challenge | undefined;
	readonly surroundings: Pick<Surroundings, 'send' | 'takeover'>;
	readonly ring: FlightRing;
	readonly count: (name: string) => void;
}

export class Advertiser {
	readonly #setup: HeartbeatSetup;
	readonly #ports: AdvertiserPorts;
	readonly #leaseMs: number;
	#newest: Uint8Array | undefined;
	#renewedAtMs = Number.NEGATIVE_INFINITY;

	constructor(setup: HeartbeatSetup, ports: AdvertiserPorts) {
		this.#setup = setup;
		this.#ports = ports;
		this.#leaseMs = leaseMs(setup.pair.advertIntervalMs);
	}

	/** The newest advertisement as it was sent; absent before the first. */
	get newest(): Uint8Array | undefined {
		return this.#newest;
	}

	/** The last advertisement that prolonged the lease. */
	get renewedAtMs(): number {
		return this.#renewedAtMs;
	}

	/** What another process of this life has sent. */
	restore({newest, renewedAtMs}: Pick<ShellBequest, 'newest' | 'renewedAtMs'>): void {
		this.#newest = newest;
		this.#renewedAtMs = renewedAtMs;
	}

	advertise(effect: Extract<Effect, {type: 'sendAdvertisement'}>, decidedMs: number): void {
		const {pair, nodeName} = this.#setup;
		const {now, signingKey, challenge, surroundings, ring, count} = this.#ports;
		const key = signingKey();
		const bytes = encode({
			keyId: key.id,
			clusterId: clusterIdOf(pair.name),
			nodeId: nodeIdOf(nodeName),
			challenge: challenge(),
			advertisement: effect.advertisement,
		});
		sign(bytes, key);
		if (now() - decidedMs > this.#leaseMs / 4) {
			count('sendTooLate');
			return;
		}
		this.#newest = bytes;
		count('sent');
		const sentMs = now();
		ring.sent(effect.advertisement.sequence, sentMs);
		surroundings.send(bytes, effect.advertisement.sequence, sentMs);
		if (!effect.renewsLease) return;
		// With a witness the peer's consent has an end, which the lease must not outlive.
		if (pair.witness === undefined) this.#renew();
		else this.renewLease(decidedMs);
	}

	/** Without an advertisement: the peer's echo, or the witness, has consented. */
	renewLease(decidedMs: number): void {
		if (this.#ports.now() - decidedMs <= this.#setup.pair.advertIntervalMs / 10) this.#renew();
	}

	#renew(): void {
		this.#ports.surroundings.takeover.renew();
		this.#renewedAtMs = this.#ports.now();
	}
}
