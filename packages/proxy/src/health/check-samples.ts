/**
 * What the steps of a check may ask: variables, the server that is checked, what it has answered (HAProxy manual, `http-check set-var`).
 *
 * Decides that each check begins without variables of its own. Leaves the steps to `kinds/`.
 */
import type {Configuration} from '@hapair/config';
import {createProxyFacts} from '../engine/proxy-facts.ts';
import type {Lookups} from '../patterns/lookups.ts';
import {RequestSample} from '../rules/request-sample.ts';
import {ServerState, type SharedTable} from '../shared-table.ts';

/** One for each check, by the names of backend and server. */
export type SampleMaker = (backend: string, server: string) => RequestSample;

export function createSampleMaker(configuration: Configuration, table: SharedTable, lookups: Lookups): SampleMaker {
	const backends = new Map(
		configuration.backends.map((backend, index) => [
			backend.name,
			{
				backend,
				index,
				get usableServers() {
					return backend.servers.filter(server => table.serverState(server.index) === ServerState.up).length;
				},
			},
		]),
	);
	const proxies = createProxyFacts(configuration, table, backends, () => performance.now(), lookups);
	return (backend, server) => {
		lookups.catchUp();
		const sample = new RequestSample({
			src: undefined,
			srcPort: 0,
			dst: undefined,
			dstPort: 0,
			frontend: backend,
			proxies,
		});
		sample.backend = backend;
		sample.server = server;
		return sample;
	};
}
