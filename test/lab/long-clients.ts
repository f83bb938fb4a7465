/**
 * Clients that stay: slow downloads and WebSockets whose messages come back. Each says how long nothing came, and how it ended.
 *
 * Decides what a stall is: between two chunks of a download that come each 50 ms; from a message to its echo. Leaves starting and
 * stopping to `probe-program.ts`.
 */
import {request} from 'node:http';
import {isIPv6} from 'node:net';
import {letPassMs, monotonicMs} from './wait.ts';

export interface LongOrder {
	readonly kind: 'long';
	readonly host: string;
	readonly downloads: number;
	readonly echoes: number;
}

/** One of them, at the end. */
export interface LongSession {
	readonly what: 'download' | 'echo';
	/** Chunks or messages that came. */
	readonly received: number;
	readonly longestStallMs: number;
	/** When the longest stall ended, monotonic ms. */
	readonly stallEndedMs: number;
	/** How it ended before it was told to; empty for one that lived to the end. */
	readonly error: string;
}

export interface LongReport {
	readonly kind: 'long';
	readonly sessions: readonly LongSession[];
}

const echoEveryMs = 50;
/** More chunks than any probe waits for. */
const chunks = 4000;
/** Starting many at once would measure the start. */
const startEveryMs = 2;

class Record {
	readonly #what: LongSession['what'];
	#lastMs = 0;
	#received = 0;
	#longestMs = 0;
	#longestAtMs = 0;
	error = '';

	constructor(what: LongSession['what']) {
		this.#what = what;
	}

	/** From here on waiting counts. */
	wait(): void {
		this.#lastMs = monotonicMs();
	}

	come(): void {
		const nowMs = monotonicMs();
		if (this.#lastMs > 0 && nowMs - this.#lastMs > this.#longestMs) {
			this.#longestMs = nowMs - this.#lastMs;
			this.#longestAtMs = nowMs;
		}
		this.#lastMs = nowMs;
		this.#received += 1;
	}

	get session(): LongSession {
		const stall = {longestStallMs: this.#longestMs, stallEndedMs: this.#longestAtMs};
		return {what: this.#what, received: this.#received, ...stall, error: this.error};
	}
}

/** Resolves when all have begun; `stop` ends them and tells. */
export async function startLongClients(order: LongOrder): Promise<{stop: () => LongReport}> {
	const host = isIPv6(order.host) ? `[${order.host}]` : order.host;
	let stopped = false;
	const fail = (record: Record, why: string): void => {
		if (!stopped && record.error === '') record.error = why;
	};
	const ends: (() => void)[] = [];
	const records: Record[] = [];
	const begun: Promise<void>[] = [];
	const begin = (what: LongSession['what'], start: (record: Record, begun: () => void) => void): Promise<void> => {
		const record = new Record(what);
		records.push(record);
		begun.push(new Promise(resolve => start(record, resolve)));
		return letPassMs(startEveryMs);
	};
	for (let number = 0; number < order.downloads; number += 1) {
		await begin('download', (record, resolve) => {
			const client = request(`http://${host}/?drip=${chunks}`, {agent: false}, response => {
				response.on('data', () => {
					record.come();
					resolve();
				});
				response.on('end', () => fail(record, 'the download ended'));
				response.on('error', error => fail(record, error.message));
			});
			client.on('error', error => {
				fail(record, error.message);
				resolve();
			});
			client.end();
			ends.push(() => client.destroy());
		});
	}
	for (let number = 0; number < order.echoes; number += 1) {
		await begin('echo', (record, resolve) => {
			const socket = new WebSocket(`ws://${host}/`);
			socket.onmessage = () => {
				record.come();
				resolve();
				setTimeout(() => {
					record.wait();
					if (socket.readyState === WebSocket.OPEN) socket.send('hello');
				}, echoEveryMs);
			};
			socket.onopen = () => {
				record.wait();
				socket.send('hello');
			};
			socket.onclose = ({code}) => {
				fail(record, `closed with code ${code}`);
				resolve();
			};
			ends.push(() => socket.close());
		});
	}
	await Promise.all(begun);
	return {
		stop: () => {
			stopped = true;
			for (const end of ends) end();
			return {kind: 'long', sessions: records.map(({session}) => session)};
		},
	};
}
