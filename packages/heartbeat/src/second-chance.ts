/**
 * Second-chance forwarding: after a planned failover the connections that live on the old master go on there.
 *
 * Decides whether this node can take part (`why` is empty then) and keeps the tables standing, and what they are to say: an order that nft
 * has not confirmed is given again until it is, since a node that passes on when it should answer is a node that nobody reaches. What it
 * needs: the lease kept by the kernel, nftables with `dup`, `socket` and `meta cgroup` in families ip and ip6, routing rules, early
 * demultiplexing, and for every virtual address a heartbeat path of its family on its interface without a router. Where a driver delivers
 * the address the provider's network would drop packets with a client's address from this node, so it is not tried there. Leaves the
 * rules to `second-chance-table.ts` and `second-chance-routes.ts`, when to keep to the election.
 */
import type {VirtualAddress} from '@hapair/config';
import type {Answer, KeptHelper} from './helpers.ts';
import type {LeaseKind} from './lease.ts';
import {findLink} from './on-link.ts';
import {isRefusedTwin, ruleLine} from './second-chance-routes.ts';
import {
	createSecondChance,
	listSecondChance,
	readSecondChance,
	removeSecondChance,
	type SecondChanceCounts,
	type SecondChanceRoute,
	type SecondChanceSet,
	type SecondChanceSets,
	type SecondChanceTable,
	setSecondChance,
} from './second-chance-table.ts';

const nftTimeoutMs = 400;
const ipTimeoutMs = 500;
/** nft is replaced when it does not answer: so often is an order given before its end is told. */
const attempts = 2;

export interface SecondChanceOptions extends SecondChanceTable {
	/** For rules of each family. */
	readonly ip: Readonly<Record<4 | 6, Pick<KeptHelper, 'ask'>>>;
	/** Kept running by the lease. */
	readonly nft: Pick<KeptHelper, 'ask'> | undefined;
	readonly paths: readonly {readonly local: string; readonly remote: string}[];
	readonly addresses: readonly VirtualAddress[];
	/** Not `second-chance off`. */
	readonly isOn: boolean;
	/** Something other than ARP brings the address here. */
	readonly hasDriver: boolean;
	/** `HeartbeatSetup.noEarlyDemux`: without it no connection would be found, and all of them be passed back and forth. */
	readonly noEarlyDemux?: string | undefined;
	readonly leaseKind: () => LeaseKind;
	/** Somebody else removed the routing rules; they stand again. */
	readonly onRulesLost: () => void;
}

/** What became of an order: `unable` when this node takes no part, `unsure` when nft did not confirm it. */
export type SecondChanceOutcome = 'done' | 'unable' | 'unsure';

export class SecondChance {
	readonly #options: SecondChanceOptions;
	#routes: readonly SecondChanceRoute[] = [];
	/** What stands; empty when nothing does, or nobody knows. */
	#text = '';
	/** The kernel may have something else than was ordered: an earlier life's, or what nft did not confirm. */
	#isUnsure = true;
	#refused = '';
	#why = 'not looked at yet';
	/** What is wanted, each until a time, monotonic ms. */
	#wanted: Readonly<Partial<Record<SecondChanceSet, number>>> = {};
	#claims = false;
	#hasRules = false;
	#countedBefore: SecondChanceCounts = nothingCounted;
	#counted: SecondChanceCounts = nothingCounted;
	#closed = false;

	constructor(options: SecondChanceOptions) {
		this.#options = options;
	}

	/** Why connections end with the node; empty when they can go on. */
	get why(): string {
		return this.#why;
	}

	/** What is wanted now, and for how long yet, ms. */
	get sets(): SecondChanceSets {
		const nowMs = performance.now();
		const left = Object.entries(this.#wanted).filter(([, untilMs]) => untilMs > nowMs);
		return Object.fromEntries(
			left.map(([set, untilMs]) => [set, untilMs === Number.POSITIVE_INFINITY ? 'always' : untilMs - nowMs]),
		);
	}

	/** Nothing is wanted, and the kernel has nothing. */
	get isIdle(): boolean {
		return !this.#isUnsure && Object.keys(this.sets).length === 0;
	}

	/** What the tables have counted since the start, by the last look. */
	get counts(): SecondChanceCounts {
		const [a, b] = [this.#countedBefore, this.#counted];
		return {passed: a.passed + b.passed, returned: a.returned + b.returned, stopped: a.stopped + b.stopped};
	}

	/**
	 * Makes tables and routing rules, or makes them again after a flush or when an address has come to an interface. Never rejects.
	 *
	 * @param isThorough reads the tables that stand; otherwise, while nothing is under way, they are taken to be as they were made. Routing rules are asked for either way.
	 */
	async check(isThorough = true): Promise<void> {
		if (this.#closed) return;
		this.#why = await this.#look(isThorough);
	}

	/** The commands that make it so, for a transaction of the lease's; empty when there is nothing to do. `confirm` when it was carried out. */
	prepare(sets: SecondChanceSets): string {
		if (this.#text === '' || (this.isIdle && Object.keys(sets).length === 0)) return '';
		this.#want(sets, false);
		this.#isUnsure = true;
		return this.#command();
	}

	/** The transaction with what was prepared was carried out. */
	confirm(): void {
		if (this.#text !== '') this.#isUnsure = false;
	}

	/** @param claims this node is about to hold the lease. */
	async set(sets: SecondChanceSets, claims = false): Promise<SecondChanceOutcome> {
		if (this.#text === '') return (await this.#clear()) ? 'unable' : 'unsure';
		this.#want(sets, claims);
		if (!(await this.apply())) return 'unsure';
		return this.#text === '' ? 'unable' : 'done';
	}

	/** Gives the order that stands once more. False when nft does not confirm it: each `check` tries again. */
	async apply(): Promise<boolean> {
		this.#isUnsure = true;
		for (let attempt = 0; attempt < attempts && this.#text !== ''; attempt += 1) {
			const complaint = await this.#complaint(this.#command());
			if (complaint === undefined) {
				this.#isUnsure = false;
				return true;
			}
			// Somebody has flushed the tables: they are made again at the next look.
			if (complaint !== '') this.#text = '';
		}
		return this.#text === '' ? this.#clear() : false;
	}

	/** Before the lease ends nft. */
	async close(): Promise<void> {
		this.#closed = true;
		if (this.#text !== '') await this.#options.nft?.ask([removeSecondChance(this.#options.name)], nftTimeoutMs);
		await this.#removeRules();
	}

	#want(sets: SecondChanceSets, claims: boolean): void {
		const nowMs = performance.now();
		this.#claims = claims;
		this.#wanted = Object.fromEntries(
			Object.entries(sets).map(([set, lasts]) => [set, lasts === 'always' ? Number.POSITIVE_INFINITY : nowMs + lasts]),
		);
	}

	#command(): string {
		return setSecondChance(this.#options.name, this.#routes, this.sets, this.#claims);
	}

	/** Leaves nothing that an earlier life, or a table given up, has said. */
	async #clear(): Promise<boolean> {
		if (!this.#isUnsure || this.#options.nft === undefined) return true;
		this.#isUnsure = (await this.#complaint(removeSecondChance(this.#options.name))) !== undefined;
		return !this.#isUnsure;
	}

	async #look(isThorough: boolean): Promise<string> {
		const {nft, name} = this.#options;
		const found = this.#findObstacle();
		if (nft === undefined || typeof found === 'string') {
			// What is under way goes on to its end.
			if (Object.keys(this.sets).length > 0) await this.apply();
			else if (this.#text === '') await this.#clear();
			return typeof found === 'string' ? found : noKernelLease;
		}
		const wanted = createSecondChance(this.#options, found);
		// What is passed on is counted while it lasts.
		const isTrusted = !isThorough && this.isIdle;
		if (wanted === this.#text && (isTrusted || (await this.#stands(nft)))) {
			if (!this.isIdle) await this.apply();
			return this.#addRules();
		}
		const ruleTrouble = await this.#addRules();
		if (ruleTrouble !== '') {
			if (this.#text === '') await this.#clear();
			return ruleTrouble;
		}
		this.#routes = found;
		this.#countedBefore = this.counts;
		this.#counted = nothingCounted;
		this.#isUnsure = true;
		const complaint = await this.#complaint(`${removeSecondChance(name)}; ${wanted}`);
		this.#text = complaint === undefined ? wanted : '';
		if (complaint !== undefined) {
			if (complaint !== '') this.#refused = `this kernel's nftables refuses the rules (${complaint})`;
			return this.#refused || 'nft does not answer';
		}
		return (await this.apply()) ? '' : 'nft does not answer';
	}

	/** Why this node cannot take part, or one route for each virtual address. */
	#findObstacle(): string | readonly SecondChanceRoute[] {
		const {nft, isOn, hasDriver, leaseKind, noEarlyDemux = ''} = this.#options;
		if (!isOn) return 'it is switched off (second-chance off)';
		if (hasDriver) return 'a driver delivers the address, and such networks drop what is passed on';
		if (nft === undefined || leaseKind() !== 'kernel') return noKernelLease;
		return this.#refused || noEarlyDemux || this.#findRoutes();
	}

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

	/** Reads the counters by the way. */
	async #stands(nft: Pick<KeptHelper, 'ask'>): Promise<boolean> {
		const {name} = this.#options;
		const {confirmed, lines} = await nft.ask(listSecondChance(name, this.#routes), nftTimeoutMs);
		if (!confirmed) return true;
		const counts = readSecondChance(lines.join('\n'), name, this.#routes);
		if (counts !== undefined) this.#counted = counts;
		return counts !== undefined;
	}

	/** Asks for what stands already, at each look: the kernel refuses it then. What speaks against it; empty when all rules stand. */
	async #addRules(): Promise<string> {
		if (this.#closed) return '';
		const answers = await this.#orderRules('add');
		const trouble = answers.map(complaintOf).find(text => text !== '');
		if (trouble !== undefined) return `the kernel refuses a routing rule of its own for the address (${trouble})`;
		const silent = answers.find(({confirmed}) => !confirmed);
		if (silent !== undefined) return this.#hasRules ? '' : `ip does not answer (${silent.reason})`;
		if (this.#hasRules && !answers.every(({lines}) => lines.some(isRefusedTwin))) this.#options.onRulesLost();
		this.#hasRules = true;
		return '';
	}

	async #removeRules(): Promise<void> {
		if (this.#hasRules) await this.#orderRules('del');
		this.#hasRules = false;
	}

	#orderRules(verb: 'add' | 'del'): Promise<Answer[]> {
		const {ip, port, addresses} = this.#options;
		return Promise.all(addresses.map(vip => ip[vip.family].ask([ruleLine(vip, port, verb)], ipTimeoutMs)));
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

const noKernelLease = 'the kernel does not keep the lease by itself';
const nothingCounted: SecondChanceCounts = {passed: 0, returned: 0, stopped: 0};

/** What `ip` complains of; empty when it is done, or was. */
function complaintOf({lines}: Answer): string {
	return lines.find(line => !isRefusedTwin(line) && !line.startsWith('Command failed')) ?? '';
}
