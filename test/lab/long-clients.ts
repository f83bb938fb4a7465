/**
 * Clients that stay: slow downloads and WebSockets whose messages come back. Each says how long nothing came, and how it ended.
 *
 * Decides what a stall is: between two chunks of a download that come each 50 ms; from a message to its echo; from the last of them to the end of
 * the probe, when nothing came any more. Leaves starting and stopping to `probe-program.ts`.
 */
import {request} from 'node:http';
import {isIPv6} from 'node:net';
import {letPassMs, monotonicMs} from './wait.ts';

export interface LongOrder {
	readonly kind: 'long';
	readonly host: string;
	readonly downloads: number;
	readonly echoes: number;
	/** All messages are sent in the same moment, so that they travel together. */
	readonly inStep?: boolean;
	/** Of the first download; of the others the kernel's choice. */
	readonly localPort?: number;
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
	#error = '';

	constructor(what: LongSession['what']) {
		this.#what = what;
	}

	/** From here on waiting counts. */
	wait(): void {
		if (this.#error === '') this.#lastMs = monotonicMs();
	}

	come(): void {
		this.#measure();
		this.#lastMs = monotonicMs();
		this.#received += 1;
	}

	/** It has ended before it was told to. */
	fail(why: string): void {
		this.#error ||= why;
		this.#measure();
		this.#lastMs = 0;
	}

	#measure(): void {
		const nowMs = monotonicMs();
		if (this.#lastMs === 0 || nowMs - this.#lastMs <= this.#longestMs) return;
		this.#longestMs = nowMs - this.#lastMs;
		this.#longestAtMs = nowMs;
	}

	get session(): LongSession {
		this.#measure();
		const stall = {longestStallMs: this.#longestMs, stallEndedMs: this.#longestAtMs};
		return {what: this.#what, received: this.#received, ...stall, error: this.#error};
	}
}

interface Client {
	readonly record: Record;
	readonly begun: Promise<void>;
	readonly end: () => void;
}

function download(host: string, localPort: number | undefined): Client {
	const record = new Record('download');
	const {promise, resolve} = Promise.withResolvers<void>();
	const fail = (why: string): void => {
		record.fail(why);
		resolve();
	};
	const client = request(`http://${host}/?drip=${chunks}`, {agent: false, localPort}, response => {
		response.on('data', () => {
			record.come();
			resolve();
		});
		response.on('end', () => fail('the download ended'));
		response.on('error', error => fail(error.message));
	});
	client.on('error', error => fail(error.message));
	client.end();
	return {record, begun: promise, end: () => client.destroy()};
}

function echo(host: string, inStep: boolean): Client {
	const record = new Record('echo');
	const {promise, resolve} = Promise.withResolvers<void>();
	const socket = new WebSocket(`ws://${host}/`);
	const send = (): void => {
		record.wait();
		if (socket.readyState === WebSocket.OPEN) socket.send('hello');
	};
	socket.onopen = send;
	socket.onmessage = () => {
		record.come();
		resolve();
		setTimeout(send, inStep ? echoEveryMs - (monotonicMs() % echoEveryMs) : echoEveryMs);
	};
	socket.onclose = ({code}) => {
		record.fail(`closed with code ${code}`);
		resolve();
	};
	return {record, begun: promise, end: () => socket.close()};
}

/** Resolves when all have begun; `stop` tells how they are and ends them. */
export async function startLongClients(order: LongOrder): Promise<{stop: () => LongReport}> {
	const host = isIPv6(order.host) ? `[${order.host}]` : order.host;
	const clients: Client[] = [];
	for (let number = 0; number < order.downloads + order.echoes; number += 1) {
		const localPort = number === 0 ? order.localPort : undefined;
		clients.push(number < order.downloads ? download(host, localPort) : echo(host, order.inStep === true));
		await letPassMs(startEveryMs);
	}
	await Promise.all(clients.map(({begun}) => begun));
	return {
		stop: () => {
			const sessions = clients.map(({record}) => record.session);
			for (const {end} of clients) end();
			return {kind: 'long', sessions};
		},
	};
}
