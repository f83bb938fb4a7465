/**
 * Servers, backends and limits of a process, for the one that follows it.
 *
 * Decides what holds on: what checks have found, and orders of people as long as the file says of the server what it said before; where the
 * file was changed, the file is the newer word. What is not in the new file is forgotten. Leaves the states to `health/server-states.ts`.
 */
import type {Configuration, Server} from '@hapair/config';
import type {BackendTimes} from '../health/publish-states.ts';
import type {RestoredServer, ServerStates, TrackedServer} from '../health/server-states.ts';
import {recalled} from '../health/tracker.ts';
import type {SharedTable} from '../shared-table.ts';
import {FrontendColumn, FrontendState, ProcessColumn, ServerColumn} from '../status-board.ts';
import type {CarriedBackend, CarriedFrontend, CarriedLimits, CarriedOrder, CarriedServer} from './carried-state.ts';

/** Limits of the process that can be set while it runs. */
const PROCESS_LIMITS = ['maxconn', 'connectionRateLimit', 'sessionRateLimit'] as const;

export function describeServers(
	given: Configuration,
	states: ServerStates,
	table: SharedTable,
): readonly CarriedServer[] {
	const files = new Map(given.backends.flatMap(({servers}) => servers.map(server => [server.index, server] as const)));
	// Servers that were added by order are in no file: they end with the process, as in HAProxy.
	return states.all.flatMap(tracked => {
		const file = files.get(tracked.server.index);
		return file === undefined || file.name !== tracked.server.name ? [] : describeServer(tracked, file, states, table);
	});
}

function describeServer(tracked: TrackedServer, file: Server, states: ServerStates, table: SharedTable): CarriedServer {
	const {server, backend, health, lastCheck, lastAgent, growsSinceMs} = tracked;
	const {address} = server;
	return {
		backend: backend.name,
		server: server.name,
		configured: configuredOf(file),
		admin: tracked.admin,
		weight: tracked.weight,
		maxconn: table.board.get(table.board.row('server', server.index), ServerColumn.maxconn),
		...(address.kind === 'ip' ? {place: {host: address.host, port: address.port}} : {}),
		...(server.check === undefined ? {} : {health}),
		...(lastCheck === undefined ? {} : {lastCheck}),
		...(lastAgent === undefined ? {} : {lastAgent}),
		isUnchecked: tracked.isUnchecked,
		isDownByAgent: tracked.isDownByAgent,
		isAgentOff: tracked.isAgentOff,
		sinceMs: states.sinceMs(tracked),
		...(growsSinceMs === undefined ? {} : {growsForMs: states.ageMs(growsSinceMs)}),
		failures: tracked.failures,
		downs: tracked.downs,
		observedFailures: tracked.observedFailures,
		downtimeMs: tracked.downtimeMs,
	};
}

function configuredOf({weight, maxconn, disabled, address}: Server): CarriedServer['configured'] {
	return {weight, maxconn, disabled: disabled === true, address: JSON.stringify(address)};
}

/** What people have ordered of the servers of the file. */
export function describeOrders(
	given: Configuration,
	states: ServerStates,
	{board}: SharedTable,
): readonly CarriedOrder[] {
	const files = new Map(given.backends.flatMap(({servers}) => servers.map(server => [server.index, server] as const)));
	return states.all.flatMap(({server, backend, admin, weight}) => {
		const file = files.get(server.index);
		if (file === undefined || file.name !== server.name) return [];
		const maxconn = board.get(board.row('server', server.index), ServerColumn.maxconn);
		const {address} = server;
		const place = address.kind === 'ip' ? {place: {host: address.host, port: address.port}} : {};
		return {
			backend: backend.name,
			server: server.name,
			configured: configuredOf(file),
			admin,
			weight,
			maxconn,
			...place,
		};
	});
}

/** While servers are checked and requests may be served; where the two files differ this node's own stays. */
export function restoreOrders(
	given: Configuration,
	states: ServerStates,
	{board}: SharedTable,
	orders: readonly CarriedOrder[],
): void {
	const files = new Map(given.backends.flatMap(({servers}) => servers.map(server => [server.index, server] as const)));
	for (const {backend, server, configured, admin, weight, maxconn, place} of orders) {
		const tracked = states.find(backend, server);
		const file = tracked && files.get(tracked.server.index);
		if (tracked === undefined || file === undefined) continue;
		const now = configuredOf(file);
		const row = board.row('server', file.index);
		const isLimited = maxconn !== undefined && configured.maxconn === now.maxconn;
		if (isLimited && board.get(row, ServerColumn.maxconn) !== maxconn) states.setMaxconn(tracked, maxconn);
		const {address} = tracked.server;
		const mayMove = place !== undefined && configured.address === now.address && address.kind === 'ip';
		if (mayMove && (place.host !== address.host || place.port !== address.port))
			states.setAddress(tracked, place.host, place.port);
		if (configured.disabled === now.disabled && tracked.admin !== admin) states.setAdmin(tracked, admin);
		if (configured.weight === now.weight && tracked.weight !== weight) states.setWeight(tracked, weight);
	}
}

export function describeBackends({backends}: Configuration, states: ServerStates): readonly CarriedBackend[] {
	return backends.map(({name}, index) => {
		const {isUp, changedAtMs, downs, downtimeMs} = states.backendTimes(index);
		return {backend: name, isUp, sinceMs: states.ageMs(changedAtMs), downs, downtimeMs};
	});
}

/** Before anything is served or checked. */
export function restoreServers(
	{backends}: Configuration,
	states: ServerStates,
	table: SharedTable,
	carried: {readonly servers: readonly CarriedServer[]; readonly backends: readonly CarriedBackend[]},
): void {
	const servers = new Map<TrackedServer, RestoredServer>();
	for (const row of carried.servers) {
		const tracked = states.find(row.backend, row.server);
		if (tracked === undefined) continue;
		servers.set(tracked, restoredOf(tracked, row));
		const {server} = tracked;
		if (row.maxconn !== server.maxconn && row.configured.maxconn === server.maxconn)
			states.setMaxconn(tracked, row.maxconn);
		const isMoved = row.place !== undefined && row.configured.address === JSON.stringify(server.address);
		if (isMoved && server.address.kind === 'ip') {
			const {host, port} = row.place;
			if (host !== server.address.host || port !== server.address.port) states.setAddress(tracked, host, port);
		}
	}
	const times = new Map<number, BackendTimes>();
	for (const {backend, isUp, sinceMs, downs, downtimeMs} of carried.backends) {
		const index = backends.findIndex(({name}) => name === backend);
		if (index >= 0) times.set(index, {isUp, changedAtMs: states.momentMs(sinceMs), downs, downtimeMs});
	}
	states.restore(servers, times);
	table.ringAll();
}

function restoredOf(tracked: TrackedServer, row: CarriedServer): RestoredServer {
	const {server} = tracked;
	const {configured} = row;
	const now = configuredOf(server);
	const isSamePlace = configured.address === now.address;
	const hasHealth = isSamePlace && row.health !== undefined && server.check !== undefined;
	return {
		admin: configured.disabled === now.disabled ? row.admin : tracked.admin,
		weight: configured.weight === now.weight ? row.weight : tracked.weight,
		health: hasHealth ? recalled(row.health, server.check) : tracked.health,
		...(hasHealth && row.lastCheck !== undefined ? {lastCheck: row.lastCheck} : {}),
		...(server.agent !== undefined && row.lastAgent !== undefined ? {lastAgent: row.lastAgent} : {}),
		isUnchecked: row.isUnchecked && server.check !== undefined,
		isDownByAgent: row.isDownByAgent && server.agent !== undefined,
		isAgentOff: row.isAgentOff && server.agent !== undefined,
		sinceMs: row.sinceMs,
		...(row.growsForMs !== undefined && server.slowstartMs !== undefined ? {growsForMs: row.growsForMs} : {}),
		failures: row.failures,
		downs: row.downs,
		observedFailures: row.observedFailures,
		downtimeMs: row.downtimeMs,
	};
}

// --- Limits ---------------------------------------------------------------------------------------------------------

export function describeLimits({global}: Configuration, {board}: SharedTable): CarriedLimits {
	const configured = configuredLimits(global);
	return Object.fromEntries(
		PROCESS_LIMITS.map(name => [name, {configured: configured[name], now: board.get(0, ProcessColumn[name])}]),
	);
}

export function describeFrontends({frontends}: Configuration, {board}: SharedTable): readonly CarriedFrontend[] {
	return frontends.map(({name, maxconn}, index) => {
		const row = board.row('frontend', index);
		const now = board.get(row, FrontendColumn.maxconn);
		return {frontend: name, state: board.get(row, FrontendColumn.state), maxconn: {configured: maxconn, now}};
	});
}

/** True when a frontend was stopped by order: its listeners must look at the board again. */
export function restoreLimits(
	{global, frontends}: Configuration,
	{board}: SharedTable,
	carried: {readonly process: CarriedLimits; readonly frontends: readonly CarriedFrontend[]},
): boolean {
	const configured = configuredLimits(global);
	for (const name of PROCESS_LIMITS) {
		const limit = carried.process[name];
		if (limit?.configured === configured[name]) board.set(0, ProcessColumn[name], limit.now);
	}
	let isAnyStopped = false;
	for (const {frontend, state, maxconn} of carried.frontends) {
		const index = frontends.findIndex(({name}) => name === frontend);
		if (index < 0) continue;
		const row = board.row('frontend', index);
		if (maxconn.configured === frontends[index]!.maxconn) board.set(row, FrontendColumn.maxconn, maxconn.now);
		board.set(row, FrontendColumn.state, state);
		isAnyStopped ||= state !== FrontendState.open;
	}
	return isAnyStopped;
}

function configuredLimits({maxconn, connectionRate = 0, sessionRate = 0}: Configuration['global']) {
	return {maxconn, connectionRateLimit: connectionRate, sessionRateLimit: sessionRate};
}
