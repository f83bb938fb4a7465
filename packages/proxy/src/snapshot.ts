/**
 * What the daemon is told of the engine: the shared table's numbers and the servers' states in one value.
 */
import type {Configuration} from '@hapair/config';
import {takeTraffic} from './figures.ts';
import {formatCheckResult} from './health/check-result.ts';
import type {ServerStates, TrackedServer} from './health/server-states.ts';
import type {BackendSnapshot, FrontendSnapshot, ProxySnapshot, ServerSnapshot} from './messages.ts';
import {Counter, type SharedTable} from './shared-table.ts';

/** A snapshot of now; `workers` is how many threads accept connections. */
export function takeSnapshot(
	configuration: Configuration,
	table: SharedTable,
	states: ServerStates,
	workers: number,
): Omit<ProxySnapshot, 'idleClosings'> {
	return {
		workers,
		draining: table.draining,
		connections: table.connections,
		activeTransactions: table.transactions,
		traffic: takeTraffic(configuration, table),
		frontends: configuration.frontends.map((_, index) => snapshotFrontend(configuration, table, index, workers)),
		backends: configuration.backends.map((_, index) => snapshotBackend(configuration, table, states, index)),
	};
}

function snapshotFrontend(
	configuration: Configuration,
	table: SharedTable,
	index: number,
	workers: number,
): FrontendSnapshot {
	const frontend = configuration.frontends[index]!;
	const row = table.row('frontend', index);
	return {
		name: frontend.name,
		// One worker that accepts on every bind is enough to serve; one that is being replaced does not make the node unfit.
		listening: workers > 0 && (frontend.disabled || table.frontendListeners(index) >= frontend.binds.length),
		connections: table.frontendConnections(index),
		totalConnections: table.readSum(row, Counter.sessions),
		totalRequests: table.readSum(row, Counter.requests),
		bytesIn: table.readSum(row, Counter.bytesIn),
		bytesOut: table.readSum(row, Counter.bytesOut),
	};
}

function snapshotBackend(
	configuration: Configuration,
	table: SharedTable,
	states: ServerStates,
	index: number,
): BackendSnapshot {
	const backend = configuration.backends[index]!;
	const tracked = states.all.filter(({backendIndex}) => backendIndex === index);
	return {
		name: backend.name,
		up: tracked.filter(({use}) => use === 'up').length,
		queued: table.backendQueued(index) + tracked.reduce((sum, {server}) => sum + table.serverQueued(server.index), 0),
		servers: tracked.map(server => snapshotServer(table, states, server)),
	};
}

function snapshotServer(table: SharedTable, states: ServerStates, tracked: TrackedServer): ServerSnapshot {
	const {server, lastCheck} = tracked;
	return {
		name: server.name,
		address: formatServerAddress(tracked),
		status: states.statusOf(tracked),
		weight: table.serverWeight(server.index),
		backup: server.backup,
		connections: table.serverSlots(server.index),
		queued: table.serverQueued(server.index),
		totalSessions: table.readSum(table.row('server', server.index), Counter.sessions),
		...(lastCheck ? {lastCheck: formatCheckResult(lastCheck)} : {}),
		sinceMs: states.sinceMs(tracked),
	};
}

function formatServerAddress({server: {address}}: TrackedServer): string {
	switch (address.kind) {
		case 'ip':
			return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
		case 'unix':
			return address.path;
		case 'fd':
			return `fd@${address.fd}`;
		default:
			return address.name;
	}
}
