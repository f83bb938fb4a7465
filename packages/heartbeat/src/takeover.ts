/**
 * The takeover: here the virtual addresses move to this node and leave it.
 *
 *   claim    addresses on the interfaces, read back  →  lease renewed, read back;  `announce` follows at once
 *   release  announcements stop  →  lease revoked (mute at once)  →  addresses off, read back
 *
 * Around a planned failover there is a second chance for connections (`second-chance.ts`). The node that gives goes over from the lease to
 * `keeping` in one transaction, shelters the addresses and then takes them off their interfaces. The node that takes stands `ajar` shortly
 * before, and passes on what lives at the peer before anything reaches it.
 *
 * Decides the order, and that a claim counts only when the kernel showed its effect. Before the lease is renewed an
 * address that is there is mute, so nobody hears of it half way. A release that arrives during a claim wins, and so does
 * a stall: a process that slept between two steps no longer knows who is master. Leaves when to claim to the election.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {AnnouncedSoFar, Announcer} from './announce.ts';
import type {Lease} from './lease.ts';
import type {SecondChance} from './second-chance.ts';
import {
	type AddressOutcome,
	addressRenewEveryMs,
	type MissingAddresses,
	type VirtualAddresses,
} from './virtual-address.ts';

export interface TakeoverParts {
	readonly addresses: Pick<
		VirtualAddresses,
		'prepare' | 'open' | 'claim' | 'prolong' | 'release' | 'close' | 'shelter' | 'unshelter'
	>;
	readonly lease: Pick<
		Lease,
		'kind' | 'prepare' | 'start' | 'open' | 'adopt' | 'grant' | 'renew' | 'revoke' | 'openDoor' | 'leave' | 'close'
	>;
	readonly secondChance: Pick<
		SecondChance,
		'why' | 'sets' | 'isIdle' | 'prepare' | 'confirm' | 'apply' | 'set' | 'close'
	>;
	readonly announcer: Pick<Announcer, 'open' | 'start' | 'stop' | 'soFar' | 'goOn' | 'close'>;
	/** Sends one renewing advertisement through every interface with a virtual address; false when one got none. */
	readonly sendRenewal: () => boolean;
	/** False when this process has just been asleep for longer than a lease. */
	readonly isAwake: () => boolean;
	/** These addresses have gone while this node holds them. */
	readonly onLost: (missing: MissingAddresses) => void;
	/** Somebody else removed the routes of sheltered addresses; they stand again. */
	readonly onShelterLost: () => void;
}

const shelterEveryMs = 1000;
/** An address that could not be removed lapses after its lifetime of 5 s. */
const releaseRetries = 14;
const releaseRetryMs = 500;
/** From the peer's word that it hands over to the claim here: 50 ms, seconds on a busy machine; it ends by itself when nothing comes of it. */
const ajarMs = 5000;

export class Takeover {
	readonly #parts: TakeoverParts;
	#wanted = false;
	#holding = false;
	#looking = false;
	#queue: Promise<unknown> = Promise.resolve();
	#renewTimer: NodeJS.Timeout | undefined;
	/** The addresses are sheltered until then, monotonic ms. */
	#shelteredUntilMs = 0;
	#shelterTimer: NodeJS.Timeout | undefined;
	#passing = false;
	#keeps = false;

	constructor(parts: TakeoverParts) {
		this.#parts = parts;
	}

	/** The last release has left connections their way. */
	get keeps(): boolean {
		return this.#keeps;
	}

	/** Opens the tools, mutes and removes what an earlier life left, then builds the lease (mute from now on). */
	async open(): Promise<AddressOutcome> {
		const {lease, addresses, announcer} = this.#parts;
		announcer.open();
		await lease.start();
		const cleaned = await addresses.open();
		await lease.open();
		return cleaned;
	}

	/** Opens the tools and changes nothing: another process of this node has addresses and lease yet. */
	prepare(): void {
		const {lease, addresses, announcer} = this.#parts;
		announcer.open();
		lease.prepare();
		addresses.prepare();
	}

	/** Goes on where a former process of this node left off. Resolves when this program's rules stand. */
	adopt(holds: boolean, standing: Lease['standing'], announced: AnnouncedSoFar | undefined): Promise<void> {
		this.#wanted = holds;
		this.goOn(holds, announced);
		return this.#parts.lease.adopt(standing, holds);
	}

	/** Nothing is looked at or announced from here on, and everything stays as it is. Returns how far the announcements have come. */
	pause(): AnnouncedSoFar | undefined {
		const {announcer} = this.#parts;
		const {soFar} = announcer;
		clearInterval(this.#renewTimer);
		announcer.stop();
		this.#holding = false;
		return soFar;
	}

	/** The opposite of `pause`. */
	goOn(holds: boolean, announced: AnnouncedSoFar | undefined): void {
		const {announcer} = this.#parts;
		this.#holding = holds;
		clearInterval(this.#renewTimer);
		if (holds) this.#renewTimer = setInterval(() => this.look(), addressRenewEveryMs);
		if (holds && announced !== undefined) announcer.goOn(announced);
	}

	/** Ends every tool; addresses and lease are another process's. After `pause`, or without ever having begun. */
	async leave(): Promise<void> {
		const {addresses, lease, announcer} = this.#parts;
		announcer.close();
		await lease.leave();
		await addresses.close();
	}

	/**
	 * Takes the virtual addresses. Never rejects; on failure nothing stays claimed.
	 *
	 * @param passes the peer keeps connections.
	 */
	claim(passes = false): Promise<AddressOutcome> {
		this.#wanted = true;
		return this.#enqueue(() => this.#claim(passes));
	}

	/** Puts addresses back that have gone, and announces them again. */
	restore(): Promise<AddressOutcome> {
		return this.#enqueue(async () => {
			if (!this.#wanted) return releasedMeanwhile;
			const outcome = await this.#parts.addresses.claim();
			if (outcome.ok && this.#wanted) this.#parts.announcer.start();
			return outcome;
		});
	}

	/**
	 * Gives the virtual addresses up: mute first, then removed. Idempotent; waits for a claim's end.
	 *
	 * @param keepMs how long connections that live here may go on, while the peer answers for the address; 0: they end.
	 */
	release(keepMs = 0): Promise<AddressOutcome> {
		this.#wanted = false;
		this.#holding = false;
		this.#passing = false;
		this.#parts.announcer.stop();
		clearInterval(this.#renewTimer);
		const {secondChance} = this.#parts;
		const keeps = keepMs > 0 && secondChance.why === '';
		this.#keeps = keeps;
		const also = secondChance.prepare(keeps ? {keeping: keepMs} : {});
		const revoked = this.#parts.lease.revoke(also);
		return this.#enqueue(async () => {
			const whole = (await revoked) === 'whole';
			if (also !== '' && whole) secondChance.confirm();
			else if (also !== '' && !this.#wanted) await secondChance.apply();
			if (keeps) await this.#shelter(keepMs);
			else await this.#leaveShelter();
			return this.#remove();
		});
	}

	/** Passes on to the peer what has no connection here, or no longer. For a master. */
	pass(on: boolean): void {
		if (on === this.#passing || !this.#holding) return;
		this.#passing = on;
		void this.#enqueue(() => this.#settle());
	}

	/** The peer is about to hand over and to pass on what comes to it meanwhile: resolves with true when that is let in here. */
	awaitClaim(): Promise<boolean> {
		if (this.#wanted) return Promise.resolve(false);
		return this.#enqueue(async () => {
			const {secondChance} = this.#parts;
			if (this.#wanted || secondChance.why !== '') return false;
			const {keeping} = secondChance.sets;
			const leftMs = this.#shelteredUntilMs - performance.now();
			await this.#shelter(Math.max(ajarMs, leftMs));
			const sets = {ajar: ajarMs, ...(keeping !== undefined && leftMs > 0 ? {keeping: leftMs} : {})};
			return (await secondChance.set(sets)) === 'done';
		});
	}

	/** The connections that lived here have ended, or must. */
	endKeeping(): void {
		void this.#enqueue(async () => {
			if (this.#wanted) return;
			await this.#parts.secondChance.set({});
			await this.#leaveShelter();
		});
	}

	/** Call with each advertisement that permits to answer (`renewsLease`). */
	renew(): void {
		if (!this.#wanted) return;
		this.#parts.lease.renew(this.#parts.sendRenewal());
	}

	/** Says where the addresses are: after a claim, when a second speaker was seen, when a link came back. */
	announce(): void {
		if (this.#holding) this.#parts.announcer.start();
	}

	/** Something about addresses or links changed, or it is time: prolong what is there, report what is missing. */
	look(): void {
		if (!this.#holding || this.#looking) return;
		this.#looking = true;
		void this.#enqueue(async () => {
			this.#looking = false;
			if (!this.#holding) return;
			const missing = await this.#parts.addresses.prolong();
			if (this.#holding && missing.addresses.length > 0) this.#parts.onLost(missing);
		});
	}

	/** Releases, removes the lease, ends every tool. */
	async close(): Promise<AddressOutcome> {
		const {addresses, lease, announcer} = this.#parts;
		const released = await this.release();
		await this.#parts.secondChance.close();
		announcer.close();
		await lease.close();
		await addresses.close();
		return released;
	}

	async #claim(passes: boolean): Promise<AddressOutcome> {
		const {addresses, lease, sendRenewal, secondChance} = this.#parts;
		const claimed = await addresses.claim();
		if (!claimed.ok) return claimed;
		await lease.openDoor();
		// No segment of a connection that lives at the peer may come to this node's stack, which would reset it; and a node that still passed
		// new connections on would be a master that nobody reaches.
		if (passes || !secondChance.isIdle) {
			const {passing: _, ...sets} = secondChance.sets;
			const outcome = await secondChance.set({...sets, ...(passes ? {passing: 'always'} : {})}, true);
			if (outcome === 'unsure') return this.#abandon(secondChanceStuck);
		}
		if (!this.#mayGoOn()) return this.#abandon(releasedMeanwhile);
		const granted = await lease.grant(sendRenewal());
		if (!this.#mayGoOn()) return this.#abandon(releasedMeanwhile);
		if (!granted) return this.#abandon(leaseRefused);
		this.#holding = true;
		this.#passing = passes;
		clearInterval(this.#renewTimer);
		this.#renewTimer = setInterval(() => this.look(), addressRenewEveryMs);
		void this.#enqueue(() => this.#settle());
		return {ok: true};
	}

	/** What was open before the claim is closed: the lease permits all of it now. */
	async #settle(): Promise<void> {
		const {secondChance} = this.#parts;
		if (!this.#holding) return;
		if (this.#passing || !secondChance.isIdle) await secondChance.set(this.#passing ? {passing: 'always'} : {});
		await this.#leaveShelter();
	}

	async #shelter(forMs: number): Promise<void> {
		this.#shelteredUntilMs = performance.now() + forMs;
		await this.#prolongShelter();
		clearInterval(this.#shelterTimer);
		this.#shelterTimer = setInterval(() => {
			void this.#enqueue(async () => {
				if (performance.now() < this.#shelteredUntilMs) await this.#prolongShelter();
				else await this.#leaveShelter();
			});
		}, shelterEveryMs);
	}

	async #prolongShelter(): Promise<void> {
		const stood = this.#shelterTimer !== undefined;
		const isMade = await this.#parts.addresses.shelter();
		if (stood && isMade) this.#parts.onShelterLost();
	}

	async #leaveShelter(): Promise<void> {
		if (this.#shelterTimer === undefined) return;
		clearInterval(this.#shelterTimer);
		this.#shelterTimer = undefined;
		this.#shelteredUntilMs = 0;
		await this.#parts.addresses.unshelter();
	}

	#mayGoOn(): boolean {
		return this.#wanted && this.#parts.isAwake() && this.#wanted;
	}

	async #abandon(outcome: AddressOutcome): Promise<AddressOutcome> {
		const {lease, addresses, secondChance} = this.#parts;
		await lease.revoke();
		if (!secondChance.isIdle) {
			const {passing: _, ...sets} = secondChance.sets;
			await secondChance.set(sets);
		}
		await addresses.release();
		return outcome;
	}

	/** With a lease the node is mute already; without one the address must really be gone before anybody is told so. */
	async #remove(): Promise<AddressOutcome> {
		let outcome = await this.#parts.addresses.release();
		for (let retry = 0; !outcome.ok && this.#parts.lease.kind === 'none' && retry < releaseRetries; retry += 1) {
			await sleep(releaseRetryMs);
			outcome = await this.#parts.addresses.release();
		}
		return outcome;
	}

	#enqueue<T>(run: () => Promise<T>): Promise<T> {
		const result = this.#queue.then(run);
		this.#queue = result.catch(() => {});
		return result;
	}
}

const releasedMeanwhile: AddressOutcome = {ok: false, reason: 'released before the claim was complete'};
const leaseRefused: AddressOutcome = {
	ok: false,
	reason: 'the lease cannot be renewed (nft does not confirm it), the node would stay mute; look at `nft list ruleset`',
};
const secondChanceStuck: AddressOutcome = {
	ok: false,
	reason: 'nft does not confirm that new connections are no longer passed on to the other node',
};
