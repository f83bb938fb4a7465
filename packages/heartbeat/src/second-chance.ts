/**
 * Second-chance forwarding: after a planned failover the connections that live on the old master go on there.
 *
 * Decides whether this node can take part (`why` is empty then) and keeps the tables standing. What it needs: the lease kept by
 * the kernel, nftables with `dup`, `socket` and `meta cgroup` in families ip and ip6, and for every virtual address a heartbeat path of its
 * family on its interface without a router. Where a driver delivers the address the provider's network would drop packets with a client's
 * address from this node, so it is not tried there. Leaves the rules to `second-chance-table.ts`, when to keep to the election.
 */
import type {VirtualAddress} from '@hapair/config';
import type {KeptHelper} from './helpers.ts';
import type {LeaseKind} from './lease.ts';
import {findLink} from './on-link.ts';
import {
	createSecondChance,
	removeSecondChance,
	type SecondChanceRoute,
	type SecondChanceSet,
	type SecondChanceTable,
	setSecondChance,
} from './second-chance-table.ts';

const nftTimeoutMs = 400;

export interface SecondChanceOptions extends SecondChanceTable {
	/** Kept running by the lease. */
	readonly nft: KeptHelper | undefined;
	readonly paths: readonly {readonly local: string; readonly remote: string}[];
	readonly addresses: readonly VirtualAddress[];
	/** `second-chance on` */
	readonly isOn: boolean;
	/** Something other than ARP brings the address here. */
	readonly hasDriver: boolean;
	readonly leaseKind: () => LeaseKind;
}

export type SecondChanceSets = Readonly<Partial<Record<SecondChanceSet, number | 'always'>>>;

export class SecondChance {
	readonly #options: SecondChanceOptions;
	#routes: readonly SecondChanceRoute[] = [];
	/** What stands; empty when nothing does. */
	#text = '';
	#refused = '';
	#why = 'not looked at yet';
	#sets: SecondChanceSets = {};
	#closed = false;

	constructor(options: SecondChanceOptions) {
		this.#options = options;
	}

	/** Why connections end with the node; empty when they can go on. */
	get why(): string {
		return this.#why;
	}

	/** What was last set. */
	get sets(): SecondChanceSets {
		return this.#sets;
	}

	/** Makes the tables, or makes them again after a flush or when an address has come to an interface. Never rejects. */
	async check(): Promise<void> {
		if (this.#closed) return;
		this.#why = await this.#make();
	}

	/** The commands that make it so, for a transaction of the lease's; empty when this node takes no part. */
	prepare(sets: SecondChanceSets): string {
		if (this.#text === '') return '';
		this.#sets = sets;
		return setSecondChance(this.#options.name, this.#routes, sets);
	}

	/** False when the kernel did not confirm it. */
	async set(sets: SecondChanceSets): Promise<boolean> {
		const command = this.prepare(sets);
		if (command === '') return Object.keys(sets).length === 0;
		return (await this.#complaint(command)) === undefined;
	}

	/** Before the lease ends nft. */
	async close(): Promise<void> {
		this.#closed = true;
		if (this.#text !== '') await this.#options.nft?.ask([removeSecondChance(this.#options.name)], nftTimeoutMs);
	}

	async #make(): Promise<string> {
		const {nft, name, isOn, hasDriver, leaseKind} = this.#options;
		if (!isOn) return 'it is not switched on (second-chance on)';
		if (nft === undefined || leaseKind() !== 'kernel') return 'the kernel does not keep the lease by itself';
		if (hasDriver) return 'a driver delivers the address, and such networks drop what is passed on';
		if (this.#refused !== '') return this.#refused;
		const routes = this.#findRoutes();
		if (typeof routes === 'string') return routes;
		const wanted = createSecondChance(this.#options, routes);
		if (wanted === this.#text && (await this.#stands(nft))) return '';
		this.#routes = routes;
		const complaint = await this.#complaint(`${removeSecondChance(name)}; ${wanted}`);
		this.#text = complaint === undefined ? wanted : '';
		if (complaint !== undefined) {
			if (complaint !== '') this.#refused = `this kernel's nftables refuses the rules (${complaint})`;
			return this.#refused || 'nft does not answer';
		}
		if (Object.keys(this.#sets).length > 0) await this.set(this.#sets);
		return '';
	}

	/** One for each virtual address, or why there is none. */
	#findRoutes(): readonly SecondChanceRoute[] | string {
		const links = this.#options.paths.map(path => ({...path, device: findLink(path)}));
		const routes: SecondChanceRoute[] = [];
		for (const {address, family, interface: device} of this.#options.addresses) {
			const link = links.find(path => path.device === device && path.remote.includes(':') === (family === 6));
			if (link === undefined) {
				return `no heartbeat path over IPv${family} on ${device}, the interface of ${address}, without a router`;
			}
			routes.push({family, address, device, local: link.local, remote: link.remote});
		}
		return routes;
	}

	async #stands(nft: KeptHelper): Promise<boolean> {
		const families = [...new Set(this.#routes.map(({family}) => (family === 4 ? 'ip' : 'ip6')))];
		for (const family of families) {
			const {confirmed, lines} = await nft.ask([`list chain ${family} ${this.#options.name} in`], nftTimeoutMs);
			if (confirmed && !lines.some(line => line.includes('hook input'))) return false;
		}
		return true;
	}

	/** Undefined when nft has done it; else what it says, empty when it said nothing in time. */
	async #complaint(command: string): Promise<string | undefined> {
		const {nft} = this.#options;
		if (nft === undefined) return '';
		const {confirmed, lines} = await nft.ask([command], nftTimeoutMs);
		if (!confirmed) return '';
		return lines.find(line => line.includes('Error'))?.replace(/^.*Error: /, '');
	}
}
