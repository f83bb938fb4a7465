/**
 * What the two ends of a join say to each other, and how: one JSON object a line, inside TLS with the code as pre-shared key.
 *
 * Decides the cipher: ECDHE with a pre-shared key (RFC 8442, RFC 5489) proves the code to both sides before anything is said, and a
 * recorded exchange cannot be read later, when the code is known. Each wait and each message has a limit. Leaves who says what to
 * `offer.ts` and `accept-offer.ts`.
 */
import type {TLSSocket} from 'node:tls';
import {UserError} from '../exit-codes.ts';

/** TCP; beside the heartbeat's 3694 and the witness's 3695. Open only while a node waits for the other one. */
export const joinPort = 3696;

export const tlsOptions = {
	ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
	minVersion: 'TLSv1.2',
	maxVersion: 'TLSv1.2',
} as const;
export const pskIdentity = 'hapair-join-1';

const mostBytes = 4 * 1024 * 1024;
/** Milliseconds of work, stretched by a machine that others keep busy. */
const answerLimitMs = 30_000;

/** The node that joins speaks first. */
export interface Hello {
	readonly type: 'hello';
	readonly hapair: string;
}

/** Enough to judge whether this machine can be the other node; without the keys. */
export interface Offered {
	readonly type: 'configuration';
	readonly hapair: string;
	/** The node that offers. */
	readonly node: string;
	readonly text: string;
}

export interface Decision {
	readonly type: 'accept' | 'decline';
	/** Of a `decline`, one line. */
	readonly reason?: string;
}

export interface Keys {
	readonly type: 'keys';
	/** In the order of the lines `secret file`; contents in base64. */
	readonly keys: readonly {readonly path: string; readonly content: string}[];
}

/** The files are in their places. */
export interface Done {
	readonly type: 'done';
}

export type Message = Hello | Offered | Decision | Keys | Done;

/** One end of the exchange. Every call rejects with a `UserError` when the other side goes, stays silent or talks nonsense. */
export class Exchange {
	readonly #socket: TLSSocket;
	readonly #lines: string[] = [];
	#partial = '';
	#bytes = 0;
	#ended = false;
	#wake: () => void = () => {};

	constructor(socket: TLSSocket) {
		this.#socket = socket;
		socket.setEncoding('utf8');
		socket.on('data', (text: string) => this.#take(text));
		const end = (): void => {
			this.#ended = true;
			this.#wake();
		};
		socket.on('error', end);
		socket.on('close', end);
	}

	send(message: Message): void {
		this.#socket.write(`${JSON.stringify(message)}\n`);
	}

	/** The next message, which has to be of one of these types. */
	async receive<Type extends Message['type']>(
		types: readonly Type[],
		limitMs = answerLimitMs,
	): Promise<Extract<Message, {type: Type}>> {
		const deadlineMs = performance.now() + limitMs;
		while (this.#lines.length === 0 && !this.#ended && performance.now() < deadlineMs) {
			await new Promise<void>(resolve => {
				const timer = setTimeout(resolve, deadlineMs - performance.now());
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
		const line = this.#lines.shift();
		if (line === undefined) {
			throw new UserError(this.#ended ? 'the other node broke the exchange off' : 'the other node does not answer', {
				hint: 'look at what it says there, then try again',
			});
		}
		const message = readMessage(line);
		if (message === undefined || !types.some(type => type === message.type)) {
			throw new UserError('the other side does not speak the language of hapair join', {
				hint: 'install the same version of hapair on both nodes',
			});
		}
		return message as Extract<Message, {type: Type}>;
	}

	/** Sends what is left and closes; the other side sees the end. */
	end(): void {
		this.#socket.end();
		this.#socket.setTimeout(answerLimitMs, () => this.#socket.destroy());
	}

	#take(text: string): void {
		this.#bytes += text.length;
		if (this.#bytes > mostBytes) {
			this.#socket.destroy();
			return;
		}
		const lines = (this.#partial + text).split('\n');
		this.#partial = lines.pop() ?? '';
		this.#lines.push(...lines);
		if (lines.length > 0) this.#wake();
	}
}

/** A message with the fields that its type has; `undefined` for anything else. */
export function readMessage(line: string): Message | undefined {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}
	if (typeof value !== 'object' || value === null) return undefined;
	const fields = value as Readonly<Record<string, unknown>>;
	const texts = (...names: string[]): boolean => names.every(name => typeof fields[name] === 'string');
	switch (fields.type) {
		case 'hello':
			return texts('hapair') ? (fields as unknown as Hello) : undefined;
		case 'configuration':
			return texts('hapair', 'node', 'text') ? (fields as unknown as Offered) : undefined;
		case 'accept':
		case 'done':
			return fields as unknown as Message;
		case 'decline':
			return texts('reason') ? (fields as unknown as Decision) : undefined;
		case 'keys':
			return Array.isArray(fields.keys) && fields.keys.every(isKey) ? (fields as unknown as Keys) : undefined;
	}
	return undefined;
}

function isKey(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const {path, content} = value as Readonly<Record<string, unknown>>;
	return typeof path === 'string' && path.startsWith('/') && typeof content === 'string';
}
