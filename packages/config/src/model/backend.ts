/**
 * Backends: how a server is chosen, kept to and given up.
 *
 * A part of the model (`../model.ts`).
 */
import type {Condition} from './acl.ts';
import type {CheckKind, HttpExpect} from './check.ts';
import type {Position} from './position.ts';
import type {ProxyCommon} from './proxy.ts';
import type {Server} from './server.ts';
import type {AppSession, StickRule} from './stick.ts';
import type {TcpResponse} from './tcp-rules.ts';

/** `use-server` */
export interface UseServer {
	/** Its name; with `isFormat` a text with variables that becomes it. */
	readonly server: string;
	readonly isFormat?: boolean;
	readonly condition: Condition;
	readonly position: Position;
}

/** A failure of a server, or the status that it answers. */
export type RetryReason =
	| 'conn-failure'
	| 'empty-response'
	| 'junk-response'
	| 'response-timeout'
	| '0rtt-rejected'
	| number;

export type BalanceAlgorithm =
	| 'roundrobin'
	| 'static-rr'
	| 'leastconn'
	| 'first'
	| 'random'
	| 'source'
	| 'uri'
	| 'url_param'
	| 'hdr'
	| 'rdp-cookie';

/** What `balance` says after the name of its algorithm. */
export interface BalanceOptions {
	/** `uri len`: characters that count, `uri depth`: directory levels that count; 0 = all. */
	readonly uriLength: number;
	readonly uriDepth: number;
	/** `uri whole`: the query counts too. */
	readonly uriWhole: boolean;
	/** `uri path-only`: scheme and authority of an absolute URI do not count. */
	readonly uriPathOnly: boolean;
	/** Parameter of `url_param`, header of `hdr`, cookie of `rdp-cookie`; empty for the others. */
	readonly name: string;
	/** `url_param … check_post`: the body of a POST is searched too. */
	readonly checkPost: boolean;
	/** `hdr … use_domain_only`: of a host name only the label before the top-level domain. */
	readonly domainOnly: boolean;
	/** `random(N)`: servers drawn, of which the least loaded one wins. */
	readonly draws: number;
}

/** How a hash becomes a server (HAProxy manual, `hash-type`). */
export interface HashType {
	readonly method: 'map-based' | 'consistent';
	readonly function: 'sdbm' | 'djb2' | 'crc32';
	/** Scrambles the function's result. */
	readonly avalanche: boolean;
}

export interface Backend extends ProxyCommon {
	readonly balance: BalanceAlgorithm;
	/** Absent: nothing was said after the algorithm's name. */
	readonly balanceOptions?: BalanceOptions;
	/** Absent: map-based. */
	readonly hashType?: HashType;
	readonly cookie?: CookiePersistence;
	/** `stick` rules in the order of the file; absent without any. */
	readonly stickRules?: readonly StickRule[];
	readonly appSession?: AppSession;
	readonly servers: readonly Server[];
	/** `option http_proxy`, `option transparent`: of `servers` only the one without an address is balanced to. */
	readonly sendsOnward?: boolean;
	/** Connection attempts after the first. */
	readonly retries: number;
	/** `hash-balance-factor`: percent of the mean load that a server may have; absent no limit. */
	readonly hashBalanceFactor?: number;
	/** `persist rdp-cookie`: the cookie with a server's address. */
	readonly persistCookie?: string;
	/** `retry-on`: what else is retried; absent as `conn-failure`, empty nothing at all. */
	readonly retryOn?: readonly RetryReason[];
	/** `tcp-response`; absent without any such line. */
	readonly tcpResponse?: TcpResponse;
	/** In the order of the file; absent without any. */
	readonly useServers?: readonly UseServer[];
	readonly redispatch: boolean;
	/** `option persist`: try a server that is down when a cookie names it. */
	readonly persist: boolean;
	/** `force-persist`, `ignore-persist`: in the order of the file, the first of each kind that holds counts. */
	readonly persistRules: readonly PersistRule[];
	/** `http-send-name-header`: tells the server its name. */
	readonly sendNameHeader?: string;
	/** `option http-pretend-keepalive`: the server is not told that its connection will be closed. */
	readonly pretendKeepAlive: boolean;
	/** `option checkcache`: a cacheable response that sets a cookie is refused. */
	readonly checkCache: boolean;
	/** `option srvtcpka`: TCP keep-alive on connections to servers. */
	readonly probesServers: boolean;
	readonly abortOnClose: boolean;
	readonly allBackups: boolean;
	readonly check: CheckKind;
	readonly fullconn?: number;
	/** `load-server-state-from-file`: where states of servers are found at the start. */
	readonly stateFile?: string;
	readonly logHealthChecks: boolean;
	/** `option httpchk` rule replaced by `http-check disable-on-404`. */
	readonly disableOn404: boolean;
	/** `http-check send-state`: checks carry X-Haproxy-Server-State. */
	readonly sendState?: boolean;
	/** `http-check expect`: what makes an answer good, in place of 2xx and 3xx. */
	readonly httpExpect?: HttpExpect;
}

export interface PersistRule {
	readonly kind: 'force' | 'ignore';
	readonly condition: Condition;
	readonly position: Position;
}

export interface CookiePersistence {
	readonly name: string;
	readonly mode: 'insert' | 'rewrite' | 'prefix' | 'passive';
	readonly indirect: boolean;
	readonly nocache: boolean;
	readonly postonly: boolean;
	readonly preserve: boolean;
	readonly httponly: boolean;
	readonly secure: boolean;
	readonly domains: readonly string[];
	readonly maxidleS?: number;
	readonly maxlifeS?: number;
}
