/**
 * One authenticated connection between the two daemons: a greeting from each side, then requests and answers both ways.
 *
 * Decides limits and deadlines: what a frame may hold before and after the greeting, how long a greeting and an answer may take, how
 * many requests may wait. Leaves TLS to `listener.ts` and `connect.ts`, and what is asked to its owner.
 */
import type {Duplex} from 'node:stream';
import {encodeFrame, FrameError, type FrameObject, FrameReader} from './frames.ts';

/** Grows when a node of the older version would misread the newer one. */
const channelVersion = 1;

/** Longest frame once both sides are known, bytes: a file of the largest size in base64, with room. */
const frameLimitBytes = 12_582_912;
const greetingLimitBytes = 4096;
const greetingLimitMs = 3000;
const mostWaiting = 64;
/** The findings of a check may be many lines. */
const longestSentence = 100_000;
/** A side that does not read is cut off rather than kept in memory. */
const mostUnreadBytes = 4 * frameLimitBytes;

export interface Greeting {
	readonly pair: string;
	readonly node: string;
	/** Of hapair. */
	readonly version: string;
}

/** What the other side said instead of an answer, as a sentence for people. */
export class PeerError extends Error {
	override readonly name = 'PeerError';
	/** Why a connection was refused; absent when it was not. */
	readonly refusal: 'version' | 'name' | 'silent' | 'frame' | undefined;

	constructor(message: string, refusal?: PeerError['refusal']) {
		super(message);
		this.refusal = refusal;
	}
}

/** The other side's no to one request, in its own words; the connection goes on. */
export class PeerRefusal extends Error {
	override readonly name = 'PeerRefusal';
}

/** Answers a request of the other side; what it throws arrives there as a sentence. */
export type Answerer = (ask: string, body: FrameObject, session: PeerSession) => Promise<object>;

interface Waiting {
	readonly resolve: (answer: FrameObject) => void;
	readonly reject: (error: Error) => void;
	readonly timer: NodeJS.Timeout;
}

export class PeerSession {
	/** Resolves with the other side's greeting; rejects with a `PeerError`. */
	readonly greeted: Promise<Greeting>;
	/** Resolves when the connection has ended. */
	readonly closed: Promise<void>;
	readonly #stream: Duplex;
	readonly #own: Greeting;
	readonly #peer: string;
	readonly #answer: Answerer;
	readonly #reader = new FrameReader(greetingLimitBytes);
	readonly #waiting = new Map<number, Waiting>();
	readonly #greeting = Promise.withResolvers<Greeting>();
	#isGreeted = false;
	#peerVersion: string | undefined;
	#hasFailed = false;
	#lastId = 0;

	constructor(stream: Duplex, own: Greeting, peer: string, answer: Answerer) {
		this.#stream = stream;
		this.#own = own;
		this.#peer = peer;
		this.#answer = answer;
		this.greeted = this.#greeting.promise;
		this.greeted.catch(() => {});
		const {promise, resolve} = Promise.withResolvers<void>();
		this.closed = promise;
		const late = setTimeout(
			() => this.#fail(new PeerError('the other side did not greet in time', 'silent')),
			greetingLimitMs,
		);
		stream.on('data', (piece: Buffer) => this.#receive(piece));
		stream.on('error', () => stream.destroy());
		stream.once('close', () => {
			clearTimeout(late);
			this.#fail(new PeerError(`the connection to ${peer} ended`));
			resolve();
		});
		this.greeted.then(
			() => clearTimeout(late),
			() => clearTimeout(late),
		);
		this.#send({channel: channelVersion, ...own});
	}

	/** Of hapair on both nodes, when they are not the same. */
	get differentVersions(): string | undefined {
		const {node, version} = this.#own;
		if (this.#peerVersion === undefined || this.#peerVersion === version) return undefined;
		return `${node} runs hapair ${version}, ${this.#peer} runs hapair ${this.#peerVersion}`;
	}

	/** Rejects with a `PeerRefusal` when the other side says no, with a `PeerError` when it is silent for `limitMs` or goes. */
	request(ask: string, body: object, limitMs: number): Promise<FrameObject> {
		const {promise, resolve, reject} = Promise.withResolvers<FrameObject>();
		const id = ++this.#lastId;
		const timer = setTimeout(() => {
			this.#waiting.delete(id);
			reject(new PeerError(`${this.#peer} did not answer within ${limitMs} ms`));
		}, limitMs);
		if (this.#stream.destroyed || this.#waiting.size >= mostWaiting) {
			clearTimeout(timer);
			return Promise.reject(new PeerError(`there is no connection to ${this.#peer}`));
		}
		this.#waiting.set(id, {resolve, reject, timer});
		this.#send({ask, id, body});
		return promise;
	}

	/** What is sent is sent first. */
	close(): void {
		this.#stream.end();
		// The other side may be frozen, and an end that nobody takes would wait for ever.
		setTimeout(() => this.#stream.destroy(), 500).unref();
	}

	destroy(): void {
		this.#stream.destroy();
	}

	#send(frame: object): void {
		if (this.#stream.destroyed || this.#stream.writableEnded) return;
		this.#stream.write(encodeFrame(frame));
		if (this.#stream.writableLength > mostUnreadBytes) this.#stream.destroy();
	}

	#receive(piece: Buffer): void {
		if (this.#hasFailed) return;
		try {
			for (const frame of this.#reader.read(piece)) {
				if (this.#isGreeted) this.#take(frame);
				else this.#greet(frame);
			}
		} catch (error) {
			if (!(error instanceof FrameError) && !(error instanceof PeerError)) throw error;
			this.#send({refused: error.message});
			this.#fail(error instanceof PeerError ? error : new PeerError(error.message, 'frame'));
		}
	}

	#greet(frame: FrameObject): void {
		const {channel, pair, node, version, refused} = frame;
		if (typeof refused === 'string') throw new PeerError(`${this.#peer} refused: ${refused.slice(0, 300)}`);
		if (channel !== channelVersion) throw new PeerError(this.#describeVersions(channel, version), 'version');
		if (typeof pair !== 'string' || typeof node !== 'string' || typeof version !== 'string')
			throw new PeerError('a greeting without names', 'name');
		if (pair !== this.#own.pair || node !== this.#peer)
			throw new PeerError(
				`${node} of the pair ${pair}; ${this.#own.node} expects ${this.#peer} of ${this.#own.pair}`,
				'name',
			);
		this.#isGreeted = true;
		this.#reader.limitBytes = frameLimitBytes;
		this.#peerVersion = version.slice(0, 64);
		this.#greeting.resolve({pair, node, version: this.#peerVersion});
	}

	/** In the words of both ends: either reads it as its own or as the other one's refusal. */
	#describeVersions(channel: unknown, version: unknown): string {
		const theirs = typeof version === 'string' ? version.slice(0, 64) : 'of another version';
		const speaks = typeof channel === 'number' ? `version ${channel}` : 'no version';
		return (
			`${this.#peer} runs hapair ${theirs}, which speaks ${speaks} of the channel between the nodes; ` +
			`${this.#own.node} runs hapair ${this.#own.version}, which speaks version ${channelVersion}: install the same version on both`
		);
	}

	#take(frame: FrameObject): void {
		const {id, ask, body, answer, error, refused} = frame;
		if (typeof refused === 'string') throw new PeerError(`${this.#peer} refused: ${refused.slice(0, 300)}`);
		if (typeof id !== 'number') throw new PeerError('a frame without a number', 'frame');
		if (typeof ask === 'string') {
			void this.#serve(id, ask, isObject(body) ? body : {});
			return;
		}
		const waiting = this.#waiting.get(id);
		if (waiting === undefined) return;
		this.#waiting.delete(id);
		clearTimeout(waiting.timer);
		if (isObject(answer)) waiting.resolve(answer);
		else waiting.reject(new PeerRefusal(typeof error === 'string' ? error.slice(0, longestSentence) : 'no'));
	}

	async #serve(id: number, ask: string, body: FrameObject): Promise<void> {
		try {
			this.#send({id, answer: await this.#answer(ask, body, this)});
		} catch (error) {
			this.#send({id, error: error instanceof Error ? error.message : String(error)});
		}
	}

	#fail(error: PeerError): void {
		this.#hasFailed = true;
		this.#greeting.reject(error);
		for (const {reject, timer} of this.#waiting.values()) {
			clearTimeout(timer);
			reject(error);
		}
		this.#waiting.clear();
		if (!this.#stream.destroyed) this.close();
	}
}

function isObject(value: unknown): value is FrameObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
