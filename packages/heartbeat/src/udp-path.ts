/**
 * One path to the peer: a UDP socket bound to this node's address on it.
 *
 * Decides that only datagrams of the peer's address and port, not longer than an advertisement may be, go further;
 * everything else is counted by the name of its refusal. Leaves authentication and meaning to the core. A socket that fails is
 * opened again with back-off: an address that is not there yet, or not there any more, must not end the heartbeat.
 */
import {createSocket, type Socket} from 'node:dgram';
import {isIP} from 'node:net';

const reopenDelaysMs = [50, 100, 200, 500, 1000];

export interface UdpPathOptions {
	/** Addresses of this node and of the peer on this path, the same family. */
	readonly local: string;
	readonly remote: string;
	readonly port: number;
	/** Longer datagrams are refused. */
	readonly maxBytes: number;
	readonly onDatagram: (datagram: Uint8Array) => void;
	/** From another address, and refused; never longer than `maxBytes`. */
	readonly onStranger: (datagram: Uint8Array, address: string) => void;
	readonly count: (refusal: 'refusedForeignSource' | 'refusedOversized' | 'refusedEmpty') => void;
	/** Bind or socket errors, each kind once until the socket works again. */
	readonly onTrouble: (message: string) => void;
}

export class UdpPath {
	readonly options: UdpPathOptions;
	#socket: Socket | undefined;
	#bound = false;
	#closed = false;
	#failures = 0;
	#lastTrouble = '';
	#reopenTimer: NodeJS.Timeout | undefined;
	sendErrors = 0;

	constructor(options: UdpPathOptions) {
		this.options = options;
	}

	/** Opens the socket. Resolves with the error code of the first attempt, undefined when it is bound. */
	open(): Promise<string | undefined> {
		this.#closed = false;
		return new Promise(resolve => this.#open(resolve));
	}

	/** Opens the socket, once: false when it cannot be bound now. Who has a path's port is decided by this. */
	take(): Promise<boolean> {
		this.#closed = false;
		return new Promise(resolve => this.#open(code => resolve(code === undefined), true));
	}

	get isBound(): boolean {
		return this.#bound;
	}

	/** Hands a datagram to the kernel; what it refuses is counted. The bytes must stay unchanged until the next but one. */
	send(datagram: Uint8Array): void {
		if (!this.#bound) {
			this.sendErrors += 1;
			return;
		}
		try {
			this.#socket?.send(datagram, this.options.port, this.options.remote, this.#onSent);
		} catch {
			this.sendErrors += 1;
		}
	}

	/** One sentence about a socket error, with what to do. */
	explain(code: string): string {
		return explainBind(this.options, code);
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#reopenTimer);
		this.#bound = false;
		this.#socket?.close();
		this.#socket = undefined;
	}

	readonly #onSent = (error: Error | null): void => {
		if (error) this.sendErrors += 1;
	};

	#open(onFirst?: (code: string | undefined) => void, once = false): void {
		const {local, port} = this.options;
		const socket = openSocket(local);
		this.#socket = socket;
		socket.on('message', (datagram, source) => this.#receive(datagram, source.address, source.port));
		socket.once('error', (error: NodeJS.ErrnoException) => {
			if (once && !this.#bound) this.#closed = true;
			this.#fail(socket, error);
			onFirst?.(error.code ?? 'EUNKNOWN');
		});
		socket.bind({address: local, port, exclusive: true}, () => {
			// Only a neighbour can send what arrives with 255 (RFC 5082); `guard-table.ts` has the kernel drop the rest.
			socket.setTTL(255);
			this.#bound = true;
			this.#failures = 0;
			this.#lastTrouble = '';
			onFirst?.(undefined);
		});
	}

	#receive(datagram: Uint8Array, address: string, port: number): void {
		const {remote, port: ourPort, maxBytes, count, onDatagram, onStranger} = this.options;
		if (address !== remote || port !== ourPort) {
			count('refusedForeignSource');
			if (address !== remote && datagram.length <= maxBytes) onStranger(datagram, address);
		} else if (datagram.length > maxBytes) count('refusedOversized');
		else if (datagram.length === 0) count('refusedEmpty');
		else onDatagram(datagram);
	}

	#fail(socket: Socket, error: NodeJS.ErrnoException): void {
		this.#bound = false;
		this.#socket = undefined;
		socket.on('error', () => {});
		socket.close();
		if (this.#closed) return;
		const code = error.code ?? 'EUNKNOWN';
		if (code !== this.#lastTrouble) this.options.onTrouble(this.explain(code));
		this.#lastTrouble = code;
		const delayMs = reopenDelaysMs[Math.min(this.#failures++, reopenDelaysMs.length - 1)] ?? 1000;
		this.#reopenTimer = setTimeout(() => this.#open(), delayMs);
	}
}

/** A socket for an address's family that resolves no names: what it is given is an address already. */
export function openSocket(address: string): Socket {
	const family = isIP(address) === 6 ? 6 : 4;
	return createSocket({
		type: family === 6 ? 'udp6' : 'udp4',
		lookup: (host, _options, callback) => callback(null, host, family),
	});
}

function explainBind({local, port}: UdpPathOptions, code: string): string {
	if (code === 'EADDRINUSE') {
		return `UDP ${local} port ${port} is in use: stop the other program or choose another \`port\` in the pair section`;
	}
	if (code === 'EADDRNOTAVAIL') {
		return `${local} is not an address of this machine: correct the node's address or bring its interface up`;
	}
	if (code === 'EACCES') return `no permission to use UDP ${local} port ${port}: choose a port above 1023`;
	return `the path from ${local} fails: ${code}`;
}
