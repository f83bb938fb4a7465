/**
 * Which log line a frontend writes of a session, and when.
 *
 * Decides format, severity and whether the line is wanted at all (HAProxy manual: `option httplog`, `tcplog`, `dontlognull`,
 * `dontlog-normal`, `logasap`, `log-separate-errors`). Leaves the layout to `log/` and sending to the main thread.
 */
import {formatClfLine} from '../log/clf-line.ts';
import {formatDefaultLine} from '../log/default-line.ts';
import {formatHttpLine} from '../log/http-line.ts';
import type {LogRecord} from '../log/log-record.ts';
import {Severity} from '../log/log-sender.ts';
import {formatTcpLine} from '../log/tcp-line.ts';
import type {Core} from './core.ts';
import type {FrontendRuntime} from './frontend-runtime.ts';
import type {TransactionRecord} from './record.ts';
import type {Session} from './session.ts';

const FORMATS = {http: formatHttpLine, clf: formatClfLine, tcp: formatTcpLine} as const;

/** Connections of the backend and the server that a line shows. */
export interface LoadCounts {
	readonly backend: number;
	readonly server: number;
}

export class SessionLog {
	readonly #core: Core;
	readonly #runtime: FrontendRuntime;
	readonly #isSilent: boolean;

	constructor(core: Core, runtime: FrontendRuntime) {
		this.#core = core;
		this.#runtime = runtime;
		this.#isSilent = runtime.frontend.logTargets.length === 0;
	}

	/** Connections without a byte are worth a line. */
	get logsNull(): boolean {
		return !this.#runtime.frontend.log.dontLogNull;
	}

	/** A session begins. Only the default format says anything now, and it says nothing later. */
	writeStart(session: Session): void {
		const {name, mode, log} = this.#runtime.frontend;
		if (this.#isSilent || log.format !== 'default') return;
		const text = formatDefaultLine({
			clientAddress: session.record.clientAddress,
			clientPort: session.record.clientPort,
			address: session.localAddress ?? '',
			port: session.localPort,
			frontend: name,
			mode,
		});
		this.#core.emitLog(this.#runtime.index, Severity.info, text);
	}

	/** The connection to the server stands (tcp), or the response begins (http): `option logasap` does not wait for more. */
	writeEarly(record: TransactionRecord, counts: LoadCounts, nowMs: number): void {
		if (!this.#runtime.frontend.log.logAsap) return;
		record.isLogged = true;
		record.totalMs = nowMs - record.startMs;
		this.#write(record, counts, true);
	}

	/** The session or transaction is over. */
	writeEnd(record: TransactionRecord, counts: LoadCounts): void {
		if (!record.isLogged) this.#write(record, counts, false);
	}

	#write(record: TransactionRecord, counts: LoadCounts, isPartial: boolean): void {
		const {log} = this.#runtime.frontend;
		if (this.#isSilent || log.format === 'default') return;
		const isError = this.#isError(record);
		if (log.dontLogNormal && !isError) return;
		const text = FORMATS[log.format](this.#describe(record, counts, isPartial));
		this.#core.emitLog(this.#runtime.index, isError && log.separateErrors ? Severity.err : Severity.info, text);
	}

	/** Anything but a smooth course (HAProxy manual, `option dontlog-normal`). A denied request is the proxy's own doing. */
	#isError(record: TransactionRecord): boolean {
		const {cause, retries, redispatched, status} = record;
		return (cause !== '-' && cause !== 'L') || retries > 0 || redispatched || status >= 500;
	}

	#describe(record: TransactionRecord, counts: LoadCounts, partial: boolean): LogRecord {
		const {table} = this.#core;
		const {captureRequestHeaders, captureResponseHeaders} = this.#runtime.frontend;
		return {
			clientAddress: record.clientAddress,
			clientPort: record.clientPort,
			acceptMs: record.startWallMs,
			frontend: record.frontendName,
			backend: record.backendName,
			server: record.serverName === '' ? undefined : record.serverName,
			requestMs: whole(record.requestMs),
			queueMs: whole(record.queueMs),
			connectMs: whole(record.connectMs),
			responseMs: whole(record.responseMs),
			totalMs: whole(record.totalMs),
			status: record.status,
			bytes: record.bytesOut,
			requestCookie: record.requestCookie,
			responseCookie: record.responseCookie,
			state: record.cause + record.phase + record.cookieState + record.cookieSent,
			processConnections: table.connections,
			frontendConnections: table.frontendConnections(this.#runtime.index),
			backendConnections: counts.backend,
			serverConnections: counts.server,
			retries: record.retries,
			redispatched: record.redispatched,
			serverQueue: record.serverQueue,
			backendQueue: record.backendQueue,
			requestCaptures: record.requestCaptures ?? captureRequestHeaders.map(() => undefined),
			responseCaptures: record.responseCaptures ?? captureResponseHeaders.map(() => undefined),
			requestLine: record.requestLine === '' ? undefined : record.requestLine,
			partial,
		};
	}
}

/** Milliseconds as a line shows them; -1 stays. */
function whole(ms: number): number {
	return ms < 0 ? -1 : Math.floor(ms);
}
