/**
 * The file that bird.conf includes: one `direct` protocol for each address that this node announces.
 *
 * Decides the text. A direct protocol has the route exactly while the address is on the interface. So a node that dies withdraws it
 * without anybody doing anything: the heartbeat takes the address off, or the kernel does when the address's lifetime of 5 s
 * ends. Leaves telling BIRD to `drivers/bgp.ts`.
 */
import {randomBytes} from 'node:crypto';
import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import type {Pair} from '@hapair/config';
import {DriverError} from './driver.ts';

export class BirdInclude {
	readonly path: string;
	readonly #pair: Pick<Pair, 'name' | 'virtualAddresses'>;
	readonly #announced = new Set<string>();
	#queue: Promise<unknown> = Promise.resolve();

	constructor(path: string, pair: Pick<Pair, 'name' | 'virtualAddresses'>) {
		this.path = path;
		this.#pair = pair;
	}

	/** Writes the file so that it announces this address, or does not. True when that changed it. Several drivers share one file. */
	set(address: string, announced: boolean): Promise<boolean> {
		const result = this.#queue.then(() => this.#set(address, announced));
		this.#queue = result.catch(() => {});
		return result;
	}

	async #set(address: string, announced: boolean): Promise<boolean> {
		if (announced) this.#announced.add(address);
		else this.#announced.delete(address);
		const text = this.text();
		if ((await readFile(this.path, 'utf8').catch(() => undefined)) === text) return false;
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
		return true;
	}

	text(): string {
		const head = `# Written by hapair: what this node announces for pair ${this.#pair.name}. Changes here are overwritten.\n`;
		const blocks = this.#pair.virtualAddresses
			.filter(({address}) => this.#announced.has(address))
			.map(vip => {
				const channel = `ipv${vip.family}`;
				const net = `${vip.address}/${vip.family === 4 ? 32 : 128}`;
				return `protocol direct ${protocolName(vip.address)} {\n\t${channel} { import where net = ${net}; };\n\tinterface "${vip.interface}";\n}\n`;
			});
		return [head, ...blocks].join('');
	}
}

/** `hapair_10_0_0_100`: what a filter in bird.conf matches with `proto ~ "hapair_*"`. */
export function protocolName(address: string): string {
	return `hapair_${address.replace(/[^0-9a-zA-Z]/g, '_')}`;
}
