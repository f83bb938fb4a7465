/**
 * How proxies and servers are named on the socket and on the page: by name, or by `#` and their number.
 *
 * Pure. Decides what a name finds, and what is said when it finds nothing.
 */
import type {Backend, Configuration} from '@hapair/config';
import type {ServerStates, TrackedServer} from '../health/server-states.ts';

/** A sentence for whoever asked. */
export class NameError extends Error {}

/** The place of a backend. Throws a `NameError`. */
export function findBackend({backends}: Configuration, text: string): number {
	const index = findProxy(backends, text);
	if (index < 0) throw new NameError('No such backend.');
	return index;
}

/** The same for `show servers …`, which says it in other words. Throws a `NameError`. */
export function findShownBackend({backends}: Configuration, text: string): number {
	const index = findProxy(backends, text);
	if (index < 0) throw new NameError("Can't find backend.");
	return index;
}

/** The place of a frontend. Throws a `NameError`. */
export function findFrontend({frontends}: Configuration, text: string | undefined): number {
	if (text === undefined) throw new NameError('A frontend name is expected.');
	const index = findProxy(frontends, text);
	if (index < 0) throw new NameError('No such frontend.');
	return index;
}

/** The number of a proxy of either kind, by name, by `#` and number, or by number alone; -1 for `-1`. Throws a `NameError`. */
export function findIid({frontends, backends}: Configuration, text: string): number {
	if (text === '-1') return -1;
	const wanted = /^\d+$/.test(text) ? `#${text}` : text;
	const proxies = [...frontends, ...backends];
	const index = findProxy(proxies, wanted);
	if (index < 0) throw new NameError('No such proxy.');
	return proxies[index]!.id;
}

function findProxy(proxies: readonly {readonly name: string; readonly id: number}[], text: string): number {
	return proxies.findIndex(({name, id}) => (text.startsWith('#') ? `#${id}` === text : name === text));
}

/** The server of `backend/server`. Throws a `NameError`. */
export function findServer(
	configuration: Configuration,
	states: Pick<ServerStates, 'byIndex'>,
	text: string | undefined,
): TrackedServer {
	const [backendName, serverName, ...rest] = text?.split('/') ?? [];
	if (!backendName || !serverName || rest.length > 0) throw new NameError("Require 'backend/server'.");
	const backend = configuration.backends[findBackend(configuration, backendName)]!;
	const server = findServerOf(backend, serverName);
	const tracked = server && states.byIndex(server.index);
	if (!tracked) throw new NameError('No such server.');
	return tracked;
}

export function findServerOf({servers}: Backend, text: string): Backend['servers'][number] | undefined {
	return servers.find(({name, id}) => (text.startsWith('#') ? `#${id}` === text : name === text));
}
