/**
 * The kernel's permission to answer for the virtual addresses (the lease), kept by nftables.
 *
 * Decides how this node is fenced: `kernel` when the egress hook renews the lease with each renewing advertisement,
 * `process` when this process must renew it, `none` without a usable nft. Expiry needs no process: a heartbeat that is
 * killed or frozen falls mute after `leaseMs`. Leaves the rules to `lease-table.ts` and when to hold to `takeover.ts`.
 */
import type {Answer, KeptHelper} from './helpers.ts';
import {
	createChains,
	createTable,
	flushSet,
	type LeaseTable,
	leaseInterfaces,
	removeTable,
	setElements,
} from './lease-table.ts';

export type LeaseKind = 'kernel' | 'process' | 'none';

/** Each request to nft; measured 1–3 ms. A tool that takes longer is replaced. */
const nftTimeoutMs = 400;

export interface LeaseReport {
	/** Says something once, for the log and for `status`. */
	readonly warn: (message: string) => void;
	readonly count: (name: 'leaseRestored' | 'leaseFailures' | 'leaseRenewedByProcess') => void;
}

export class Lease {
	readonly #table: Omit<LeaseTable, 'egressHook'>;
	readonly #devices: readonly string[];
	readonly #nft: KeptHelper | undefined;
	readonly #report: LeaseReport;
	/** False: this kernel cannot renew by itself, so this process does. */
	#egressHook = true;
	#kind: LeaseKind = 'none';
	#held = false;
	#checking: Promise<void> | undefined;
	#renewing = false;
	readonly #missing = new Set<string>();

	/**
	 * @param nft kept running from `start` to `close`; absent: the lease is `none`.
	 * @param table what to fence.
	 */
	constructor(nft: KeptHelper | undefined, table: Omit<LeaseTable, 'egressHook'>, report: LeaseReport) {
		this.#table = table;
		this.#devices = leaseInterfaces(table.addresses);
		this.#nft = nft;
		this.#report = report;
	}

	get kind(): LeaseKind {
		return this.#kind;
	}

	/**
	 * Starts nft and mutes what an earlier life left standing. The addresses of that life must go before `open`: replacing its
	 * table takes two transactions, and in between nothing would mute them. Never rejects.
	 */
	async start(): Promise<void> {
		if (!this.#nft) return this.#report.warn('no nft: a killed or frozen heartbeat keeps answering; install nftables');
		this.#nft.start();
		await this.#nft.ask([flushSet(this.#table.name, 'lease')], nftTimeoutMs);
	}

	/** Starts nft and leaves the table as it stands: another process of this node keeps it yet. */
	prepare(): void {
		this.#nft?.start();
	}

	/** How it stands, for the next process. */
	get standing(): {readonly kind: LeaseKind; readonly egressHook: boolean} {
		return {kind: this.#kind, egressHook: this.#egressHook};
	}

	/**
	 * Goes on with the table of the process before: what permits stays, and the rules become those of this program, each interface in one
	 * transaction. Never rejects.
	 */
	async adopt({kind, egressHook}: Lease['standing'], held: boolean): Promise<void> {
		this.#kind = this.#nft === undefined ? 'none' : kind;
		this.#egressHook = egressHook;
		this.#held = held;
		if (this.#kind !== 'none') await this.#fence(this.#devices);
	}

	/** Another process of this node goes on with the table. */
	async leave(): Promise<void> {
		this.#held = false;
		await this.#nft?.stop();
	}

	/** Builds the table anew: from now on this node is mute. Never rejects. */
	async open(): Promise<void> {
		if (this.#nft) await this.#build();
	}

	/**
	 * Call after the first renewing advertisement was handed to the kernel: reads back that it renewed every interface. Where it
	 * did not (no egress hook, a firewall that drops the group) this process renews, now and at each `renew`.
	 *
	 * @param sent false when no copy could be sent this time; the process then renews this once.
	 * @returns false when nothing renews: the node would stay mute.
	 */
	async grant(sent: boolean): Promise<boolean> {
		this.#held = true;
		if (this.#kind === 'none') return true;
		if (this.#kind === 'kernel' && !sent) return this.#renewByProcess();
		const held = await this.#readHeld();
		const lacking = this.#devices.filter(device => !held.has(device) && !this.#missing.has(device));
		if (lacking.length === 0) return true;
		if (this.#kind === 'kernel') {
			this.#report.warn(`advertisements do not renew the lease on ${lacking.join(', ')}; the process renews it`);
			this.#kind = 'process';
		}
		return this.#renewByProcess();
	}

	/** Call with each renewing advertisement; `sent` false when the kernel refused to send it. */
	renew(sent: boolean): void {
		if (!this.#held || this.#kind === 'none' || (this.#kind === 'kernel' && sent)) return;
		if (this.#renewing) return;
		this.#renewing = true;
		void this.#renewByProcess().finally(() => {
			this.#renewing = false;
		});
	}

	/**
	 * Mute at once. `whole` when the kernel confirmed all of it, or when there is nothing to fence with; `mute` when it confirmed that alone.
	 *
	 * @param also commands of the same transaction: what stays open has no gap then. Without them when nft refuses the two.
	 */
	async revoke(also = ''): Promise<'whole' | 'mute' | 'unconfirmed'> {
		this.#held = false;
		if (!this.#nft || this.#kind === 'none') return also === '' ? 'whole' : 'mute';
		const mute = flushSet(this.#table.name, 'lease');
		if (await this.#do(also === '' ? mute : `${mute}; ${also}`)) return 'whole';
		return also !== '' && (await this.#do(mute)) ? 'mute' : 'unconfirmed';
	}

	/** Drops new connections to the virtual addresses for `forMs` (1–600000); established ones go on. */
	async closeDoor(forMs: number): Promise<boolean> {
		if (!this.#nft || this.#kind === 'none') return false;
		const boundedMs = Math.min(Math.max(Math.round(forMs), 1), 600_000);
		return this.#do(setElements(this.#table.name, 'door', this.#presentDevices(), boundedMs));
	}

	/** Lets new connections in again. */
	async openDoor(): Promise<boolean> {
		if (!this.#nft || this.#kind === 'none') return true;
		return this.#do(flushSet(this.#table.name, 'door'));
	}

	/** Looks whether the table still stands whole (somebody may have flushed the rules), and restores it. Without rules so far it tries again. */
	check(): Promise<void> {
		this.#checking ??= this.#check().finally(() => {
			this.#checking = undefined;
		});
		return this.#checking;
	}

	/** Removes the table and ends nft. The addresses must be gone before. */
	async close(): Promise<void> {
		this.#held = false;
		if (!this.#nft) return;
		await this.#nft.ask([removeTable(this.#table.name)], nftTimeoutMs);
		await this.#nft.stop();
		this.#kind = 'none';
	}

	async #build(): Promise<void> {
		const created = await this.#ask(createTable(this.#full()));
		if (!isDone(created)) {
			this.#kind = 'none';
			this.#report.warn(`nft refuses the lease table (${sayWhy(created)}); going on without a lease`);
			return;
		}
		this.#kind = this.#egressHook ? 'kernel' : 'process';
		await this.#fence(this.#devices);
		if (this.#held) await this.#renewByProcess();
	}

	/** Puts the rules on interfaces; one that is not there is tried again at the next check. */
	async #fence(devices: readonly string[]): Promise<void> {
		for (const device of devices) {
			const reason = await this.#buildChains(device, this.#devices.indexOf(device));
			if (reason === undefined) this.#missing.delete(device);
			else if (!this.#missing.has(device)) {
				this.#missing.add(device);
				this.#report.warn(`no lease on ${device}: ${reason}`);
			}
		}
	}

	/** Undefined when the chains stand; else why not. The egress hook is given up when the kernel or nft has none. */
	async #buildChains(device: string, index: number): Promise<string | undefined> {
		const first = await this.#ask(createChains(this.#full(), device, index));
		if (isDone(first)) return undefined;
		// No answer says nothing of the kernel.
		if (!this.#egressHook || !first.confirmed) return sayWhy(first);
		const second = await this.#ask(createChains({...this.#full(), egressHook: false}, device, index));
		if (!isDone(second)) return sayWhy(second);
		this.#egressHook = false;
		this.#kind = 'process';
		this.#report.warn('no egress hook here (it takes Linux 5.16 and nftables 1.0.1); the process renews the lease');
		return undefined;
	}

	async #check(): Promise<void> {
		if (!this.#nft) return;
		if (this.#kind === 'none') return this.#build();
		const answer = await this.#nft.ask([`list table netdev ${this.#table.name}`], nftTimeoutMs);
		if (!answer.confirmed) return this.#report.count('leaseFailures');
		const text = answer.lines.join('\n');
		const stands = text.includes('set lease {');
		const lacking = this.#devices.filter((_, i) => !text.includes(`chain in_${i} {\n\t\ttype filter hook ingress dev`));
		if (stands && lacking.length === 0) return;
		const gone = lacking.filter(device => !this.#missing.has(device));
		if (gone.length > 0) {
			this.#report.count('leaseRestored');
			this.#report.warn(`somebody removed the lease's rules on ${gone.join(', ')}; restoring them`);
			// nft remembers the numbers of interfaces, and one of them may have been made anew.
			this.#nft.restart('interfaces may have changed');
		}
		if (!stands) return this.#build();
		await this.#fence(lacking);
		if (this.#held && gone.length > 0) await this.#renewByProcess();
	}

	async #renewByProcess(): Promise<boolean> {
		const devices = this.#presentDevices();
		if (devices.length === 0) return false;
		this.#report.count('leaseRenewedByProcess');
		const answer = await this.#ask(setElements(this.#table.name, 'lease', devices, this.#table.leaseMs));
		if (!this.#held) await this.#ask(flushSet(this.#table.name, 'lease'));
		return isDone(answer);
	}

	async #readHeld(): Promise<ReadonlySet<string>> {
		const answer = await this.#ask(`list set netdev ${this.#table.name} lease`);
		const elements = /elements = \{([^}]*)\}/.exec(answer.lines.join(' '))?.[1] ?? '';
		return new Set([...elements.matchAll(/"([^"]+)"/g)].map(match => match[1] ?? ''));
	}

	async #do(command: string): Promise<boolean> {
		const answer = await this.#ask(command);
		if (isDone(answer)) return true;
		this.#report.count('leaseFailures');
		return false;
	}

	async #ask(command: string): Promise<Answer> {
		if (!this.#nft) return {confirmed: false, lines: [], reason: 'no nft'};
		const answer = await this.#nft.ask([command], nftTimeoutMs);
		return answer.confirmed ? answer : this.#nft.ask([command], nftTimeoutMs);
	}

	#full(): LeaseTable {
		return {...this.#table, egressHook: this.#egressHook};
	}

	#presentDevices(): string[] {
		return this.#devices.filter(device => !this.#missing.has(device));
	}
}

function isDone(answer: Answer): boolean {
	return answer.confirmed && !answer.lines.some(line => line.includes('Error'));
}

function sayWhy(answer: Answer): string {
	return answer.lines.find(line => line.includes('Error'))?.replace(/^.*Error: /, '') ?? answer.reason;
}
