/**
 * Puts the virtual addresses on their interfaces and takes them off again, with `ip`.
 *
 * Decides that an address is held only when it was read back, that it has a lifetime of a few seconds (so that it goes
 * by itself when this process does), and that a release takes no other address with it. Leaves when to claim to
 * `takeover.ts` and the words to `address-text.ts`.
 *
 * Sheltered addresses are on no interface that could answer for them, and the sockets that are bound to them go on (`second-chance-routes.ts`).
 *
 * A virtual address of the node's own subnet becomes a secondary address. Were it first (the network service took the
 * node's address away meanwhile), removing it would remove the others; those are put back.
 */
import type {VirtualAddress} from '@hapair/config';
import {
	explainFailure,
	findAddress,
	hasSubnet,
	type PresentAddress,
	putAddress,
	readInterface,
	removeAddress,
	restoreAddress,
	type ShownInterface,
	showInterface,
} from './address-text.ts';
import type {Answer, KeptHelper} from './helpers.ts';
import {isRefusedTwin, shelterLines, unshelterLines} from './second-chance-routes.ts';

/** Each request to ip; measured 1–2 ms. A tool that takes longer is replaced and asked once more. */
const ipTimeoutMs = 500;
/** Lifetime of a held address in seconds. The kernel looks about once a second; prolonging comes each `addressRenewEveryMs`. */
const lifetimeS = 5;
/** The kernel counts a lifetime as over this long before its end (ADDRCONF_TIMER_FUZZ_MINUS). */
const kernelEarlyMs = 20;
/** How often `prolong` is due. */
export const addressRenewEveryMs = 1200;

const loopback = 'lo';

export type AddressOutcome = {readonly ok: true} | {readonly ok: false; readonly reason: string};

/** What is missing on the interfaces. */
export interface MissingAddresses {
	readonly addresses: readonly string[];
	/** Since one of them was last prolonged, where that is longer than its lifetime: the kernel took it off. Otherwise somebody did. */
	readonly lapsedMs?: number;
}

export class VirtualAddresses {
	readonly #addresses: readonly VirtualAddress[];
	readonly #ip: Pick<KeptHelper, 'start' | 'stop' | 'restart' | 'ask'>;
	readonly #port: number;
	readonly #now: () => number;
	/** When each lifetime began at the earliest, monotonic ms. */
	readonly #prolongedMs = new Map<VirtualAddress, number>();

	/**
	 * @param ip kept running from `open` or `prepare` to `close`. @param port of the advertisements.
	 * @param now monotonic ms.
	 */
	constructor(
		ip: Pick<KeptHelper, 'start' | 'stop' | 'restart' | 'ask'>,
		addresses: readonly VirtualAddress[],
		port: number,
		now: () => number = () => performance.now(),
	) {
		this.#addresses = addresses;
		this.#port = port;
		this.#ip = ip;
		this.#now = now;
	}

	/** Forks the tool and removes addresses that an earlier life left. */
	async open(): Promise<AddressOutcome> {
		this.#ip.start();
		await this.unshelter();
		return this.release();
	}

	/** Forks the tool and changes nothing: another process of this node has the addresses yet. */
	prepare(): void {
		this.#ip.start();
	}

	/**
	 * What has come to live from the addresses can go on when they leave their interfaces. Again: prolongs it.
	 *
	 * @returns whether a route had to be made: with the first call, and when somebody has removed it.
	 */
	async shelter(): Promise<boolean> {
		const answer = await this.#ask(this.#addresses.flatMap(vip => shelterLines(vip, this.#port, lifetimeS)));
		return answer.confirmed && answer.lines.filter(isRefusedTwin).length < this.#addresses.length;
	}

	/** The end of that. An address on `lo` without an end is somebody else's. Idempotent. */
	async unshelter(): Promise<void> {
		const {shown} = await this.#show(loopback);
		await this.#ask(
			this.#addresses.flatMap(vip => {
				const present = shown && findAddress(shown.addresses, vip.address);
				return unshelterLines(vip, this.#port, present?.validLifetimeS !== undefined);
			}),
		);
	}

	/** Adds every virtual address and reads it back; on a failure what was added is removed again. Idempotent. */
	async claim(): Promise<AddressOutcome> {
		const outcome = await this.#putAll();
		if (outcome.ok) return outcome;
		// `ip` remembers the numbers of interfaces: a new one knows an interface that was made anew.
		this.#ip.restart('a claim failed');
		const second = await this.#putAll();
		if (!second.ok) await this.release();
		return second;
	}

	/** Prolongs the addresses that are there and tells which are not; none when `ip` cannot say. */
	async prolong(): Promise<MissingAddresses> {
		const addresses: string[] = [];
		let unprolongedMs = 0;
		await Promise.all(
			this.#addresses.map(async vip => {
				const {answer, shown} = await this.#show(vip.interface);
				const isThere = shown !== undefined && findAddress(shown.addresses, vip.address) !== undefined;
				if (isThere) await this.#putBeside(vip, shown.addresses);
				if (isThere || !answer.confirmed) return;
				addresses.push(vip.address);
				const nowMs = this.#now();
				unprolongedMs = Math.max(unprolongedMs, nowMs - (this.#prolongedMs.get(vip) ?? nowMs));
			}),
		);
		return unprolongedMs >= lifetimeS * 1000 - kernelEarlyMs ? {addresses, lapsedMs: unprolongedMs} : {addresses};
	}

	/** Removes every virtual address, whoever added it and with whatever prefix length, and reads back. Idempotent. */
	async release(): Promise<AddressOutcome> {
		const reasons: string[] = [];
		for (const vip of this.#addresses) {
			const reason = await this.#remove(vip);
			if (reason !== undefined) reasons.push(reason);
		}
		return reasons.length === 0 ? {ok: true} : {ok: false, reason: reasons.join('; ')};
	}

	/** Ends the tool. Addresses still held run out by themselves. */
	async close(): Promise<void> {
		await this.#ip.stop();
	}

	async #putAll(): Promise<AddressOutcome> {
		const outcomes = await Promise.all(this.#addresses.map(vip => this.#put(vip)));
		const reasons = outcomes.flatMap(outcome => (outcome.ok ? [] : [outcome.reason]));
		return reasons.length === 0 ? {ok: true} : {ok: false, reason: reasons.join('; ')};
	}

	async #put(vip: VirtualAddress): Promise<AddressOutcome> {
		const before = await this.#show(vip.interface);
		if (!before.shown) return {ok: false, reason: explainFailure(vip, before.answer.lines, before.answer.reason)};
		return this.#putBeside(vip, before.shown.addresses);
	}

	async #putBeside(vip: VirtualAddress, present: readonly PresentAddress[]): Promise<AddressOutcome> {
		const put = putAddress(vip, lifetimeS, hasSubnet(present, vip));
		const askedMs = this.#now();
		const answer = await this.#ask([put, showInterface(vip.interface)]);
		const shown = readInterface(answer.lines, vip.interface);
		if (shown && findAddress(shown.addresses, vip.address)) {
			this.#prolongedMs.set(vip, askedMs);
			return {ok: true};
		}
		return {ok: false, reason: explainFailure(vip, answer.lines, answer.reason)};
	}

	/** Undefined when the address is gone; else why not. */
	async #remove(vip: VirtualAddress): Promise<string | undefined> {
		for (let attempt = 0; attempt < 3; attempt += 1) {
			const {answer, shown} = await this.#show(vip.interface);
			if (answer.confirmed && !shown) return undefined;
			const present = shown && findAddress(shown.addresses, vip.address);
			if (shown && !present) return undefined;
			if (shown && present) await this.#removeAlone(vip, present, shown.addresses);
		}
		return `${vip.address} is still on ${vip.interface}`;
	}

	async #removeAlone(vip: VirtualAddress, present: PresentAddress, before: readonly PresentAddress[]): Promise<void> {
		const others = before.filter(other => other.address !== present.address && other.secondary);
		const answer = await this.#ask([
			removeAddress({...vip, prefixLength: present.prefixLength}),
			showInterface(vip.interface),
		]);
		const after = readInterface(answer.lines, vip.interface);
		if (!after) return;
		const taken = others.filter(
			other => !findAddress(after.addresses, other.address) && !this.#isVirtual(other.address),
		);
		if (taken.length > 0) await this.#ask(taken.map(other => restoreAddress(vip.interface, other)));
	}

	#isVirtual(address: string): boolean {
		return this.#addresses.some(vip => vip.address === address);
	}

	async #show(device: string): Promise<{answer: Answer; shown: ShownInterface | undefined}> {
		const answer = await this.#ask([showInterface(device)]);
		return {answer, shown: readInterface(answer.lines, device)};
	}

	async #ask(commands: readonly string[]): Promise<Answer> {
		const answer = await this.#ip.ask(commands, ipTimeoutMs);
		return answer.confirmed ? answer : this.#ip.ask(commands, ipTimeoutMs);
	}
}
