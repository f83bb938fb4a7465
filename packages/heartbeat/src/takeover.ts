/**
 * The takeover: here the virtual addresses move to this node and leave it.
 *
 *   claim    addresses on the interfaces, read back  →  lease renewed, read back  →  announcements begin
 *   release  announcements stop  →  lease revoked (mute at once)  →  addresses off, read back
 *
 * Decides the order, and that a claim counts only when the kernel showed its effect. Before the lease is renewed an
 * address that is there is mute, so nobody hears of it half way. Leaves when to claim to the election. A release that arrives during a claim wins.
 */

import type {Announcer} from './announce.ts';
import type {Lease} from './lease.ts';
import {type AddressOutcome, addressRenewEveryMs, type VirtualAddresses} from './virtual-address.ts';

export interface TakeoverParts {
	readonly addresses: VirtualAddresses;
	readonly lease: Lease;
	readonly announcer: Announcer;
	/** Sends one renewing advertisement through every interface with a virtual address; false when one got none. */
	readonly sendRenewal: () => boolean;
	/** Somebody else removed addresses while this node holds them; they are back. */
	readonly onRestored: (addresses: readonly string[]) => void;
}

const leaseCheckEveryMs = 1000;

export class Takeover {
	readonly #parts: TakeoverParts;
	#wanted = false;
	#holding = false;
	#queue: Promise<unknown> = Promise.resolve();
	#renewTimer: NodeJS.Timeout | undefined;
	#checkTimer: NodeJS.Timeout | undefined;
	#restoring = false;

	constructor(parts: TakeoverParts) {
		this.#parts = parts;
	}

	/** True from a confirmed claim until the release was asked for. */
	get holding(): boolean {
		return this.#holding;
	}

	/** Opens the tools, builds the lease (mute from now on), removes what an earlier life left. */
	async open(): Promise<AddressOutcome> {
		const {lease, addresses, announcer} = this.#parts;
		announcer.open();
		await lease.open();
		const cleaned = await addresses.open();
		this.#checkTimer = setInterval(() => void lease.check(), leaseCheckEveryMs);
		return cleaned;
	}

	/** Takes the virtual addresses. Never rejects; on failure nothing stays claimed. */
	claim(): Promise<AddressOutcome> {
		this.#wanted = true;
		return this.#enqueue(() => this.#claim());
	}

	/** Gives the virtual addresses up. Mute before this returns to the event loop's next turn; idempotent. */
	release(): Promise<AddressOutcome> {
		this.#wanted = false;
		this.#holding = false;
		this.#parts.announcer.stop();
		clearInterval(this.#renewTimer);
		const muted = this.#parts.lease.revoke();
		return this.#enqueue(async () => {
			await muted;
			return this.#parts.addresses.release();
		});
	}

	/** Call with each advertisement that a master sends. */
	renew(): void {
		if (!this.#wanted) return;
		this.#parts.lease.renew(this.#parts.sendRenewal());
	}

	/** Says again where the addresses are: a second speaker was seen, a link came back. */
	announceAgain(): void {
		if (this.#holding) this.#parts.announcer.start();
	}

	/** Something about addresses or links changed: look, and put back what is missing. */
	restore(): void {
		if (!this.#holding || this.#restoring) return;
		this.#restoring = true;
		void this.#enqueue(async () => {
			this.#restoring = false;
			if (this.#wanted) await this.#renewAddresses();
		});
	}

	/** Releases, removes the lease, ends every tool. */
	async close(): Promise<AddressOutcome> {
		clearInterval(this.#checkTimer);
		const {addresses, lease, announcer} = this.#parts;
		const released = await this.release();
		announcer.close();
		await lease.close();
		await addresses.close();
		return released;
	}

	async #claim(): Promise<AddressOutcome> {
		const {addresses, lease, announcer, sendRenewal} = this.#parts;
		const outcome = await addresses.claim();
		if (!outcome.ok) return outcome;
		if (!this.#wanted) return releasedMeanwhile;
		await lease.openDoor();
		if (!this.#wanted) return releasedMeanwhile;
		sendRenewal();
		const granted = await lease.grant();
		if (!this.#wanted) {
			await lease.revoke();
			return releasedMeanwhile;
		}
		if (!granted) {
			await this.#parts.addresses.release();
			return {ok: false, reason: 'the lease cannot be renewed (nft does not confirm it); the node would stay mute'};
		}
		this.#holding = true;
		announcer.start();
		clearInterval(this.#renewTimer);
		this.#renewTimer = setInterval(() => this.restore(), addressRenewEveryMs);
		return {ok: true};
	}

	async #renewAddresses(): Promise<void> {
		const restored = await this.#parts.addresses.renew();
		if (restored.length === 0 || !this.#wanted) return;
		this.#parts.announcer.start();
		this.#parts.onRestored(restored);
	}

	#enqueue<T>(run: () => Promise<T>): Promise<T> {
		const result = this.#queue.then(run);
		this.#queue = result.catch(() => {});
		return result;
	}
}

const releasedMeanwhile: AddressOutcome = {ok: false, reason: 'released before the claim was complete'};
