/**
 * A small strict HTTP/1.1 client that says exactly what became of a request.
 *
 * Decides what counts as failed: anything but one complete answer with status 200 before the deadline. A keep-alive
 * client opens a new connection after `Connection: close` or when the server closed between two requests, as every
 * client does; a connection that ends after the request was written is a failure, never retried.
 */
import {connect, isIPv6, type Socket} from 'node:net';
import {monotonicMs} from './wait.ts';

export interface Outcome {
	/** When the request was due. */
	readonly startMs: number;
	readonly endMs: number;
	readonly ok: boolean;
	/** Why not, for people. */
	readonly error?: string;
	/** Headers of the lab's web servers: who served, and the node that forwarded. */
	readonly web?: string;
	readonly via?: string;
	/** The value of a `Set-Cookie`, when there was one. */
	readonly cookie?: string;
}

interface Answer {
	readonly status: number;
	readonly head: string;
	readonly close: boolean;
}

export interface Target {
	readonly host: string;
	readonly port: number;
	readonly path: string;
	readonly deadlineMs: number;
	readonly cookie?: string;
}

/** One client connection; call `request` again only after the last one has ended. */
export class HttpClient {
	readonly #target: Target;
	readonly #keepAlive: boolean;
	#socket: Socket | undefined;

	constructor(target: Target, {keepAlive}: {keepAlive: boolean}) {
		this.#target = target;
		this.#keepAlive = keepAlive;
	}

	/** @param startMs When the request was due, if not now: a late client counts as a late answer. */
	async request(startMs = monotonicMs()): Promise<Outcome> {
		try {
			const answer = await this.#exchange();
			const found = {
				...optional('web', headerOf(answer.head, 'x-web')),
				...optional('via', headerOf(answer.head, 'x-via')),
				...optional('cookie', headerOf(answer.head, 'set-cookie')),
			};
			if (answer.close || !this.#keepAlive) this.close();
			if (answer.status === 200) return {startMs, endMs: monotonicMs(), ok: true, ...found};
			return {startMs, endMs: monotonicMs(), ok: false, error: `status ${answer.status}`, ...found};
		} catch (error) {
			this.close();
			return {startMs, endMs: monotonicMs(), ok: false, error: error instanceof Error ? error.message : String(error)};
		}
	}

	close(): void {
		this.#socket?.destroy();
		this.#socket = undefined;
	}

	#exchange(): Promise<Answer> {
		const {host, port, path, deadlineMs, cookie} = this.#target;
		const kept = this.#socket?.readable ? this.#socket : undefined;
		const socket = kept ?? this.#connect(host, port);
		const lines = [`GET ${path} HTTP/1.1`, `Host: ${isIPv6(host) ? `[${host}]` : host}`];
		if (cookie !== undefined) lines.push(`Cookie: ${cookie}`);
		if (!this.#keepAlive) lines.push('Connection: close');
		return new Promise((resolve, reject) => {
			let text = '';
			const fail = (what: string) => {
				const where = text === '' ? 'before an answer' : 'inside an answer';
				end(new Error(`${what} ${where}${kept === undefined ? '' : ' on a kept connection'}`));
			};
			const onData = (chunk: Buffer) => {
				text += chunk.toString('latin1');
				const answer = maybeParse(text);
				if (answer !== undefined) end(answer);
			};
			const onClose = () => fail('closed');
			const onError = (error: Error) => fail('code' in error ? String(error.code) : error.message);
			const timer = setTimeout(() => fail(`nothing for ${deadlineMs} ms`), deadlineMs);
			const end = (result: Answer | Error) => {
				clearTimeout(timer);
				socket.off('data', onData).off('end', onClose).off('close', onClose).off('error', onError);
				if (result instanceof Error) reject(result);
				else resolve(result);
			};
			socket.on('data', onData).on('end', onClose).on('close', onClose).on('error', onError);
			socket.write(`${lines.join('\r\n')}\r\n\r\n`);
		});
	}

	#connect(host: string, port: number): Socket {
		const socket = connect({host, port, noDelay: true});
		// Between two requests a server may close, and what is wrong shows at the next request.
		socket.on('error', () => {});
		socket.on('end', () => socket.destroy());
		this.#socket = socket;
		return socket;
	}
}

/** The answer when it is complete; the lab's servers always give a length. */
function maybeParse(text: string): Answer | Error | undefined {
	const headEnd = text.indexOf('\r\n\r\n');
	if (headEnd < 0) return undefined;
	const head = text.slice(0, headEnd + 2);
	const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
	if (Number.isNaN(status)) return new Error('not an HTTP answer');
	const length = headerOf(head, 'content-length');
	const close = /^close$/i.test(headerOf(head, 'connection') ?? '') || length === undefined;
	// A proxy's own error page may have no length; its status says enough.
	if (length !== undefined && text.length < headEnd + 4 + Number(length)) return undefined;
	return {status, head, close};
}

function headerOf(head: string, name: string): string | undefined {
	return new RegExp(`\r\n${name}: *([^\r\n]*)`, 'i').exec(head)?.[1];
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
	return value === undefined ? {} : ({[key]: value} as Partial<Record<Key, string>>);
}
