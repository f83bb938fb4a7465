/**
 * A server at work in one thread: its idle connections and those who wait for it by name.
 *
 * Decides nothing; the backend it belongs to does.
 */
import type {Server} from '@hapair/config';
import type {BackendRuntime} from './backend-runtime.ts';
import type {ServerConnection} from './server-connection.ts';

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

	constructor(server: Server, backend: BackendRuntime, position: number, row: number) {
		this.server = server;
		this.backend = backend;
		this.position = position;
		this.row = row;
	}

	get index(): number {
		return this.server.index;
	}
}
