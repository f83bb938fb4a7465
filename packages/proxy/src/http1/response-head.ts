/**
 * A response head: status line (RFC 9112 §4) and what of it goes on to the client.
 *
 * Decides whether a complete head is acceptable; one that is not becomes a 502. Leaves cookies and the choice of
 * Connection to others.
 */
import {FIELD_VALUE, isAll} from './characters.ts';
import {CHUNKED, frameResponse, MALFORMED} from './framing.ts';
import {HeadFacts, keepLines} from './head-facts.ts';

export class ResponseHead {
	readonly facts: HeadFacts = new HeadFacts();
	status = 0;
	/** 10 or 11. */
	version = 11;
	/** Body bytes, `CHUNKED` or `UNTIL_CLOSE`. */
	bodyLength = 0;
	/** The server lets the connection stay open. */
	keepAlive = true;
	#head = '';
	#headersAt = 0;

	/** Reads a whole head that answers `method`. False when it must not be forwarded. */
	parse(head: string, method: string): boolean {
		const lineEnd = head.indexOf('\r\n');
		this.#head = head;
		this.#headersAt = lineEnd + 2;
		// `HTTP/1.x NNN` and, if a reason follows, a space before it.
		if (lineEnd < 12 || !head.startsWith('HTTP/1.') || head.charCodeAt(8) !== 32) return false;
		const minor = head.charCodeAt(7) - 48;
		if (minor !== 0 && minor !== 1) return false;
		const status = readStatus(head);
		if (status < 100 || (lineEnd > 12 && head.charCodeAt(12) !== 32)) return false;
		if (!isAll(FIELD_VALUE, head, 12, lineEnd)) return false;
		this.version = 10 + minor;
		this.status = status;
		const {facts} = this;
		facts.version = this.version;
		if (!facts.scan(head, lineEnd + 2, head.length)) return false;
		const length = frameResponse(facts, status, method);
		if (length <= MALFORMED) return false;
		this.bodyLength = length;
		this.keepAlive = this.version === 11 ? !facts.saysClose : facts.saysKeepAlive && !facts.saysClose;
		return true;
	}

	/** The head as the server wrote it. */
	get text(): string {
		return this.#head;
	}

	/**
	 * The head for a client of `clientVersion`: own version, hop-by-hop lines gone, the empty line at its end. A chunked body is
	 * unpacked for a 1.0 client, so its coding is not announced to it.
	 */
	forward(clientVersion: number, connection: string): string {
		const {facts} = this;
		let lines = keepLines(this.#head, this.#headersAt, facts);
		// RFC 9112 §6.1, RFC 9110 §8.6: no length in 1xx and 204, whatever the server says.
		if (this.status < 200 || this.status === 204) lines = dropLines(lines, /^(?:content-length|transfer-encoding):/i);
		else if (this.bodyLength === CHUNKED && clientVersion < 11) lines = dropLines(lines, /^transfer-encoding:/i);
		const hop =
			this.status === 101
				? `Connection: Upgrade\r\nUpgrade: ${facts.upgrade}\r\n`
				: connection === ''
					? ''
					: `Connection: ${connection}\r\n`;
		// The space behind the status is not optional for whoever sends (RFC 9112 §4).
		const start = this.#headersAt === 14 ? `${this.#head.slice(8, 12)} \r\n` : this.#head.slice(8, this.#headersAt);
		return `HTTP/1.1${start}${lines}${hop}\r\n`;
	}
}

function readStatus(head: string): number {
	let status = 0;
	for (let i = 9; i < 12; i++) {
		const digit = head.charCodeAt(i) - 48;
		if (digit < 0 || digit > 9) return 0;
		status = status * 10 + digit;
	}
	return status;
}

function dropLines(lines: string, name: RegExp): string {
	if (lines === '') return lines;
	const kept = lines
		.slice(0, -2)
		.split('\r\n')
		.filter(line => !name.test(line));
	return kept.length === 0 ? '' : `${kept.join('\r\n')}\r\n`;
}
