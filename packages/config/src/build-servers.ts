/**
 * `server` lines into the model: defaults filled in, numbers given, tracked servers found.
 *
 * Decides final values of servers. Leaves sections to `build`; expects drafts that `validate` found no fault with.
 */
import {
	CHECK_FALL,
	CHECK_INTER_MS,
	CHECK_RISE,
	ERROR_LIMIT,
	ON_ERROR,
	SERVER_UNLIMITED,
	SERVER_WEIGHT,
} from './defaults.ts';
import {positionOf} from './diagnostics.ts';
import type {Mutable, ProxyDraft, ServerDraft, ServerOptions} from './drafts.ts';
import type {Server, ServerAgent, ServerCheck, ServerObserve} from './model.ts';

/** `Server.index` by draft: dense over all servers, in the order of the file. */
export type ServerIndexes = ReadonlyMap<ServerDraft, number>;

export function indexServers(proxies: readonly ProxyDraft[]): ServerIndexes {
	const servers = proxies
		.filter(({kind}) => kind !== 'frontend' && kind !== 'defaults')
		.flatMap(draft => draft.servers);
	return new Map(servers.map((server, index) => [server, index]));
}

export function buildServers(draft: ProxyDraft, indexes: ServerIndexes): readonly Server[] {
	const taken = new Set(draft.servers.map(server => server.options.id?.value));
	let next = 1;
	return draft.servers.map(server => {
		let id = server.options.id?.value;
		if (id === undefined) {
			while (taken.has(next)) next += 1;
			id = next;
			next += 1;
		}
		return buildServer(draft, server, id, indexes);
	});
}

function buildServer(proxy: ProxyDraft, draft: ServerDraft, id: number, indexes: ServerIndexes): Server {
	const {options} = draft;
	const minconn = options.minconn ?? SERVER_UNLIMITED;
	// A lone or larger minconn is the limit itself; a lone maxconn has no lower end (HAProxy manual, `minconn`).
	const maxconn = Math.max(options.maxconn ?? SERVER_UNLIMITED, minconn);
	const server: Mutable<Server> = {
		name: draft.name,
		id,
		index: indexes.get(draft)!,
		address: draft.address ?? {kind: 'unix', path: ''},
		weight: options.weight ?? SERVER_WEIGHT,
		backup: options.backup ?? false,
		disabled: options.disabled ?? false,
		maxconn,
		minconn: minconn === SERVER_UNLIMITED ? maxconn : minconn,
		maxqueue: options.maxqueue ?? SERVER_UNLIMITED,
		position: positionOf(draft.place),
	};
	if (options.id !== undefined) server.isIdGiven = true;
	if (draft.portOffset !== undefined) server.portOffset = draft.portOffset;
	if (options.cookie !== undefined) server.cookie = options.cookie;
	if (options.redirect !== undefined) server.redirect = options.redirect;
	if (options.check === true) server.check = buildCheck(draft);
	// Without a port there is nobody to ask.
	if (options.agent === true && options.agentPort !== undefined) server.agent = buildAgent(options, options.agentPort);
	const source = options.source ?? proxy.settings.source;
	if (source?.address !== undefined) server.sourceAddress = source.address;
	if (source?.ports !== undefined || source?.shown !== undefined || source?.interface !== undefined)
		server.source = source;
	if (options.sendProxy !== undefined) {
		const {proxyUniqueId = false, proxyChecksum = false} = options;
		server.sendProxy = {version: options.sendProxy, uniqueId: proxyUniqueId, checksum: proxyChecksum};
	}
	if (draft.target !== undefined) server.target = draft.target;
	if (draft.tracks !== undefined) server.tracks = indexes.get(draft.tracks)!;
	if (options.slowstartMs !== undefined && options.slowstartMs > 0) server.slowstartMs = options.slowstartMs;
	if (options.observe !== undefined && options.observe !== 'none')
		server.observe = buildObserve(options, options.observe);
	if (options.isForgotten === true) server.isForgotten = true;
	if (options.endSessionsWhenDown === true) server.endSessionsWhenDown = true;
	if (options.endBackupSessionsWhenUp === true) server.endBackupSessionsWhenUp = true;
	return server;
}

function buildObserve(options: ServerOptions, layer: ServerObserve['layer']): ServerObserve {
	return {layer, errorLimit: options.errorLimit ?? ERROR_LIMIT, onError: options.onError ?? ON_ERROR};
}

function buildAgent(options: ServerOptions, port: number): ServerAgent {
	const agent: Mutable<ServerAgent> = {port, interMs: options.agentInterMs ?? options.interMs ?? CHECK_INTER_MS};
	if (options.agentAddress !== undefined) agent.address = options.agentAddress;
	if (options.agentSend !== undefined) agent.send = options.agentSend;
	return agent;
}

function buildCheck({options}: ServerDraft): ServerCheck {
	const check: Mutable<ServerCheck> = {
		interMs: options.interMs ?? CHECK_INTER_MS,
		rise: options.rise ?? CHECK_RISE,
		fall: options.fall ?? CHECK_FALL,
	};
	if (options.fastinterMs !== undefined) check.fastinterMs = options.fastinterMs;
	if (options.downinterMs !== undefined) check.downinterMs = options.downinterMs;
	if (options.checkAddress !== undefined) check.address = options.checkAddress;
	if (options.checkPort !== undefined) check.port = options.checkPort;
	const isElsewhere = options.checkPort !== undefined || options.checkAddress !== undefined;
	if (options.checkSendProxy === true || (options.sendProxy !== undefined && !isElsewhere))
		check.proxyVersion = options.sendProxy ?? 1;
	return check;
}
