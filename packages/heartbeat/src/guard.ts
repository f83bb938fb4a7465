/**
 * Keeps the guard of the heartbeat's port standing: made at the start, made again when somebody flushed it.
 *
 * Decides which paths lead over no router (the local address's network has the peer's address in it). Without nft, or where it refuses,
 * there is none: the process refuses everything itself then, at a cost that a flood decides.
 */
import {createGuard, type GuardCounts, type GuardedPath, readGuard, removeGuard} from './guard-table.ts';
import type {KeptHelper} from './helpers.ts';
import {findLink} from './on-link.ts';

const nftTimeoutMs = 400;

export interface GuardOptions {
	/** Kept running by the lease. */
	readonly nft: KeptHelper | undefined;
	/** Of the pair's tables. */
	readonly name: string;
	readonly port: number;
	readonly paths: readonly {readonly local: string; readonly remote: string}[];
	readonly warn: (message: string) => void;
	readonly count: (name: 'guardRestored') => void;
}

export class Guard {
	readonly #options: GuardOptions;
	/** What stands; empty when nothing does. */
	#text = '';
	#refused = false;
	#closed = false;
	#before: GuardCounts = {ttl: 0, flood: 0};
	#now: GuardCounts = {ttl: 0, flood: 0};

	constructor(options: GuardOptions) {
		this.#options = options;
	}

	/** What it has dropped since the start. */
	get counts(): GuardCounts {
		return {ttl: this.#before.ttl + this.#now.ttl, flood: this.#before.flood + this.#now.flood};
	}

	/** The table is a former process's; it is made anew with the next look, and what it has dropped is not forgotten. */
	adopt(counts: GuardCounts): void {
		this.#before = counts;
	}

	/**
	 * Makes it, or makes it again: after a flush, or when an address has come to an interface. Never rejects.
	 *
	 * @param isThorough reads the rules that stand; otherwise they are taken to be as they were made.
	 */
	async check(isThorough = true): Promise<void> {
		const {nft, name, port, paths, count} = this.#options;
		if (nft === undefined || this.#refused || this.#closed) return;
		const wanted = createGuard(name, port, paths.map(addLink));
		if (!isThorough && wanted === this.#text) return;
		if (this.#text !== '') {
			const {confirmed, lines} = await nft.ask([`list table inet ${name}`], nftTimeoutMs);
			if (!confirmed) return;
			const counts = readGuard(lines.join('\n'));
			if (counts !== undefined) this.#now = counts;
			if (counts !== undefined && wanted === this.#text) return;
			if (counts === undefined) count('guardRestored');
			this.#before = this.counts;
			this.#now = {ttl: 0, flood: 0};
		}
		if (!this.#closed) await this.#make(nft, wanted);
	}

	async #make(nft: KeptHelper, wanted: string): Promise<void> {
		const {confirmed, lines} = await nft.ask([wanted], nftTimeoutMs);
		const why = lines.find(line => line.includes('Error'))?.replace(/^.*Error: /, '');
		this.#text = confirmed && why === undefined ? wanted : '';
		if (why === undefined) return;
		this.#refused = true;
		this.#options.warn(`nft refuses the guard of the heartbeat's port (${why}); going on without one`);
	}

	/** Removes it, whether or not nft has confirmed that it stands. Before the lease ends nft. */
	async close(): Promise<void> {
		this.#closed = true;
		if (!this.#refused) await this.#options.nft?.ask([removeGuard(this.#options.name)], nftTimeoutMs);
	}
}

function addLink(path: {readonly local: string; readonly remote: string}): GuardedPath {
	return {...path, isOnLink: findLink(path) !== undefined};
}
