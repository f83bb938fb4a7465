/**
 * The servers of backends while the engine runs: some come and go (`add server`, `del server`).
 *
 * Decides that each thread has lists of its own, in the one configuration that all its parts read: whoever goes through `servers` sees
 * those of the moment. This is the only place that changes them. Leaves who is told to `stats/server-roster.ts`.
 */
import type {Backend, Configuration, Server} from '@hapair/config';

/** The same configuration, with lists that `replaceServers` may change. */
export function withLiveServers(configuration: Configuration): Configuration {
	const backends = configuration.backends.map(backend => ({...backend, servers: [...backend.servers]}));
	return {...configuration, backends};
}

/** Only for a configuration of `withLiveServers`, or one that has come from another thread. */
export function replaceServers({servers}: Backend, now: readonly Server[]): void {
	(servers as Server[]).splice(0, servers.length, ...now);
}

/** The same server, whatever has been ordered of it since. */
export function isSameServer(a: Server, b: Server): boolean {
	return a.index === b.index && a.name === b.name;
}
