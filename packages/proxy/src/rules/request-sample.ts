/**
 * The sample source of one request: what the data path knows of it, and a head that rules may change.
 *
 * Decides how header values are read from the head as it is now, so that a rule sees what the rules before it did. One
 * object serves all requests of a connection: `begin` starts the next one.
 */
import type {Address} from './address.ts';
import {findHeaderLine, firstHeaderLine, headerValueAt, nextLine} from './head-text.ts';
import {pathOfTarget, type SampleSource} from './sample-source.ts';

/** What stays the same over a connection. */
export interface ConnectionFacts {
	readonly src: Address | undefined;
	readonly srcPort: number;
	readonly dst: Address | undefined;
	readonly dstPort: number;
	readonly frontend: string;
	/** Servers of a backend that take traffic; -1 when there is no such backend. */
	readonly nbsrv: (backend: string) => number;
}

export class RequestSample implements SampleSource {
	method = '';
	url = '';
	path = '';
	backend = '';
	/** The request head, with the edits of the rules so far. */
	head = '';
	readonly #facts: ConnectionFacts;

	constructor(facts: ConnectionFacts) {
		this.#facts = facts;
	}

	/** Starts a request. `backend` is the frontend's name until one is chosen. */
	begin(head: string, method: string, target: string): void {
		this.head = head;
		this.method = method;
		this.url = target;
		this.path = pathOfTarget(target);
		this.backend = this.#facts.frontend;
	}

	get src(): Address | undefined {
		return this.#facts.src;
	}

	get srcPort(): number {
		return this.#facts.srcPort;
	}

	get dst(): Address | undefined {
		return this.#facts.dst;
	}

	get dstPort(): number {
		return this.#facts.dstPort;
	}

	get frontend(): string {
		return this.#facts.frontend;
	}

	nbsrv(backend: string): number {
		return this.#facts.nbsrv(backend);
	}

	header(lowerName: string, n: number): string | undefined {
		const {head} = this;
		if (lowerName === '') return this.#anyHeader(n);
		let line = findHeaderLine(head, lowerName, firstHeaderLine(head));
		for (let left = n; left > 0 && line !== -1; left--) line = findHeaderLine(head, lowerName, nextLine(head, line));
		return line === -1 ? undefined : headerValueAt(head, line, lowerName.length);
	}

	#anyHeader(n: number): string | undefined {
		const {head} = this;
		let line = firstHeaderLine(head);
		for (let left = n; left > 0 && line < head.length - 2; left--) line = nextLine(head, line);
		if (line >= head.length - 2) return undefined;
		return headerValueAt(head, line, head.indexOf(':', line) - line);
	}
}
