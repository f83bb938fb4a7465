/**
 * A server at work in one thread: its idle connections, who waits for it, and what an administrator has changed of it.
 *
 * Decides what of the server holds now. Leaves slots and queues over all threads to `backend-runtime.ts`.
 */
import type {Server, SocketAddress} from '@hapair/config';
import type {SharedTable} from '../shared-table.ts';
import {ServerColumn, ServerText} from '../status-board.ts';
import type {BackendRuntime} from './backend-runtime.ts';
import type {ServerConnection} from './server-connection.ts';

/** How long a number of connections counts as needed lately: for this time at least, for twice as long at most. */
const NEED_MS = 5000;

/** A session that wants a server. */
export interface Waiter {
	/** Process-wide monotonic milliseconds. */
	queuedAtMs: number;
	/** A slot of `server` is the waiter's now. */
	onSlot(server: ServerRuntime): void;
}

export class ServerRuntime {
	readonly server: Server;
	readonly backend: BackendRuntime;
	/** Place in its backend. */
	readonly position: number;
	/** Its row in the counters. */
	readonly row: number;
	/** Connections nobody uses now, the last used one at the end. */
	readonly idle: ServerConnection[] = [];
	readonly queue: Set<Waiter> = new Set();
	/** `del server` */
	isGone = false;
	/** Its meter of sessions a second. */
	readonly meter: number;
	readonly #table: SharedTable;
	readonly #boardRow: number;
	#address: SocketAddress;
	#moves = 0;
	/** Connections that sessions of this thread have now, and the most of them in this span of time and in the one before. */
	#used = 0;
	#mostUsed = 0;
	#mostUsedBefore = 0;
	#spanEndMs = 0;

	constructor(server: Server, backend: BackendRuntime, position: number, table: SharedTable) {
		this.server = server;
		this.backend = backend;
		this.position = position;
		this.row = table.row('server', server.index);
		this.meter = table.rates.meter('server', server.index);
		this.#table = table;
		this.#boardRow = table.board.row('server', server.index);
		this.#address = server.address;
	}

	get index(): number {
		return this.server.index;
	}

	/** The limit of concurrent connections now, 0 for none (`maxconn`, `set maxconn server`). */
	get maxconn(): number {
		return this.#table.board.get(this.#boardRow, ServerColumn.maxconn);
	}

	/** The range that the limit moves in: a lower end that was not configured is the limit itself. */
	get limits(): {readonly maxconn: number; readonly minconn: number} {
		const {maxconn} = this;
		const {minconn, maxconn: configured} = this.server;
		return {maxconn, minconn: minconn < configured ? minconn : maxconn};
	}

	/** A session has got a connection, new or idle. */
	noteUse(): void {
		this.#used++;
		if (this.#used > this.#mostUsed) this.#mostUsed = this.#used;
	}

	noteRelease(): void {
		this.#used--;
	}

	/**
	 * Is a connection that is used now worth keeping? Not when there were as many as were needed at once lately without it: a server that has
	 * a process for each connection (Apache's prefork) cannot use those that wait for nothing.
	 */
	needsAsIdle(nowMs: number): boolean {
		if (nowMs >= this.#spanEndMs) {
			this.#mostUsedBefore = nowMs < this.#spanEndMs + NEED_MS ? this.#mostUsed : 0;
			this.#mostUsed = this.#used;
			this.#spanEndMs = nowMs + NEED_MS;
		}
		return this.#used + this.idle.length <= Math.max(this.#mostUsed, this.#mostUsedBefore);
	}

	/** Where it listens now (`set server … addr`). */
	get address(): SocketAddress {
		this.noticeMove();
		return this.#address;
	}

	/** Connections to where it was before are of no use any more. */
	noticeMove(): void {
		const {board} = this.#table;
		const moves = board.get(this.#boardRow, ServerColumn.moves);
		if (moves === this.#moves) return;
		this.#moves = moves;
		const host = board.text(this.index, ServerText.host);
		this.#address = {kind: 'ip', host, port: board.get(this.#boardRow, ServerColumn.port)};
		for (const connection of [...this.idle]) connection.discard();
	}
}
