/**
 * A connection at a bind with `accept-proxy`, before it is a session: the first thing that it says is who the client is.
 *
 * Decides when the header is there. What is no header, or does not come in time, is closed without a word. Leaves the session to the listener.
 */
import type {Core} from './core.ts';
import {Endpoint} from './endpoint.ts';
import {ProxiedWire} from './proxied-wire.ts';
import {readProxyHeader} from './proxy-header.ts';
import type {Wire} from './wire.ts';

export interface ProxyHeaderOrder {
	readonly wire: Wire;
	readonly waitMs: number | undefined;
	/** `rest`: what came behind the header; `hasEnded`: nothing follows it. */
	onHeader(wire: ProxiedWire, rest: Buffer, hasEnded: boolean): void;
	/** It closed, or was closed here. */
	onFailure(): void;
}

export class ProxyHeaderReader extends Endpoint {
	readonly #order: ProxyHeaderOrder;
	#bytes: Buffer = Buffer.alloc(0);
	#isOver = false;

	constructor({wheel, nowMs}: Core, order: ProxyHeaderOrder) {
		super(wheel);
		this.#order = order;
		this.adopt(order.wire);
		this.setDeadline(nowMs(), order.waitMs);
	}

	override onRead(bytes: Buffer, length: number): void {
		if (this.#isOver) return;
		this.#bytes = Buffer.concat([this.#bytes, bytes.subarray(0, length)]);
		const header = readProxyHeader(this.#bytes);
		if (header === 'incomplete') return;
		if (header === 'wrong') {
			this.destroy();
			return;
		}
		this.#isOver = true;
		this.clearDeadline();
		this.letGo();
		this.#order.onHeader(new ProxiedWire(this.#order.wire, header), this.#bytes.subarray(header.length), this.hasEnded);
	}

	override onEnd(): void {
		if (!this.#isOver) this.destroy();
	}

	override onClose(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#order.onFailure();
	}

	override onDeadline(): void {
		this.destroy();
	}
}
