/**
 * `add server` and `del server`: servers that come and go while the engine runs.
 *
 * Decides what may be added and removed (HAProxy manual, `add server`), and the order in which everybody learns of it: a new server is
 * known to all threads before it is answered, one that goes is in maintenance and used by nobody. Leaves the reading of options to the
 * configuration's package.
 */
import {type Backend, type Configuration, readServerOrder, type Server} from '@hapair/config';
import type {CheckScheduler} from '../health/scheduler.ts';
import type {ServerStates, TrackedServer} from '../health/server-states.ts';
import {replaceServers} from '../live-servers.ts';
import type {SharedTable} from '../shared-table.ts';
import type {WorkerSupervisor} from '../workers/supervisor.ts';
import {isDynamic} from './algorithms.ts';
import {NameError} from './names.ts';

export interface RosterParts {
	readonly configuration: Configuration;
	readonly table: SharedTable;
	readonly states: ServerStates;
	readonly supervisor: Pick<WorkerSupervisor, 'ask'>;
	readonly checks: Pick<CheckScheduler, 'add' | 'remove'>;
	readonly agents: Pick<CheckScheduler, 'add' | 'remove'>;
}

export class ServerRoster {
	readonly #parts: RosterParts;
	/** One change at a time: each waits for all threads. */
	#turn: Promise<unknown> = Promise.resolve();

	constructor(parts: RosterParts) {
		this.#parts = parts;
	}

	/** Throws a `NameError`. */
	add(backendIndex: number, name: string, words: readonly string[]): Promise<void> {
		return this.#inTurn(async () => {
			const {configuration, table, states, checks, agents} = this.#parts;
			const backend = configuration.backends[backendIndex]!;
			if (!isDynamic(backend)) {
				throw new NameError('Backend must use a dynamic load balancing to support dynamic servers.');
			}
			if (backend.servers.some(server => server.name === name)) {
				throw new NameError('Already exists a server with the same name in backend.');
			}
			const server = this.#read(backend, name, words);
			table.resetServer(backendIndex, server);
			replaceServers(backend, [...backend.servers, server]);
			const tracked = states.add(backendIndex, server);
			if (server.check !== undefined) checks.add(server.index);
			// Like its checks, an agent is asked when it is enabled.
			if (server.agent !== undefined) {
				agents.add(server.index);
				states.setAgentOff(tracked, true);
			}
			await this.#tellAll(backendIndex);
		});
	}

	#read(backend: Backend, name: string, words: readonly string[]): Server {
		const {configuration, table, states} = this.#parts;
		let index = 0;
		while (index < table.serverRows && states.byIndex(index) !== undefined) index++;
		if (index === table.serverRows) throw new NameError('There is no room for another server.');
		let id = 1;
		while (backend.servers.some(server => server.id === id)) id++;
		const read = readServerOrder({
			name,
			words,
			index,
			id,
			findServer: (other, server) =>
				(other === undefined ? backend : configuration.backends.find(one => one.name === other))?.servers.find(
					one => one.name === server,
				)?.index,
		});
		if ('problem' in read) throw new NameError(read.problem);
		const same = backend.servers.find(server => server.id === read.server.id);
		if (same !== undefined) throw new NameError(`The number ${same.id} is that of server '${same.name}'.`);
		return read.server;
	}

	/** Throws a `NameError`. */
	remove(tracked: TrackedServer): Promise<void> {
		return this.#inTurn(async () => {
			const {table, states, checks, agents} = this.#parts;
			const {server, backend, backendIndex} = tracked;
			if (!states.all.includes(tracked)) throw new NameError('No such server.');
			if (states.all.some(({follows}) => follows === tracked)) {
				throw new NameError(
					'This server cannot be removed at runtime due to other configuration elements pointing to it.',
				);
			}
			if (tracked.admin !== 'maint') throw new NameError('Only servers in maintenance mode can be deleted.');
			if (table.serverSlots(server.index) > 0 || table.serverQueued(server.index) > 0) {
				throw new NameError('Server still has connections attached to it, cannot remove it.');
			}
			replaceServers(
				backend,
				backend.servers.filter(({index}) => index !== server.index),
			);
			await this.#tellAll(backendIndex);
			// Only now can its row be another server's.
			checks.remove(server.index);
			agents.remove(server.index);
			states.remove(tracked);
		});
	}

	async #tellAll(backend: number): Promise<void> {
		const {configuration, supervisor} = this.#parts;
		await supervisor.ask({type: 'setServers', backend, servers: configuration.backends[backend]!.servers});
	}

	#inTurn(run: () => Promise<void>): Promise<void> {
		const done = this.#turn.then(run);
		this.#turn = done.catch(() => {});
		return done;
	}
}
