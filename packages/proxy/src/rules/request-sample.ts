/**
 * The sample source of one transaction: what the data path knows of it, and heads that rules may change.
 *
 * Decides how header values are read from the heads as they are now, so that a rule sees what the rules before it did, and which start
 * lines a rule may write. It is longer than other files because all that rules may change stands together. One object serves all transactions of a connection: `begin` starts the next one.
 */
import {AUTHORITY, isAll, TARGET, TOKEN} from '../http1/characters.ts';
import type {TransactionView} from '../log/transaction-view.ts';
import type {TrackedCounters} from '../stick/tracked-counters.ts';
import type {Address} from './address.ts';
import {
	appendHeader,
	findHeaderLineValue,
	firstHeaderLine,
	headerValueAt,
	nextLine,
	removeHeader,
} from './head-text.ts';
import type {Sample} from './sample.ts';
import {
	type Anonymize,
	authorityOfTarget,
	type ProxyFacts,
	pathAndQueryOfTarget,
	pathOfTarget,
	type SampleSource,
} from './sample-source.ts';

export interface ListenerFacts {
	/** `id` of the bind line, its place from 1 unless given. */
	readonly id: number;
	readonly name: string;
	/** Connections by this socket now, over all threads. */
	readonly connections: () => number;
	/** `accept-proxy` */
	readonly acceptsProxy?: boolean;
}

/** What stays the same over a connection. */
export interface ConnectionFacts {
	readonly src: Address | undefined;
	readonly srcPort: number;
	readonly dst: Address | undefined;
	readonly dstPort: number;
	readonly frontend: string;
	/** The listening socket that it came in by. */
	readonly listener?: ListenerFacts | undefined;
	/** What another proxy has said of the connection beside its ends. */
	readonly proxied?: {readonly authority?: string; readonly uniqueId?: string; readonly ends?: unknown} | undefined;
	readonly proxies: ProxyFacts;
	readonly counters?: TrackedCounters | undefined;
	/** Longest captures of the frontend, slot by slot. */
	readonly captureLengths?: {readonly request: readonly number[]; readonly response: readonly number[]} | undefined;
	readonly markPackets?: (what: 'tos' | 'mark', value: number) => void;
	/** What a log line would show now. */
	readonly view?: (() => TransactionView) | undefined;
}

/** What is kept for the log; rules read and change it. */
export interface KeptForLog {
	requestCaptures: readonly (string | undefined)[] | undefined;
	responseCaptures: readonly (string | undefined)[] | undefined;
	logLevel: number | 'silent' | undefined;
	serverMs: number | undefined;
	tunnelMs: number | undefined;
}

/** What of a request its head does not show in the form that rules ask for. */
export interface RequestFacts {
	/** The target as the client wrote it. */
	readonly url: string;
	/** 10 or 11. */
	readonly version: number;
	readonly isFirst: boolean;
	/** Bytes of the head. */
	readonly length: number;
	/** Bytes of the body, negative when the head does not say. */
	readonly bodySize?: number;
	/** Where the body waits. */
	readonly message?: {readonly payload: string};
}

/** Of this thread's sources. */
let nextStamp = 1;

export class RequestSample implements SampleSource {
	method = '';
	url = '';
	path = '';
	version = 0;
	isFirst = false;
	requestLength = 0;
	bodySize = 0;
	backend = '';
	server = '';
	status = 0;
	responseVersion = 0;
	stamp = 0;
	#head = '';
	#responseHead = '';
	/** The backend that `reqsetbe` has chosen. */
	chosenBackend: string | undefined;
	/** `reqallow` has held: no later rule of its kind refuses the request. */
	isAllowed = false;
	/** Headers of a 103 response that is still being made. */
	hints = '';
	/** Sends the client a whole interim response. */
	sayInterim: ((text: string) => void) | undefined;
	/** `disable-l7-retry` has held. */
	isRetryDisabled = false;
	contents: string | undefined;
	responseContents: string | undefined;
	/** Where the body of a response waits. */
	keptResponse: {readonly payload: string} | undefined;
	responseBodySize = 0;
	isFinal = true;
	isUnsettled = false;
	/** Set while its line is written. */
	logged: TransactionView | undefined;
	anonymize: Anonymize | undefined;
	#lastingEnds: {src?: Address; srcPort?: number; dst?: Address; dstPort?: number} | undefined;
	#message: RequestFacts['message'];
	#connectionEnds: {readonly src: Address | undefined; readonly dst: Address | undefined} | undefined;
	readonly #facts: ConnectionFacts;
	kept: KeptForLog | undefined;
	/** What `set-src` and its kin have put in the place of the facts. */
	#ends: {src?: Address; srcPort?: number; dst?: Address; dstPort?: number} | undefined;
	#sessionVariables: Map<string, Sample> | undefined;
	#variables: Map<string, Sample> | undefined;

	constructor(facts: ConnectionFacts, kept?: KeptForLog) {
		this.#facts = facts;
		this.kept = kept;
	}

	/** The request head, with the edits of the rules so far. */
	get head(): string {
		return this.#head;
	}

	set head(head: string) {
		this.#head = head;
		this.stamp = nextStamp++;
	}

	/** The same of the response; empty before there is one. */
	get responseHead(): string {
		return this.#responseHead;
	}

	set responseHead(head: string) {
		this.#responseHead = head;
		this.stamp = nextStamp++;
	}

	/** Starts a request. `target` is in origin form; `backend` is the frontend's name until one is chosen. */
	begin(head: string, method: string, target: string, facts?: RequestFacts): void {
		// What other threads have changed is seen from the next request on.
		this.#facts.proxies.lookups.catchUp();
		this.head = head;
		this.method = method;
		this.url = facts?.url ?? target;
		this.path = pathOfTarget(target);
		this.version = facts?.version ?? 11;
		this.isFirst = facts?.isFirst ?? true;
		this.requestLength = facts?.length ?? head.length;
		this.bodySize = facts?.bodySize ?? 0;
		this.#message = facts?.message;
		this.backend = this.#facts.frontend;
		this.server = '';
		this.status = 0;
		this.responseVersion = 0;
		this.responseHead = '';
		this.chosenBackend = undefined;
		this.isAllowed = false;
		this.isRetryDisabled = false;
		this.hints = '';
		this.#variables = undefined;
	}

	/** The response is there. */
	beginResponse(head: string, status: number, version: number, server: string, bodySize = 0): void {
		this.keptResponse = undefined;
		this.responseBodySize = bodySize;
		this.responseHead = head;
		this.status = status;
		this.responseVersion = version;
		this.server = server;
	}

	/** Marks what goes to the client from now on. */
	markPackets(what: 'tos' | 'mark', value: number): void {
		this.#facts.markPackets?.(what, value);
	}

	get responseBody(): string {
		return this.keptResponse?.payload ?? '';
	}

	get responseLength(): number {
		return this.#responseHead.length;
	}

	get body(): string {
		return this.#message?.payload ?? '';
	}

	get src(): Address | undefined {
		return this.#ends?.src ?? this.#facts.src;
	}

	get srcPort(): number {
		return this.#ends?.srcPort ?? this.#facts.srcPort;
	}

	get dst(): Address | undefined {
		return this.#ends?.dst ?? this.#facts.dst;
	}

	get dstPort(): number {
		return this.#ends?.dstPort ?? this.#facts.dstPort;
	}

	get listener(): ListenerFacts | undefined {
		return this.#facts.listener;
	}

	get frontend(): string {
		return this.#facts.frontend;
	}

	get counters(): TrackedCounters | undefined {
		return this.#facts.counters;
	}

	get proxied(): ConnectionFacts['proxied'] {
		return this.#facts.proxied;
	}

	/** The ends of the connection, whom its transactions may count for or not. */
	get connectionEnds(): {readonly src: Address | undefined; readonly dst: Address | undefined} {
		return this.#connectionEnds ?? this.#facts;
	}

	/** What rules have set so far holds for the connection itself. */
	settleConnection(): void {
		this.#connectionEnds = {src: this.src, dst: this.dst};
	}

	/** What was known of the connection before another proxy named its ends; without such ends rules' own hold on. */
	inheritConnection(before: RequestSample, namesEnds: boolean): void {
		this.#connectionEnds = before.#connectionEnds;
		this.#sessionVariables = before.#sessionVariables;
		if (!namesEnds) this.#ends = before.#ends;
	}

	get view(): TransactionView | undefined {
		return this.logged ?? this.#facts.view?.();
	}

	get isPristine(): boolean {
		return this.#facts.proxies.lookups.isPristine;
	}

	get proxies(): ProxyFacts {
		return this.#facts.proxies;
	}

	header(lowerName: string, n: number): string | undefined {
		return headerOf(this.head, lowerName, n);
	}

	responseHeader(lowerName: string, n: number): string | undefined {
		return this.responseHead === '' ? undefined : headerOf(this.responseHead, lowerName, n);
	}

	headerName(ofResponse: boolean, n: number): string | undefined {
		const head = ofResponse ? this.responseHead : this.head;
		const line = head === '' ? -1 : lineNumber(head, n);
		return line === -1 ? undefined : head.slice(line, head.indexOf(':', line)).toLowerCase();
	}

	capture(ofResponse: boolean, n: number): string | undefined {
		return (ofResponse ? this.kept?.responseCaptures : this.kept?.requestCaptures)?.[n];
	}

	/** `capture … id N`: nothing where the frontend has no such slot. */
	keep(of: 'request' | 'response', slot: number, text: string): void {
		const length = this.#facts.captureLengths?.[of][slot];
		if (this.kept === undefined || length === undefined) return;
		const list = of === 'request' ? 'requestCaptures' : 'responseCaptures';
		const captures = [...(this.kept[list] ?? this.#facts.captureLengths![of].map(() => undefined))];
		captures[slot] = text.slice(0, length);
		this.kept[list] = captures;
	}

	changeAddress(end: 'src' | 'dst', address: Address): void {
		this.#ends = {...this.#ends, [end]: address};
	}

	changePort(end: 'src-port' | 'dst-port', port: number): void {
		this.#ends = {...this.#ends, [end === 'src-port' ? 'srcPort' : 'dstPort']: port & 0xffff};
	}

	get hasChangedSource(): boolean {
		return this.#ends?.src !== undefined || this.#ends?.srcPort !== undefined;
	}

	/** Where the client is to be taken for having connected to; undefined when no rule says so. */
	get chosenDestination(): {readonly host?: string | undefined; readonly port?: number | undefined} | undefined {
		const {dst, dstPort} = this.#ends ?? {};
		return dst === undefined && dstPort === undefined ? undefined : {host: dst?.text, port: dstPort};
	}

	forgetChangedEnds(): void {
		this.#ends = this.#lastingEnds;
	}

	/** What rules for the connection have set holds for everything on it. */
	inherit(early: RequestSample): void {
		this.#sessionVariables = early.#sessionVariables;
		this.#lastingEnds = early.#ends;
		this.#connectionEnds = early.#connectionEnds;
		this.#ends = early.#ends;
	}

	changedMs(timeout: 'serverMs' | 'tunnelMs'): number | undefined {
		return this.kept?.[timeout];
	}

	variable(name: string): Sample | undefined {
		if (name.startsWith('proc.')) return this.proxies.lookups.variable(name);
		return (name.startsWith('sess.') ? this.#sessionVariables : this.#variables)?.get(name);
	}

	setVariable(name: string, value: Sample | undefined): void {
		if (name.startsWith('proc.')) {
			this.proxies.lookups.setVariable(name, value);
			return;
		}
		const isSession = name.startsWith('sess.');
		const variables = isSession ? this.#sessionVariables : this.#variables;
		if (value === undefined) {
			variables?.delete(name);
			return;
		}
		if (variables !== undefined) variables.set(name, value);
		else if (isSession) this.#sessionVariables = new Map([[name, value]]);
		else this.#variables = new Map([[name, value]]);
	}

	/** The same for a target that may be absolute: its authority becomes Host, its rest the target. */
	setUri(method: string, uri: string): boolean {
		const authority = authorityOfTarget(uri);
		if (authority === undefined) return this.setRequestLine(method, uri);
		if (authority === '' || !isAll(AUTHORITY, authority, 0, authority.length)) return false;
		if (!this.setRequestLine(method, pathAndQueryOfTarget(uri))) return false;
		this.head = appendHeader(removeHeader(this.head, 'host'), `Host: ${authority}`);
		return true;
	}

	/** Writes another request line, in the version of the client's; false when it cannot be sent. */
	setRequestLine(method: string, target: string): boolean {
		const changesLength =
			method !== this.method && [method, this.method].some(one => one === 'HEAD' || one === 'CONNECT');
		const isOrigin = target.charCodeAt(0) === 47 || target === '*' || method === 'CONNECT';
		if (changesLength || !isOrigin || method === '' || !isAll(TOKEN, method, 0, method.length)) return false;
		if (!isAll(TARGET, target, 0, target.length)) return false;
		const end = this.head.indexOf('\r\n');
		this.head = `${method} ${target} HTTP/1.${this.version === 10 ? 0 : 1}${this.head.slice(end)}`;
		this.method = method;
		this.url = target;
		this.path = pathOfTarget(target);
		return true;
	}

	/** Writes another status line; false when the body would end elsewhere under it, or it cannot be sent. */
	setStatus(status: number, reason: string): boolean {
		if (status < 200 || status > 999 || hasNoBody(status) !== hasNoBody(this.status)) return false;
		const end = this.responseHead.indexOf('\r\n');
		this.responseHead = `HTTP/1.1 ${status} ${reason}${this.responseHead.slice(end)}`;
		this.status = status;
		return true;
	}
}

function hasNoBody(status: number): boolean {
	return status < 200 || status === 204 || status === 304;
}

function headerOf(head: string, lowerName: string, n: number): string | undefined {
	if (lowerName !== '') return findHeaderLineValue(head, lowerName, n);
	const line = lineNumber(head, n);
	return line === -1 ? undefined : headerValueAt(head, line, head.indexOf(':', line) - line);
}

/** Where header line `n` begins, or -1. */
function lineNumber(head: string, n: number): number {
	let line = firstHeaderLine(head);
	for (let left = n; left > 0 && line < head.length - 2; left--) line = nextLine(head, line);
	return line >= head.length - 2 ? -1 : line;
}
