/**
 * What frontends and backends have in common: mode, timeouts, error replies, the statistics page.
 *
 * A part of the model (`../model.ts`).
 */
import type {Acl, Condition} from './acl.ts';
import type {LogTarget} from './global.ts';
import type {AfterResponseRule, HttpRequestRule, HttpResponseRule, Reply} from './http-rules.ts';
import type {Position} from './position.ts';
import type {TcpRequest} from './tcp-rules.ts';

export type ProxyMode = 'tcp' | 'http';

/** The statistics page of a proxy (HAProxy manual, `stats uri` and its kin). */
export interface StatsPage {
	/** Any target that begins with it is answered. */
	readonly uri: string;
	/** Who may see it; everybody when empty. */
	readonly auth: readonly {readonly user: string; readonly password: string}[];
	readonly realm: string;
	/** How often a browser loads it again, in whole seconds. */
	readonly refreshS?: number;
	readonly hideVersion: boolean;
	/** Names of the proxies to show, `.` is the own one; all when empty. */
	readonly scope: readonly string[];
	/** `stats show-desc`: the text, empty for that of the global section. */
	readonly description?: string;
	/** `stats show-node`: the name, empty for that of the global section. */
	readonly node?: string;
	readonly showLegends: boolean;
	/** `stats http-request`, in the order of the file; the first whose condition holds decides. */
	readonly rules: readonly StatsRule[];
	/** Who may change servers on the page: whoever meets one of these. */
	readonly admin: readonly Condition[];
}

export interface StatsRule {
	readonly kind: 'allow' | 'deny' | 'auth';
	readonly realm?: string;
	readonly condition?: Condition;
}

/** Timeouts of a proxy, in milliseconds, absent = infinite or as the manual's fallback says. */
export interface Timeouts {
	readonly clientMs?: number;
	readonly serverMs?: number;
	readonly connectMs?: number;
	/** Waiting in a queue; falls back to `connectMs`. */
	readonly queueMs?: number;
	/** The whole request head; falls back to `clientMs`. */
	readonly httpRequestMs?: number;
	/** Idle between requests; falls back to `httpRequestMs`. */
	readonly httpKeepAliveMs?: number;
	/** Reading a check's answer. */
	readonly checkMs?: number;
	/** Upgraded and TCP connections; falls back to client/server. */
	readonly tunnelMs?: number;
	readonly clientFinMs?: number;
	readonly serverFinMs?: number;
	readonly tarpitMs?: number;
}

/** How connections are kept (HAProxy manual: `option http-keep-alive`, `http-server-close`, `httpclose`, `forceclose`, `http-tunnel`). */
export type ConnectionMode = 'keep-alive' | 'server-close' | 'close' | 'tunnel';

export interface ForwardFor {
	readonly header: string;
	/** Networks whose clients get no header. */
	readonly except: readonly Network[];
	readonly ifNone: boolean;
}

/** An address block. `bits` is the prefix length, `family` 4 or 6. */
export interface Network {
	readonly address: string;
	readonly bits: number;
	readonly family: 4 | 6;
}

/** What a frontend and a backend have in common. */
export interface ProxyCommon {
	readonly name: string;
	/** `iid` of the statistics, from 2; both halves of a `listen` share it. */
	readonly id: number;
	/** It is said by `id`. */
	readonly isIdGiven?: boolean;
	readonly position: Position;
	readonly mode: ProxyMode;
	readonly timeouts: Timeouts;
	readonly connectionMode: ConnectionMode;
	readonly logTargets: readonly LogTarget[];
	readonly forwardFor?: ForwardFor;
	/** `option http-restrict-req-hdr-names`: what becomes of names with other characters than letters, digits and `-`. */
	readonly unusualNames?: 'preserve' | 'delete' | 'reject';
	readonly acls: readonly Acl[];
	/** `block`, `http-request`, `req*` and `redirect` rules in the order in which they run. */
	readonly httpRequestRules: readonly HttpRequestRule[];
	/** `http-response` and `rsp*` rules in the order in which they run. */
	readonly httpResponseRules: readonly HttpResponseRule[];
	readonly afterResponseRules: readonly AfterResponseRule[];
	/** `errorloc` and its kin: a redirect in place of an error page. */
	readonly errorLocations: readonly ErrorLocation[];
	/** `option originalto`. */
	readonly originalTo?: AddressHeader;
	/** Files by status code; the whole raw response (`errorfile`). */
	readonly errorFiles: readonly ErrorFile[];
	/** `http-error`: an answer made of words; no status is also in one of the two lists above. */
	readonly errorReplies?: readonly ErrorReply[];
	readonly disabled: boolean;
	/** `tcp-request`; absent without any such line. */
	readonly tcpRequest?: TcpRequest;
	/** `option nolinger`: a connection is not kept in the kernel once it is closed, whatever has not left. */
	readonly noLinger?: boolean;
	/** `option h1-case-adjust-bogus-client` of a frontend, `-server` of a backend. */
	readonly adjustsCase?: boolean;
	/** `option http-buffer-request`: rules wait for the body. */
	readonly buffersRequest?: boolean;
	/** Only in mode http. */
	readonly stats?: StatsPage;
	/** Keywords were accepted that have no effect here; each was reported as a notice. */
	readonly fromListen: boolean;
}

export interface ErrorReply {
	readonly status: number;
	readonly reply: Reply;
	readonly position: Position;
}

export interface ErrorLocation {
	readonly status: number;
	readonly code: 302 | 303;
	readonly location: string;
}

/** A header with an address, and the networks for which it is not added. */
export interface AddressHeader {
	readonly header: string;
	readonly except: readonly Network[];
}

export interface ErrorFile {
	readonly status: number;
	readonly path: string;
	readonly position: Position;
}
