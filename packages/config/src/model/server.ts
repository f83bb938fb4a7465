/**
 * Servers of a backend: address, weight, limits, and how each is checked and watched.
 *
 * A part of the model (`../model.ts`).
 */
import type {SocketAddress} from './global.ts';
import type {Position} from './position.ts';

export interface Server {
	readonly name: string;
	/** `sid` of the statistics, from 1 in each backend. */
	readonly id: number;
	/** It is said by `id`. */
	readonly isIdGiven?: boolean;
	/** Dense index over all servers of all backends, from 0: the row in the shared table. */
	readonly index: number;
	readonly address: SocketAddress;
	/** The server listens where the client connected (port `+0` or absent); offset to add. */
	readonly portOffset?: number;
	readonly cookie?: string;
	readonly weight: number;
	readonly backup: boolean;
	readonly disabled: boolean;
	readonly check?: ServerCheck;
	/** `agent-check`: a program beside the server is asked for its state. */
	readonly agent?: ServerAgent;
	/** Concurrent connections; 0 = no limit. */
	readonly maxconn: number;
	readonly minconn: number;
	/** Requests waiting for this server; 0 = no limit. */
	readonly maxqueue: number;
	/** Where connections and checks come from. */
	readonly sourceAddress?: string;
	/** More than an address: `source ADDRESS:PORTS usesrc … interface …`. */
	readonly source?: ServerSource;
	/** It has no address of its own. */
	readonly target?: ServerTarget;
	/** `send-proxy`, `send-proxy-v2`: the server is told who the client is. */
	readonly sendProxy?: ServerProxyHeader;
	/** `redir`: GET and HEAD are answered with this and the target, not forwarded. */
	readonly redirect?: string;
	/** `track`: the server whose health this one copies, as `Server.index`. */
	readonly tracks?: number;
	/** Weight and maxconn grow from nothing to all over this long after the server has come back; absent or 0 = at once. */
	readonly slowstartMs?: number;
	readonly observe?: ServerObserve;
	/** `non-stick`: `stick` rules remember nothing of it. */
	readonly isForgotten?: boolean;
	/** `on-marked-down shutdown-sessions` */
	readonly endSessionsWhenDown?: boolean;
	/** `on-marked-up shutdown-backup-sessions` */
	readonly endBackupSessionsWhenUp?: boolean;
	readonly position: Position;
}

export interface ServerProxyHeader {
	readonly version: 1 | 2;
	readonly uniqueId: boolean;
	readonly checksum: boolean;
}

/** Where a server without an address is: at the address in the URI (`option http_proxy`), or where the client connected to. */
export type ServerTarget = 'uri' | 'original';

/** HAProxy manual, `source`. */
export interface ServerSource {
	/** Absent: the kernel chooses. */
	readonly address?: string;
	/** Absent: the kernel chooses. */
	readonly ports?: {readonly from: number; readonly to: number};
	/** `usesrc`: an address that need not be this machine's (IP_TRANSPARENT). */
	readonly shown?:
		| {readonly kind: 'client' | 'clientip'}
		| {readonly kind: 'address'; readonly address: string; readonly port: number}
		| {readonly kind: 'header'; readonly name: string; readonly occurrence: number};
	readonly interface?: string;
}

/** `observe`: traffic is judged as checks are. */
export interface ServerObserve {
	readonly layer: 'layer4' | 'layer7';
	/** Errors in a row, from 1. */
	readonly errorLimit: number;
	readonly onError: 'fastinter' | 'fail-check' | 'sudden-death' | 'mark-down';
}

export interface ServerAgent {
	/** The server's own unless given. */
	readonly address?: string;
	readonly port: number;
	readonly interMs: number;
	/** Said first, latin1. */
	readonly send?: string;
}

export interface ServerCheck {
	readonly interMs: number;
	readonly fastinterMs?: number;
	readonly downinterMs?: number;
	readonly rise: number;
	readonly fall: number;
	/** Check another address or port than the service's. */
	readonly address?: string;
	readonly port?: number;
	/** The PROXY protocol's version in which checks say that they are the proxy's own. */
	readonly proxyVersion?: 1 | 2;
}

// --- Conditions -------------------------------------------------------------------------------------------------
