/**
 * The channel between the two daemons: a door for the peer and a way to it.
 *
 * Decides when a connection is made: for a piece of work, and ended with it. Leaves who may come in to `listener.ts`, and what is asked
 * to those who register for it.
 */
import type {Log} from '../logging.ts';
import {connectToPeer} from './connect.ts';
import type {FrameObject} from './frames.ts';
import {type ChannelEnds, PeerListener} from './listener.ts';
import {type Answerer, PeerError, type PeerSession} from './peer-session.ts';

/** For `status`. */
export interface ChannelReport {
	readonly address: string;
	readonly port: number;
	readonly listening: boolean;
	/** Connections refused since the start, by reason. */
	readonly refused: Readonly<Record<string, number>>;
}

/** One kind of request. What it throws the peer reads as a sentence. */
export type Handler = (body: FrameObject, session: PeerSession) => Promise<object>;

const connectLimitMs = 3000;

export class PeerChannel {
	readonly #ends: ChannelEnds;
	readonly #listener: PeerListener;
	readonly #sessions = new Set<PeerSession>();
	readonly #handlers = new Map<string, Handler>();

	constructor(ends: ChannelEnds, log: Log) {
		this.#ends = ends;
		this.#listener = new PeerListener(ends, this.#answer, log);
	}

	start(): void {
		this.#listener.start();
	}

	/** Conversations end, this node's own too. */
	close(): Promise<void> {
		for (const session of this.#sessions) session.destroy();
		return this.#listener.close();
	}

	report(): ChannelReport {
		const {own, port} = this.#ends;
		const {listening, refused} = this.#listener;
		return {address: own.address, port, listening, refused: {...refused}};
	}

	on(ask: string, handler: Handler): void {
		this.#handlers.set(ask, handler);
	}

	/** Connects, works, and ends the connection. Rejects with a `PeerError` when the peer cannot be reached. */
	async converse<T>(work: (session: PeerSession) => Promise<T>): Promise<T> {
		const session = await connectToPeer(this.#ends, this.#answer, connectLimitMs);
		this.#sessions.add(session);
		try {
			return await work(session);
		} finally {
			this.#sessions.delete(session);
			session.close();
		}
	}

	readonly #answer: Answerer = (ask, body, session) => {
		const handler = this.#handlers.get(ask);
		if (handler === undefined) return Promise.reject(new PeerError(`${this.#ends.own.node} does not know "${ask}"`));
		return handler(body, session);
	};
}
