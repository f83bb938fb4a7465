/**
 * What the main thread alone decides and every thread may show: states of servers, limits set at run time, times of changes.
 *
 * Part of the shared table's buffer. Numbers are Float64 with the main thread as their only writer, so that a plain load reads the old
 * value or the new one; texts carry a version, and a reader tries again while one is being written. Leaves their meaning to `health/` and
 * `stats/`. Times are milliseconds of the clock that all threads share (`performance.timeOrigin + performance.now()`).
 */

export const ProcessColumn = {
	/** When the engine started, milliseconds since 1970. */
	startedWallMs: 0,
	/** `maxconn` of the moment. */
	maxconn: 1,
	/** The same when the engine started: it cannot be raised above. */
	hardMaxconn: 2,
	/** How often all counters were cleared. */
	clearings: 3,
	/** `set rate-limit … global`, 0 for none: connections and sessions a second; the others limit what is not there. */
	connectionRateLimit: 4,
	sessionRateLimit: 5,
	sslRateLimit: 6,
	compressionLimit: 7,
} as const;

export const FrontendColumn = {
	/** 0 open, 1 stopped for now, 2 shut down for good. */
	state: 0,
	maxconn: 1,
} as const;

/** Values of `FrontendColumn.state`. */
export const FrontendState = {open: 0, stopped: 1, shutDown: 2} as const;

export const BackendColumn = {
	/** A server takes part in balancing, or none is declared. */
	isUp: 0,
	changedMs: 1,
	/** `chkdown`: how often the last server left. */
	downs: 2,
	/** Time without a server, the present one not included. */
	downtimeMs: 3,
	/** Some server has a `maxconn` now: requests may have to wait. */
	hasLimits: 4,
} as const;

export const ServerColumn = {
	isUp: 0,
	/** As in `Health.count`. */
	count: 1,
	isNolb: 2,
	/** Place in `ADMIN_STATES`. */
	admin: 3,
	changedMs: 4,
	/** `chkdown`: changes from up to down. */
	downs: 5,
	/** `chkfail`: checks that failed while the server was up. */
	failures: 6,
	/** Time down or in maintenance, the present one not included. */
	downtimeMs: 7,
	/** Place in `CHECK_STATUSES`, -1 before the first check. */
	checkStatus: 8,
	/** -1 for none. */
	checkCode: 9,
	checkDurationMs: 10,
	/** Weight ordered, before drain or slow start take their part. */
	weight: 11,
	/** 0: no limit. */
	maxconn: 12,
	port: 13,
	/** How often the address was changed. */
	moves: 14,
	/** Checks are switched off by hand. */
	isUnchecked: 15,
	/** Connections that will be needed, estimated from the last seconds. */
	neededConnections: 16,
	/** Times that observed traffic has failed too often: `hanafail`. */
	observedFailures: 17,
	/** As `checkStatus` and its kin, of the agent. */
	agentStatus: 18,
	agentCode: 19,
	agentDurationMs: 20,
	/** 0 when the agent says that it is down. */
	agentHealth: 21,
	/** The agent is not asked, by order. */
	isAgentOff: 22,
} as const;

/** The texts of a server. */
export const ServerText = {checkInfo: 0, host: 1, status: 2, agentInfo: 3} as const;

type Kind = 'process' | 'frontend' | 'backend' | 'server';

const COLUMNS: Readonly<Record<Kind, number>> = {process: 8, frontend: 2, backend: 5, server: 23};
const TEXTS = 4;
/** A path of a unix socket has at most 108 bytes; more of a check's words is shown nowhere. */
const TEXT_BYTES = 120;
/** Version and length, then the bytes. */
const TEXT_HEADER_BYTES = 8;

export interface BoardSize {
	readonly frontends: number;
	readonly backends: number;
	readonly servers: number;
}

export class StatusBoard {
	readonly #size: BoardSize;
	readonly #numbers: Float64Array;
	readonly #textHeaders: Int32Array;
	readonly #textBytes: Uint8Array;

	/** `offset` in bytes, a multiple of 8. */
	constructor(buffer: SharedArrayBuffer, offset: number, size: BoardSize) {
		const numbers = countNumbers(size);
		this.#size = size;
		this.#numbers = new Float64Array(buffer, offset, numbers);
		const textsAt = offset + numbers * 8;
		const bytes = size.servers * TEXTS * (TEXT_HEADER_BYTES + TEXT_BYTES);
		this.#textHeaders = new Int32Array(buffer, textsAt, bytes / 4);
		this.#textBytes = new Uint8Array(buffer, textsAt, bytes);
	}

	static bytes(size: BoardSize): number {
		return countNumbers(size) * 8 + size.servers * TEXTS * (TEXT_HEADER_BYTES + TEXT_BYTES);
	}

	/** Where the numbers of one thing begin. */
	row(kind: Kind, index = 0): number {
		const {frontends, backends} = this.#size;
		let at = 0;
		if (kind === 'process') return at;
		at += COLUMNS.process;
		if (kind === 'frontend') return at + index * COLUMNS.frontend;
		at += frontends * COLUMNS.frontend;
		if (kind === 'backend') return at + index * COLUMNS.backend;
		return at + backends * COLUMNS.backend + index * COLUMNS.server;
	}

	get(row: number, column: number): number {
		return this.#numbers[row + column]!;
	}

	/** Main thread only. */
	set(row: number, column: number, value: number): void {
		this.#numbers[row + column] = value;
	}

	/** Main thread only. What is longer is cut; characters outside latin1 become `?`. */
	setText(server: number, text: number, value: string): void {
		const at = this.#textAt(server, text);
		const bytes = Buffer.from(value.replace(/[^\u0020-\u00ff]/g, '?').slice(0, TEXT_BYTES), 'latin1');
		Atomics.add(this.#textHeaders, at / 4, 1);
		Atomics.store(this.#textHeaders, at / 4 + 1, bytes.length);
		this.#textBytes.set(bytes, at + TEXT_HEADER_BYTES);
		Atomics.add(this.#textHeaders, at / 4, 1);
	}

	text(server: number, text: number): string {
		const at = this.#textAt(server, text);
		for (;;) {
			const version = Atomics.load(this.#textHeaders, at / 4);
			const length = Atomics.load(this.#textHeaders, at / 4 + 1);
			const start = at + TEXT_HEADER_BYTES;
			const value = Buffer.from(this.#textBytes.slice(start, start + length)).toString('latin1');
			if (version % 2 === 0 && Atomics.load(this.#textHeaders, at / 4) === version) return value;
		}
	}

	#textAt(server: number, text: number): number {
		return (server * TEXTS + text) * (TEXT_HEADER_BYTES + TEXT_BYTES);
	}
}

function countNumbers({frontends, backends, servers}: BoardSize): number {
	return COLUMNS.process + frontends * COLUMNS.frontend + backends * COLUMNS.backend + servers * COLUMNS.server;
}
