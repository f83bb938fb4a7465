/** Runs an engine in the test's own thread, beside scripted servers and raw clients. */
import {once} from 'node:events';
import net from 'node:net';
import type {Configuration} from '@hapair/config';
import {startWorkerCore, type WorkerCore} from '../../src/engine/worker-core.ts';
import {SharedTable} from '../../src/shared-table.ts';

export interface TestEngine {
	readonly core: WorkerCore;
	readonly table: SharedTable;
	readonly port: number;
	readonly lines: string[];
	close(): Promise<void>;
}

export async function startEngine(configuration: Configuration): Promise<TestEngine> {
	const table = SharedTable.create(configuration, 1);
	const lines: string[] = [];
	const setup = {configuration, table: table.buffer, workerIndex: 0, errorFiles: {}, reusePort: false};
	const core = await startWorkerCore(setup, line => lines.push(line.text));
	return {
		core,
		table,
		lines,
		port: core.ports[0]?.port ?? 0,
		async close() {
			core.stop('hard');
			await core.stopped;
		},
	};
}

/** A server that hands every connection to `serve`. */
export async function startServer(serve: (socket: net.Socket) => void): Promise<net.Server & {port: number}> {
	const sockets = new Set<net.Socket>();
	const server = net.createServer({allowHalfOpen: true}, socket => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => {});
		serve(socket);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address() as net.AddressInfo;
	const close = server.close.bind(server);
	server.close = callback => {
		for (const socket of sockets) socket.destroy();
		return close(callback);
	};
	return Object.assign(server, {port: address.port});
}

/** Answers every request head (without body) with what `answer` makes of it. */
export function answering(answer: (head: string, count: number) => string): (socket: net.Socket) => void {
	return socket => {
		let text = '';
		let count = 0;
		socket.on('data', data => {
			text += data.toString('latin1');
			for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
				const head = text.slice(0, end + 4);
				text = text.slice(end + 4);
				socket.write(answer(head, ++count), 'latin1');
			}
		});
		socket.on('end', () => socket.end());
	};
}

/** A raw client: what it has received, and waiting for it. */
export class Client {
	readonly socket: net.Socket;
	text = '';
	ended = false;
	closed = false;
	#wake: () => void = () => {};

	constructor(port: number, host = '127.0.0.1') {
		this.socket = net.connect({port, host, allowHalfOpen: true});
		this.socket.on('connect', () => this.#wake());
		this.socket.on('data', data => {
			this.text += data.toString('latin1');
			this.#wake();
		});
		this.socket.on('end', () => {
			this.ended = true;
			this.#wake();
		});
		this.socket.on('error', () => {});
		this.socket.on('close', () => {
			this.closed = true;
			this.#wake();
		});
	}

	send(text: string): void {
		this.socket.write(text, 'latin1');
	}

	/** Waits until `isThere` holds; throws with what has arrived after `withinMs`. */
	async until(isThere: (client: Client) => boolean, withinMs = 60_000): Promise<void> {
		const deadline = Date.now() + withinMs;
		while (!isThere(this)) {
			const left = deadline - Date.now();
			if (left <= 0) throw new Error(`Still waiting; received so far: ${JSON.stringify(this.text.slice(0, 2000))}`);
			await new Promise<void>(resolve => {
				const timer = setTimeout(resolve, left);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	async untilText(part: string): Promise<void> {
		await this.until(client => client.text.includes(part));
	}

	async untilEnd(): Promise<void> {
		await this.until(client => client.ended || client.closed);
	}
}

/** Waits for a condition that no event announces. */
export async function waitFor(isTrue: () => boolean, withinMs = 20_000): Promise<void> {
	const deadline = Date.now() + withinMs;
	while (!isTrue()) {
		if (Date.now() > deadline) throw new Error('The condition did not come true in time.');
		await new Promise(resolve => setTimeout(resolve, 5));
	}
}
