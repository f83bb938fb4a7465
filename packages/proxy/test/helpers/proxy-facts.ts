/** Proxies for tests of rules: none exists, and nobody has a password. */
import {Lookups} from '../../src/patterns/lookups.ts';
import type {ProxyFacts} from '../../src/rules/sample-source.ts';

export function makeProxyFacts(over: Partial<ProxyFacts> = {}): ProxyFacts {
	return {
		lookups: new Lookups({patternLists: []}),
		environment: {},
		connections: 0,
		thread: 1,
		isStopping: false,
		wallMs: 0,
		hostname: 'lb',
		random: () => 0.5,
		uuid: () => '00000000-0000-4000-8000-000000000000',
		isLocal: address => address.startsWith('127.'),
		nbsrv: () => -1,
		frontendId: () => -1,
		backendId: () => -1,
		frontendConnections: () => 0,
		backendConnections: () => 0,
		frontendSessionRate: () => 0,
		frontendRequestRate: () => 0,
		backendSessionRate: () => 0,
		timeoutMs: () => undefined,
		queued: () => 0,
		freeSlots: () => 0,
		server: () => undefined,
		groupsOf: () => undefined,
		...over,
	};
}
