/**
 * The WebSocket feed: what the dashboard shows, as it happens.
 *
 * Decides what is sent when: the whole status once a second and at once after a change, each event once. Nothing waits for a slow client:
 * what it did not take in time is left out, since a newer status says all, and who takes nothing for long is cut off. What clients say
 * is not read; who says much is cut off too. Leaves who may listen to `credentials.ts`.
 */
import type {IncomingMessage} from 'node:http';
import type {Duplex} from 'node:stream';
import {WebSocket, WebSocketServer} from 'ws';
import type {ControlReply} from '../daemon/control-protocol.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import type {DrillRecord} from '../drill/record.ts';
import type {HistoryRecord} from '../history/record.ts';
import type {Sample} from './series.ts';
import type {Verb} from './verbs.ts';

export type FeedMessage =
	/** The first: all that was before. */
	| {
			readonly type: 'hello';
			readonly samples: readonly Sample[];
			readonly history: readonly HistoryRecord[];
			/** The newest drills, oldest first: they may be older than that. */
			readonly drills: readonly DrillRecord[];
	  }
	| {readonly type: 'status'; readonly status: StatusReport; readonly sample?: Sample}
	| {readonly type: 'record'; readonly record: HistoryRecord}
	/** How an order over HTTP goes on, whoever gave it. */
	| {readonly type: 'progress'; readonly command: Verb; readonly message: string}
	| Extract<ControlReply, {readonly type: 'event' | 'hook' | 'transition'}>;

export const mostClients = 16;
/** Unsent bytes beyond which a client gets no further status, and beyond which it is cut off. */
const SLOW_BYTES = 262_144;
const HOPELESS_BYTES = 4_194_304;
/** A client says nothing but answers to pings; a few words more are no crime. Empty frames and pings are no words, but bytes. */
const MOST_WORDS = 20;
const MOST_BYTES = 8192;
const PING_EVERY_MS = 15_000;

interface Client {
	readonly socket: WebSocket;
	/** The login it came with holds. */
	readonly isAllowed: () => boolean;
	words: number;
	bytes: number;
	answered: boolean;
}

export class Feed {
	readonly #clients = new Set<Client>();
	readonly #server = new WebSocketServer({
		noServer: true,
		maxPayload: 1024,
		perMessageDeflate: false,
		clientTracking: false,
	});
	readonly #pinging = setInterval(() => this.#ping(), PING_EVERY_MS).unref();

	get size(): number {
		return this.#clients.size;
	}

	/** Takes the connection over. `hello` is asked for once it is open. */
	accept(
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		isAllowed: () => boolean,
		hello: () => Promise<readonly FeedMessage[]>,
	): void {
		this.#server.handleUpgrade(request, socket, head, webSocket => {
			const client: Client = {socket: webSocket, isAllowed, words: 0, bytes: 0, answered: true};
			this.#clients.add(client);
			webSocket.on('error', () => webSocket.terminate());
			webSocket.once('close', () => this.#clients.delete(client));
			webSocket.on('pong', () => {
				client.answered = true;
			});
			socket.on('data', (chunk: Buffer) => {
				client.bytes += chunk.length;
				if (client.bytes > MOST_BYTES) webSocket.terminate();
			});
			webSocket.on('message', () => {
				client.words += 1;
				if (client.words > MOST_WORDS) webSocket.close(1008, 'nothing is read here');
			});
			hello().then(
				messages => {
					for (const message of messages) transmit(client, JSON.stringify(message), true);
				},
				() => webSocket.close(1011, 'internal error'),
			);
		});
	}

	/** To everybody. A status may be left out where one still waits. */
	send(message: FeedMessage): void {
		if (this.#clients.size === 0) return;
		const text = JSON.stringify(message);
		for (const client of this.#clients) {
			if (client.isAllowed()) transmit(client, text, message.type !== 'status');
			else client.socket.close(4401, 'the login has ended');
		}
	}

	close(): void {
		clearInterval(this.#pinging);
		for (const {socket} of this.#clients) socket.terminate();
		this.#server.close();
	}

	#ping(): void {
		for (const client of this.#clients) {
			if (!client.answered) {
				client.socket.terminate();
				continue;
			}
			client.answered = false;
			client.words = 0;
			client.bytes = 0;
			client.socket.ping();
		}
	}
}

function transmit({socket}: Client, text: string, isNeeded: boolean): void {
	if (socket.readyState !== WebSocket.OPEN) return;
	if (socket.bufferedAmount > HOPELESS_BYTES) socket.terminate();
	else if (isNeeded || socket.bufferedAmount <= SLOW_BYTES) socket.send(text);
}
