/**
 * The new process of a reload: waits for the old one's sockets, then for what it knew, then for the word to begin.
 *
 * Decides what it waits for; every wait ends with the daemon, which ends this process when it has waited enough. Leaves what is done with it
 * to the engine.
 */
import type {Configuration} from '@hapair/config';
import type {PreparedEngine} from '../engine.ts';
import type {FromProxy, ToProxy} from '../messages.ts';
import {systemCalls} from '../system/calls.ts';
import {countWorkers} from '../workers/count-workers.ts';
import {type AssignedListener, assignListeners, type LentListener} from './lent-listeners.ts';
import {takeDescriptor} from './listener-post.ts';

export class Successor {
	readonly #send: (message: FromProxy) => void;
	readonly #lent: LentListener[] = [];
	readonly #allLent = Promise.withResolvers<void>();
	readonly #begins = Promise.withResolvers<void>();
	#keys: readonly string[] = [];
	#engine: PreparedEngine | undefined;

	constructor(send: (message: FromProxy) => void) {
		this.#send = send;
	}

	/** True when the message was for this object. */
	hear(message: ToProxy, handle: unknown): boolean {
		switch (message.type) {
			case 'lent': {
				const fd = takeDescriptor(handle);
				if (fd >= 0) this.#lent.push({key: message.key, fd});
				return true;
			}
			case 'allLent':
				this.#allLent.resolve();
				return true;
			case 'settle':
				void this.#engine?.settle().then(() => this.#send({type: 'settled'}));
				return true;
			case 'begin':
				this.#begins.resolve();
				return true;
			case 'inherit':
				if (this.#engine === undefined) return false;
				this.#engine.take(message.state);
				return true;
			default:
				return false;
		}
	}

	/** The sockets for each worker; those of addresses that are gone from the file are closed. */
	async receiveSockets(configuration: Configuration): Promise<readonly AssignedListener[]> {
		await this.#allLent.promise;
		const {assigned, unused} = assignListeners(this.#lent, configuration, countWorkers(configuration));
		for (const {fd} of unused) systemCalls()?.close(fd);
		this.#keys = [...new Set(this.#lent.filter(one => !unused.includes(one)).map(({key}) => key))];
		return assigned;
	}

	async receiveStates(engine: PreparedEngine): Promise<void> {
		this.#engine = engine;
		this.#send({type: 'prepared', taken: this.#keys});
		await this.#begins.promise;
		this.#engine = undefined;
	}
}
