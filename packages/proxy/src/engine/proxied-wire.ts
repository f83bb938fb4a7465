/**
 * A connection that came through another proxy, with the ends that it named.
 *
 * Decides that everybody behind it sees those ends. Everything else is the connection's own.
 */
import type {ProxyHeader} from './proxy-header.ts';
import type {LocalEnd, Wire, WireUser} from './wire.ts';

export class ProxiedWire implements Wire {
	readonly header: ProxyHeader;
	readonly #wire: Wire;

	constructor(wire: Wire, header: ProxyHeader) {
		this.#wire = wire;
		this.header = header;
	}

	get remoteAddress(): string | undefined {
		return this.header.ends?.source.text ?? this.#wire.remoteAddress;
	}

	get remotePort(): number | undefined {
		return this.header.ends?.sourcePort ?? this.#wire.remotePort;
	}

	get localEnd(): LocalEnd | undefined {
		const {ends} = this.header;
		return ends === undefined ? this.#wire.localEnd : {host: ends.destination.text, port: ends.destinationPort};
	}

	get localPort(): number | undefined {
		return this.header.ends?.destinationPort ?? this.#wire.localPort;
	}

	get originalEnd(): LocalEnd | undefined {
		return this.#wire.originalEnd;
	}

	get backlog(): number {
		return this.#wire.backlog;
	}

	get isGone(): boolean {
		return this.#wire.isGone;
	}

	use(user: WireUser): void {
		this.#wire.use(user);
	}

	markPackets(what: 'tos' | 'mark' | 'linger', value: number): void {
		this.#wire.markPackets(what, value);
	}

	vanish(): void {
		this.#wire.vanish();
	}

	pause(): void {
		this.#wire.pause();
	}

	resume(): void {
		this.#wire.resume();
	}

	writeText(text: string): void {
		this.#wire.writeText(text);
	}

	writeBytes(bytes: Uint8Array): void {
		this.#wire.writeBytes(bytes);
	}

	writeTogether(head: string, bytes: Buffer, start: number, end: number, isStable: boolean): void {
		this.#wire.writeTogether(head, bytes, start, end, isStable);
	}

	cork(): void {
		this.#wire.cork();
	}

	uncork(): void {
		this.#wire.uncork();
	}

	awaitDrain(): void {
		this.#wire.awaitDrain();
	}

	end(): void {
		this.#wire.end();
	}

	closeSoon(): void {
		this.#wire.closeSoon();
	}

	destroy(): void {
		this.#wire.destroy();
	}
}
