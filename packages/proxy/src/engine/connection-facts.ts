/**
 * What conditions may ask of a client connection, whatever is spoken on it.
 *
 * Decides where each fact comes from. Leaves the requests on it to `RequestSample`.
 */
import type {TransactionView} from '../log/transaction-view.ts';
import {type Address, parseAddress} from '../rules/address.ts';
import type {ConnectionFacts} from '../rules/request-sample.ts';
import type {TrackedCounters} from '../stick/tracked-counters.ts';
import type {Core} from './core.ts';

/** Both ends of a connection, as its socket names them. */
export interface ConnectionEnds {
	readonly source: Address | undefined;
	readonly sourcePort: number;
	readonly localAddress: string | undefined;
	readonly localPort: number;
	readonly listener?: ConnectionFacts['listener'];
	readonly proxied?: ConnectionFacts['proxied'];
}

export function connectionFacts(
	core: Core,
	frontend: string,
	ends: ConnectionEnds,
	counters?: TrackedCounters,
	view?: () => TransactionView,
): ConnectionFacts {
	return {
		src: ends.source,
		srcPort: ends.sourcePort,
		dst: parseAddress(ends.localAddress ?? ''),
		dstPort: ends.localPort,
		frontend,
		listener: ends.listener,
		proxied: ends.proxied,
		proxies: core.proxies,
		counters,
		view,
	};
}
