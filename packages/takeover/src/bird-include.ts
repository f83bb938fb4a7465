/**
 * The file that bird.conf includes: one `direct` protocol for each address that this node announces.
 *
 * Decides the text. A direct protocol has the route exactly while the address is on the interface. So a node that dies withdraws it
 * without anybody doing anything: the heartbeat takes the address off, or the kernel does when the address's lifetime of 5 s
 * ends. Until then the routers have two routes, and the term decides between them as MED: of one neighbouring AS the lower one is
 * preferred (RFC 4271 section 9.1.2.2). Leaves telling BIRD to `drivers/bgp.ts`.
 */
import {randomBytes} from 'node:crypto';
import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import type {Pair, VirtualAddress} from '@hapair/config';
import {DriverError} from './driver.ts';

/** The term counts down from here, so that a higher term is a lower MED. */
const highestMed = 4_294_967_295;

export class BirdInclude {
	readonly path: string;
	readonly #pair: Pick<Pair, 'name' | 'virtualAddresses'>;
	/** Address → term. */
	readonly #announced = new Map<string, number>();
	#queue: Promise<unknown> = Promise.resolve();

	constructor(path: string, pair: Pick<Pair, 'name' | 'virtualAddresses'>) {
		this.path = path;
		this.#pair = pair;
	}

	/**
	 * Writes the file so that it announces this address under `term`, or, without a term, not. Several drivers share one file. Throws a
	 * `DriverError` when it cannot be written.
	 */
	set(address: string, term: number | undefined): Promise<void> {
		const result = this.#queue.then(() => this.#set(address, term));
		this.#queue = result.catch(() => {});
		return result;
	}

	async #set(address: string, term: number | undefined): Promise<void> {
		if (term === undefined) this.#announced.delete(address);
		else this.#announced.set(address, term);
		const text = this.text();
		if ((await readFile(this.path, 'utf8').catch(() => undefined)) === text) return;
		// A new name, so that nothing that lies there is followed or half overwritten.
		const temporary = `${this.path}.${randomBytes(6).toString('hex')}`;
		try {
			await writeFile(temporary, text, {flag: 'wx', mode: 0o644});
			await rename(temporary, this.path);
		} catch (error) {
			await rm(temporary, {force: true});
			const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
			throw new DriverError(`${this.path} cannot be written (${code})`);
		}
	}

	text(): string {
		const head = `# Written by hapair: what this node announces for pair ${this.#pair.name}. Changes here are overwritten.\n`;
		const blocks = this.#pair.virtualAddresses.flatMap(vip => {
			const term = this.#announced.get(vip.address);
			return term === undefined ? [] : [describeProtocol(vip, Math.max(0, highestMed - term))];
		});
		return [head, ...blocks].join('');
	}
}

function describeProtocol({address, family, interface: device}: VirtualAddress, med: number): string {
	const net = `${address}/${family === 4 ? 32 : 128}`;
	return `protocol direct ${protocolName(address)} {
	ipv${family} {
		import filter {
			if net != ${net} then reject;
			bgp_med = ${med};
			accept;
		};
	};
	interface "${device}";
}
`;
}

/** `hapair_10_0_0_100`: what a filter in bird.conf matches with `proto ~ "hapair_*"`. */
export function protocolName(address: string): string {
	return `hapair_${address.replace(/[^0-9a-zA-Z]/g, '_')}`;
}
