/**
 * The door of the peer channel: TCP on the node's own address, for the peer's address only, behind TLS-PSK.
 *
 * Decides who is refused, and counts why: `stranger` (another source address, closed before a byte is read), `busy`, `key` (no key of the
 * pair), `silent` (no handshake or greeting in time), `version`, `name` and `frame`. An address that is not there yet is tried again.
 */
import {BlockList, createServer, isIPv6, type Server, type Socket} from 'node:net';
import {createServer as createTlsServer, type Server as TlsServer} from 'node:tls';
import type {Key} from '../daemon/keys.ts';
import type {Log} from '../logging.ts';
import {derivePeerKey, findKey} from './peer-key.ts';
import {type Answerer, type Greeting, PeerError, PeerSession} from './peer-session.ts';
import {pskOptions} from './tls-psk.ts';

export interface ChannelEnds {
	readonly own: Greeting & {readonly address: string};
	readonly peer: {readonly node: string; readonly address: string};
	readonly port: number;
	/** Of both generations; all are accepted. Asked for each connection, since they may change. */
	readonly keys: () => readonly Key[];
}

export type Refusal = 'stranger' | 'busy' | 'key' | NonNullable<PeerError['refusal']>;

const handshakeLimitMs = 3000;
const mostConnections = 8;
/** Between two attempts to listen. */
const retryMs = 2000;
/** Strangers are told of in the log once in this long. */
const quietMs = 60_000;

export class PeerListener {
	readonly refused: Record<string, number> = {};
	#ends: ChannelEnds;
	readonly #log: Log;
	readonly #server: Server;
	readonly #tls: TlsServer;
	readonly #peers = new BlockList();
	readonly #sockets = new Set<Socket>();
	readonly #sessions = new Set<PeerSession>();
	#retry: NodeJS.Timeout | undefined;
	#complained = '';
	#toldAtMs = Number.NEGATIVE_INFINITY;
	#closed = false;

	constructor(ends: ChannelEnds, answer: Answerer, log: Log) {
		this.#ends = ends;
		this.#log = log;
		this.#peers.addAddress(ends.peer.address, isIPv6(ends.peer.address) ? 'ipv6' : 'ipv4');
		this.#tls = createTlsServer({
			...pskOptions,
			handshakeTimeout: handshakeLimitMs,
			pskCallback: (_, identity) => this.#findKey(identity),
		});
		this.#tls.on('tlsClientError', (error, stream) => {
			// A handshake that takes too long is reported, and its connection stays open unless it is ended here.
			stream.destroy();
			this.#refuse('code' in error && error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'silent' : 'key');
		});
		this.#tls.on('secureConnection', stream =>
			this.#welcome(new PeerSession(stream, ends.own, ends.peer.node, answer)),
		);
		this.#server = createServer(socket => this.#judge(socket));
		this.#server.on('error', error => this.#complain(error.message));
		this.#server.on('listening', () => {
			this.#complained = '';
			log.info({address: ends.own.address, port: ends.port}, 'the peer channel listens');
		});
	}

	get listening(): boolean {
		return this.#server.listening;
	}

	/** Listens as soon as the address is there. */
	start(): void {
		const {own, port} = this.#ends;
		if (this.#closed) return;
		this.#server.listen({host: own.address, port, backlog: 16});
	}

	close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#retry);
		for (const session of this.#sessions) session.destroy();
		for (const socket of this.#sockets) socket.destroy();
		if (!this.#server.listening) return Promise.resolve();
		return new Promise(resolve => this.#server.close(() => resolve()));
	}

	#judge(socket: Socket): void {
		socket.on('error', () => socket.destroy());
		const address = socket.remoteAddress ?? '';
		if (!this.#peers.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) {
			socket.resetAndDestroy();
			this.#refuse('stranger', address);
			return;
		}
		if (this.#sockets.size >= mostConnections) {
			socket.destroy();
			this.#refuse('busy');
			return;
		}
		this.#sockets.add(socket);
		socket.once('close', () => this.#sockets.delete(socket));
		this.#tls.emit('connection', socket);
	}

	#findKey(identity: string): Uint8Array | null {
		const {keys, own, peer} = this.#ends;
		const key = findKey(keys(), peer.node, identity);
		if (key === undefined) return null;
		return derivePeerKey(key, {pair: own.pair, client: peer.node, server: own.node});
	}

	#welcome(session: PeerSession): void {
		this.#sessions.add(session);
		void session.closed.then(() => this.#sessions.delete(session));
		session.greeted.catch((error: unknown) => {
			if (error instanceof PeerError && error.refusal !== undefined) this.#refuse(error.refusal, error.message);
		});
	}

	#refuse(reason: Refusal, detail = ''): void {
		this.refused[reason] = (this.refused[reason] ?? 0) + 1;
		const nowMs = performance.now();
		if (nowMs - this.#toldAtMs < quietMs) return;
		this.#toldAtMs = nowMs;
		this.#log.warn({reason, ...(detail === '' ? {} : {detail})}, 'a connection to the peer channel was refused');
	}

	/** The address may come later: a cable, an IPv6 address that is still tentative, a daemon that ends. */
	#complain(message: string): void {
		if (message !== this.#complained) this.#log.warn({}, `the peer channel does not listen: ${message}`);
		this.#complained = message;
		this.#retry = setTimeout(() => this.start(), retryMs);
	}
}
