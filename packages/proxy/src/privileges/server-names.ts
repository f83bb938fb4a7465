/**
 * Names of servers into addresses, once: in a chroot nothing can be looked up later.
 *
 * Decides which address of several is taken: the first that the resolver gives. HAProxy resolves names at its start in any case.
 */
import {lookup} from 'node:dns/promises';
import {isIP} from 'node:net';
import type {Configuration, Server} from '@hapair/config';
import {StartError} from '../start-error.ts';

/** Rejects with a `StartError` for a name that leads nowhere. */
export async function resolveServerNames(configuration: Configuration): Promise<Configuration> {
	const backends = await Promise.all(
		configuration.backends.map(async backend => ({
			...backend,
			servers: await Promise.all(backend.servers.map(server => resolveServer(server, backend.name))),
		})),
	);
	return {...configuration, backends};
}

async function resolveServer(server: Server, backend: string): Promise<Server> {
	const find = async (host: string): Promise<string> => {
		if (isIP(host) > 0) return host;
		try {
			return (await lookup(host)).address;
		} catch {
			const problem = `Server ${backend}/${server.name}: the name ${host} cannot be resolved.`;
			throw new StartError(problem, 'Write its address, or take the chroot line out.');
		}
	};
	const {address, check, agent} = server;
	return {
		...server,
		...(address.kind === 'ip' ? {address: {...address, host: await find(address.host)}} : {}),
		...(check?.address === undefined ? {} : {check: {...check, address: await find(check.address)}}),
		...(agent?.address === undefined ? {} : {agent: {...agent, address: await find(agent.address)}}),
	};
}
