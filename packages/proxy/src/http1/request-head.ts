/**
 * A request head: request line, target form and Host (RFC 9112 §3), and what of it goes on to the server.
 *
 * Decides whether a complete head is acceptable and how it would be answered if not. Every request is forwarded in
 * origin form with one Host that agrees with the target, so that the server cannot read another host than the rules did.
 * Leaves rules, persistence and the choice of Connection to others.
 */
import {AUTHORITY, isAll, TARGET, TOKEN} from './characters.ts';
import {frameRequest, MALFORMED, UNKNOWN_CODING} from './framing.ts';
import {HeadFacts, keepLines} from './head-facts.ts';

/** Longest method: room for every registered one, none for nonsense. */
const MAX_METHOD = 32;

/** A body that many servers of HTTP/1.0 do not look for with these methods: its bytes would be their next request. */
const BODYLESS = /^(?:GET|HEAD|DELETE)$/;

export class RequestHead {
	readonly facts: HeadFacts = new HeadFacts();
	method = '';
	/** The request line as the client wrote it, for the log. */
	requestLine = '';
	/** Path and query; `*` for OPTIONS, the authority for CONNECT. */
	target = '';
	/** 10 or 11. */
	version = 11;
	/** Body bytes, or `CHUNKED`. */
	bodyLength = 0;
	/** The client lets the connection stay open. */
	keepAlive = true;
	/** An upgrade that may be forwarded. */
	wantsUpgrade = false;
	#head = '';
	#headersAt = 0;
	#authority = '';

	/** Reads a whole head, from the request line to the empty line. Returns 0, or the status to refuse it with (400, 413, 501). */
	parse(head: string): number {
		const lineEnd = head.indexOf('\r\n');
		this.#head = head;
		this.#headersAt = lineEnd + 2;
		this.#authority = '';
		this.requestLine = head.slice(0, lineEnd);
		if (!this.#parseRequestLine(head, lineEnd)) return 400;
		const {facts} = this;
		facts.version = this.version;
		if (!facts.scan(head, lineEnd + 2, head.length)) return 400;
		if (!this.#checkTarget() || !this.#checkHost()) return 400;
		const length = frameRequest(facts);
		if (length === UNKNOWN_CODING) return 501;
		// A CONNECT with a body, or any announced for TRACE, means different things to different servers.
		if (length === MALFORMED || (length !== 0 && this.method === 'CONNECT')) return 400;
		if (length !== 0 && this.version === 10 && BODYLESS.test(this.method)) return 413;
		this.bodyLength = length;
		this.keepAlive = this.version === 11 ? !facts.saysClose : facts.saysKeepAlive && !facts.saysClose;
		// h2c would let a client speak past every rule behind the upgrade.
		this.wantsUpgrade =
			facts.saysUpgrade && facts.upgrade !== '' && this.version === 11 && !/\bh2c?\b/i.test(facts.upgrade);
		return 0;
	}

	#parseRequestLine(head: string, lineEnd: number): boolean {
		const methodEnd = head.indexOf(' ');
		const targetEnd = lineEnd - 9;
		if (methodEnd < 1 || methodEnd > MAX_METHOD || targetEnd <= methodEnd + 1) return false;
		// `HTTP/1.` then 0 or 1: names are case-sensitive (RFC 9112 §2.3).
		if (!head.startsWith(' HTTP/1.', targetEnd)) return false;
		const minor = head.charCodeAt(lineEnd - 1) - 48;
		if (minor !== 0 && minor !== 1) return false;
		if (!isAll(TOKEN, head, 0, methodEnd) || !isAll(TARGET, head, methodEnd + 1, targetEnd)) return false;
		this.version = 10 + minor;
		this.method = head.slice(0, methodEnd);
		this.target = head.slice(methodEnd + 1, targetEnd);
		return true;
	}

	/** Brings the target into origin form and keeps the authority of an absolute one. */
	#checkTarget(): boolean {
		const {target} = this;
		if (this.method === 'CONNECT') {
			this.#authority = target;
			return isAuthority(target) && /:[0-9]{1,5}$/.test(target);
		}
		if (target.charCodeAt(0) === 47) return true;
		if (target === '*') return this.method === 'OPTIONS';
		const scheme = /^https?:\/\//i.exec(target);
		if (scheme === null) return false;
		const rest = target.slice(scheme[0].length);
		const pathAt = rest.search(/[/?]/);
		this.#authority = pathAt < 0 ? rest : rest.slice(0, pathAt);
		const path = pathAt < 0 ? '' : rest.slice(pathAt);
		// RFC 9112 §3.2.4: an OPTIONS without a path is one for the whole server.
		this.target = path === '' ? (this.method === 'OPTIONS' ? '*' : '/') : path.startsWith('?') ? `/${path}` : path;
		return isAuthority(this.#authority);
	}

	/** RFC 9112 §3.2: exactly one in 1.1, at most one in 1.0; RFC 9112 §3.2.2: an absolute target overrides it. */
	#checkHost(): boolean {
		const {facts} = this;
		if (facts.hostCount > 1 || (facts.hostCount === 0 && this.version === 11)) return false;
		return facts.hostCount === 0 || facts.host === '' || isAuthority(facts.host);
	}

	/** The host the request is for: the target's when it names one, else Host's; empty when there is none. */
	get host(): string {
		return this.#authority === '' ? this.facts.host : this.#authority;
	}

	/** The head as the client wrote it. */
	get text(): string {
		return this.#head;
	}

	/**
	 * The head for the server: origin form, hop-by-hop lines gone, Host agreed, the empty line at its end. `connection` is the
	 * Connection value of the next hop, empty for none; an upgrade brings its own.
	 */
	forward(connection: string): string {
		const {facts} = this;
		let lines = keepLines(this.#head, this.#headersAt, facts);
		if (this.#authority !== '' && this.#authority !== facts.host) lines = replaceHost(lines, this.#authority);
		const start =
			this.#authority === '' || this.method === 'CONNECT'
				? this.requestLine
				: `${this.method} ${this.target} HTTP/1.${this.version - 10}`;
		const hop = this.wantsUpgrade
			? `Connection: Upgrade\r\nUpgrade: ${facts.upgrade}\r\n`
			: connection === ''
				? ''
				: `Connection: ${connection}\r\n`;
		return `${start}\r\n${lines}${hop}\r\n`;
	}
}

/** `host[:port]`, not empty, port a number if there is one, brackets only around an IPv6 address. */
function isAuthority(text: string): boolean {
	if (text.length > 259 || !isAll(AUTHORITY, text, 0, text.length)) return false;
	return /^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::[0-9]{0,5})?$/.test(text);
}

function replaceHost(lines: string, authority: string): string {
	let at = 0;
	while (at < lines.length) {
		const next = lines.indexOf('\r\n', at) + 2;
		if (/^host:/i.test(lines.slice(at, at + 5)))
			return `${lines.slice(0, at)}Host: ${authority}\r\n${lines.slice(next)}`;
		at = next;
	}
	return `Host: ${authority}\r\n${lines}`;
}
