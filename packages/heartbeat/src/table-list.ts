/**
 * Which of the pair's tables stand, by one line of nft: reading all their rules each second was an eighth of what a node did at rest.
 *
 * Decides when a thorough look is due: a table has come or gone, nft did not say, or enough time has passed for somebody to have taken rules
 * out of a table. Leaves the looks themselves to `lease.ts`, `guard.ts` and `second-chance.ts`.
 */
import type {KeptHelper} from './helpers.ts';

const nftTimeoutMs = 400;
/** Every so many calls at least. */
const thoroughEvery = 5;

export class TableList {
	readonly #nft: Pick<KeptHelper, 'ask'> | undefined;
	readonly #name: string;
	#seen = '';
	#calls = 0;

	/** @param name of the pair's tables, in every family. */
	constructor(nft: Pick<KeptHelper, 'ask'> | undefined, name: string) {
		this.#nft = nft;
		this.#name = name;
	}

	/** Call each second. */
	async isThoroughLookDue(): Promise<boolean> {
		if (this.#nft === undefined) return false;
		const {confirmed, lines} = await this.#nft.ask(['list tables'], nftTimeoutMs);
		const seen = lines.filter(line => line.endsWith(` ${this.#name}`)).join();
		const isDue = !confirmed || seen !== this.#seen || this.#calls % thoroughEvery === 0;
		this.#calls += 1;
		this.#seen = confirmed ? seen : '';
		return isDue;
	}
}
