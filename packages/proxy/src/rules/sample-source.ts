/**
 * What conditions, texts and rules may ask of a transaction and its connection.
 *
 * Decides the questions only; the data path answers them from what it has already read.
 */

import type {TransactionView} from '../log/transaction-view.ts';
import type {Lookups} from '../patterns/lookups.ts';
import type {TrackedCounters} from '../stick/tracked-counters.ts';
import type {Address} from './address.ts';
import type {Sample} from './sample.ts';

/** As much of what names a client as a log line may show. */
export interface Anonymize {
	address(address: Address): Address;
	/** A value of a header with this name, or a part of one. */
	header(lowerName: string, value: string): string;
	/** What a frontend has captured. */
	capture(ofResponse: boolean, n: number, value: string): string;
}

export interface SampleSource {
	/** Another number whenever a head, the method or the target has changed; no two sources share one. */
	readonly stamp: number;
	/** Patterns of ACLs are those of the configuration. */
	readonly isPristine: boolean;
	readonly method: string;
	/** The request target as received, or as a rule has set it. */
	readonly url: string;
	/** From the first `/` behind the authority to `?`; empty for `*` and CONNECT. `pathOfTarget` computes it. */
	readonly path: string;
	/** 10 or 11. */
	readonly version: number;
	/** Bytes of the request head. */
	readonly requestLength: number;
	/** As much of the body as has come, without chunk sizes; empty once it has been sent on. */
	readonly body: string;
	/** What a server in mode tcp has said so far; undefined before, and in mode http. */
	readonly responseContents: string | undefined;
	/** As much of the response's body as rules have waited for, without chunk sizes. */
	readonly responseBody: string;
	/** What its head says; negative when it does not. */
	readonly responseBodySize: number;
	/** Bytes of the response head, 0 before there is one. */
	readonly responseLength: number;
	/** What its head says; negative when it does not. */
	readonly bodySize: number;
	/** The first request of its connection. */
	readonly isFirst: boolean;
	/** Of the response; 0 before there is one. */
	readonly status: number;
	/** Of the response, 10 or 11; 0 before there is one. */
	readonly responseVersion: number;
	/** Set while a log line is written that may not show whole addresses of clients. */
	readonly anonymize: Anonymize | undefined;
	/** Parsed once per connection; `undefined` on a unix socket. */
	readonly src: Address | undefined;
	readonly srcPort: number;
	/** The address the client connected to. */
	readonly dst: Address | undefined;
	readonly dstPort: number;
	/** Undefined where no connection was accepted. */
	readonly listener: {readonly id: number; readonly name: string; readonly connections: () => number} | undefined;
	readonly frontend: string;
	/** The frontend's name until a backend is chosen. */
	readonly backend: string;
	/** The server's name; empty until one is chosen. */
	readonly server: string;
	readonly proxies: ProxyFacts;
	/** What a log line would show now; undefined where there is no transaction. */
	readonly view: TransactionView | undefined;
	/** What the connection tracks, and all stick tables; undefined when the configuration has none. */
	readonly counters: TrackedCounters | undefined;
	/** In mode tcp: what the client has sent so far, latin1. */
	readonly contents: string | undefined;
	/** No more of the contents will come, or is waited for. */
	readonly isFinal: boolean;
	/** Set by a fetch whose value may change with more contents; whoever wants to know clears it before. */
	isUnsettled: boolean;
	/** Value of the n-th line (from 0) called `lowerName`, not split at commas; `''` as name means any line. `undefined` behind the last. */
	header(lowerName: string, n: number): string | undefined;
	/** The same of the response; always `undefined` before there is one. */
	responseHeader(lowerName: string, n: number): string | undefined;
	/** Name of the n-th line of the request or response. */
	headerName(ofResponse: boolean, n: number): string | undefined;
	/** What `capture request header` number `n` or `capture response header` number `n` has kept. */
	capture(ofResponse: boolean, n: number): string | undefined;
	/** What another proxy has said of the connection beside its ends. */
	readonly proxied: {readonly authority?: string; readonly uniqueId?: string} | undefined;
	/** The ends of the connection itself, before rules for sessions and transactions. */
	readonly connectionEnds: {readonly src: Address | undefined; readonly dst: Address | undefined};
	/** What `set-timeout` has said in this transaction. */
	changedMs(timeout: 'serverMs' | 'tunnelMs'): number | undefined;
	/** `name` with its scope: `txn.a`. */
	variable(name: string): Sample | undefined;
	setVariable(name: string, value: Sample | undefined): void;
}

/** How frontends, backends, servers and users are at this moment. Names that do not exist give -1, 0 or `undefined`. */
export interface ProxyFacts {
	/** Lists of patterns, maps and variables of the process. */
	readonly lookups: Lookups;
	/** The environment of the process, with what the configuration has changed of it. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Servers of a backend that take traffic; -1 when there is no such backend. */
	nbsrv(backend: string): number;
	frontendId(name: string): number;
	backendId(name: string): number;
	frontendConnections(name: string): number;
	backendConnections(name: string): number;
	/** Client connections of the process. */
	readonly connections: number;
	/** This thread, from 1. */
	readonly thread: number;
	readonly isStopping: boolean;
	/** Milliseconds since 1970. */
	readonly wallMs: number;
	readonly hostname: string;
	/** At least 0, less than 1. */
	random(): number;
	/** RFC 9562, version 4. */
	uuid(): string;
	/** Addresses of this machine's own interfaces. */
	isLocal(address: string): boolean;
	/** Sessions and requests in the second that ends now. */
	frontendSessionRate(name: string): number;
	frontendRequestRate(name: string): number;
	backendSessionRate(name: string): number;
	/** A timeout of a frontend's or backend's configuration. */
	timeoutMs(proxy: string, timeout: 'clientMs' | 'serverMs' | 'tunnelMs'): number | undefined;
	/** Waiting in the backend and at its servers. */
	queued(backend: string): number;
	/** Slots and places in queues that are free; -1 when a server has no limit. */
	freeSlots(backend: string): number;
	server(backend: string, server: string): ServerFacts | undefined;
	/** The groups of a user whose password is right; `undefined` when it is not. */
	groupsOf(userlist: string, user: string, password: string): readonly string[] | undefined;
}

export interface ServerFacts {
	readonly id: number;
	readonly isUp: boolean;
	readonly connections: number;
	readonly queued: number;
	readonly weight: number;
	/** That of the configuration. */
	readonly initialWeight: number;
	readonly sessionRate: number;
}

/** The path of a request target: without scheme, authority and query. Empty when the target has none. */
export function pathOfTarget(target: string): string {
	const start = pathStart(target);
	if (start === -1) return '';
	const question = target.indexOf('?', start);
	return question === -1 ? target.slice(start) : target.slice(start, question);
}

/** The target from its path on, with the query; `/` stands for an absolute URI without a path. */
export function pathAndQueryOfTarget(target: string): string {
	const start = pathStart(target);
	return start === -1 ? '/' : target.slice(start);
}

/** Behind the `?` of a target; empty without one. */
export function queryOfTarget(target: string): string {
	const question = target.indexOf('?');
	return question === -1 ? '' : target.slice(question + 1);
}

/** `host:port` of an absolute target; `undefined` for other forms. */
export function authorityOfTarget(target: string): string | undefined {
	if (target.charCodeAt(0) === 47) return undefined;
	const scheme = target.indexOf('://');
	if (scheme === -1) return undefined;
	const end = target.slice(scheme + 3).search(/[/?]/);
	return end === -1 ? target.slice(scheme + 3) : target.slice(scheme + 3, scheme + 3 + end);
}

function pathStart(target: string): number {
	if (target.charCodeAt(0) === 47) return 0;
	const scheme = target.indexOf('://');
	if (scheme === -1) return -1;
	const slash = target.indexOf('/', scheme + 3);
	const question = target.indexOf('?', scheme + 3);
	return question !== -1 && question < slash ? -1 : slash;
}
