/**
 * What conditions may ask of frontends, backends, servers and users at this moment.
 *
 * Decides where each number comes from: gauges of the shared table, the configuration, the userlists. Leaves the questions to `rules/`.
 */
import {randomUUID} from 'node:crypto';
import {hostname, networkInterfaces} from 'node:os';
import type {Configuration} from '@hapair/config';
import type {Lookups} from '../patterns/lookups.ts';
import type {ProxyFacts, ServerFacts} from '../rules/sample-source.ts';
import {Userlists} from '../rules/userlists.ts';
import {ServerState, type SharedTable} from '../shared-table.ts';
import type {BackendRuntime} from './backend-runtime.ts';

/** A backend, in whatever thread. */
export type BackendFacts = Pick<BackendRuntime, 'backend' | 'index' | 'usableServers'>;

export function createProxyFacts(
	configuration: Configuration,
	table: SharedTable,
	backends: ReadonlyMap<string, BackendFacts>,
	nowMs: () => number,
	lookups: Lookups,
): ProxyFacts {
	const frontends = new Map(configuration.frontends.map((frontend, index) => [frontend.name, {frontend, index}]));
	const userlists = new Userlists(configuration.userlists);
	const {rates} = table;
	const rateOf = (kind: 'sessions' | 'requests' | 'backend', index: number | undefined) =>
		index === undefined ? 0 : rates.read(rates.meter(kind, index), nowMs());
	return {
		lookups,
		environment: environmentOf(configuration.global),
		get connections() {
			return table.connections;
		},
		thread: table.workerIndex + 1,
		get isStopping() {
			return table.draining;
		},
		get wallMs() {
			return Date.now();
		},
		hostname: hostname(),
		random: Math.random,
		uuid: randomUUID,
		isLocal: isLocalAddress,
		nbsrv: name => backends.get(name)?.usableServers ?? -1,
		frontendId: name => frontends.get(name)?.frontend.id ?? -1,
		backendId: name => backends.get(name)?.backend.id ?? frontends.get(name)?.frontend.id ?? -1,
		frontendConnections: name => table.frontendConnections(frontends.get(name)?.index ?? 0),
		backendConnections: name => {
			const backend = backends.get(name);
			return backend === undefined ? 0 : table.backendConnections(backend.index);
		},
		frontendSessionRate: name => rateOf('sessions', frontends.get(name)?.index),
		frontendRequestRate: name => rateOf('requests', frontends.get(name)?.index),
		backendSessionRate: name => rateOf('backend', backends.get(name)?.index),
		timeoutMs: (name, timeout) => {
			const one = timeout === 'clientMs' ? frontends.get(name)?.frontend : backends.get(name)?.backend;
			return one?.timeouts[timeout];
		},
		queued: name => {
			const backend = backends.get(name);
			return backend === undefined ? 0 : queuedIn(backend, table);
		},
		freeSlots: name => {
			const backend = backends.get(name);
			return backend === undefined ? 0 : freeSlotsOf(backend, table);
		},
		server: (name, server) => serverFacts(backends.get(name), server, table, nowMs()),
		groupsOf: (list, user, password) => userlists.groupsOf(list, user, password),
	};
}

/** What the process inherited, as the configuration has changed it. */
function environmentOf({environment}: Configuration['global']): ProxyFacts['environment'] {
	const merged: Record<string, string | undefined> = {...process.env};
	for (const [name, value] of Object.entries(environment)) {
		if (value === null) delete merged[name];
		else merged[name] = value;
	}
	return merged;
}

function isLocalAddress(text: string): boolean {
	return Object.values(networkInterfaces()).some(list => list?.some(({address}) => address === text));
}

function queuedIn({index, backend}: BackendFacts, table: SharedTable): number {
	return backend.servers.reduce((sum, server) => sum + table.serverQueued(server.index), table.backendQueued(index));
}

/** Places at the servers that are up; -1 as soon as one has no limit of connections or of its queue. */
function freeSlotsOf({backend}: BackendFacts, table: SharedTable): number {
	let free = 0;
	for (const {index, maxconn, maxqueue} of backend.servers) {
		if (table.serverState(index) !== ServerState.up) continue;
		if (maxconn === 0 || maxqueue === 0) return -1;
		free += maxconn - table.serverSlots(index) + maxqueue - table.serverQueued(index);
	}
	return free;
}

function serverFacts(
	runtime: BackendFacts | undefined,
	name: string,
	table: SharedTable,
	nowMs: number,
): ServerFacts | undefined {
	const server = runtime?.backend.servers.find(one => one.name === name);
	if (server === undefined) return undefined;
	const {id, index} = server;
	return {
		id,
		isUp: table.serverState(index) >= ServerState.drain,
		connections: table.serverSlots(index),
		queued: table.serverQueued(index),
		weight: table.serverWeight(index),
		initialWeight: server.weight,
		sessionRate: table.rates.read(table.rates.meter('server', index), nowMs),
	};
}
