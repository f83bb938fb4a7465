/** Proxies for tests of rules: none exists, and nobody has a password. */
import {Lookups} from '../../src/patterns/lookups.ts';
import type {ProxyFacts} from '../../src/rules/sample-source.ts';

export function makeProxyFacts(over: Partial<ProxyFacts> = {}): ProxyFacts {
	return {
		lookups: new Lookups({patternLists: []}),
		environment: {},
		nbsrv: () => -1,
		frontendId: () => -1,
		backendId: () => -1,
		frontendConnections: () => 0,
		backendConnections: () => 0,
		frontendSessionRate: () => 0,
		frontendRequestRate: () => 0,
		backendSessionRate: () => 0,
		queued: () => 0,
		freeSlots: () => 0,
		server: () => undefined,
		groupsOf: () => undefined,
		...over,
	};
}
