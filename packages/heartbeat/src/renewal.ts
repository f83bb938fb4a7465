/**
 * Sends the copy of an advertisement that renews the lease.
 *
 * Decides through which interfaces: every one that carries a virtual address, to a link-local group, because what goes
 * to a dead peer waits for its ARP answer and never leaves (no egress, no renewal). Only a master sends it. Nobody needs to hear it.
 */
import type {Socket} from 'node:dgram';
import type {NetworkInterfaceInfo} from 'node:os';
import {renewalGroups} from './lease-table.ts';
import {presentInterfaces} from './present-interfaces.ts';
import {openSocket} from './udp-path.ts';

interface Outlet {
	readonly device: string;
	readonly family: 4 | 6;
	/** What the socket was told to send through. */
	readonly through: string;
	readonly socket: Socket;
	ready: boolean;
	/** Refused a copy: the interface may have been made anew under the same name and address. */
	broken: boolean;
	readonly onSent: (error: Error | null) => void;
}

export class RenewalSender {
	readonly #devices: readonly string[];
	readonly #port: number;
	readonly #outlets = new Map<string, Outlet>();
	readonly #onFailure: () => void;
	sendErrors = 0;

	/** @param onFailure a copy was refused by the kernel after `send` had returned. */
	constructor(devices: readonly string[], port: number, onFailure: () => void) {
		this.#devices = devices;
		this.#port = port;
		this.#onFailure = onFailure;
	}

	/** Opens a socket for each interface that has an address, and anew where the address changed. Call now and then. */
	open(): void {
		const present = presentInterfaces();
		for (const device of this.#devices) {
			const through = chooseSource(device, present[device] ?? []);
			const outlet = this.#outlets.get(device);
			if (outlet && !outlet.broken && outlet.through === through?.address) continue;
			outlet?.socket.close();
			this.#outlets.delete(device);
			if (through) this.#outlets.set(device, this.#openOutlet(device, through));
		}
	}

	/** False when some interface got no copy: the lease is then renewed otherwise. */
	send(advertisement: Uint8Array): boolean {
		let complete = this.#outlets.size === this.#devices.length;
		for (const {socket, family, ready, broken, onSent} of this.#outlets.values()) {
			if (!ready || broken) {
				complete = false;
				continue;
			}
			try {
				socket.send(advertisement, this.#port, renewalGroups[family], onSent);
			} catch {
				this.sendErrors += 1;
				complete = false;
			}
		}
		return complete;
	}

	close(): void {
		for (const {socket} of this.#outlets.values()) socket.close();
		this.#outlets.clear();
	}

	#openOutlet(device: string, through: Source): Outlet {
		const socket = openSocket(through.family === 4 ? '0.0.0.0' : '::');
		const outlet: Outlet = {
			device,
			family: through.family,
			through: through.address,
			socket,
			ready: false,
			broken: false,
			onSent: error => {
				if (!error) return;
				this.sendErrors += 1;
				outlet.broken = true;
				this.#onFailure();
			},
		};
		socket.on('error', () => this.#forget(outlet));
		socket.bind({port: 0, exclusive: true}, () => {
			try {
				socket.setMulticastInterface(through.address);
				socket.setMulticastTTL(255);
				socket.setMulticastLoopback(false);
				outlet.ready = true;
			} catch {
				this.#forget(outlet);
			}
		});
		return outlet;
	}

	#forget(outlet: Outlet): void {
		if (this.#outlets.get(outlet.device) !== outlet) return;
		this.#outlets.delete(outlet.device);
		outlet.socket.close();
	}
}

interface Source {
	readonly family: 4 | 6;
	/** An IPv4 address of the interface, or `::%eth0`. */
	readonly address: string;
}

/** IPv4 where the interface has such an address, since every segment carries it; else IPv6. */
export function chooseSource(device: string, infos: readonly NetworkInterfaceInfo[]): Source | undefined {
	const four = infos.find(info => info.family === 'IPv4');
	if (four) return {family: 4, address: four.address};
	return infos.some(info => info.family === 'IPv6') ? {family: 6, address: `::%${device}`} : undefined;
}
