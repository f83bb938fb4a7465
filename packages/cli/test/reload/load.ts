/**
 * Traffic that notices everything: clients that keep their connections and clients that open one for each request.
 *
 * Decides what a failure is: a request that was sent, or a connection that was wanted for one, without a whole answer of 200. A connection
 * that is closed between two requests is none: the next request opens another.
 */
import net from 'node:net';

export interface Tally {
	requests: number;
	readonly failures: string[];
	/** The longest request, connection included, ms. */
	longestMs: number;
}

export interface Load {
	readonly tally: Tally;
	/** Resolves when every client has had its last answer. */
	stop(): Promise<void>;
}

const answerLimitMs = 20_000;

export function startLoad(port: number, clients: {readonly keeping: number; readonly opening: number}): Load {
	const tally: Tally = {requests: 0, failures: [], longestMs: 0};
	let stopped = false;
	const runs = [
		...Array.from({length: clients.keeping}, () => true),
		...Array.from({length: clients.opening}, () => false),
	].map(async keeps => {
		let client: net.Socket | undefined;
		while (!stopped) {
			const startedMs = performance.now();
			try {
				client = await ask(client, port, keeps);
			} catch (error) {
				client = undefined;
				tally.failures.push(error instanceof Error ? error.message : String(error));
			}
			tally.requests++;
			tally.longestMs = Math.max(tally.longestMs, performance.now() - startedMs);
		}
		client?.destroy();
	});
	return {
		tally,
		async stop() {
			stopped = true;
			await Promise.all(runs);
		},
	};
}

/** One request; gives the connection back when it may be used again. */
function ask(kept: net.Socket | undefined, port: number, keeps: boolean): Promise<net.Socket | undefined> {
	const socket = kept === undefined || kept.destroyed ? net.connect(port, '127.0.0.1') : kept;
	const {promise, resolve, reject} = Promise.withResolvers<net.Socket | undefined>();
	let text = '';
	const onData = (data: Buffer): void => {
		text += data.toString('latin1');
		const bodyAt = text.indexOf('\r\n\r\n') + 4;
		const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
		if (bodyAt < 4 || !(text.length >= bodyAt + length)) return;
		if (!text.startsWith('HTTP/1.1 200 ')) {
			fail(`answered: ${text.slice(0, 60)}`);
			return;
		}
		const stays = keeps && !/connection: close/i.test(text.slice(0, bodyAt));
		finish();
		if (!stays) socket.destroy();
		resolve(stays ? socket : undefined);
	};
	const fail = (why: string): void => {
		finish();
		socket.destroy();
		reject(
			new Error(`${kept === undefined ? 'first' : 'later'} request of a connection: ${why}; received ${text.length}`),
		);
	};
	const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
	const onEnd = (): void => fail('closed before the answer was whole');
	const timer = setTimeout(() => fail('no answer in time'), answerLimitMs);
	const finish = (): void => {
		clearTimeout(timer);
		socket.off('data', onData).off('close', onEnd).off('error', onError);
		if (socket.listenerCount('error') === 0) socket.on('error', () => {});
	};
	socket.on('data', onData).on('close', onEnd).on('error', onError);
	socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${keeps ? '' : 'Connection: close\r\n'}\r\n`);
	return promise;
}

/** A WebSocket as far as a proxy can tell: an upgrade, then bytes both ways. */
export class Echo {
	readonly #socket: net.Socket;
	#text = '';
	isClosed = false;

	constructor(port: number) {
		this.#socket = net.connect(port, '127.0.0.1');
		this.#socket.on('data', data => {
			this.#text += data.toString('latin1');
		});
		this.#socket.on('error', () => {});
		this.#socket.on('close', () => {
			this.isClosed = true;
		});
		this.#socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
	}

	get isOpen(): boolean {
		return this.#text.startsWith('HTTP/1.1 101 ') && !this.isClosed;
	}

	say(word: string): void {
		this.#socket.write(word);
	}

	hasHeard(word: string): boolean {
		return this.#text.endsWith(word);
	}

	end(): void {
		this.#socket.destroy();
	}
}
